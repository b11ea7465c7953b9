package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// sold is a visit of another year that is paid today in parts, some of it given
// back, in a currency.
func (s *salon) sold(currency money.Currency) (today string) {
	s.t.Helper()
	boss := access.System()
	loc, err := s.d.Desk().Location()
	s.must(err)
	loc.Currency = currency
	s.must(s.d.Desk().SaveLocation(boss, loc))
	v, _, err := s.d.Desk().CreateVisit(boss, visit.Draft{Client: visit.Client{Name: "Anna", Phone: "+36201234567"}, StartsAt: time.Date(2031, 1, 1, 0, 30, 0, 0, loc.Clock()),
		Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 3000}, {Kind: visit.Product, Name: "Oil", Quantity: 1, UnitPrice: 1500, TaxSystem: "standard"}}}, desk.Key{})
	s.must(err)
	_, err = s.d.Desk().GrantBalance(boss, v.Client.ID, desk.Grant{Method: "loyalty", Amount: 500, Reason: "birthday"}, desk.Key{})
	s.must(err)
	for method, amount := range map[string]int64{"cash": 2001, "card": 1999, "loyalty": 500} {
		_, err := s.d.Desk().TakePayment(boss, v.ID, desk.Taking{Method: method, Amount: amount}, desk.Key{})
		s.must(err)
	}
	paid, err := s.d.Desk().VisitPayments(boss, v.ID)
	s.must(err)
	for _, e := range paid {
		if e.Method == "cash" {
			_, err := s.d.Desk().RefundPayment(boss, e.ID, desk.Giving{Amount: 1, Reason: "=a coin"}, desk.Key{})
			s.must(err)
		}
	}
	return loc.Today(time.Now())
}

// R21: a report by the API goes by either date, in currencies of every number
// of decimals, and each of its tables adds up.
func TestR21ReportsByTheAPI(t *testing.T) {
	for _, currency := range []money.Currency{"EUR", "JPY", "KWD"} {
		t.Run(string(currency), func(t *testing.T) {
			s := open(t)
			today := s.sold(currency)
			for query, count := range map[string]float64{
				"": 0, "?by=received": 4, "?from=2031-01-01&to=2031-01-01": 4, "?from=2030-12-01&to=2030-12-31": 0,
				"?by=received&from=2031-01-01&to=2031-01-31": 0, "?by=received&from=" + today + "&to=" + today: 4,
			} {
				report := s.api(http.MethodGet, "/reports"+query, "").json(t)["reports"].([]any)[0].(map[string]any)
				if got := report["total"].(map[string]any)["count"]; got != count || report["currency"] != string(currency) {
					t.Errorf("%q: %v of %v, want %v", query, got, report["currency"], count)
				}
				if count == 0 {
					continue
				}
				if total, held := report["total"].(map[string]any), report["held"].(map[string]any); total["net"] != 4499.0 || total["out"] != 1.0 || held["net"] != 500.0 {
					t.Errorf("%q: total %v, held %v", query, total, held)
				}
				for _, cut := range []string{"days", "hours", "registers", "methods", "staff", "kinds", "tax_systems"} {
					net := 0.0
					for _, row := range report[cut].([]any) {
						net += row.(map[string]any)["net"].(float64)
					}
					if net != 4499 {
						t.Errorf("%q: %s come to %v", query, cut, net)
					}
				}
			}
		})
	}
}

// R21: what a spreadsheet opens is read as it was meant: amounts are numbers in
// the language, below zero for refunds, and no text is a formula.
func TestR21ReportsAsFiles(t *testing.T) {
	for currency, amounts := range map[money.Currency][]string{"EUR": {"20.01", "-0.01"}, "JPY": {"2001", "-1"}, "KWD": {"2.001", "-0.001"}} {
		t.Run(string(currency), func(t *testing.T) {
			s := open(t)
			s.sold(currency)
			for lang, mark := range map[string]string{"en": ".", "de": ","} {
				comma := map[string]rune{"en": ',', "de": ';'}[lang]
				rows := s.sheet("/reports.csv?from=2031-01-01&to=2031-01-01&language="+lang, comma)
				column := slices.Index(rows[0], "amount")
				var got []string
				for _, r := range rows[1:] {
					got = append(got, r[column])
				}
				for _, want := range amounts {
					if !slices.Contains(got, strings.Replace(want, ".", mark, 1)) {
						t.Errorf("%s: amounts %q, %s among them", lang, got, want)
					}
				}
				if text := fmt.Sprint(rows); len(rows) != 5 || !strings.Contains(text, "'=a coin") {
					t.Errorf("%s: %s", lang, text)
				}
				rows = s.sheet("/reports.csv?from=2031-01-01&to=2031-01-01&cut=days&language="+lang, comma)
				if len(rows) != 2 || rows[1][0] != "2031-01-01" || rows[1][1] != "4" {
					t.Errorf("%s: %q", lang, rows)
				}
			}
		})
	}
}

// sheet reads a file as a spreadsheet does.
func (s *salon) sheet(path string, comma rune) [][]string {
	s.t.Helper()
	got := s.api(http.MethodGet, path, "")
	if got.status != http.StatusOK || !strings.HasPrefix(got.text, "\ufeff") || !strings.HasSuffix(got.text, "\r\n") ||
		!strings.Contains(got.header.Get("Content-Disposition"), `-2031-01-01-2031-01-01.csv"`) || got.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		s.t.Fatalf("%s: %d %v %q", path, got.status, got.header, got.text)
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.text, "\ufeff")))
	in.Comma = comma
	rows, err := in.ReadAll()
	s.must(err)
	return rows
}

// The drawer is counted by the API, once for a key, and as it was seen.
func TestDayClosesByTheAPI(t *testing.T) {
	s := open(t)
	s.sold("EUR")
	drawer := s.api(http.MethodGet, "/day-closes", "").json(t)["drawer"].(map[string]any)
	if drawer["expected"] != 2000.0 || drawer["cash_in"] != 2001.0 || drawer["cash_out"] != 1.0 || drawer["number"] != 1.0 {
		t.Errorf("%v", drawer)
	}
	body := fmt.Sprintf(`{"opening": 10000, "counted": 11900, "taken_out": 1900, "note": "a note", "number": %v, "seq": %v}`, drawer["number"], drawer["seq"])
	made := s.api(http.MethodPost, "/day-closes", body, "Idempotency-Key", "k")
	again := s.api(http.MethodPost, "/day-closes", body, "Idempotency-Key", "k")
	if got := made.json(t); made.status != http.StatusCreated || again.text != made.text || got["difference"] != -100.0 || got["left"] != 10000.0 || got["expected"] != 12000.0 {
		t.Errorf("%d %s, again %s", made.status, made.text, again.text)
	}
	if got := s.api(http.MethodPost, "/day-closes", body, "Idempotency-Key", "k2"); got.status != http.StatusConflict || got.code(t) != "drawer_counted" {
		t.Errorf("the same count again: %d %s", got.status, got.text)
	}
	got := s.api(http.MethodGet, "/day-closes", "").json(t)
	if len(got["day_closes"].([]any)) != 1 || got["drawer"].(map[string]any)["expected"] != 10000.0 {
		t.Errorf("%v", got)
	}
}
