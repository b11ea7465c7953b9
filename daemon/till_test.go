package daemon_test

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// till is what a simulated day knows of its shop besides visits.
type till struct {
	oil   string
	cards []string // codes that were issued
}

// stockUp puts a product on the shelf, of which some is sold in the day.
func (w *world) stockUp() {
	oil, err := w.d.Desk().SaveItem(access.System(), catalogue.Item{Kind: visit.Product, Name: "Oil", Price: 900, Active: true})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.d.Desk().Move(access.System(), oil.ID, 20, stock.Receipt, "", desk.Key{}); err != nil {
		w.t.Fatal(err)
	}
	w.till.oil = oil.ID
}

// sell is somebody who buys products and gift cards, and pays later or not.
func (w *world) sell() {
	lines := []visit.Line{{Kind: visit.Product, Ref: w.till.oil, Name: "Oil", Quantity: 1 + w.rng.Int64N(3), UnitPrice: 900},
		{Kind: visit.GiftCard, Name: "Gift card", Quantity: 1 + w.rng.Int64N(2), UnitPrice: 2000}}
	v, _, err := w.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "Benedek Szalai", Phone: "+36201234567", Email: "benedek@szalai.example"},
		StartsAt: time.Now(), Lines: lines[w.rng.IntN(2):], AcceptShort: true}, desk.Key{})
	w.note("sell %s: %v", v.ID, err)
	if err == nil {
		w.visits = append(w.visits, v.ID)
	}
}

// takeAny is money at the desk by any method, also more than there is.
func (w *world) takeAny() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil {
		return
	}
	methods := []string{"cash", "card", "loyalty", "cashback", "deposit", "gift_card"}
	by := desk.Taking{Method: methods[w.rng.IntN(len(methods))], Amount: 1 + w.rng.Int64N(max(v.Due(), 1)+100)}
	if by.Method == "gift_card" {
		w.learnCards()
		if len(w.till.cards) == 0 {
			return
		}
		by.Card = w.till.cards[w.rng.IntN(len(w.till.cards))]
	}
	e, err := w.d.TakePayment(w.t.Context(), access.System(), which, by, desk.Key{})
	if after, _ := w.d.Desk().Visit(access.System(), which); err == nil && e.Amount > v.Due() && after.Refunded == v.Refunded {
		w.fault("R16: %d was taken of %s, and %d was due", e.Amount, which, v.Due())
	}
	w.note("take %d by %s of %s: %v", by.Amount, by.Method, which, err)
}

// learnCards is the reception reading the codes of what was issued.
func (w *world) learnCards() {
	w.till.cards = nil
	for _, v := range w.visits {
		cards, err := w.d.Desk().VisitCards(access.System(), v)
		if err != nil {
			return
		}
		for _, c := range cards {
			w.till.cards = append(w.till.cards, c.Code)
		}
	}
}

// favour gives some client points or cashback, takes them off, or takes a deposit.
func (w *world) favour() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil || v.Client.ID == "" {
		return
	}
	if w.rng.IntN(3) == 0 {
		_, err = w.d.Desk().TopUp(access.System(), v.Client.ID, desk.Taking{Method: "cash", Amount: 1 + w.rng.Int64N(3000)}, desk.Key{})
	} else {
		g := desk.Grant{Method: []string{"loyalty", "cashback"}[w.rng.IntN(2)], Amount: w.rng.Int64N(3000) - 1000, Reason: "a favour"}
		_, err = w.d.Desk().GrantBalance(access.System(), v.Client.ID, g, desk.Key{})
	}
	w.note("favour for %s: %v", v.Client.ID, err)
}

// giveBack is staff refunding any payment of the day, in any way, also too much.
func (w *world) giveBack() {
	payments, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{Limit: 500})
	if err != nil || len(payments) == 0 {
		return
	}
	p := payments[w.rng.IntN(len(payments))]
	g := desk.Giving{Amount: 1 + w.rng.Int64N(p.Amount+10), Reason: "not as expected", Method: []string{"", "", "cash", "card"}[w.rng.IntN(4)]}
	if p.Visit != "" && w.rng.IntN(2) == 0 {
		if v, err := w.d.Desk().Visit(access.System(), p.Visit); err == nil && len(v.Given) > 0 {
			g.Return = []desk.Returned{{Line: v.Given[0].Line, Quantity: 1}}
		}
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Duration(1+w.rng.IntN(10))*time.Second)
	defer cancel()
	r, err := w.d.Refund(ctx, access.System(), p.ID, g, desk.Key{})
	w.note("give back %d of %s by %q: %s %v", g.Amount, p.ID, g.Method, r.State, err)
}

// dashboard is somebody refunding at the provider's own pages.
func (w *world) dashboard() {
	all := w.at.book().takings
	if len(all) == 0 {
		return
	}
	p := all[w.rng.IntN(len(all))]
	if p.left() == 0 || p.disputed {
		return // it can't be, at any of them
	}
	amount := 1 + w.rng.Int64N(p.left())
	w.byHand[p.id] += amount
	err := w.at.refund(p.id, amount)
	w.note("refund of %s at the provider's own pages: %v", p.id, err)
}

// contest is a client's bank: it wants a payment back, or decides about one.
func (w *world) contest() {
	b := w.at.book()
	if len(b.takings) == 0 {
		return
	}
	if n := len(b.disputes); n > 0 && w.rng.IntN(2) == 0 {
		which, won := b.disputes[w.rng.IntN(n)], w.rng.IntN(3) == 0
		w.note("dispute %s, won %v: %v", which, won, w.at.decide(which, won))
		return
	}
	if p := b.takings[w.rng.IntN(len(b.takings))]; !p.disputed {
		w.note("dispute of %s: %v", p.id, w.at.dispute(p.id, 1+w.rng.Int64N(p.amount)))
	}
}

// clear ends refunds that the provider left pending: some, or all of them.
func (w *world) clear(all bool) {
	for _, r := range w.at.book().refunds {
		if all || w.rng.IntN(2) == 0 {
			arrived := w.rng.IntN(3) > 0
			w.note("pending refund %s, arrived %v: %v", r, arrived, w.at.settle(r, arrived))
		}
	}
}

// attend deals with what was raised, in one of the three ways.
func (w *world) attend() {
	list, err := w.d.Desk().Attention(access.System())
	if err != nil || len(list) == 0 {
		return
	}
	x := list[w.rng.IntN(len(list))]
	switch w.rng.IntN(3) {
	case 0:
		err = w.d.Desk().Accept(access.System(), x.ID)
	case 1:
		_, err = w.d.Desk().RefundAttention(access.System(), x.ID, "not expected")
	default:
		if v, ok := w.any(); ok {
			err = w.d.Desk().Assign(access.System(), x.ID, v)
		}
	}
	w.note("attend %s %s: %v", x.Kind, x.ID, err)
}

// handedOnce: no line has handed out more than it sold, and as many good cards
// are around as were sold and not given back (R22).
func (w *world) handedOnce(which id.Visit) {
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range v.Lines {
		if given := v.Handed(l.ID); given > l.Quantity {
			w.fault("R22: line %s of %s sold %d and handed out %d", l.ID, which, l.Quantity, given)
		}
	}
}

// countDrawer is somebody who counts the cash, and takes some of it away; what
// is expected can't be below zero, and verify holds the count against the ledger.
func (w *world) countDrawer() {
	now, _, err := w.d.Desk().Drawer(access.System())
	if err != nil {
		return
	}
	n := desk.Counting{Counted: max(0, now.Expected()+w.rng.Int64N(3)-1), Number: now.Number, Seq: now.Seq}
	n.TakenOut = w.rng.Int64N(n.Counted + 1)
	c, err := w.d.Desk().CloseDay(access.System(), n, desk.Key{})
	w.note("count %d: %v", c.Number, err)
}
