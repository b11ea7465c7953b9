package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// unclear is a refund of a payment by link of which nobody can tell whether it
// was made: the notice that asks.
func (s *shut) unclear() (r desk.Refund, at string) {
	s.t.Helper()
	d, boss := s.d.Desk(), access.System()
	v, _, err := d.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	opened, err := d.Begin(v.Token)
	s.must(err)
	s.must(d.Confirm("sandbox", []provider.Event{{ID: "paid", At: time.Now(), Session: provider.Session{ID: "s", Reference: string(opened.Checkout),
		Status: provider.Paid, Payment: "pay", Amount: 2500, Currency: "EUR", PaidAt: time.Now()}}}, ""))
	paid, err := d.VisitPayments(boss, v.ID)
	s.must(err)
	r, err = d.RefundPayment(boss, paid[0].ID, desk.Giving{Amount: 1000}, desk.Key{})
	s.must(err)
	time.Sleep(time.Hour)
	s.must(d.RefundUnsure(string(r.ID), "no answer", time.Minute))
	list, err := d.Attention(boss)
	s.must(err)
	return r, string(list[0].ID)
}

// asks is a program that asks over the API.
func (s *shut) asks(path, token string) int {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1"+path, nil)
	r.Host = "localhost"
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w.Code
}

// R23, R20: who looked a refund up says what they saw, by one tap or over the API;
// leaving it as it is isn't offered.
func TestR23UnclearRefundOnTheTablet(t *testing.T) {
	for name, want := range map[string]desk.RefundState{"made": desk.RefundMade, "not-made": desk.RefundDenied} {
		for _, api := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := shutIn(t, "Europe/Berlin")
				r, which := s.unclear()
				s.signs()
				page := s.ask(http.MethodGet, "/desk")
				page.wants(t, "the notice", http.StatusOK, `data-kind="refund_unclear"`, "€10.00", `data-test="refund-`+name+`"`)
				if strings.Contains(page.text, `data-test="accept"`) {
					t.Error("it can be left as it is")
				}
				token, err := s.d.Desk().CreateToken(access.System(), "till", access.All(), 0)
				s.must(err)
				if got := s.asks("/attention/"+which+"/accept", token); got != http.StatusConflict {
					t.Errorf("accepted over the API: %d", got)
				}
				if api {
					if got := s.asks("/attention/"+which+"/refund-"+name, token); got != http.StatusNoContent {
						t.Errorf("%s: %d", name, got)
					}
				} else {
					s.ask(http.MethodPost, "/desk/attention/"+which, "act", name).wants(t, name, http.StatusSeeOther)
				}
				if got, err := s.d.Desk().RefundOf(r.ID); err != nil || got.State != want {
					t.Errorf("%s: %s %v", name, got.State, err)
				}
				if page := s.ask(http.MethodGet, "/desk"); strings.Contains(page.text, `data-test="attention"`) {
					t.Errorf("%s: still asked", name)
				}
			})
		}
	}
}
