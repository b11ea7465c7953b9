package daemon_test

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
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
	v, _, err := w.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "Ben", Phone: "+36201234567"},
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
	payments, err := w.company.Payments()
	if err != nil || len(payments) == 0 {
		return
	}
	p := payments[w.rng.IntN(len(payments))]
	_, err = w.company.RefundByHand(p.ID, 1+w.rng.Int64N(p.Amount), p.Currency)
	w.note("refund of %s at the provider's own pages: %v", p.ID, err)
}

// contest is a client's bank: it wants a payment back, or decides about one.
func (w *world) contest() {
	payments, err := w.company.Payments()
	if err != nil || len(payments) == 0 {
		return
	}
	disputes, err := w.company.Disputes()
	if err != nil {
		w.t.Fatal(err)
	}
	if n := len(disputes); n > 0 && w.rng.IntN(2) == 0 {
		d, err := w.company.Decide(disputes[w.rng.IntN(n)].ID, w.rng.IntN(3) == 0)
		w.note("dispute %s of %s: %s %v", d.ID, d.Payment, d.Status, err)
		return
	}
	p := payments[w.rng.IntN(len(payments))]
	d, err := w.company.Dispute(p.ID, 1+w.rng.Int64N(p.Amount), "")
	w.note("dispute %s of %s: %v", d.ID, p.ID, err)
}

// clear ends refunds that the provider left pending: some, or all of them.
func (w *world) clear(all bool) {
	refunds, err := w.company.Refunds()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range refunds {
		if r.Status == provider.RefundPending && (all || w.rng.IntN(2) == 0) {
			r, err = w.company.SettleRefund(r.ID, w.rng.IntN(3) > 0)
			w.note("pending refund %s of %s: %s %v", r.ID, r.Payment, r.Status, err)
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

// refundsKept: what the provider gave back, or lost to a bank, is in the acquiring register, no
// more and no less, and nothing that was asked for is left undecided.
func (w *world) refundsKept() {
	payments, err := w.company.Payments()
	if err != nil {
		w.t.Fatal(err)
	}
	entries, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	back := map[string]int64{}
	for _, e := range entries {
		if e.Provider == "sandbox" && e.Kind == ledger.KindRefund {
			back[e.ProviderPayment] += e.Amount
		}
	}
	for _, p := range payments {
		if back[p.ID] != p.Refunded+p.Disputed {
			w.fault("R23: of payment %s the provider gave back %d and lost %d, the ledger has %d", p.ID, p.Refunded, p.Disputed, back[p.ID])
		}
	}
	for _, v := range w.visits {
		w.handedOnce(v)
		open, err := w.d.Desk().VisitRefunds(access.System(), v)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range open {
			if r.State == desk.RefundAsked {
				w.fault("R23: refund %s of %s is still %s in the evening", r.ID, v, r.State)
			}
		}
	}
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
