package desk

import (
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// takenBack is what it means for a visit that money went back without our
// asking: a dispute was lost, or somebody refunded at the provider's own
// dashboard (R22, R23). Goods aren't moved, since nobody can say now whether
// they came back; staff are told. The visit is the caller's to put.
func (o *op) takenBack(v *visit.Visit, refund ledger.Entry) error {
	ours, err := o.maybeOurs(refund)
	if err != nil || ours {
		return err
	}
	if err := o.goodsOut(*v, refund); err != nil {
		return err
	}
	return o.stopCards(v, refund)
}

// stopCards ends the cards of a visit that are no longer paid for. The money is
// gone, so nothing is refused: those that nobody used and whose whole price is
// missing are void. Of others what is left is held, and staff are told: they
// may let it be used, or leave it. Like our own refunds, it takes from a
// visit's other lines first. The visit is the caller's to put.
func (o *op) stopCards(v *visit.Visit, refund ledger.Entry) error {
	if refund.Currency != v.Currency {
		return nil
	}
	left, err := o.staysPaid(*v)
	if err != nil {
		return err
	}
	unused, used, err := o.soldCards(*v)
	if err != nil {
		return err
	}
	missing := priceOf(used) + priceOf(unused) - left
	var void, held []Holding
	for _, c := range unused {
		if c.Price > 0 && missing >= c.Price {
			void, missing = append(void, c), missing-c.Price
		}
	}
	for _, c := range slices.Concat(used, unused) {
		if c.Price > 0 && missing > 0 && !slices.Contains(void, c) {
			held, missing = append(held, c), missing-c.Price
		}
	}
	for _, c := range void {
		if err := o.voidCards(v, []id.Card{c.ID}); err != nil {
			return err
		}
	}
	return o.holdRest(held, refund)
}

func priceOf(cards []Holding) (sum int64) {
	for _, c := range cards {
		sum += c.Price
	}
	return sum
}

// maybeOurs tells whether a refund that doesn't say whose it is may be one that
// we asked for: the cards of that are held already, and end with it.
func (o *op) maybeOurs(refund ledger.Entry) (bool, error) {
	if slices.Contains(refund.Flags, ledger.Disputed) {
		return false, nil // a bank takes by itself
	}
	for r, err := range o.refunds.Where(o.tx, o.byPayment, string(refund.Refunds)) {
		if err != nil {
			return false, err
		}
		if r.State == RefundAsked && r.Amount == refund.Amount && r.Currency == refund.Currency {
			return true, nil
		}
	}
	return false, nil
}

// staysPaid is what a visit keeps of its money when every refund that is
// pending has been made.
func (o *op) staysPaid(v visit.Visit) (int64, error) {
	left := v.Paid - v.Refunded
	for p, err := range o.payments.Where(o.tx, o.byVisit, string(v.ID)) {
		if err != nil {
			return 0, err
		}
		if p.Currency == v.Currency {
			left -= p.Reserved
		}
	}
	return max(0, left), nil
}

// holdRest stops cards whose money went back and that can't simply end, and
// raises each.
func (o *op) holdRest(held []Holding, refund ledger.Entry) error {
	for _, c := range held {
		c.State, c.HeldFor = CardHeld, refund.ID
		if err := o.cards.Put(o.tx, c.Card); err != nil {
			return err
		}
		kind := CardPartRefunded
		if c.wasUsed() {
			kind = CardUsedRefunded
		}
		if err := o.putAttention(Attention{Kind: kind, Visit: refund.Visit, Payment: refund.ID, Amount: refund.Amount,
			Currency: refund.Currency, Refund: true, Card: c.ID, Code: c.Code}); err != nil {
			return err
		}
	}
	return nil
}

// goodsOut raises goods whose money went back, and which nobody has asked for.
// What stays paid is counted for them first: a small refund isn't about them.
func (o *op) goodsOut(v visit.Visit, refund ledger.Entry) error {
	left, err := o.staysPaid(v)
	if err != nil {
		return err
	}
	var worth int64
	for _, l := range v.Lines {
		if total, err := l.Total(); err == nil && l.Kind == visit.Product && v.Handed(l.ID) > 0 {
			worth += total
		}
	}
	if worth == 0 || left >= worth {
		return nil
	}
	return o.putAttention(Attention{Kind: GoodsRefunded, Visit: v.ID, Payment: refund.ID, Amount: refund.Amount, Currency: refund.Currency, Refund: true})
}

// ReleaseCard lets a card be used again that is held since its money went
// back, and ends the attention. To accept it leaves the card held.
func (d *Desk) ReleaseCard(a access.Actor, which id.Attention) error {
	if err := a.Need(access.Refunds); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		if x.Card == "" {
			return fault.New(fault.Conflict, "no_card", "There is no card here that is held.")
		}
		if err := o.releaseHeld([]id.Card{x.Card}); err != nil {
			return err
		}
		return o.attended(a, x, "attention.release_card", map[string]any{"card": x.Card, "visit": x.Visit})
	})
}

// releaseHeld makes those cards good again that are held.
func (o *op) releaseHeld(cards []id.Card) error {
	return o.eachCard(cards, func(c Card) error {
		if c.State != CardHeld {
			return nil
		}
		c.State, c.HeldFor = CardActive, ""
		return o.cards.Put(o.tx, c)
	})
}
