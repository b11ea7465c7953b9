package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

const clashing = `{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 1000}, {"kind": "service", "name": "Cure", "quantity": 1, "unit_price": 2000, "tax_system": "exempt"}`

// R8: lines of different tax systems can't be sold by link: every action on the
// link is refused, by program, tablet and phone, and names the lines; money is
// taken by every other method all the same.
func TestR8EveryLinkActionIsRefused(t *testing.T) {
	s := open(t)
	v, at := s.visitOf(clashing)
	c := s.tablet(access.Receptionist)
	before := s.dump()
	refused := map[string]answer{"open": s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}")}
	for _, path := range []string{"/link", "/qr.svg", "/qr.png"} {
		refused[path] = s.api(http.MethodGet, at+path, "")
	}
	refused["show"] = s.api(http.MethodPost, at+"/link/show", `{"desk": "front"}`)
	for what, got := range refused {
		if got.status != http.StatusUnprocessableEntity || got.code(t) != "mixed_tax_systems" || !strings.Contains(got.text, "Cut") || !strings.Contains(got.text, "Cure") {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
	block := s.htmx(c, http.MethodGet, "/desk"+at+"/pay?tab=link")
	block.wants(t, "the payment block", http.StatusOK, `data-kind="mixed_tax_systems"`, "Cut", "Cure (exempt)")
	for _, offered := range []string{`data-test="show-qr"`, `data-test="copy-link"`, `data-test="send`, string(v.Token)} {
		if strings.Contains(block.text, offered) {
			t.Errorf("the tablet offers %s", offered)
		}
	}
	s.htmx(c, http.MethodPost, "/desk"+at+"/show", "desk", "front").wants(t, "shown on the tablet", http.StatusUnprocessableEntity)
	if got := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/pay", ""); got.status != http.StatusSeeOther || got.header.Get("Location") != "/p/"+string(v.Token) {
		t.Errorf("paid by the form: %d %v", got.status, got.header)
	}
	if s.dump() != before {
		t.Error("a refused action stored something")
	}
	s.htmx(c, http.MethodPost, "/desk"+at+"/cash", "amount", "30", "key", "k").wants(t, "in cash", http.StatusOK, `data-state="nothing_due"`)
}

// R8: a code that is up goes when an edit makes its lines clash.
func TestR8ACodeThatIsUpGoes(t *testing.T) {
	s := open(t)
	v := s.book()
	s.must(s.d.Desk().Show(access.System(), v.ID, "front", false))
	lines := append(v.Lines, visit.Line{Kind: visit.Service, Name: "Cure", Quantity: 1, UnitPrice: 100, TaxSystem: "exempt"})
	_, err := s.d.Desk().EditVisit(access.System(), v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	if got := s.do(client(nil), http.MethodGet, "/q/front", ""); got.status != http.StatusOK || strings.Contains(got.text, string(v.Token)) {
		t.Errorf("the printed code: %d %v", got.status, got.header)
	}
}

// R2: products are sold without services, and so are memberships and gift cards,
// by link too.
func TestR2ProductsAlone(t *testing.T) {
	s := open(t)
	oil := s.sells(catalogue.Item{Kind: visit.Product, Name: "Oil", SKU: "77", Price: 1000}, 5)
	v, at := s.visitOf(`{"kind": "product", "ref": "` + oil.ID + `", "name": "Oil", "quantity": 2, "unit_price": 1000}, {"kind": "membership", "name": "Ten", "quantity": 1, "unit_price": 9000},
		{"kind": "gift_card", "name": "Gift", "quantity": 1, "unit_price": 3000}`)
	to, page := s.asked(v)
	page.wants(t, "the provider's page", http.StatusOK, "€140.00")
	s.presses(to, v)
	s.stands(at, "paid", 14000, 0)
	cards := s.api(http.MethodGet, at+"/cards", "").json(t)["cards"].([]any)
	moves := s.api(http.MethodGet, "/products/"+oil.ID+"/stock", "").json(t)["movements"].([]any)
	if last := moves[0].(map[string]any); len(cards) != 2 || s.left(oil.ID) != 3 || last["reason"] != string(stock.Sale) || last["quantity"] != -2.0 {
		t.Errorf("%d cards, %d left, %v", len(cards), s.left(oil.ID), last)
	}
}

// R5: a visit arrives from the booking system, is updated by its external id,
// and said again is as it was: what was paid stays paid.
func TestR5UpsertByAPI(t *testing.T) {
	s := open(t)
	body := func(price string) string {
		return `{"external_id": "b-7", "client": {"name": "Ben", "phone": "+4915112345001"}, "starts_at": "2026-11-22T10:30:00+01:00", "lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": ` + price + `}]}`
	}
	first := s.api(http.MethodPost, "/visits", body("1000"))
	if first.status != http.StatusCreated {
		t.Fatalf("%d %s", first.status, first.text)
	}
	at := "/visits/" + first.json(t)["id"].(string)
	s.api(http.MethodPost, at+"/payments", `{"method": "cash", "amount": 400}`)
	for range 3 {
		again := s.api(http.MethodPost, "/visits", body("1000"))
		if got := again.json(t); again.status != http.StatusOK || got["id"] != first.json(t)["id"] || got["version"] != s.api(http.MethodGet, at, "").json(t)["version"] || got["paid"] != 400.0 {
			t.Errorf("said again: %d %s", again.status, again.text)
		}
	}
	was := s.api(http.MethodGet, at, "").json(t)["version"].(float64)
	if got := s.api(http.MethodPost, "/visits", body("1500")); got.status != http.StatusOK || got.json(t)["due"] != 1100.0 || got.json(t)["version"] != was+1 {
		t.Errorf("updated: %d %s", got.status, got.text)
	}
	if n := len(s.visits()); n != 1 {
		t.Errorf("%d visits", n)
	}
}
