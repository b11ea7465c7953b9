package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// bought is a visit that was paid in cash, with its payment and the cards that it issued.
func (s *salon) bought(lines ...visit.Line) (visit.Visit, ledger.Entry, []desk.Holding) {
	s.t.Helper()
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: lines}, desk.Key{})
	s.must(err)
	paid, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: ledger.Cash, Amount: v.Due()}, desk.Key{})
	s.must(err)
	v, err = s.d.Desk().Visit(access.System(), v.ID)
	s.must(err)
	cards, err := s.d.Desk().VisitCards(access.System(), v.ID)
	s.must(err)
	return v, paid, cards
}

func priced(kind visit.LineKind, name string, price int64) visit.Line {
	return visit.Line{Kind: kind, Name: name, Quantity: 1, UnitPrice: price}
}

// R22: the line of a card that was issued can't be edited to another price, over the API or on the tablet.
func TestR22IssuedLinesAreLocked(t *testing.T) {
	s := open(t)
	v, _, _ := s.bought(priced(visit.GiftCard, "Gift card 50", 5000))
	line := string(v.Lines[0].ID)
	body := fmt.Sprintf(`{"lines": [{"id": %q, "kind": "gift_card", "name": "Gift card 50", "quantity": 1, "unit_price": 7500}]}`, line)
	got := s.api(http.MethodPatch, "/visits/"+string(v.ID), body, "If-Match", fmt.Sprintf("%q", fmt.Sprint(v.Version)))
	got.wants(t, "over the API", http.StatusUnprocessableEntity, "body.lines[0].unit_price", "Gift card 50")
	if got.code(t) != "line_issued" {
		t.Errorf("%s", got.text)
	}
	form := newVisit("version", fmt.Sprint(v.Version), "client_name", "", "line_id", line, "line_kind", "gift_card", "line_ref", "", "line_name", "Gift card 50", "line_price", "75")
	s.htmx(s.tablet(access.Receptionist), http.MethodPost, "/desk/visits/"+string(v.ID), form...).
		wants(t, "on the tablet", http.StatusUnprocessableEntity, `class="wrong"`, "the card of &#34;Gift card 50&#34; was issued", `value="75"`)
	if now, err := s.d.Desk().Visit(access.System(), v.ID); err != nil || now.Version != v.Version {
		t.Errorf("%+v %v", now, err)
	}
}
