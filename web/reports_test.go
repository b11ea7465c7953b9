package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/money"
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
	if file.status != http.StatusOK || !strings.HasPrefix(file.text, "\ufeffreceived,") || !strings.Contains(file.text, ",25.00,EUR,") || !strings.Contains(file.header.Get("Content-Disposition"), "payments-"+today+"-"+today+".csv") {
		t.Errorf("%d %v %q", file.status, file.header, file.text)
	}
	for _, path := range []string{"/desk/reports", "/desk/reports/drawer", "/desk/reports/drawer/sum", "/desk/reports/before", "/desk/reports/payments.csv"} {
		if got := s.do(s.tablet(access.Receptionist), http.MethodGet, path, "", "Accept", "text/html"); got.status != http.StatusForbidden {
			t.Errorf("%s by the receptionist: %d", path, got.status)
		}
	}
}

// R21: the file beside a report is of the days that are on the screen, by the
// link as it is on the page.
func TestR21TheFileIsOfWhatIsShown(t *testing.T) {
	s := open(t)
	_, err := s.d.Desk().TakePayment(access.System(), s.book().ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
	s.must(err)
	c := s.tablet(access.Finance)
	p := s.do(c, http.MethodGet, "/desk/reports?period=month&by=received", "", "Accept", "text/html")
	for what, link := range map[string]*regexp.Regexp{"file": regexp.MustCompile(`href="([^"]+)" download data-test="csv"`), "before": regexp.MustCompile(`class="compared" hx-get="([^"]+)"`)} {
		found := link.FindStringSubmatch(p.text)
		if found == nil {
			t.Fatalf("no %s on the page", what)
		}
		at := html.UnescapeString(found[1])
		u, err := url.Parse(at)
		s.must(err)
		if q := u.Query(); q.Get("period") != "month" || q.Get("by") != "received" {
			t.Errorf("the %s asks %q", what, at)
		}
		got := s.do(c, http.MethodGet, at, "", "Accept", "text/html")
		if got.status != http.StatusOK || what == "file" && !strings.Contains(got.header.Get("Content-Disposition"), "payments-"+u.Query().Get("from")+"-") {
			t.Errorf("the %s: %d %v", what, got.status, got.header)
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
	s.post(c, at, "counted", "x", "key", "k0").wants(t, "no amount", http.StatusUnprocessableEntity, `value="x"`, `data-kind="invalid"`, "Please enter an amount")
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

// R21: the chart and the tables of a day, a month and a year, in currencies of
// every number of decimals; and every table as a file.
func TestR21ChartsAndTablesOnTheTablet(t *testing.T) {
	for currency, says := range map[money.Currency][]string{
		"EUR": {"€44.99", "€5.00", "−€0.01", "€20.01"}, "JPY": {"¥4499", "¥500", "−¥1", "¥2001"}, "KWD": {"KWD\u202f4.499", "KWD\u202f0.500", "−KWD\u202f0.001", "KWD\u202f2.001"},
	} {
		t.Run(string(currency), func(t *testing.T) {
			s := open(t)
			today := s.sold(currency)
			c := s.tablet(access.Finance)
			get := func(path string) answer { return s.do(c, http.MethodGet, path, "", "Accept", "text/html") }
			for query, grain := range map[string]string{
				"by=received": "by the hour", "by=received&period=week": "by the day", "by=received&period=month": "by the day",
				"from=2031-01-01&to=2031-01-01": "On another day", "from=2030-12-01&to=2031-01-31": "Wednesday, 1 Jan", "from=2030-01-01&to=2031-12-31": "January 2031",
			} {
				page := get("/desk/reports?" + query)
				page.wants(t, query, http.StatusOK, append(says, grain, `class="m-cash"`, `class="m-held"`, `class="m-back"`, `data-test="csv"`)...)
			}
			get("/desk/reports?from=2030-12-31&to=2030-12-31").wants(t, "the day before", http.StatusOK, "Nothing was paid")
			for _, cut := range []string{"days", "methods", "registers", "staff", "kinds", "tax_systems", "payments"} {
				file := get("/desk/reports/" + cut + ".csv?by=received&from=" + today + "&to=" + today)
				if file.status != http.StatusOK || strings.Count(file.text, string(currency)) < 1 || !strings.HasSuffix(file.text, "\r\n") {
					t.Errorf("%s: %d %q", cut, file.status, file.text)
				}
			}
			if got := get("/desk/reports/mood.csv"); got.status != http.StatusUnprocessableEntity {
				t.Errorf("a cut that isn't: %d", got.status)
			}
		})
	}
}

// What was taken is compared with what was taken before, and not with nothing.
func TestComparingAReport(t *testing.T) {
	s := open(t)
	boss, zone := access.System(), time.UTC
	for day, amount := range map[int]int64{8: 1000, 15: 1500, 16: 750} {
		v, _, err := s.d.Desk().CreateVisit(boss, visit.Draft{StartsAt: time.Date(2030, 7, day, 10, 0, 0, 0, zone),
			Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: amount}}}, desk.Key{})
		s.must(err)
		_, err = s.d.Desk().TakePayment(boss, v.ID, desk.Taking{Method: "card", Amount: amount}, desk.Key{})
		s.must(err)
	}
	c := s.tablet(access.Finance)
	for query, says := range map[string]string{
		"from=2030-07-15&to=2030-07-15": "50 % more than Monday, 8 July 2030 (€10.00)",
		"from=2030-07-16&to=2030-07-16": "Nothing to compare with: Tuesday, 9 July 2030",
		"from=2030-07-16&to=2030-07-17": "50 % less than 14 – 15 July 2030 (€15.00)",
		"from=2030-08-01&to=2030-08-31": "100 % less than July 2030 (€32.50)",
	} {
		s.do(c, http.MethodGet, "/desk/reports/before?"+query, "", "Accept", "text/html").wants(t, query, http.StatusOK, says)
	}
}

// Who counts sees what the count comes to before it is kept, and keeps no count
// of a drawer that has changed meanwhile.
func TestADrawerThatChangesWhileItIsCounted(t *testing.T) {
	s := open(t)
	boss, v := access.System(), s.book()
	takes := func(amount int64) {
		_, err := s.d.Desk().TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: amount}, desk.Key{})
		s.must(err)
	}
	takes(1000)
	c, at := s.tablet(access.Finance), "/desk/reports/drawer"
	sum := func(query string) answer { return s.do(c, http.MethodGet, at+"/sum?"+query, "", "Accept", "text/html") }
	sum("counted=9,50&taken=2").wants(t, "too little", http.StatusOK, "−€0.50", "€7.50")
	sum("counted=110&opening=100").wants(t, "right", http.StatusOK, ">right<", "€110.00")
	sum("counted=12&taken=13").wants(t, "more taken than there is", http.StatusOK, "&#43;€2.00", "less than nothing")
	sum("opening=100").wants(t, "only what was in it", http.StatusOK, `data-test="expected">€110.00`)
	for _, query := range []string{"", "counted=x", "counted=1&taken=x"} {
		if got := sum(query); got.status != http.StatusOK || strings.Contains(got.text, "difference") {
			t.Errorf("%q: %d %s", query, got.status, got.text)
		}
	}
	now, _, err := s.d.Desk().Drawer(boss)
	s.must(err)
	seen := []string{"counted", "10", "number", fmt.Sprint(now.Number), "seq", fmt.Sprint(now.Seq)}
	takes(500)
	s.post(c, at, seen...).wants(t, "cash came", http.StatusConflict, `data-kind="cash_moved"`, `value="10"`, `data-test="expected">€15.00`)
	now, _, err = s.d.Desk().Drawer(boss)
	s.must(err)
	seen = []string{"counted", "15", "number", fmt.Sprint(now.Number), "seq", fmt.Sprint(now.Seq)}
	if got := s.post(c, at, seen...); got.status != http.StatusSeeOther {
		t.Errorf("%d %.300s", got.status, got.text)
	}
	s.post(c, at, seen...).wants(t, "counted already", http.StatusConflict, `data-kind="drawer_counted"`)
}
