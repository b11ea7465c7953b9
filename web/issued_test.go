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

// R22, R23: the form offers what can go back, and says which card holds the rest.
func TestR23AUsedCardHoldsItsPrice(t *testing.T) {
	s := open(t)
	v, paid, cards := s.bought(priced(visit.GiftCard, "Gift card", 5000), priced(visit.Service, "Cut", 2500))
	form := "/desk/visits/" + string(v.ID) + "/payments/" + string(paid.ID) + "/refund"
	c := s.tablet(access.Manager)
	s.htmx(c, http.MethodGet, form).wants(t, "before", http.StatusOK, `value="75.00"`, "€75.00 can be given back")
	other := s.book()
	_, err := s.d.Desk().TakePayment(access.System(), other.ID, desk.Taking{Method: ledger.GiftCard, Amount: 100, Card: cards[0].Code}, desk.Key{})
	s.must(err)
	why := "€75.00 was paid; the card " + cards[0].Code + " was used, so €25.00 can go back."
	s.htmx(c, http.MethodGet, form).wants(t, "the form", http.StatusOK, `value="25.00"`, why)
	s.htmx(c, http.MethodPost, form, "amount", "25.01", "method", "cash", "reason", "cold", "key", "k1").
		wants(t, "too much", http.StatusConflict, `data-kind="card_used"`, `value="25.01"`, `aria-invalid="true"`, why)
	s.htmx(c, http.MethodPost, form, "amount", "25", "method", "cash", "reason", "cold", "key", "k2").wants(t, "all that can", http.StatusOK, `data-kind="given"`)
	s.htmx(c, http.MethodGet, form).wants(t, "the rest", http.StatusOK, "€0.00 can go back")
}

// R22, R23: a card that ends with the money is named and asked about, also where only a part of its price goes back.
func TestR23CardsThatEndAreAskedAbout(t *testing.T) {
	s := open(t)
	v, paid, cards := s.bought(priced(visit.Membership, "Ten haircuts", 30000), priced(visit.Service, "Cut", 2500))
	form := "/desk/visits/" + string(v.ID) + "/payments/" + string(paid.ID) + "/refund"
	c := s.tablet(access.Manager)
	state := func() desk.CardState {
		now, err := s.d.Desk().VisitCards(access.System(), v.ID)
		s.must(err)
		return now[0].State
	}
	give := func(amount, key string, sure ...string) answer {
		return s.htmx(c, http.MethodPost, form, append([]string{"amount", amount, "method", "cash", "reason", "cold", "key", key}, sure...)...)
	}
	give("25", "k0").wants(t, "what no card was sold for", http.StatusOK, `data-kind="given"`)
	for _, sure := range []string{"", "g_other"} {
		give("100", "k1", "sure", sure).wants(t, "asked", http.StatusConflict, "This ends:", "Ten haircuts", "(€300.00)", `name="sure" value="`+string(cards[0].ID)+`"`, `value="100"`, `value="cold"`)
	}
	if got := state(); got != desk.CardActive {
		t.Errorf("only asked, and the card is %s", got)
	}
	for range 2 {
		give("100", "k1", "sure", string(cards[0].ID)).wants(t, "sure", http.StatusOK, `data-kind="given"`, "€100.00")
	}
	if x, err := s.d.Desk().Visit(access.System(), v.ID); err != nil || state() != desk.CardVoid || x.Refunded != 12500 {
		t.Errorf("%s, refunded %d, %v", state(), x.Refunded, err)
	}
}

// R23: an amount that is none marks its field, and stays as it was typed.
func TestR23AnAmountThatIsNone(t *testing.T) {
	s := open(t)
	v, paid, _ := s.bought(priced(visit.Service, "Cut", 2500))
	form := "/desk/visits/" + string(v.ID) + "/payments/" + string(paid.ID) + "/refund"
	c := s.tablet(access.Manager)
	for _, bad := range []string{"-5", "0", "lots", "1e3", "25.001"} {
		s.htmx(c, http.MethodPost, form, "amount", bad, "method", "cash", "reason", "cold", "key", "k").
			wants(t, bad, http.StatusUnprocessableEntity, `data-kind="amount_invalid"`, `value="`+bad+`" maxlength="20" required aria-invalid="true"`, `value="cold"`)
	}
}
