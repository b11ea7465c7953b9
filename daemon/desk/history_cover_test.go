package desk_test

import (
	"fmt"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"

	"pgregory.net/rapid"
)

// Acts of a history that are about memberships, and about what the provider
// takes back (R22, R23).

// sellPass sells a membership to the client of half of the visits,
// before anything else: a history of a dozen acts would rarely come to one.
func (h *history) sellPass(rt *rapid.T) {
	v, _, err := h.CreateVisit(boss, visit.Draft{Client: visit.Client{Name: "Anna", Phone: "+36201234567"}, Lines: []visit.Line{
		{Kind: visit.Membership, Ref: h.pass, Name: "Four visits", Quantity: 1, UnitPrice: 2000},
		{Kind: visit.Service, Name: "Thing", Quantity: 1, UnitPrice: 500}}}, desk.Key{})
	if err == nil {
		_, err = h.TakePayment(boss, v.ID, by("cash", 2500), desk.Key{})
	}
	if err != nil {
		rt.Fatal(err)
	}
	h.visits = append(h.visits, v.ID)
}

// someLine draws a visit and one of its lines.
func (h *history) someLine(rt *rapid.T) (visit.Visit, visit.Line, bool) {
	which, ok := h.some(rt)
	if !ok {
		return visit.Visit{}, visit.Line{}, false
	}
	v, err := h.Visit(boss, which)
	if err != nil || len(v.Lines) == 0 {
		return visit.Visit{}, visit.Line{}, false
	}
	return v, rapid.SampledFrom(v.Lines).Draw(rt, "line"), true
}

// cover has any card that was ever issued pay for any line, by its code or as
// the client's own.
func (h *history) cover(rt *rapid.T) func() {
	v, line, ok := h.someLine(rt)
	if !ok {
		return nothing
	}
	by := desk.Covering{Line: line.ID, Version: v.Version}
	for _, sold := range h.visits {
		for _, c := range h.cardsOf(sold) {
			if c.Kind == visit.Membership {
				by.Card, by.Code = c.ID, c.Code
			}
		}
	}
	if rapid.Bool().Draw(rt, "by code") {
		by.Card = ""
	} else {
		by.Code = ""
	}
	return func() { _, _ = h.UseMembership(boss, v.ID, by, desk.Key{}) }
}

func (h *history) uncover(rt *rapid.T) func() {
	v, line, ok := h.someLine(rt)
	if !ok {
		return nothing
	}
	return func() { _, _ = h.ReleaseMembership(boss, v.ID, line.ID, v.Version, desk.Key{}) }
}

// changeLines edits a visit in every way that moves uses: the quantity, the
// kind, the line itself, the status, the client.
func (h *history) changeLines(rt *rapid.T) func() {
	v, line, ok := h.someLine(rt)
	if !ok {
		return nothing
	}
	var lines []visit.Line
	how := rapid.SampledFrom([]string{"quantity", "kind", "out", "cancel", "book", "client"}).Draw(rt, "change")
	more := rapid.Int64Range(1, 4).Draw(rt, "quantity")
	for _, l := range v.Lines {
		if l.ID == line.ID && how == "out" {
			continue
		}
		if l.ID == line.ID && how == "quantity" {
			l.Quantity = more
		}
		if l.ID == line.ID && how == "kind" {
			l.Kind = visit.GiftCard
		}
		lines = append(lines, l)
	}
	p := visit.Patch{Lines: &lines, AcceptShort: true}
	switch how {
	case "cancel", "book":
		status := map[string]visit.Status{"cancel": visit.StatusCancelled, "book": visit.Booked}[how]
		p = visit.Patch{Status: &status}
	case "client":
		p = visit.Patch{Client: &visit.Client{Name: "Bela", Phone: "+36207654321"}}
	}
	return func() { _, _ = h.EditVisit(boss, v.ID, v.Version, p) }
}

func (h *history) cardsOf(sold ...id.Visit) []desk.Holding {
	var all []desk.Holding
	for _, which := range sold {
		cards, err := h.VisitCards(boss, which)
		if err == nil {
			all = append(all, cards...)
		}
	}
	return all
}

// takeAway is money of any page that goes back without our asking: refunded at
// the provider's dashboard, or by a bank, which may also give it back.
func (h *history) takeAway(rt *rapid.T) func() {
	if len(h.pages) == 0 {
		return nothing
	}
	p := rapid.SampledFrom(h.pages).Draw(rt, "page")
	h.events++
	amount := rapid.Int64Range(1, p.Amount+5).Draw(rt, "amount")
	paid := fmt.Sprint("pay_", rapid.IntRange(1, 2).Draw(rt, "payment"), p.ID)
	e := provider.Event{ID: fmt.Sprint("e", h.events), At: time.Now(), Session: p}
	switch how := rapid.SampledFrom([]string{"", provider.DisputeOpened, provider.DisputeWon, provider.DisputeLost}).Draw(rt, "how"); how {
	case "":
		e.Type = provider.EventRefund
		e.Refund = &provider.Refund{ID: "re_" + e.ID, Payment: paid, Session: p.ID, Amount: amount, Currency: p.Currency, Status: provider.RefundSucceeded}
	default:
		e.Type = provider.EventDispute
		e.Dispute = &provider.Dispute{ID: "dp_" + paid, Payment: paid, Session: p.ID, Amount: amount, Currency: p.Currency, Status: how}
	}
	return func() { _ = h.Confirm("sandbox", []provider.Event{e}, "") }
}
