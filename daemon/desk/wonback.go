package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
)

// wonBack books money that a bank had taken and gives back (R20, R23): a
// payment beside the first one, which restores what the refund took. It is
// raised, since the client may have paid in another way meanwhile.
func (o *op) wonBack(k dispute, d provider.Dispute, at time.Time) error {
	switch {
	case k.Returned || stageOf(d.Status) != stageWon || k.stage() != stageLost:
		return nil
	case k.Payment == "":
		// Nothing was booked as lost either: its payment hasn't been heard of.
		k.Dispute = d
		return o.waitDispute(k)
	case !bookable(d.Amount, d.Currency):
		return o.setAside(k.Provider, d.Session, "")
	}
	k.Returned, k.Restored = true, o.d.ids.Payment()
	if err := o.disputes.Put(o.tx, k); err != nil {
		return err
	}
	if err := o.calmRefund(k.Refund); err != nil {
		return err
	}
	of, err := o.entryOf(k.Payment)
	if err != nil {
		return err
	}
	return o.restore(ledger.Entry{ID: k.Restored, Visit: of.Visit, Method: ledger.Link, Provider: k.Provider, Amount: d.Amount,
		Currency: money.Currency(d.Currency), ReceivedAt: at, VisitDate: of.VisitDate, Restores: k.Refund, Flags: []string{ledger.WonBack}})
}

// restore books what came back. Its visit is paid by it like by money at the
// desk: what was made void is issued anew, what was held is good again.
func (o *op) restore(entry ledger.Entry) error {
	if entry.Visit == "" {
		entry.Flags = append(entry.Flags, ledger.Unmatched)
		entry, err := o.post(entry, nil)
		if err != nil {
			return err
		}
		return o.raise(entry)
	}
	v, err := o.visit(entry.Visit)
	if err != nil {
		return err
	}
	if entry, err = o.post(entry, &v); err != nil {
		return err
	}
	if err := o.releaseAll(v.ID, entry.Restores); err != nil {
		return err
	}
	if err := o.taken(v, entry); err != nil {
		return err
	}
	return o.raise(entry)
}

// releaseAll makes the cards of a visit good again that are held for a refund.
func (o *op) releaseAll(of id.Visit, refund id.Payment) error {
	cards, err := o.cardsOn(o.bySale, string(of))
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.HeldFor != refund {
			continue
		}
		if err := o.releaseHeld([]id.Card{c.ID}); err != nil {
			return err
		}
	}
	return nil
}

// calmRefund ends what a refund has raised: it is no longer so.
func (o *op) calmRefund(refund id.Payment) error {
	var past []Attention
	for x, err := range o.attention.All(o.tx) {
		if err != nil {
			return err
		}
		if x.Payment == refund {
			past = append(past, x)
		}
	}
	for _, x := range past {
		if err := o.attention.Delete(o.tx, x.ID); err != nil {
			return err
		}
		if err := o.tell(AttentionRaised, Detail{Visit: x.Visit, Payment: x.Payment, State: "settled"}); err != nil {
			return err
		}
	}
	return nil
}

// origin is the payment as its provider knows it: of money that was won back,
// the one that had been taken.
func (o *op) origin(which id.Payment) (ledger.Entry, error) {
	e, err := o.entryOf(which)
	if err != nil || e.Restores == "" {
		return e, err
	}
	lost, err := o.entryOf(e.Restores)
	if err != nil {
		return ledger.Entry{}, err
	}
	return o.entryOf(lost.Refunds)
}
