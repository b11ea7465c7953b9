package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
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
	people, err := v.s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	span, _, err := v.span()
	if err != nil {
		return nil, err
	}
	span.Period = "drawer"
	shell, err := v.shell(nil)
	if err != nil {
		return nil, err
	}
	p := &page.Drawer{Shell: shell, Span: span, First: first, Opening: v.money(now.Opening), In: v.money(now.In), Out: v.money(-now.Out),
		Expected: v.money(now.Expected()), Number: now.Number, Seq: now.Seq, Errors: map[string]string{}}
	if first {
		p.Sum.Expected = p.Expected
	} else {
		p.Since = v.at(now.Since)
	}
	names := staffNames(people)
	for _, c := range closes {
		p.Closes = append(p.Closes, v.closeRow(c, names))
	}
	return p, nil
}

func (v *view) closeRow(c desk.DayClose, names map[id.Staff]string) page.CloseRow {
	says := func(amount int64) string { return money.Format(amount, c.Currency, v.lang) }
	row := page.CloseRow{Number: c.Number, At: longDate(v.lang, c.At, v.zone), By: names[c.Staff], Expected: says(c.Expected()), Counted: says(c.Counted),
		TakenOut: says(c.TakenOut), Left: says(c.Left()), Note: c.Note}
	row.Difference, row.Short = difference(c.Drawer, c.Currency, v.lang)
	return row
}

// difference is what a count is off by, "" for nothing.
func difference(d report.Drawer, c money.Currency, lang string) (says string, short bool) {
	switch off := d.Difference(); {
	case off > 0:
		return "+" + money.Format(off, c, lang), false
	case off < 0:
		return money.Format(off, c, lang), true
	}
	return "", false
}

// drawerSum serves GET /desk/reports/drawer/sum: what a count comes to, before
// it is kept.
func (v *view) drawerSum() error {
	now, first, err := v.s.desk.Drawer(v.a)
	if err != nil {
		return err
	}
	n, wrong := v.counted(v.query)
	v.show(http.StatusOK, v.sumOf(now, first, n, wrong))
	return nil
}

// sumOf is what a count comes to, as far as what was typed are amounts.
func (v *view) sumOf(now desk.DayClose, first bool, n desk.Counting, wrong map[string]string) (sum page.DrawerSum) {
	d := now.Drawer
	d.Counted, d.TakenOut = n.Counted, n.TakenOut
	if first {
		d.Opening = n.Opening
		sum.Expected = v.money(d.Expected())
	}
	if len(wrong) > 0 {
		return sum
	}
	sum.Known = true
	sum.Difference, sum.Short = difference(d, now.Currency, v.lang)
	if d.Left() >= 0 {
		sum.Left = v.money(d.Left())
	}
	return sum
}

// counted reads a count as it was typed, and what is no amount of it.
func (v *view) counted(typed func(string) string) (n desk.Counting, wrong map[string]string) {
	wrong = map[string]string{}
	for name, into := range map[string]*int64{"counted": &n.Counted, "taken": &n.TakenOut, "opening": &n.Opening} {
		if typed(name) == "" && name != "counted" {
			continue
		}
		amount, err := money.Parse(typed(name), v.loc.Currency)
		if err != nil {
			wrong[name] = v.notAmount(v.loc.Currency)
			continue
		}
		*into = amount
	}
	n.Note = typed("note")
	return n, wrong
}

// closeDay serves POST /desk/reports/drawer.
func (v *view) closeDay() error {
	if err := v.a.Need(access.Reports); err != nil {
		return err
	}
	n, wrong := v.counted(v.form)
	if len(wrong) > 0 {
		return v.notClosed(fault.New(fault.Unprocessable, "validation", "Some of the values can't be accepted."), wrong)
	}
	n.Number, _ = strconv.ParseUint(v.form("number"), 10, 64) // what isn't a number is none
	n.Seq, _ = strconv.ParseUint(v.form("seq"), 10, 64)
	key := desk.Key{Value: v.form("key")}
	if key.Value != "" {
		key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, fmt.Appendf(nil, "%+v", n))
	}
	if _, err := v.s.desk.CloseDay(v.a, n, key); err != nil {
		return v.notClosed(err, map[string]string{})
	}
	return v.seeOther("/desk/reports/drawer?saved=1")
}

// notClosed shows the drawer as it is now, with what was typed and why it could
// not be kept. It is to be looked at anew, so it gets a key of its own.
func (v *view) notClosed(err error, wrong map[string]string) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status >= http.StatusInternalServerError {
		return err
	}
	shown, err := v.drawerPage()
	if err != nil {
		return err
	}
	shown.Key, shown.Counted, shown.Taken, shown.OpeningTyped, shown.Note = rand.Text(), v.form("counted"), v.form("taken"), v.form("opening"), v.form("note")
	shown.Problem, shown.Errors = v.worded(p), wrong
	for _, f := range p.fields {
		shown.Errors[strings.TrimSuffix(strings.TrimPrefix(f.Location, "body."), "_out")] = page.Refused(v.lang, f.Message)
	}
	v.show(p.status, *shown)
	return nil
}
