package web

import (
	"net/http"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// sum serves POST /desk/visits/{id}/sum: what the lines come to while they are typed.
func (v *view) sum() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	x := visit.Visit{Currency: v.loc.Currency}
	if which := v.which(); which != "new" {
		var err error
		if x, err = v.s.desk.Visit(v.a, which); err != nil {
			return err
		}
	}
	v.show(http.StatusOK, page.FormSum{Sum: v.summed(v.typedFields(), x)})
	return nil
}

// summed is what a form's lines come to, without what memberships pay for: "" while one can't be read.
func (v *view) summed(lines []page.LineFields, was visit.Visit) string {
	covered := map[string]bool{}
	for _, l := range was.Lines {
		covered[string(l.ID)] = l.CoveredBy != "" && l.ID != ""
	}
	var total int64
	for _, f := range lines {
		l, err := amounts(f, was.Currency)
		if err != nil {
			return ""
		}
		price, err := l.Price()
		if err == nil && !covered[f.ID] {
			total, err = money.Add(total, price)
		}
		if err != nil {
			return ""
		}
	}
	return v.in(was.Currency, total)
}

// amounts are those of a line as it is being typed.
func amounts(f page.LineFields, c money.Currency) (l visit.Line, err error) {
	if l.Quantity, err = strconv.ParseInt(strings.TrimSpace(f.Quantity), 10, 64); err != nil {
		return l, err
	}
	if l.UnitPrice, err = money.Parse(f.Price, c); err != nil || f.Discount == "" {
		return l, err
	}
	l.Discount, err = money.Parse(f.Discount, c)
	return l, err
}
