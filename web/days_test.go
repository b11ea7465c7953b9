package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
	"countersign/web"
)

// shut is a salon in a bubble of its own time, asked without a network.
type shut struct {
	t      *testing.T
	d      *daemon.Daemon
	h      http.Handler
	cookie string
}

func shutIn(t *testing.T, zone string) *shut {
	t.Helper()
	d, err := daemon.Open(daemon.Config{Data: t.TempDir(), PublicURL: "http://localhost", Local: "http://localhost", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &shut{t: t, d: d, h: web.New(d, web.Options{})}
	t.Cleanup(func() { s.must(d.Close()) })
	l := desk.DefaultLocation()
	l.Name, l.Zone = "Studio Lumen", zone
	s.must(d.Desk().SaveLocation(access.System(), l))
	_, err = d.Desk().SaveStaff(access.System(), desk.StaffDraft{Name: "Boss", Role: access.Administrator, PIN: pin, Active: true})
	s.must(err)
	return s
}

func (s *shut) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// signs in, since a session doesn't live as long as a test's years.
func (s *shut) signs() {
	s.t.Helper()
	people, err := s.d.Desk().StaffList()
	s.must(err)
	s.cookie = ""
	got := s.ask(http.MethodPost, "/desk/signin", "staff", string(people[0].ID), "pin", pin)
	s.cookie, _, _ = strings.Cut(got.header.Get("Set-Cookie"), ";")
}

func (s *shut) ask(method, path string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "localhost"
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", s.cookie)
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (s *shut) until(at string) {
	s.t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	s.must(err)
	time.Sleep(time.Until(when)) // a bubble's clock begins in the year 2000
}

// R21: the tablet's report, its file, the drawer and the day's list are about
// the same day, also where clocks change at midnight, or zones are off by half
// an hour.
func TestR21DaysOnTheTablet(t *testing.T) {
	for name, c := range map[string]struct{ zone, paid, visit, received, of, heading, clock string }{
		"forward in Berlin":      {"Europe/Berlin", "2001-03-25T21:59:59Z", "2001-03-24T23:00:00Z", "2001-03-25", "2001-03-25", "Sunday, 25 March 2001", "23:59"},
		"back in Berlin":         {"Europe/Berlin", "2001-10-28T22:59:59Z", "2001-10-27T21:59:00Z", "2001-10-28", "2001-10-27", "Sunday, 28 October 2001", "23:59"},
		"another year's visit":   {"Europe/Berlin", "2001-12-31T23:30:00Z", "2001-06-01T10:00:00Z", "2002-01-01", "2001-06-01", "Tuesday, 1 January 2002", "00:30"},
		"the end of a month":     {"Asia/Kolkata", "2001-04-30T18:29:59Z", "2001-04-30T18:30:00Z", "2001-04-30", "2001-05-01", "Monday, 30 April 2001", "23:59"},
		"no midnight":            {"America/Santiago", "2001-10-14T04:00:00Z", "2001-10-14T03:59:00Z", "2001-10-14", "2001-10-13", "Sunday, 14 October 2001", "01:00"},
		"23 o'clock twice":       {"America/Santiago", "2001-03-11T03:30:00Z", "2001-03-11T04:00:00Z", "2001-03-10", "2001-03-11", "Saturday, 10 March 2001", "23:30"},
		"no midnight in Cairo":   {"Africa/Cairo", "2001-04-26T22:00:00Z", "2001-04-26T22:30:00Z", "2001-04-27", "2001-04-27", "Friday, 27 April 2001", "01:00"},
		"midnight twice in Cuba": {"America/Havana", "2001-10-28T05:00:00Z", "2001-10-28T04:00:00Z", "2001-10-28", "2001-10-28", "Sunday, 28 October 2001", "00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := shutIn(t, c.zone)
				starts, err := time.Parse(time.RFC3339, c.visit)
				s.must(err)
				v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "Anna"}, StartsAt: starts,
					Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
				s.must(err)
				s.until(c.paid)
				s.signs()
				_, err = s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
				s.must(err)
				s.day("received", c.received, c.heading, c.received, c.of, c.clock)
				s.day("visit_date", c.of, "", c.received, c.of, c.clock)
				s.ask(http.MethodGet, "/desk/reports?by=received").wants(t, "today", http.StatusOK, c.heading, "€25.00", `data-test="paid-row"`)
				s.lists(c.of, string(v.ID))
				drawer := s.ask(http.MethodGet, "/desk/reports/drawer")
				drawer.wants(t, "the drawer", http.StatusOK, `data-test="expected">€25.00`)
				s.ask(http.MethodPost, "/desk/reports/drawer", "counted", "25", "key", "k").wants(t, "counted", http.StatusSeeOther)
				if closes, err := s.d.Desk().DayCloses(access.System()); err != nil || len(closes) != 1 || closes[0].Date != c.received {
					t.Errorf("the day that was closed: %+v, %v", closes, err)
				}
			})
		})
	}
}

// day looks at a day's report and its file, and at the days around it.
func (s *shut) day(by, day, heading, received, of, clock string) {
	s.t.Helper()
	date, err := time.Parse(time.DateOnly, day)
	s.must(err)
	for off := -1; off <= 1; off++ {
		on := date.AddDate(0, 0, off)
		query := "by=" + by + "&from=" + on.Format(time.DateOnly) + "&to=" + on.Format(time.DateOnly)
		page := s.ask(http.MethodGet, "/desk/reports?"+query)
		page.wants(s.t, query, http.StatusOK, on.Format("Monday, 2 January 2006"))
		file := s.ask(http.MethodGet, "/desk/reports/payments.csv?"+query).text
		if has := strings.Contains(page.text, `data-test="paid-row"`); has != (off == 0) {
			s.t.Errorf("%s lists a payment: %t", query, has)
		}
		if has := strings.Contains(file, received+" "+clock) && strings.Contains(file, ","+of+","); has != (off == 0) {
			s.t.Errorf("the file of %s: %q", query, file)
		}
		if off == 0 && heading != "" && !strings.Contains(page.text, heading) {
			s.t.Errorf("%s isn't headed %q", query, heading)
		}
	}
}

// lists looks at the day's list, walks to the days beside it and back, and
// opens the form of a new visit on it.
func (s *shut) lists(day, which string) {
	s.t.Helper()
	date, err := time.Parse(time.DateOnly, day)
	s.must(err)
	for off := -1; off <= 1; off++ {
		on := date.AddDate(0, 0, off)
		list := s.ask(http.MethodGet, "/desk?date="+on.Format(time.DateOnly))
		list.wants(s.t, "the list", http.StatusOK, on.Format("Monday 2"), "date="+on.AddDate(0, 0, -1).Format(time.DateOnly), "date="+on.AddDate(0, 0, 1).Format(time.DateOnly))
		if strings.Contains(list.text, which) != (off == 0) {
			s.t.Errorf("the visit on %s", on)
		}
		s.ask(http.MethodGet, "/desk/visits/new?date="+on.Format(time.DateOnly)).wants(s.t, "a new visit", http.StatusOK, `name="date" type="date" value="`+on.Format(time.DateOnly)+`"`)
	}
}

// R1: a time that the clocks skip isn't silently one of the day before.
func TestR1ATimeThatIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := shutIn(t, "America/Santiago")
		s.signs()
		for clock, status := range map[string]int{"00:30": http.StatusUnprocessableEntity, "01:30": http.StatusSeeOther} {
			got := s.ask(http.MethodPost, "/desk/visits", newVisit("date", "2026-09-06", "time", clock, "line_ref", "")...)
			if got.status != status {
				t.Errorf("%s: %d %.300s", clock, got.status, got.text)
			}
		}
		if found, _, err := s.d.Desk().Visits(access.System(), desk.Query{Date: "2026-09-06"}); err != nil || len(found) != 1 {
			t.Errorf("%d visits, %v", len(found), err)
		}
	})
}
