package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/report"
	"countersign/web/page"
)

// rowsAtOnce is how many payments a report lists at a time.
const rowsAtOnce = 100

// reports serves GET /desk/reports (R21).
func (v *view) reports() error {
	if err := v.a.Need(access.Reports); err != nil {
		return err
	}
	span, q, err := v.span()
	if err != nil {
		return err
	}
	all, err := v.s.desk.Report(v.a, q)
	if err != nil {
		return err
	}
	named, err := v.s.cutNames(v.lang)
	if err != nil {
		return err
	}
	total := all[0]
	shell, err := v.shell(nil)
	if err != nil {
		return err
	}
	p := page.Reports{Shell: shell, Span: span, In: v.money(total.Money().In), Net: v.money(total.Money().Net()),
		Count: thousands(v.lang, total.Total.Count), Empty: total.Total.Count == 0 && len(all) == 1, Cuts: v.cuts(total, span, named)}
	if out := total.Money().Out; out > 0 {
		p.Out = v.money(-out)
	}
	if tests := tested(total); tests != 0 {
		p.Tests = v.money(tests)
	}
	if total.Held.Count > 0 {
		p.Held = v.money(total.Held.Net())
	}
	if p.Chart, err = v.chart(total, report.Period{From: q.From, To: q.To}); err != nil {
		return err
	}
	for _, other := range all[1:] {
		p.Others = append(p.Others, page.Cut{Kind: "foreign", Rows: v.cutRows(other.Methods, other.Currency, named.method)})
	}
	if p.Rows, p.More, err = v.paidRows(q, span, named); err != nil {
		return err
	}
	v.show(http.StatusOK, p)
	return nil
}

// tested is what of a report's net never was money: it landed where none moves.
func tested(r report.Report) (net int64) {
	for _, s := range r.Registers {
		if at, ok := strings.CutPrefix(s.Key, ledger.Acquiring("")); ok && provider.IsTest(at) {
			net += s.Net()
		}
	}
	return net
}

// compared serves GET /desk/reports/before: how a stretch of time stands against
// the one before it. It is asked for once the report is there, which then
// doesn't wait for twice as many payments to be added up.
func (v *view) compared() error {
	if err := v.a.Need(access.Reports); err != nil {
		return err
	}
	_, q, err := v.span()
	if err != nil {
		return err
	}
	before := report.Period{From: q.From, To: q.To}.Before(v.loc.Today(v.now))
	is, err := v.s.desk.Report(v.a, q)
	if err != nil {
		return err
	}
	q.From, q.To = before.From, before.To
	was, err := v.s.desk.Report(v.a, q)
	if err != nil {
		return err
	}
	v.show(http.StatusOK, v.comparison(is[0].Money().Net(), was[0].Money().Net(), before))
	return nil
}

func (v *view) comparison(is, was int64, before report.Period) page.Compared {
	from, to := dayOf(before.From), dayOf(before.To)
	c := page.Compared{Trend: "none", Amount: v.money(was), Heading: spanHeading(v.lang, from, to)}
	if was <= 0 {
		return c
	}
	switch percent := math.Round(float64(is-was) / float64(was) * 100); {
	case percent == 0:
		c.Trend = "same"
	case percent > 0:
		c.Trend, c.Percent = "up", fmt.Sprintf("%.0f", percent)
	default:
		c.Trend, c.Percent = "down", fmt.Sprintf("%.0f", -percent)
	}
	return c
}

// dayOf is a date to be written, of no zone: in some, a day has no midnight.
func dayOf(date string) time.Time {
	day, _ := time.Parse(time.DateOnly, date) // dates of ours
	return day
}

// span reads which stretch of time is asked for; today, if nothing is.
func (v *view) span() (page.Span, desk.PaymentQuery, error) {
	s := page.Span{Period: v.query("period"), Periods: []string{"today", "yesterday", "week", "month", "last_month"},
		By: cmp.Or(v.query("by"), "visit_date")}
	if s.Period == "" && v.query("from") != "" {
		s.Period = "own"
	}
	today := v.loc.Today(v.now)
	p := report.Day(today, 0)
	switch s.Period {
	case "yesterday":
		p = report.Day(today, 1)
	case "week":
		p = report.Week(today)
	case "month":
		p = report.Month(today, 0)
	case "last_month":
		p = report.Month(today, 1)
	case "own":
		p = report.Period{From: v.query("from"), To: v.query("to")}
		if p.To < p.From {
			p.From, p.To = p.To, p.From
		}
	default:
		s.Period = "today"
	}
	if err := p.Check(); err != nil {
		return s, desk.PaymentQuery{}, err
	}
	s.From, s.To = p.From, p.To
	s.Heading = spanHeading(v.lang, dayOf(p.From), dayOf(p.To))
	s.Query = url.Values{"period": {s.Period}, "from": {s.From}, "to": {s.To}, "by": {s.By}}.Encode()
	// Whole addresses: a template escapes the & of a query that it puts together.
	s.File, s.Before = "/desk/reports/payments.csv?"+s.Query, "/desk/reports/before?"+s.Query
	return s, desk.PaymentQuery{From: s.From, To: s.To, By: s.By, Cursor: v.query("cursor"), Limit: rowsAtOnce}, nil
}

// spanHeading names a stretch of time: a day, a whole month, or from when to
// when, without saying a month or a year twice.
func spanHeading(lang string, from, to time.Time) string {
	last := dayNumber(lang, to) + " " + month(lang, to.Month()) + to.Format(" 2006")
	switch first := dayNumber(lang, from); {
	case from.Equal(to):
		return weekday(lang, from.Weekday()) + ", " + last
	case from.Day() == 1 && to.Equal(from.AddDate(0, 1, -1)):
		return month(lang, from.Month()) + from.Format(" 2006")
	case from.Year() != to.Year():
		return first + " " + month(lang, from.Month()) + from.Format(" 2006") + " – " + last
	case from.Month() != to.Month():
		return first + " " + month(lang, from.Month()) + " – " + last
	default:
		return first + " – " + last
	}
}

// cuts are the tables of a report.
func (v *view) cuts(r report.Report, span page.Span, named cutNames) (cuts []page.Cut) {
	for _, which := range []string{"methods", "registers", "kinds", "tax_systems", "staff"} {
		sums, name := named.cut(r, which)
		cuts = append(cuts, page.Cut{Kind: which, File: "/desk/reports/" + which + ".csv?" + span.Query, Rows: v.cutRows(sums, r.Currency, name)})
	}
	return cuts
}

func (v *view) cutRows(sums []report.Sum, c money.Currency, name func(string) string) []page.CutRow {
	largest := int64(1)
	for _, s := range sums {
		largest = max(largest, s.Net())
	}
	rows := make([]page.CutRow, 0, len(sums))
	for _, s := range sums {
		row := page.CutRow{Label: name(s.Key), In: money.Format(s.In, c, v.lang), Net: money.Format(s.Net(), c, v.lang),
			Part: int(max(0, s.Net()) * 100 / largest)}
		if s.Out != 0 {
			row.Out = money.Format(-s.Out, c, v.lang)
		}
		rows = append(rows, row)
	}
	return rows
}

// paidRows lists the payments of a report, and the address of the next ones.
func (v *view) paidRows(q desk.PaymentQuery, span page.Span, named cutNames) ([]page.PaidRow, string, error) {
	found, next, err := v.s.desk.Payments(v.a, q)
	if err != nil {
		return nil, "", err
	}
	rows := make([]page.PaidRow, 0, len(found))
	for _, e := range found {
		row := page.PaidRow{At: v.at(e.ReceivedAt), Method: e.Method, Refund: e.Kind == ledger.KindRefund, By: v.s.makerOf(e, named.staff),
			Amount: money.Format(e.Amount, e.Currency, v.lang), Flags: flagsOf(e)}
		if row.Refund {
			row.Amount = money.Format(-e.Amount, e.Currency, v.lang)
		}
		if e.Visit != "" {
			x, err := v.s.desk.Visit(access.System(), e.Visit)
			if err != nil {
				return nil, "", err
			}
			row.Visit, row.Date, row.Client = string(x.ID), x.Day(v.zone), x.Client.Name
		}
		rows = append(rows, row)
	}
	if next == "" {
		return rows, "", nil
	}
	return rows, "/desk/reports?" + span.Query + "&" + url.Values{"cursor": {next}}.Encode() + "#payments", nil
}

// reportSheet serves GET /desk/reports/{cut}.csv: every payment of a report, or
// the sums of a cut, for a spreadsheet.
func (v *view) reportSheet() error {
	_, q, err := v.span()
	if err != nil {
		return err
	}
	cut := chi.URLParam(v.r, "cut")
	text, err := v.s.reportFile(v.a, q, cut, v.lang, v.zone)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", attached(cut, q))
	_, err = v.w.Write(text)
	return err
}
