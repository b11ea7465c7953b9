package desk

import (
	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
)

// GoesBack is how much of a payment can be given back, in minor units of its
// currency. What cards of its visit cost that were used stays: it is spent.
type GoesBack struct {
	Left     int64 // of the payment
	Possible int64 // of that, what no used card holds
	// Used are the cards that hold the rest, none where nothing is held.
	Used []Holding
}

// GoesBack says how much of a payment a refund may ask for (R22, R23).
func (d *Desk) GoesBack(a access.Actor, which id.Payment) (b GoesBack, err error) {
	if err := a.Need(access.Refunds); err != nil {
		return GoesBack{}, err
	}
	err = d.view(func(o *op) error {
		p, ok, err := o.payments.Get(o.tx, which)
		if err != nil {
			return err
		}
		if !ok || p.Kind != ledger.KindPayment {
			return fault.NotFound("payment")
		}
		b.Left = max(0, p.Amount-p.Refunded-p.Reserved)
		b.Possible = b.Left
		return o.heldByCards(p, &b)
	})
	return b, err
}

// heldByCards takes off what cards hold that were used. It is the rule of
// holdCards, asked beforehand.
func (o *op) heldByCards(p posting, b *GoesBack) error {
	if p.Visit == "" {
		return nil
	}
	v, err := o.visit(p.Visit)
	if err != nil || p.Currency != v.Currency {
		return err
	}
	_, used, err := o.soldCards(v)
	if err != nil || priceOf(used) == 0 {
		return err
	}
	stays, err := o.staysPaid(v)
	if err != nil {
		return err
	}
	if free := max(0, stays-priceOf(used)); free < b.Possible {
		b.Possible, b.Used = free, used
	}
	return nil
}

// Ending is a card that a refund would end, and what was paid for it.
type Ending struct {
	Card  id.Card `json:"card"`
	Name  string  `json:"name"`
	Code  string  `json:"code"`
	Price int64   `json:"price"`
}

// sureOf asks about the cards that a refund ends where somebody is there to be
// asked: one that nobody has named may have been bought by who reads its code.
func (o *op) sureOf(g Giving, ends []id.Card) error {
	if g.Sure == nil {
		return nil
	}
	said := map[id.Card]bool{}
	for _, c := range *g.Sure {
		said[c] = true
	}
	var all []Ending
	asked := true
	if err := o.eachCard(ends, func(c Card) error {
		all = append(all, Ending{Card: c.ID, Name: c.Name, Code: c.Code, Price: c.Price})
		asked = asked && said[c.ID]
		return nil
	}); err != nil || asked {
		return err
	}
	return fault.New(fault.Conflict, "cards_end", "Giving this back ends cards of the visit. Do you want that?").With("cards", all)
}
