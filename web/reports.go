package web

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
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
	names, err := v.names()
	if err != nil {
		return err
	}
	total := all[0]
	p := page.Reports{Shell: v.shell(), Span: span, In: v.money(total.Total.In), Out: v.money(total.Total.Out), Net: v.money(total.Total.Net()),
		Count: total.Total.Count, Empty: total.Total.Count == 0 && len(all) == 1, Chart: v.chart(total, q)}
	p.Cuts = v.cuts(total, names)
	for _, other := range all[1:] {
		p.Others = append(p.Others, page.Cut{Name: "foreign", Rows: v.cutRows(other.Methods, other.Currency, v.methodName)})
	}
	if p.Rows, p.More, err = v.paidRows(q, span, names); err != nil {
		return err
	}
	v.show(http.StatusOK, p)
	return nil
}

// span reads which stretch of time is asked for; today, if nothing is.
func (v *view) span() (page.Span, desk.PaymentQuery, error) {
	s := page.Span{Period: cmp.Or(v.query("period"), "today"), Periods: []string{"today", "yesterday", "week", "month", "last_month"},
		By: cmp.Or(v.query("by"), "visit_date")}
	today, err := time.ParseInLocation(time.DateOnly, v.loc.Today(v.now), v.zone)
	if err != nil {
		return s, desk.PaymentQuery{}, err
	}
	from, to := today, today
	switch s.Period {
	case "yesterday":
		from, to = today.AddDate(0, 0, -1), today.AddDate(0, 0, -1)
	case "week":
		from = today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	case "month":
		from = today.AddDate(0, 0, 1-today.Day())
	case "last_month":
		from = today.AddDate(0, -1, 1-today.Day())
		to = from.AddDate(0, 1, -1)
	case "own":
		from, to, err = v.ownSpan()
	default:
		s.Period = "today"
	}
	if err != nil {
		return s, desk.PaymentQuery{}, err
	}
	s.From, s.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
	s.Heading = spanHeading(v.lang, from, to)
	s.Query = url.Values{"from": {s.From}, "to": {s.To}, "by": {s.By}}.Encode()
	return s, desk.PaymentQuery{From: s.From, To: s.To, By: s.By, Cursor: v.query("cursor"), Limit: rowsAtOnce}, nil
}

// ownSpan is a stretch between two dates, in whichever order they were given.
func (v *view) ownSpan() (from, to time.Time, err error) {
	from, err1 := time.ParseInLocation(time.DateOnly, v.query("from"), v.zone)
	to, err2 := time.ParseInLocation(time.DateOnly, v.query("to"), v.zone)
	if err1 != nil || err2 != nil {
		return from, to, fault.Invalid(fault.Field{Location: "query.from", Message: "must be a date such as 2026-11-22"})
	}
	if to.Before(from) {
		from, to = to, from
	}
	if to.Sub(from) > 2*366*24*time.Hour {
		return from, to, fault.Invalid(fault.Field{Location: "query.to", Message: "must be within two years of the first day"})
	}
	return from, to, nil
}

// spanHeading names a stretch of time: a day, a whole month, or from when to when.
func spanHeading(lang string, from, to time.Time) string {
	day := func(t time.Time) string { return dayNumber(lang, t) + " " + month(lang, t.Month()) + t.Format(" 2006") }
	switch {
	case from.Equal(to):
		return weekday(lang, from.Weekday()) + ", " + day(from)
	case from.Day() == 1 && to.Equal(from.AddDate(0, 1, -1)):
		return month(lang, from.Month()) + from.Format(" 2006")
	}
	return day(from) + " – " + day(to)
}

func (v *view) names() (map[id.Staff]string, error) {
	people, err := v.s.desk.StaffList()
	return staffNames(people), err
}

// cuts are the tables of a report.
func (v *view) cuts(r report.Report, names map[id.Staff]string) []page.Cut {
	taxes := map[string]string{}
	if systems, err := v.s.desk.TaxSystems(access.System()); err == nil {
		for _, s := range systems {
			taxes[s.ID] = s.Name
		}
	}
	or := func(text, otherwise string) string { return cmp.Or(text, page.Text(v.lang, otherwise)) }
	return []page.Cut{
		{Name: "methods", Rows: v.cutRows(r.Methods, r.Currency, v.methodName)},
		{Name: "registers", Rows: v.cutRows(r.Registers, r.Currency, v.registerName)},
		{Name: "kinds", Rows: v.cutRows(r.Kinds, r.Currency, func(k string) string {
			if k == "" {
				return page.Text(v.lang, "cut.unsplit")
			}
			return page.Text(v.lang, "kind."+k)
		})},
		{Name: "tax_systems", Rows: v.cutRows(r.TaxSystems, r.Currency, func(k string) string { return or(cmp.Or(taxes[k], k), "cut.unsplit") })},
		{Name: "staff", Rows: v.cutRows(r.Staff, r.Currency, func(k string) string { return or(cmp.Or(names[id.Staff(k)], k), "cut.nobody") })},
	}
}

func (v *view) methodName(method string) string {
	if method == ledger.Link {
		return page.Text(v.lang, "tab.link")
	}
	if ledger.Stored(method) {
		return page.Text(v.lang, "held."+method)
	}
	return page.Text(v.lang, "tab."+method)
}

func (v *view) registerName(register string) string {
	if ledger.Manual(register) {
		return v.methodName(register)
	}
	return register
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
			row.Out = money.Format(s.Out, c, v.lang)
		}
		rows = append(rows, row)
	}
	return rows
}

// paidRows lists the payments of a report, and the address of the next ones.
func (v *view) paidRows(q desk.PaymentQuery, span page.Span, names map[id.Staff]string) ([]page.PaidRow, string, error) {
	found, next, err := v.s.desk.Payments(v.a, q)
	if err != nil {
		return nil, "", err
	}
	rows := make([]page.PaidRow, 0, len(found))
	for _, e := range found {
		row := page.PaidRow{At: v.at(e.ReceivedAt), Method: e.Method, Refund: e.Kind == ledger.KindRefund, By: names[e.Staff],
			Amount: money.Format(e.Amount, e.Currency, v.lang), Flags: e.Flags}
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
	more := url.Values{"period": {span.Period}, "from": {span.From}, "to": {span.To}, "by": {span.By}, "cursor": {next}}
	return rows, "/desk/reports?" + more.Encode() + "#payments", nil
}
