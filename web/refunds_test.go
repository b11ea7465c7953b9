package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// pays has a client pay a visit by its link, and returns the payment's id.
func (s *salon) pays(token, visit string) string {
	s.t.Helper()
	opened := s.do(client(nil), http.MethodPost, "/p/"+token+"/open", "{}", "Content-Type", "application/json")
	if opened.status != http.StatusOK {
		s.t.Fatalf("%d %s", opened.status, opened.text)
	}
	to := opened.json(s.t)["redirect"].(string)
	s.do(client(nil), http.MethodPost, strings.TrimPrefix(to, s.base)+"/pay", "")
	s.await("the payment", func() bool { return s.visits()[0].PaidByLink })
	list, ok := s.api(http.MethodGet, "/payments?visit="+visit, "").json(s.t)["payments"].([]any)
	if !ok || len(list) != 1 {
		s.t.Fatalf("payments: %v", list)
	}
	return list[0].(map[string]any)["id"].(string)
}

// R23: a payment by link is given back through its provider, over the API.
func TestR23RefundByAPI(t *testing.T) {
	s := open(t)
	v := s.book()
	paid := s.pays(string(v.Token), string(v.ID))
	at := "/payments/" + paid + "/refunds"
	for body, code := range map[string]string{`{"amount": 0}`: "validation", `{"amount": 2501, "reason": "x"}`: "amount_exceeds_refundable",
		`{"amount": 1, "method": "loyalty"}`: "validation", `{"amount": 1, "refund": 2}`: "validation"} {
		if got := s.api(http.MethodPost, at, body); got.status != http.StatusUnprocessableEntity || got.code(t) != code {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	first := s.api(http.MethodPost, at, `{"amount": 500, "reason": "too long a wait"}`, "Idempotency-Key", "one")
	again := s.api(http.MethodPost, at, `{"amount": 500, "reason": "too long a wait"}`, "Idempotency-Key", "one")
	got := first.json(t)
	if first.status != http.StatusCreated || again.text != first.text || got["kind"] != "refund" || got["refunds"] != paid ||
		got["register"] != "acquiring:sandbox" || got["state"] != "booked" || got["reason"] != "too long a wait" {
		t.Errorf("%d %s, again %s", first.status, first.text, again.text)
	}
	if v := s.visits()[0]; v.Refunded != 500 || v.Due() != 500 {
		t.Errorf("refunded %d, due %d", v.Refunded, v.Due())
	}
	if got := s.api(http.MethodPost, at, `{"amount": 2000, "reason": "x", "method": "cash"}`); got.status != http.StatusCreated || got.json(t)["register"] != "cash" {
		t.Errorf("by hand: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, at, `{"amount": 1}`); got.status != http.StatusConflict || got.code(t) != "nothing_to_refund" {
		t.Errorf("one more: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, "/payments/p_nothing/refunds", `{"amount": 1}`); got.status != http.StatusNotFound || got.code(t) != "payment_not_found" {
		t.Errorf("unknown: %d %s", got.status, got.text)
	}
}

// R20: what was raised is dealt with over the API: accepted, assigned, given back.
func TestR20AttentionByAPI(t *testing.T) {
	s := open(t)
	v := s.book()
	for _, name := range []string{"one", "two", "three"} {
		stray := provider.Session{ID: name, Status: provider.Paid, Payment: "pay_" + name, Amount: 1000, Currency: "EUR", PaidAt: time.Now()}
		s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e_" + name, At: time.Now(), Session: stray}}, ""))
	}
	raised := func() []any {
		list, _ := s.api(http.MethodGet, "/attention", "").json(t)["attention"].([]any)
		return list
	}
	if len(raised()) != 3 {
		t.Fatalf("%v", raised())
	}
	next := func() string { return "/attention/" + raised()[0].(map[string]any)["id"].(string) }
	if got := s.api(http.MethodPost, next()+"/assign", `{"visit": "v_nothing"}`); got.status != http.StatusNotFound {
		t.Errorf("to no visit: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, next()+"/assign", `{"visit": "`+string(v.ID)+`"}`); got.status != http.StatusNoContent {
		t.Errorf("assign: %d %s", got.status, got.text)
	}
	if got := s.visits()[0]; got.Paid != 1000 {
		t.Errorf("paid %d", got.Paid)
	}
	if got := s.api(http.MethodPost, next()+"/accept", ""); got.status != http.StatusNoContent {
		t.Errorf("accept: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, next()+"/refund", `{}`); got.status != http.StatusAccepted && got.status != http.StatusCreated {
		t.Errorf("refund: %d %s", got.status, got.text)
	}
	if len(raised()) != 0 && raised()[0].(map[string]any)["kind"] != "refund_failed" { // the sandbox knows nothing of that payment
		t.Errorf("%v", raised())
	}
	acts, err := s.d.Desk().AuditLog(access.System(), 0, 100)
	s.must(err)
	seen := map[string]bool{}
	for _, a := range acts {
		seen[a.Value.Act] = true
	}
	for _, act := range []string{"attention.assign", "attention.accept", "attention.refund"} {
		if !seen[act] {
			t.Errorf("%s is not in the audit log", act)
		}
	}
}

// R23: the tablet's form gives back, asks for a reason, and shows what is still under way.
func TestR23RefundOnTheTablet(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 2000}, desk.Key{})
	s.must(err)
	entries, err := s.d.Desk().VisitPayments(access.System(), v.ID)
	s.must(err)
	c, at := s.tablet(access.Manager), "/desk/visits/"+string(v.ID)
	form := at + "/payments/" + string(entries[0].ID) + "/refund"
	s.htmx(c, http.MethodGet, at).wants(t, "the visit", http.StatusOK, `data-test="give"`)
	if got := s.htmx(s.tablet(access.Receptionist), http.MethodGet, at); strings.Contains(got.text, `data-test="give"`) {
		t.Error("the receptionist is offered to give back")
	}
	s.htmx(c, http.MethodGet, form).wants(t, "the form", http.StatusOK, `value="20.00"`, `value="card"`)
	s.htmx(c, http.MethodPost, form, "amount", "5", "method", "cash", "key", "k0").wants(t, "no reason", http.StatusUnprocessableEntity, `data-kind="invalid"`, `value="5"`)
	s.htmx(c, http.MethodPost, form, "amount", "20.01", "method", "cash", "reason", "x", "key", "k1").wants(t, "too much", http.StatusUnprocessableEntity, `data-kind="amount_exceeds_refundable"`)
	for range 2 {
		s.htmx(c, http.MethodPost, form, "amount", "5.00", "method", "cash", "reason", "too cold", "key", "k2").wants(t, "given back", http.StatusOK, `data-kind="given"`, "€10.00")
	}
	s.htmx(c, http.MethodGet, at).wants(t, "the visit", http.StatusOK, "too cold", "−€5.00")
	other := s.book()
	s.htmx(c, http.MethodGet, "/desk/visits/"+string(other.ID)+"/payments/"+string(entries[0].ID)+"/refund").wants(t, "another visit's", http.StatusNotFound)
}

// R20: a notice stays on every tablet until somebody with the right has dealt with it.
func TestR20NoticesOnTheTablet(t *testing.T) {
	s := open(t)
	v := s.book()
	s.strays("one", "two")
	c := s.tablet(access.Receptionist)
	page := func() answer {
		return s.do(c, http.MethodGet, "/desk?date="+v.StartsAt.Format(time.DateOnly)+"&visit="+string(v.ID), "", "Accept", "text/html")
	}
	page().wants(t, "the desk", http.StatusOK, `data-test="assign"`, `data-test="accept"`, `data-kind="unmatched"`)
	if strings.Contains(page().text, `data-test="refund-all"`) {
		t.Error("the receptionist is offered to give back")
	}
	list, err := s.d.Desk().Attention(access.System())
	s.must(err)
	at := func(i int) string { return "/desk/attention/" + string(list[i].ID) }
	if got := s.post(c, at(0), "act", "refund", "to", string(v.ID)); got.status != http.StatusForbidden {
		t.Errorf("refund by the receptionist: %d", got.status)
	}
	for range 2 { // the second tap finds it dealt with
		s.post(c, at(0), "act", "assign", "to", string(v.ID), "day", "2026-11-22")
	}
	if got := s.visits()[0]; got.Paid != 1000 {
		t.Errorf("paid %d", got.Paid)
	}
	if got := s.post(c, at(1), "act", "accept", "to", string(v.ID), "day", "2026-11-22"); got.status != http.StatusSeeOther {
		t.Errorf("accept: %d", got.status)
	}
	if got := page(); strings.Contains(got.text, `data-test="attention"`) {
		t.Error("a notice is left")
	}
}

// assigned is a payment of unknown origin that staff found the visit of.
func (s *salon) assigned(v visit.Visit, amount int64, currency string) string {
	s.t.Helper()
	stray := provider.Session{ID: "stray", Status: provider.Paid, Payment: "pay_stray", Amount: amount, Currency: currency, PaidAt: time.Now()}
	s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e_stray", At: time.Now(), Session: stray}}, ""))
	list, err := s.d.Desk().Attention(access.System())
	s.must(err)
	s.must(s.d.Desk().Assign(access.System(), list[0].ID, v.ID))
	return "/desk/visits/" + string(v.ID) + "/payments/" + string(list[0].Payment) + "/refund"
}

// R23: what a provider refuses to give back can be given back by hand from the same form.
func TestR23RefusedRefundIsMadeByHand(t *testing.T) {
	s := open(t)
	v := s.book()
	form, c := s.assigned(v, 1000, "EUR"), s.tablet(access.Manager)
	link := []string{"amount", "10.00", "method", "link", "reason", "too cold", "key", "k1"}
	got := s.htmx(c, http.MethodPost, form, link...)
	got.wants(t, "refused", http.StatusConflict, "The payment provider refused", `name="key"`)
	_, key, _ := strings.Cut(got.text, `name="key" value="`)
	key, _, _ = strings.Cut(key, `"`)
	s.htmx(c, http.MethodPost, form, "amount", "10.00", "method", "cash", "reason", "too cold", "key", key).wants(t, "by hand", http.StatusOK, `data-kind="given"`)
	if got := s.visits()[0]; got.Refunded != 1000 {
		t.Errorf("refunded %d", got.Refunded)
	}
}

// R19, R23: a payment in another currency goes back in its own, as it is typed.
func TestR19RefundInTheCurrencyOfThePayment(t *testing.T) {
	s := open(t)
	form, c := s.assigned(s.book(), 12500, "KWD"), s.tablet(access.Manager)
	s.htmx(c, http.MethodGet, form).wants(t, "the form", http.StatusOK, `value="12.500"`)
	s.htmx(c, http.MethodPost, form, "amount", "2.500", "method", "cash", "reason", "too cold", "key", "k1").wants(t, "given back", http.StatusOK, `data-kind="given"`, "2.500")
}

// R20, R23: of money that went back a notice says so, and not that it came in.
func TestR20NoticeOfMoneyThatWentBack(t *testing.T) {
	s := open(t)
	back := provider.Refund{ID: "re_1", Session: "nowhere", Amount: 700, Currency: "EUR", Status: provider.RefundSucceeded}
	s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e1", Type: provider.EventRefund, At: time.Now(), Refund: &back}}, ""))
	s.do(s.tablet(access.Manager), http.MethodGet, "/desk", "", "Accept", "text/html").wants(t, "the desk", http.StatusOK, `data-kind="unmatched_refund"`, "€7.00 went back")
}
