package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
	"countersign/web"
)

// aMonth is how many payments a month may have, and open at once.
const aMonth = 20_000

// BenchmarkReport measures opening a busy month, from the request to the last
// byte of the answer. Each answer must be there within 300 ms, but for the file
// of all payments, which is measured to be known.
func BenchmarkReport(b *testing.B) {
	m := newMonth(b)
	received := m.today[:len("2006-01")]
	opened := []struct{ about, path string }{
		{"the tablet's page, by the visit's date", "/desk/reports?period=own&from=2031-10-01&to=2031-10-31"},
		{"the tablet's page, by the date received", "/desk/reports?period=month&by=received"},
		{"the API's report, by the visit's date", "/api/v1/reports?from=2031-10-01&to=2031-10-31"},
		{"the API's report, by the date received", "/api/v1/reports?by=received&from=" + received + "-01&to=" + m.today},
		{"the file of all payments", "/api/v1/reports.csv?from=2031-10-01&to=2031-10-31"},
	}
	times := make([]samples, len(opened))
	for b.Loop() {
		for n, o := range opened {
			if err := times[n].time(func() error { return m.get(o.path) }); err != nil {
				b.Fatal(err)
			}
		}
	}
	var t table
	slowest := 0.0
	for n, o := range opened {
		t = append(t, [2]string{o.about, times[n].String()})
		if !strings.Contains(o.path, ".csv") {
			slowest = max(slowest, times[n].milli())
		}
	}
	b.ReportMetric(slowest, "slowest-ms")
	b.Logf("\n%s", t)
	within(b, "opening a month of payments, in ms", slowest, 300)
}

// month is a daemon whose books have a busy month in them.
type month struct {
	handler http.Handler
	cookie  string
	today   string
}

func newMonth(b *testing.B) *month {
	b.Helper()
	const base = "http://127.0.0.1"
	d, err := daemon.Open(daemon.Config{Data: b.TempDir(), PublicURL: base, Local: base, Log: zerolog.Nop(), NoSync: true, Version: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	if err := firstStart(d.Desk()); err != nil {
		b.Fatal(err)
	}
	var took samples
	if err := took.time(func() error { return fillMonth(d.Desk()) }); err != nil {
		b.Fatal(err)
	}
	b.Logf("taking %d payments took %v", aMonth, took.median())
	loc, err := d.Desk().Location()
	if err != nil {
		b.Fatal(err)
	}
	m := &month{handler: web.New(d, web.Options{Log: zerolog.Nop(), Version: "bench"}), today: loc.Today(time.Now())}
	m.signIn(b, d.Desk())
	return m
}

// fillMonth makes a month of visits, each of two lines in two tax systems and
// paid in two parts; one in twenty gets something back.
func fillMonth(d *desk.Desk) error {
	boss := access.System()
	methods := []string{"cash", "card"}
	for n := range aMonth * 20 / 41 {
		draft := visit.Draft{Client: visit.Client{Name: fmt.Sprintf("Anna Kovács %d", n%900), Phone: fmt.Sprintf("+3620%07d", n%900)},
			StartsAt: time.Date(2031, 10, 1+n%31, 9+n%9, 0, 0, 0, time.UTC),
			Lines:    []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 4500}, {Kind: visit.Product, Name: "Shampoo", Quantity: 1, UnitPrice: 1450, TaxSystem: "reduced"}}}
		v, _, err := d.CreateVisit(boss, draft, desk.Key{})
		if err != nil {
			return err
		}
		for part, amount := range []int64{2000, 3950} {
			e, err := d.TakePayment(boss, v.ID, desk.Taking{Method: methods[(n+part)%2], Amount: amount}, desk.Key{})
			if err != nil {
				return err
			}
			if part == 0 && n%20 == 0 {
				if _, err := d.RefundPayment(boss, e.ID, desk.Giving{Amount: 500, Reason: "unhappy"}, desk.Key{}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// signIn signs in somebody who may see reports.
func (m *month) signIn(b *testing.B, d *desk.Desk) {
	b.Helper()
	who, err := d.SaveStaff(access.System(), desk.StaffDraft{Name: "Eva", Role: access.Administrator, PIN: "4711", Active: true})
	if err != nil {
		b.Fatal(err)
	}
	form := url.Values{"staff": {string(who.ID)}, "pin": {"4711"}}.Encode()
	r := httptest.NewRequest(http.MethodPost, "/desk/signin", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, local(r))
	m.cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if w.Code != http.StatusSeeOther || m.cookie == "" {
		b.Fatalf("sign-in: %d %s", w.Code, w.Body)
	}
}

// local is a request as a tablet in the salon makes it.
func local(r *http.Request) *http.Request {
	r.Host, r.RemoteAddr = "127.0.0.1", "127.0.0.1:50000"
	return r
}

func (m *month) get(path string) error {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Cookie", m.cookie)
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, local(r))
	if w.Code != http.StatusOK || w.Body.Len() < 1000 {
		return fmt.Errorf("%s: %d %.300s", path, w.Code, w.Body)
	}
	return nil
}
