package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
)

// earlyRefund is a refund whose payment hasn't been heard of yet: events come
// in any order. It is booked when the payment is.
type earlyRefund struct {
	ID        string          `json:"id"`
	Provider  string          `json:"provider"`
	Refund    provider.Refund `json:"refund"`
	At        time.Time       `json:"at"`
	Attention id.Attention    `json:"attention"`
}

// refunded takes in what a provider says of a refund, made by our request or at
// its own dashboard (R23). One that is pending or failed moved no money. That it
// failed is its last word, in whatever order the words arrive: an older one
// that it was made books nothing any more (R18).
func (o *op) refunded(name string, r provider.Refund, at time.Time) error {
	if err := o.recognize(name, r); err != nil {
		return err
	}
	asked, ours, err := o.asked(name, r)
	if err != nil {
		return err
	}
	if failed, err := o.refundIsOver(name, r); failed || err != nil {
		return err
	}
	switch {
	case r.Status == provider.RefundFailed && ours:
		return o.refundFailed(asked, r.Reason)
	case r.Status == provider.RefundFailed:
		return o.refundBounced(name, r, at)
	case r.Status != provider.RefundSucceeded:
		return nil
	}
	fresh, err := o.once(name + "/refund/" + r.ID)
	if err != nil {
		return err
	}
	if !fresh && ours {
		// Its event didn't say that it was ours, and was booked as it came.
		return o.refundKnown(asked, r.ID)
	}
	if !fresh {
		return nil
	}
	if !bookable(r.Amount, r.Currency) {
		return o.setAside(name, r.Session, "")
	}
	if ours {
		return o.refundMade(asked, r, at)
	}
	p, ok, err := o.paidAt(name, r.Session, r.Payment)
	if err != nil {
		return err
	}
	if !ok {
		return o.keepEarly(name, r, at)
	}
	return o.giveBack(p, r, at)
}

// refundIsOver notes that a refund failed, and tells of a later word whether
// it did before.
func (o *op) refundIsOver(name string, r provider.Refund) (bool, error) {
	note := name + "/failed/" + r.ID
	if r.Status == provider.RefundFailed {
		_, err := o.once(note)
		return false, err
	}
	_, failed, err := o.inbox.Get(o.tx, note)
	return failed, err
}

// refundBounced books that a refund which was made came back to us, as from an
// account that is closed: the salon has the money again, and the client still
// waits for it (R20).
func (o *op) refundBounced(name string, r provider.Refund, at time.Time) error {
	booked, known, err := o.inbox.Get(o.tx, name+"/refund/"+r.ID)
	if err != nil || !known {
		return err
	}
	fresh, err := o.once(name + "/bounced/" + r.ID)
	if err != nil || !fresh {
		return err
	}
	if booked.Entry == "" {
		return o.forgetEarly(name + "/" + r.ID)
	}
	if err := o.calmRefund(booked.Entry); err != nil {
		return err
	}
	lost, err := o.entryOf(booked.Entry)
	if err != nil {
		return err
	}
	return o.restore(ledger.Entry{ID: o.d.ids.Payment(), Visit: lost.Visit, Method: lost.Method, Provider: lost.Provider, Amount: lost.Amount,
		Currency: lost.Currency, ReceivedAt: at, VisitDate: lost.VisitDate, Restores: lost.ID, Flags: []string{ledger.Bounced}})
}

// bookedAs keeps which entry booked a refund that its provider names.
func (o *op) bookedAs(name, refund string, entry id.Payment) error {
	if refund == "" {
		return nil
	}
	return o.inbox.Put(o.tx, receipt{Key: name + "/refund/" + refund, At: o.now, Entry: entry})
}

// forgetEarly ends a refund that came to nothing before its payment was heard of.
func (o *op) forgetEarly(which string) error {
	e, ok, err := o.early.Get(o.tx, which)
	if err != nil || !ok {
		return err
	}
	if err := o.attention.Delete(o.tx, e.Attention); err != nil {
		return err
	}
	return o.early.Delete(o.tx, which)
}

// paidAt finds the payment that a provider speaks of: by its id of the payment
// where it gives one, since a session may have been paid twice.
func (o *op) paidAt(name, session, payment string) (posting, bool, error) {
	if payment != "" {
		p, ok, err := o.payments.First(o.tx, o.bySource, paymentKey(name, payment))
		if err != nil || ok || session == "" {
			return p, ok, err
		}
	}
	p, ok, err := o.payments.First(o.tx, o.bySource, source(name, session))
	return p, ok && (payment == "" || p.Payment == ""), err
}

// keepEarly keeps a refund until its payment is heard of, and raises it: it may
// be of a payment that never was ours.
func (o *op) keepEarly(name string, r provider.Refund, at time.Time) error {
	a := Attention{ID: o.d.ids.Attention(), Kind: ledger.Unmatched, Provider: name, Session: r.Session, Refund: true,
		Amount: r.Amount, Currency: money.Currency(r.Currency)}
	if err := o.putAttention(a); err != nil {
		return err
	}
	return o.early.Put(o.tx, earlyRefund{ID: name + "/" + r.ID, Provider: name, Refund: r, At: at, Attention: a.ID})
}

// takenBackBefore applies what was heard of before its payment.
func (o *op) takenBackBefore(name string, s provider.Session) error {
	if err := o.refundedBefore(name, s); err != nil {
		return err
	}
	return o.disputedBefore(name, s)
}

// refundedBefore books the refunds of a payment that were heard of first.
func (o *op) refundedBefore(name string, s provider.Session) error {
	waiting := map[string]earlyRefund{}
	for _, key := range sourcesOf(source(name, s.ID), name, s.Payment) {
		for e, err := range o.early.Where(o.tx, o.byRefunded, key) {
			if err != nil {
				return err
			}
			waiting[e.ID] = e
		}
	}
	for _, e := range waiting {
		p, ok, err := o.paidAt(name, e.Refund.Session, e.Refund.Payment)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := o.giveBack(p, e.Refund, e.At); err != nil {
			return err
		}
		if err := o.forgetEarly(e.ID); err != nil {
			return err
		}
	}
	return nil
}

// giveBack books a refund of a payment as the provider made it. More than was
// left, or another currency, is booked all the same and raised (R19, R20).
func (o *op) giveBack(p posting, r provider.Refund, at time.Time) error {
	return o.bookRefund(Refund{ID: o.d.ids.Payment(), Method: ledger.Link}, p, r, at)
}

// bookRefund books a refund that a provider made, under the id and in the name
// of who asked for it, with flags that say what else it is.
func (o *op) bookRefund(asked Refund, p posting, r provider.Refund, at time.Time, flags ...string) error {
	of, err := o.entry(p)
	if err != nil {
		return err
	}
	entry := of
	entry.ID, entry.Kind, entry.Refunds, entry.Restores, entry.ReceivedAt, entry.Flags = asked.ID, ledger.KindRefund, of.ID, "", at, flags
	entry.Amount, entry.Currency, entry.Staff, entry.Note = r.Amount, money.Currency(r.Currency), asked.Staff, asked.Reason
	switch {
	case entry.Currency != of.Currency:
		entry.Flags = append(entry.Flags, ledger.CurrencyMismatch)
	case p.Refunded+r.Amount > of.Amount:
		entry.Flags = append(entry.Flags, ledger.AmountMismatch)
	}
	if entry.Currency == of.Currency {
		p.Refunded += r.Amount
		if err := o.payments.Put(o.tx, p); err != nil {
			return err
		}
	}
	if err := o.postRefund(entry, asked); err != nil {
		return err
	}
	if err := o.bookedAs(p.Provider, r.ID, entry.ID); err != nil {
		return err
	}
	if entry.Visit != "" {
		if err := o.dueChanged(entry.Visit); err != nil {
			return err
		}
	}
	return o.raise(entry)
}

// postRefund books a refund. Its visit, if it has one, is told; the cards that
// it takes the money of end, and what was brought back is on the shelf again.
func (o *op) postRefund(entry ledger.Entry, asked Refund) error {
	if entry.Visit == "" {
		_, err := o.post(entry, nil)
		return err
	}
	v, err := o.visit(entry.Visit)
	if err != nil {
		return err
	}
	if _, err := o.post(entry, &v); err != nil {
		return err
	}
	if err := o.voidCards(&v, asked.Cards); err != nil {
		return err
	}
	if asked.Payment == "" { // nobody here asked for it
		err = o.takenBack(&v, entry)
	} else {
		err = o.stopCards(&v, entry) // a provider may give back more than it was asked for
	}
	if err != nil {
		return err
	}
	if err := o.takeBack(&v, asked.Return, entry); err != nil {
		return err
	}
	return o.put(v)
}
