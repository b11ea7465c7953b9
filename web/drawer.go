package web

import (
	"crypto/rand"
	"net/http"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/web/page"
)

// drawer serves GET /desk/reports/drawer.
func (v *view) drawer() error {
	p, err := v.drawerPage()
	if err != nil {
		return err
	}
	p.Key, p.Saved = rand.Text(), v.query("saved") == "1"
	v.show(http.StatusOK, *p)
	return nil
}

func (v *view) drawerPage() (*page.Drawer, error) {
	now, first, err := v.s.desk.Drawer(v.a)
	if err != nil {
		return nil, err
	}
	closes, err := v.s.desk.DayCloses(v.a)
	if err != nil {
		return nil, err
	}
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	span, _, err := v.span()
	if err != nil {
		return nil, err
	}
	span.Period = "drawer"
	p := &page.Drawer{Shell: v.shell(), Span: span, First: first, Opening: v.money(now.Opening), In: v.money(now.In), Out: v.money(now.Out), Expected: v.money(now.Expected())}
	for _, c := range closes {
		row := page.CloseRow{At: longDate(v.lang, c.At, v.zone), By: names[c.Staff], Expected: money.Format(c.Expected(), c.Currency, v.lang),
			Counted: money.Format(c.Counted, c.Currency, v.lang), TakenOut: money.Format(c.TakenOut, c.Currency, v.lang),
			Left: money.Format(c.Left(), c.Currency, v.lang), Note: c.Note, Short: c.Difference() < 0}
		if d := c.Difference(); d != 0 {
			row.Difference = money.Format(d, c.Currency, v.lang)
			if d > 0 {
				row.Difference = "+" + row.Difference
			}
		}
		p.Closes = append(p.Closes, row)
	}
	return p, nil
}

// closeDay serves POST /desk/reports/drawer.
func (v *view) closeDay() error {
	if err := v.a.Need(access.Reports); err != nil {
		return err
	}
	n := desk.Counting{Note: v.form("note")}
	for name, into := range map[string]*int64{"counted": &n.Counted, "taken": &n.TakenOut, "opening": &n.Opening} {
		typed := v.form(name)
		if typed == "" && name != "counted" {
			continue
		}
		var err error
		if *into, err = money.Parse(typed, v.loc.Currency); err != nil {
			return v.notClosed(fault.New(fault.Unprocessable, "amount_invalid", "This is not an amount: "+err.Error()+"."))
		}
	}
	key := desk.Key{Value: v.form("key")}
	if key.Value != "" {
		key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, []byte(count(n.Counted)+" "+count(n.TakenOut)+" "+n.Note))
	}
	if _, err := v.s.desk.CloseDay(v.a, n, key); err != nil {
		return v.notClosed(err)
	}
	return v.seeOther("/desk/reports/drawer?saved=1")
}

func (v *view) notClosed(err error) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status >= http.StatusInternalServerError {
		return err
	}
	shown, err := v.drawerPage()
	if err != nil {
		return err
	}
	shown.Key, shown.Counted, shown.Taken, shown.OpeningTyped, shown.Note = v.form("key"), v.form("counted"), v.form("taken"), v.form("opening"), v.form("note")
	shown.Problem = worded(v.lang, p)
	v.show(p.status, *shown)
	return nil
}

// paymentsFile serves GET /desk/reports/payments.csv: every payment and refund
// of a report, for a spreadsheet.
func (v *view) paymentsFile() error {
	if err := v.a.Need(access.Reports); err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	t := report.Table{{"received", "visit_date", "kind", "method", "register", "amount", "currency", "staff", "visit", "reason", "id", "refunds"}}
	q := desk.PaymentQuery{From: v.query("from"), To: v.query("to"), By: v.query("by"), Limit: 500}
	for more := true; more; more = q.Cursor != "" {
		found, next, err := v.s.desk.Payments(v.a, q)
		if err != nil {
			return err
		}
		for _, e := range found {
			amount := e.Amount
			if e.Kind == ledger.KindRefund {
				amount = -amount
			}
			t = append(t, []string{e.ReceivedAt.In(v.zone).Format("2006-01-02 15:04:05"), e.VisitDate, string(e.Kind), e.Method, e.Register,
				report.Amount(amount, e.Currency, v.lang), string(e.Currency), names[e.Staff], string(e.Visit), e.Note, string(e.ID), string(e.Refunds)})
		}
		q.Cursor = next
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="payments.csv"`)
	return t.Write(v.w, v.lang)
}
