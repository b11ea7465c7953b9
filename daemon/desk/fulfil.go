package desk

import (
	"slices"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// fulfil hands out what a visit that is paid up has bought (R22): products
// leave the stock, memberships and gift cards are issued. What was handed out
// before is left out, so that paying the rest of a visit that grew hands out
// the rest. paid is the payment that it comes with, if it is one. The visit is
// the caller's to put.
func (o *op) fulfil(v *visit.Visit, paid ledger.Entry) error {
	for _, l := range v.Lines {
		more := l.Quantity - v.Handed(l.ID)
		if more <= 0 || l.Kind == visit.Service {
			continue
		}
		if err := o.handOut(*v, l, more, paid); err != nil {
			return err
		}
		v.HandOut(l, more)
	}
	return nil
}

// handOut moves pieces of a line out of the house. Money that came is booked
// whatever the shelf says: what wasn't there makes the stock less than nothing.
func (o *op) handOut(v visit.Visit, l visit.Line, pieces int64, paid ledger.Entry) error {
	if l.Kind == visit.Product {
		return o.move(stock.Movement{Item: l.Ref, Quantity: -pieces, Reason: stock.Sale, Visit: v.ID, Payment: paid.ID, Staff: paid.Staff})
	}
	for range pieces {
		if err := o.issue(v, l); err != nil {
			return err
		}
	}
	return nil
}

// takeBack puts pieces of products that a client brought back on the shelf
// again, never more of a line than it handed out. The visit is the caller's to
// put.
func (o *op) takeBack(v *visit.Visit, back []Returned, refund ledger.Entry) error {
	for _, r := range back {
		at := slices.IndexFunc(v.Given, func(g visit.Given) bool { return g.Line == r.Line && g.Kind == visit.Product })
		if at < 0 {
			continue
		}
		pieces := min(r.Quantity, v.Given[at].Quantity)
		if err := o.move(stock.Movement{Item: v.Given[at].Ref, Quantity: pieces, Reason: stock.Return, Visit: v.ID, Payment: refund.ID, Staff: refund.Staff}); err != nil {
			return err
		}
		v.TakeBack(r.Line, pieces)
	}
	return nil
}

// issue makes a card for one piece of a line, and puts its value on it.
func (o *op) issue(v visit.Visit, l visit.Line) error {
	c := Card{ID: o.d.ids.Card(), Kind: l.Kind, Code: o.d.ids.CardCode(), Name: l.Name, Item: l.Ref, Client: v.Client.ID,
		Visit: v.ID, Line: l.ID, State: CardActive, Currency: v.Currency, IssuedAt: o.now}
	total, err := l.Total()
	if err != nil {
		return err
	}
	c.Price, c.Value = total/l.Quantity, l.UnitPrice
	if err := o.asInCatalogue(&c); err != nil {
		return err
	}
	if err := o.cards.Put(o.tx, c); err != nil {
		return err
	}
	if c.Kind != visit.GiftCard || c.Value == 0 {
		return nil
	}
	_, err = o.grantCard(c, ledger.KindGrant, c.Value)
	return err
}

// asInCatalogue gives a card what its item says: how often and how long it is
// good for, and what is on it where that isn't its price.
func (o *op) asInCatalogue(c *Card) error {
	i, ok, err := o.items.Get(o.tx, c.Item)
	if err != nil || !ok || i.Kind != c.Kind {
		return err
	}
	c.Uses = i.Uses
	if i.Value > 0 {
		c.Value = i.Value
	}
	if i.Days > 0 {
		loc, err := o.location()
		if err != nil {
			return err
		}
		// The whole of the last day: people read a date off their card.
		last := o.now.In(loc.Clock()).AddDate(0, 0, int(i.Days)).Format(time.DateOnly)
		_, c.ValidUntil = dayBounds(last, loc.Clock())
	}
	return nil
}

// grantCard books value put on a card or taken off it.
func (o *op) grantCard(c Card, kind ledger.Kind, amount int64) (ledger.Entry, error) {
	loc, err := o.location()
	if err != nil {
		return ledger.Entry{}, err
	}
	return o.post(ledger.Entry{ID: o.d.ids.Payment(), Kind: kind, Method: ledger.GiftCard, Card: c.ID, Amount: amount,
		Currency: c.Currency, ReceivedAt: o.now, VisitDate: loc.Today(o.now)}, nil)
}

// holdCards stops the cards that a refund takes the money of: a refund takes
// from a visit's other lines first. left is what stays paid after it. A card
// that was used refuses the refund, since its money is spent (R22).
func (o *op) holdCards(v visit.Visit, left int64) ([]id.Card, error) {
	unused, used, err := o.soldCards(v)
	if err != nil {
		return nil, err
	}
	left = max(0, left) // a provider may have given back more than was paid
	var covered int64
	for _, c := range append(slices.Clone(used), unused...) {
		covered += c.Price
	}
	var held []id.Card
	for _, c := range unused {
		if covered <= left {
			break
		}
		covered -= c.Price
		c.State = CardHeld
		if err := o.cards.Put(o.tx, c.Card); err != nil {
			return nil, err
		}
		held = append(held, c.ID)
	}
	if covered > left {
		return nil, fault.New(fault.Conflict, "card_used",
			"The card "+used[0].Code+" of this visit has been used already, so what was paid for it can't be given back.").With("card", used[0].Code)
	}
	return held, nil
}

// soldCards are the active cards of a visit, those that nothing was taken from apart.
func (o *op) soldCards(v visit.Visit) (unused, used []Holding, err error) {
	for c, err := range o.cards.Where(o.tx, o.bySale, string(v.ID)) {
		if err != nil {
			return nil, nil, err
		}
		h, err := o.holdingOf(c)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case c.State != CardActive:
		case h.wasUsed():
			used = append(used, h)
		default:
			unused = append(unused, h)
		}
	}
	return unused, used, nil
}

// wasUsed tells whether something was taken from a card.
func (h Holding) wasUsed() bool {
	return h.Used > 0 || h.Kind == visit.GiftCard && h.Balance < h.Value
}

// releaseCards makes cards good again whose refund came to nothing, unless their
// money went back otherwise meanwhile.
func (o *op) releaseCards(r Refund) error {
	if len(r.Cards) == 0 {
		return nil
	}
	if err := o.eachCard(r.Cards, func(c Card) error {
		c.State = CardActive
		return o.cards.Put(o.tx, c)
	}); err != nil {
		return err
	}
	v, err := o.visit(r.Visit)
	if err != nil {
		return err
	}
	if err := o.stopCards(&v, ledger.Entry{ID: r.Payment, Visit: v.ID, Amount: r.Amount, Currency: r.Currency}); err != nil {
		return err
	}
	return o.visits.Put(o.tx, v)
}

// voidCards ends cards whose money was given back. The visit is the caller's to put.
func (o *op) voidCards(v *visit.Visit, held []id.Card) error {
	return o.eachCard(held, func(c Card) error {
		h, err := o.holdingOf(c)
		if err != nil {
			return err
		}
		if h.Balance > 0 {
			if _, err := o.grantCard(c, ledger.KindWithdrawal, h.Balance); err != nil {
				return err
			}
		}
		v.TakeBack(c.Line, 1)
		c.State = CardVoid
		return o.cards.Put(o.tx, c)
	})
}

func (o *op) eachCard(which []id.Card, do func(Card) error) error {
	for _, one := range which {
		c, ok, err := o.cards.Get(o.tx, one)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("card")
		}
		if err := do(c); err != nil {
			return err
		}
	}
	return nil
}
