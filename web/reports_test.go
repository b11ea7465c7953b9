package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// R21: the tablet's reports, by either date, and as a file that calculates nothing.
func TestR21ReportsOnTheTablet(t *testing.T) {
	s := open(t)
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "=cmd()"}, StartsAt: time.Now().AddDate(0, -2, 0),
		Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	_, err = s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
	s.must(err)
	c := s.tablet(access.Finance)
	get := func(path string) answer { return s.do(c, http.MethodGet, path, "", "Accept", "text/html") }
	get("/desk/reports?by=received").wants(t, "received today", http.StatusOK, "€25.00", `data-test="paid-row"`, "=cmd()")
	get("/desk/reports?period=month&by=received").wants(t, "received this month", http.StatusOK, "€25.00", `data-kind="kinds"`)
	if got := get("/desk/reports?by=visit_date"); got.status != http.StatusOK || strings.Contains(got.text, `data-test="paid-row"`) {
		t.Errorf("visits of today: %d %.200s", got.status, got.text)
	}
	for _, path := range []string{"/desk/reports?period=own&from=x&to=y", "/desk/reports?period=own&from=2000-01-01&to=2026-01-01", "/desk/reports?by=x"} {
		if got := get(path); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	day := s.d.Desk()
	loc, err := day.Location()
	s.must(err)
	today := loc.Today(time.Now())
	file := get("/desk/reports/payments.csv?by=received&from=" + today + "&to=" + today)
	if file.status != http.StatusOK || !strings.HasPrefix(file.text, "\ufeffreceived,") || !strings.Contains(file.text, ",25.00,EUR,") || !strings.Contains(file.header.Get("Content-Disposition"), "payments.csv") {
		t.Errorf("%d %v %q", file.status, file.header, file.text)
	}
	for _, path := range []string{"/desk/reports", "/desk/reports/drawer", "/desk/reports/payments.csv"} {
		if got := s.do(s.tablet(access.Receptionist), http.MethodGet, path, "", "Accept", "text/html"); got.status != http.StatusForbidden {
			t.Errorf("%s by the receptionist: %d", path, got.status)
		}
	}
}

// The drawer is counted on the tablet, once for a tap.
func TestCountingTheDrawer(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
	s.must(err)
	c, at := s.tablet(access.Finance), "/desk/reports/drawer"
	s.do(c, http.MethodGet, at, "", "Accept", "text/html").wants(t, "the drawer", http.StatusOK, `data-test="expected">€25.00`, `name="opening"`)
	s.post(c, at, "counted", "x", "key", "k0").wants(t, "no amount", http.StatusUnprocessableEntity, `value="x"`, `data-kind="amount_invalid"`)
	s.post(c, at, "counted", "10", "taken", "20", "key", "k1").wants(t, "too much taken", http.StatusUnprocessableEntity, `data-kind="invalid"`)
	for range 2 {
		if got := s.post(c, at, "opening", "100", "counted", "124,50", "taken", "24,50", "note", "a coin", "key", "k2"); got.status != http.StatusSeeOther {
			t.Errorf("%d %.300s", got.status, got.text)
		}
	}
	s.do(c, http.MethodGet, at+"?saved=1", "", "Accept", "text/html").wants(t, "counted", http.StatusOK, `data-kind="saved"`, `data-test="expected">€100.00`, "€0.50", "a coin")
	closes, err := s.d.Desk().DayCloses(access.System())
	s.must(err)
	if len(closes) != 1 {
		t.Errorf("%+v", closes)
	}
}
