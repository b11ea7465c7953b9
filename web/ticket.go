package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// which is the visit in the address.
func (v *view) which() id.Visit { return id.Visit(chi.URLParam(v.r, "id")) }

// visitWindow serves GET /desk/visits/{id}.
func (v *view) visitWindow() error {
	open, err := v.window(v.which(), nil)
	if err != nil {
		return err
	}
	return v.open(http.StatusOK, open)
}

// open shows a visit: the fragment for a page that is there, else the page.
func (v *view) open(status int, open *page.Visit) error {
	if fragment(v.r) {
		v.show(status, *open)
		return nil
	}
	return v.whole(status, open, nil)
}

// window is a visit with its pay block; block, if any, is one that says what
// was just done.
func (v *view) window(which id.Visit, block *page.PayBlock) (*page.Visit, error) {
	x, err := v.s.desk.Visit(v.a, which)
	if err != nil {
		return nil, err
	}
	people, err := v.s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	names := staffNames(people)
	taxes, err := v.taxNames()
	if err != nil {
		return nil, err
	}
	w := &page.Visit{
		ID: string(x.ID), Version: x.Version, Date: x.Day(v.zone), Client: x.Client.Name, ClientID: string(x.Client.ID), When: capital(when(v.lang, x.StartsAt, v.now, v.zone)),
		Staff: names[x.Staff], Status: string(x.Status), Code: x.Code, Contact: contact(x.Client), Lines: v.lines(x, taxes),
		Total: v.in(x.Currency, x.Total()), Due: v.in(x.Currency, x.Due()), CanEdit: v.a.Rights.Has(access.VisitsEdit) && !x.Blocked(v.now), Clash: clashing(x, taxes),
	}
	if x.Blocked(v.now) {
		w.Blocked, w.Ends = clock(x.BlockedUntil, v.zone), v.left(x)
	}
	if x.Paid > 0 {
		w.Paid = v.in(x.Currency, x.Paid-x.Refunded)
	}
	if over := -x.Balance(); over > 0 {
		w.Over = v.in(x.Currency, over)
	}
	told, err := v.s.desk.Deliveries(v.a, x.ID)
	if err != nil {
		return nil, err
	}
	w.Sent = v.sent(told)
	if w.Payments, err = v.movements(x.ID, names, told); err != nil {
		return nil, err
	}
	cards, err := v.s.desk.VisitCards(v.a, x.ID)
	if err != nil {
		return nil, err
	}
	w.Cards, w.Key = v.issued(cards), rand.Text()
	if err := v.offerMemberships(w, x); err != nil {
		return nil, err
	}
	w.Pay = block
	if block == nil {
		w.Pay, err = v.block(x, v.r.FormValue("tab"), id.Desk(v.r.FormValue("desk")))
	}
	return w, err
}

func contact(c visit.Client) []string {
	var known []string
	for _, text := range []string{client.Readable(c.Phone), c.Email} {
		if text != "" {
			known = append(known, text)
		}
	}
	return known
}

// clashing names the lines that can't be sold together by link (R8).
func clashing(x visit.Visit, taxes map[string]string) []string {
	var names []string
	for _, l := range x.TaxClash() {
		names = append(names, l.Name+" ("+named(taxes, l.TaxSystem)+")")
	}
	return names
}

// named is a tax system as it is called; one that isn't ours is known by its id alone.
func named(taxes map[string]string, which string) string {
	if name := taxes[which]; name != "" {
		return name
	}
	return which
}

func (v *view) lines(x visit.Visit, taxes map[string]string) []page.Line {
	clash := len(x.TaxClash()) > 0
	shown := make([]page.Line, 0, len(x.Lines))
	for i, l := range x.Lines {
		price, err := l.Price()
		if err != nil {
			continue // such a line can't be stored; a damaged one shows no wrong amount
		}
		shown = append(shown, page.Line{ID: string(l.ID), Number: i, Name: l.Name, Detail: v.detail(x.Currency, l, taxes), Total: v.in(x.Currency, price), Clash: clash})
	}
	return shown
}

func (v *view) detail(c money.Currency, l visit.Line, taxes map[string]string) string {
	var parts []string
	if l.Quantity != 1 {
		parts = append(parts, count(l.Quantity)+" × "+v.in(c, l.UnitPrice))
	}
	if l.Discount > 0 {
		parts = append(parts, v.in(c, -l.Discount))
	}
	return strings.Join(append(parts, named(taxes, l.TaxSystem)), " · ")
}

// movements are the payments and refunds of a visit, as they change what the salon has.
func (v *view) movements(which id.Visit, names map[id.Staff]string, told []desk.Delivery) ([]page.Movement, error) {
	entries, err := v.s.desk.VisitPayments(v.a, which)
	if err != nil {
		return nil, err
	}
	moved := make([]page.Movement, 0, len(entries))
	for _, e := range entries {
		m := page.Movement{Method: e.Method, At: v.at(e.ReceivedAt), By: v.s.makerOf(e, names), Flags: flagsOf(e),
			Refund: e.Kind == ledger.KindRefund, Amount: money.Format(e.Amount, e.Currency, v.lang)}
		if m.Refund {
			m.Amount, m.Note = money.Format(-e.Amount, e.Currency, v.lang), e.Note
		}
		if m.Give, err = v.giveable(e); err != nil {
			return nil, err
		}
		if m.Fiscal, err = v.fiscal(e.ID); err != nil {
			return nil, err
		}
		moved = append(moved, m)
	}
	if err := v.offerReceipts(which, entries, moved, told); err != nil {
		return nil, err
	}
	return v.unsettled(which, names, moved)
}

// giveable is a payment's id where this person may give something of it back.
func (v *view) giveable(e ledger.Entry) (string, error) {
	if e.Kind != ledger.KindPayment || !v.a.Rights.Has(access.Refunds) {
		return "", nil
	}
	left, err := v.s.desk.Refundable(v.a, e.ID)
	if err != nil || left == 0 {
		return "", err
	}
	return string(e.ID), nil
}

// unsettled adds the refunds that the provider still has to make, and those
// that it refused.
func (v *view) unsettled(which id.Visit, names map[id.Staff]string, moved []page.Movement) ([]page.Movement, error) {
	open, err := v.s.desk.VisitRefunds(v.a, which)
	if err != nil {
		return nil, err
	}
	for _, r := range open {
		moved = append(moved, page.Movement{Method: r.Method, Refund: true, State: string(r.State), At: v.at(r.At), By: names[r.Staff],
			Amount: "(" + money.Format(r.Amount, r.Currency, v.lang) + ")", Note: r.Reason})
	}
	return moved, nil
}
