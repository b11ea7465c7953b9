package desk

import (
	"cmp"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
)

// unsureTime is how long after a refund was asked for staff are told that
// nobody knows what became of it.
const unsureTime = 15 * time.Minute

// raiseUnclear has somebody look up at the provider's dashboard what became of a
// refund: the client may have the money or not.
func (o *op) raiseUnclear(r Refund) error {
	if r.Unclear != "" || o.now.Sub(r.At) < unsureTime {
		return nil
	}
	r.Unclear = o.d.ids.Attention()
	if err := o.refunds.Put(o.tx, r); err != nil {
		return err
	}
	return o.putAttention(Attention{ID: r.Unclear, Kind: RefundUnclear, Visit: r.Visit, Payment: r.Payment, Amount: r.Amount, Currency: r.Currency,
		Provider: r.Provider, Refund: true, Asked: r.ID})
}

// clearedUp ends the question what became of a refund.
func (o *op) clearedUp(r Refund) error {
	x, ok, err := o.attention.Get(o.tx, r.Unclear)
	if err != nil || !ok {
		return err
	}
	if err := o.attention.Delete(o.tx, x.ID); err != nil {
		return err
	}
	return o.tell(AttentionRaised, Detail{Visit: x.Visit, Payment: x.Payment, State: "settled"})
}

// SettleRefund ends a refund of which nobody could tell whether it was made, by
// what somebody saw at the provider's dashboard (R23): it is booked, or its
// money is free to be given back in another way. The provider is not asked for
// it any more; should it say later what became of it, that is heard.
func (d *Desk) SettleRefund(a access.Actor, which id.Attention, made bool) error {
	if err := a.Need(access.Refunds); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		r, ok, err := o.refunds.Get(o.tx, x.Asked)
		if err != nil {
			return err
		}
		if x.Kind != RefundUnclear || !ok || r.State != RefundAsked {
			return fault.New(fault.Conflict, "not_unclear", "This isn't a refund that somebody has to look up.")
		}
		if err := o.jobs.Done(o.tx, string(r.ID)); err != nil {
			return err
		}
		r.Seen, r.Unclear = true, ""
		act := "refund.not_made"
		if made {
			act, err = "refund.made", o.seenMade(r)
		} else {
			err = o.refundEnded(r, "")
		}
		if err != nil {
			return err
		}
		return o.attended(a, x, act, r)
	})
}

// seenMade books a refund that somebody saw at the provider's dashboard, unless
// the provider told of it without saying that it was ours: then it is booked.
func (o *op) seenMade(r Refund) error {
	known, err := o.cameBefore(r)
	if err != nil {
		return err
	}
	if known != "" {
		r.BookedAs = known
		return o.refundKnown(r, r.AtThem)
	}
	return o.refundMade(r, provider.Refund{ID: r.AtThem, Amount: r.Amount, Currency: string(r.Currency)}, o.now)
}

// cameBefore finds the entry of a refund that was booked as its provider told of
// it, made since r was asked for, of the same amount, and nobody else's.
func (o *op) cameBefore(r Refund) (id.Payment, error) {
	p, ok, err := o.payments.Get(o.tx, r.Payment)
	if err != nil || !ok {
		return "", err
	}
	others := map[id.Payment]bool{}
	for other, err := range o.refunds.Where(o.tx, o.byPayment, string(r.Payment)) {
		if err != nil {
			return "", err
		}
		others[other.ID], others[other.BookedAs] = true, true
	}
	for e, err := range o.payments.Where(o.tx, o.byVisit, string(p.Visit)) {
		if err != nil {
			return "", err
		}
		if e.Kind != ledger.KindRefund || e.Amount != r.Amount || e.Method != ledger.Link || others[e.ID] || e.Received.Before(r.At.Add(-time.Minute)) {
			continue
		}
		if of, err := o.entry(e); err != nil || of.Refunds == r.Payment {
			return e.ID, err
		}
	}
	return "", nil
}

// recognize gives a refund that staff settled the provider's id of it, once the
// provider tells of it after all. One that was booked isn't booked again; one
// that they said was not made is booked as it comes, and raised, since the
// client may have the money twice.
func (o *op) recognize(name string, told provider.Refund) error {
	if told.Status == provider.RefundPending || told.ID == "" {
		return nil
	}
	r, ok, err := o.settledRefund(name, told)
	if err != nil || !ok {
		return err
	}
	_, over, err := o.inbox.Get(o.tx, name+"/refund/"+told.ID)
	if err != nil || over {
		return err
	}
	r.AtThem = told.ID
	if err := o.refunds.Put(o.tx, r); err != nil {
		return err
	}
	if r.State == RefundMade {
		if err := o.bookedAs(name, told.ID, cmp.Or(r.BookedAs, r.ID)); err != nil || told.Amount == r.Amount {
			return err
		}
		return o.putAttention(Attention{Kind: ledger.AmountMismatch, Visit: r.Visit, Payment: r.Payment, Amount: told.Amount,
			Currency: money.Currency(told.Currency), Provider: name, Session: told.Session, Refund: true})
	}
	if told.Status != provider.RefundSucceeded {
		return nil
	}
	return o.putAttention(Attention{Kind: RefundAfterAll, Visit: r.Visit, Payment: r.Payment, Amount: told.Amount,
		Currency: money.Currency(told.Currency), Provider: name, Session: told.Session, Refund: true})
}

// settledRefund finds the refund that a provider tells of among those that staff
// settled: by our key, or where it gives none by payment and amount.
func (o *op) settledRefund(name string, told provider.Refund) (Refund, bool, error) {
	if told.Key != "" {
		r, ok, err := o.refunds.Get(o.tx, id.Payment(told.Key))
		return r, ok && r.Provider == name && r.Seen && r.AtThem == "", err
	}
	p, ok, err := o.paidAt(name, told.Session, told.Payment)
	if err != nil || !ok {
		return Refund{}, false, err
	}
	for r, err := range o.refunds.Where(o.tx, o.byPayment, string(p.ID)) {
		if err != nil || r.Seen && r.AtThem == "" && r.BookedAs == "" && r.Amount == told.Amount {
			return r, err == nil, err
		}
	}
	return Refund{}, false, nil
}
