package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/visit"
)

// asked is what the provider's page asks for once somebody has gone on to pay.
func (s *salon) asked(v visit.Visit) (to string, page answer) {
	s.t.Helper()
	opened := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}", "Content-Type", "application/json")
	if opened.status != http.StatusOK {
		s.t.Fatalf("%d %s", opened.status, opened.text)
	}
	to = strings.TrimPrefix(opened.json(s.t)["redirect"].(string), s.base)
	return to, s.do(client(nil), http.MethodGet, to, "")
}

// presses Pay, and waits until it is booked.
func (s *salon) presses(to string, v visit.Visit) {
	s.t.Helper()
	s.do(client(nil), http.MethodPost, to+"/pay", "")
	s.await("the payment", func() bool { x, err := s.d.Desk().Visit(access.System(), v.ID); return err == nil && x.PaidByLink })
}

// visitOf is a visit made over the API, with a client.
func (s *salon) visitOf(lines string) (visit.Visit, string) {
	s.t.Helper()
	got := s.api(http.MethodPost, "/visits", `{"client": {"name": "Anna", "phone": "+36201234567"}, "status": "arrived", "lines": [`+lines+`]}`)
	if got.status != http.StatusCreated {
		s.t.Fatalf("%d %s", got.status, got.text)
	}
	for _, v := range s.visits() {
		if string(v.ID) == got.json(s.t)["id"] {
			return v, "/visits/" + string(v.ID)
		}
	}
	s.t.Fatal("the visit isn't there")
	return visit.Visit{}, ""
}

// stands tells how a visit is paid, as a program reads it.
func (s *salon) stands(at, state string, paid, due float64) {
	s.t.Helper()
	if got := s.api(http.MethodGet, at, "").json(s.t); got["payment_state"] != state || got["paid"] != paid || got["due"] != due {
		s.t.Errorf("%v, paid %v, due %v; want %s, %v, %v", got["payment_state"], got["paid"], got["due"], state, paid, due)
	}
}

const cutLine = `{"kind": "service", "ref": "i_colour", "name": "Colour", "quantity": 1, "unit_price": %d}`

// R16: staff record payments by cash, card terminal, points, cashback, gift card
// and deposit; no balance goes below zero, no payment exceeds what is due, and
// the link then asks for what is left.
func TestR16EveryMethodThenTheLinkByAPI(t *testing.T) {
	s := open(t)
	sold, gift := s.visitOf(`{"kind": "gift_card", "name": "Gift card", "quantity": 1, "unit_price": 1500}`)
	s.api(http.MethodPost, gift+"/payments", `{"method": "cash", "amount": 1500}`)
	card := s.api(http.MethodGet, gift+"/cards", "").json(t)["cards"].([]any)[0].(map[string]any)["code"].(string)
	v, at := s.visitOf(fmt.Sprintf(cutLine, 10000))
	holds := "/clients/" + string(sold.Client.ID)
	for path, body := range map[string]string{"/grants": `{"method": "loyalty", "amount": 700, "reason": "welcome"}`, "/deposits": `{"method": "card", "amount": 2000}`} {
		if got := s.api(http.MethodPost, holds+path, body); got.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", path, got.status, got.text)
		}
	}
	s.api(http.MethodPost, holds+"/grants", `{"method": "cashback", "amount": 300, "reason": "autumn"}`)
	due := 10000.0
	for _, part := range []struct {
		method, body, tooMuch, refusal string
		amount                         float64
	}{
		{"cash", `"amount": 1000`, `"amount": 10001`, "amount_exceeds_due", 1000},
		{"card", `"amount": 900`, `"amount": 9001`, "amount_exceeds_due", 900},
		{"loyalty", `"amount": 700`, `"amount": 701`, "insufficient_balance", 700},
		{"cashback", `"amount": 300`, `"amount": 301`, "insufficient_balance", 300},
		{"gift_card", `"amount": 1500, "gift_card": "` + card + `"`, `"amount": 1501, "gift_card": "` + card + `"`, "insufficient_balance", 1500},
		{"deposit", `"amount": 2000`, `"amount": 2001`, "insufficient_balance", 2000},
	} {
		if got := s.api(http.MethodPost, at+"/payments", `{"method": "`+part.method+`", `+part.tooMuch+`}`); got.status != http.StatusUnprocessableEntity || got.code(t) != part.refusal {
			t.Errorf("too much by %s: %d %s", part.method, got.status, got.text)
		}
		got := s.api(http.MethodPost, at+"/payments", `{"method": "`+part.method+`", `+part.body+`}`)
		if due -= part.amount; got.status != http.StatusCreated || got.json(t)["register"] != part.method || got.json(t)["amount"] != part.amount {
			t.Errorf("by %s: %d %s", part.method, got.status, got.text)
		}
		s.stands(at, "partially_paid", 10000-due, due)
	}
	to, page := s.asked(v)
	page.wants(t, "the provider's page", http.StatusOK, "€36.00")
	s.presses(to, v)
	s.stands(at, "paid", 10000, 0)
	if got := s.api(http.MethodPost, at+"/payments", `{"method": "cash", "amount": 1}`); got.code(t) != "nothing_due" {
		t.Errorf("one more: %d %s", got.status, got.text)
	}
}

// R16: the same on the tablet: each part by its form, then the code asks for the rest.
func TestR16PartsOnTheTablet(t *testing.T) {
	s := open(t)
	v, at := s.visitOf(fmt.Sprintf(cutLine, 10000))
	s.api(http.MethodPost, "/clients/"+string(v.Client.ID)+"/grants", `{"method": "cashback", "amount": 300, "reason": "autumn"}`)
	s.api(http.MethodPost, "/clients/"+string(v.Client.ID)+"/deposits", `{"method": "cash", "amount": 2000}`)
	c, form := s.tablet(access.Receptionist), "/desk"+at
	s.htmx(c, http.MethodGet, form+"/pay?tab=more").wants(t, "what is held", http.StatusOK, `data-kind="cashback"`, `data-kind="deposit"`, "€3.00", "€20.00")
	for _, part := range []struct{ method, amount, tooMuch, refusal, left string }{
		{"cash", "10", "100,01", "amount_exceeds_due", "€90.00"}, {"card", "9,00", "90.01", "amount_exceeds_due", "€81.00"},
		{"cashback", "3", "3.01", "insufficient_balance", "€78.00"}, {"deposit", "20", "20.01", "insufficient_balance", "€58.00"},
	} {
		s.htmx(c, http.MethodPost, form+"/"+part.method, "amount", part.tooMuch, "key", "x"+part.method).wants(t, "too much by "+part.method, http.StatusUnprocessableEntity, `data-kind="`+part.refusal+`"`)
		s.htmx(c, http.MethodPost, form+"/"+part.method, "amount", part.amount, "key", part.method).wants(t, "by "+part.method, http.StatusOK, `data-kind="taken"`, part.left)
	}
	s.must(s.d.Desk().Show(access.System(), v.ID, "front", false))
	s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "", "Accept-Language", "en").wants(t, "the client's page", http.StatusOK, "€58.00", "€100.00", "−€20.00")
	_, page := s.asked(v)
	page.wants(t, "the provider's page", http.StatusOK, "€58.00")
}

// R17: a service priced 50 to 100 is paid 50 by link, then changed to 100: the
// visit is partially paid, and the other 50 is taken by cash, or by card.
func TestR17FiftyByLinkThenAHundred(t *testing.T) {
	for method, tablet := range map[string]bool{"cash": false, "card": false, "cash on the tablet": true, "card on the tablet": true} {
		t.Run(method, func(t *testing.T) {
			s := open(t)
			s.sells(catalogue.Item{ID: "i_colour", Kind: visit.Service, Name: "Colour", Price: 5000, Min: 5000, Max: 10000}, 0)
			v, at := s.visitOf(fmt.Sprintf(cutLine, 5000))
			to, page := s.asked(v)
			page.wants(t, "the provider's page", http.StatusOK, "€50.00")
			s.presses(to, v)
			s.stands(at, "paid", 5000, 0)
			method, _, _ = strings.Cut(method, " ")
			if tablet {
				s.dearerOnTheTablet(v, method)
			} else {
				s.dearerByAPI(v, at, method)
			}
			s.stands(at, "paid", 10000, 0)
			var ledger []string
			for _, p := range s.api(http.MethodGet, "/payments?visit="+string(v.ID), "").json(t)["payments"].([]any) {
				e := p.(map[string]any)
				ledger = append(ledger, fmt.Sprint(e["register"], " ", e["amount"]))
			}
			if !slices.Equal(ledger, []string{"acquiring:sandbox 5000", method + " 5000"}) {
				t.Errorf("the ledger: %q", ledger)
			}
		})
	}
}

func (s *salon) dearerByAPI(v visit.Visit, at, method string) {
	now := s.api(http.MethodGet, at, "")
	got := s.api(http.MethodPatch, at, `{"lines": [`+fmt.Sprintf(cutLine, 10000)+`]}`, "If-Match", now.header.Get("ETag"))
	if got.status != http.StatusOK || got.json(s.t)["payment_state"] != "partially_paid" || got.json(s.t)["due"] != 5000.0 {
		s.t.Fatalf("dearer: %d %s", got.status, got.text)
	}
	// R11: the rest can't be paid by link.
	if got := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}"); got.status != http.StatusConflict || got.code(s.t) != "link_completed" {
		s.t.Errorf("by link again: %d %s", got.status, got.text)
	}
	take := `{"method": "` + method + `", "amount": `
	if got := s.api(http.MethodPost, at+"/payments", take+`5001}`); got.code(s.t) != "amount_exceeds_due" {
		s.t.Errorf("too much by %s: %d %s", method, got.status, got.text)
	}
	if got := s.api(http.MethodPost, at+"/payments", take+`5000}`); got.status != http.StatusCreated {
		s.t.Errorf("the rest by %s: %d %s", method, got.status, got.text)
	}
}

func (s *salon) dearerOnTheTablet(v visit.Visit, method string) {
	c, form := s.tablet(access.Receptionist), "/desk/visits/"+string(v.ID)
	x, err := s.d.Desk().Visit(access.System(), v.ID)
	s.must(err)
	edit := newVisit("version", fmt.Sprint(x.Version), "client_name", "Anna", "client_phone", "+36201234567", "client_language", "", "line_id", string(x.Lines[0].ID),
		"line_ref", "i_colour", "line_name", "Colour", "line_price", "100")
	s.htmx(c, http.MethodPost, form, edit...).wants(s.t, "dearer, within its range", http.StatusOK, "€100.00", "€50.00")
	pay := s.htmx(c, http.MethodGet, form+"/pay")
	pay.wants(s.t, "the payment block", http.StatusOK, `data-state="completed"`, "€50.00")
	if strings.Contains(pay.text, `data-test="show-qr"`) || strings.Contains(pay.text, `data-test="copy-link"`) {
		s.t.Error("the link is offered once more")
	}
	s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "", "Accept-Language", "en").wants(s.t, "the client's page", http.StatusOK, `data-state="paid"`, "€50.00", "€100.00")
	s.htmx(c, http.MethodPost, form+"/"+method, "amount", "50.01", "key", "a").wants(s.t, "too much", http.StatusUnprocessableEntity, `data-kind="amount_exceeds_due"`)
	s.htmx(c, http.MethodPost, form+"/"+method, "amount", "50", "key", "b").wants(s.t, "the other 50", http.StatusOK, `data-kind="taken"`, `data-state="completed"`)
}
