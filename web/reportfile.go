package web

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/report"
	"countersign/web/page"
)

// attached names a file after what is in it and of which days.
func attached(cut string, q desk.PaymentQuery) string {
	return fmt.Sprintf(`attachment; filename="%s-%s-%s.csv"`, cut, q.From, q.To)
}

// reportFile is a report as a file for spreadsheets: its payments, or the sums
// of one of its cuts.
func (s *server) reportFile(a access.Actor, q desk.PaymentQuery, cut, lang string, zone *time.Location) ([]byte, error) {
	if err := a.Need(access.Reports); err != nil {
		return nil, err
	}
	lang = page.Language(lang)
	named, err := s.cutNames(lang)
	if err != nil {
		return nil, err
	}
	var t report.Table
	if cut == "payments" {
		t, err = s.paymentsTable(a, q, lang, named, zone)
	} else {
		t, err = s.cutTable(a, q, cut, lang, named)
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Write(&b, lang)
	return b.Bytes(), err
}

// paymentsTable has a row for every payment and refund. Its columns have the
// names that the API gives them; what a refund gave back is below zero.
func (s *server) paymentsTable(a access.Actor, q desk.PaymentQuery, lang string, named cutNames, zone *time.Location) (report.Table, error) {
	t := report.Table{{"received", "visit_date", "kind", "method", "register", "amount", "currency", "staff", "flags", "note", "visit", "id", "refunds"}}
	q.Cursor, q.Limit = "", 500
	for {
		found, next, err := s.desk.Payments(a, q)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			amount := e.Amount
			if e.Kind == ledger.KindRefund {
				amount = -amount
			}
			t = append(t, []string{e.ReceivedAt.In(zone).Format(time.DateTime), e.VisitDate, string(e.Kind), e.Method, e.Register,
				report.Amount(amount, e.Currency, lang), string(e.Currency), named.staff[e.Staff], join(e.Flags), e.Note,
				string(e.Visit), string(e.ID), string(e.Refunds)})
		}
		if q.Cursor = next; next == "" {
			return t, nil
		}
	}
}

func join(flags []string) (list string) {
	for _, f := range flags {
		if list != "" {
			list += " "
		}
		list += f
	}
	return list
}

// cutTable has a row for every key of a cut, of every currency.
func (s *server) cutTable(a access.Actor, q desk.PaymentQuery, cut, lang string, named cutNames) (report.Table, error) {
	reports, err := s.desk.Report(a, q)
	if err != nil {
		return nil, err
	}
	var t report.Table
	head := []string{cut, "count", "in", "out", "net", "currency"}
	for _, r := range reports {
		sums, name := named.cut(r, cut)
		if name == nil {
			return nil, fault.Invalid(fault.Field{Location: "query.cut", Message: "is no cut of a report"})
		}
		rows := report.Sums(head, sums, r.Currency, lang, name)
		if t != nil {
			rows = rows[1:]
		}
		t = append(t, rows...)
	}
	return t, nil
}

// cutNames say what the keys of a report's cuts are called.
type cutNames struct {
	company func(provider string) string
	lang    string
	staff   map[id.Staff]string
	taxes   map[string]string
}

func (s *server) cutNames(lang string) (cutNames, error) {
	people, err := s.desk.StaffList()
	if err != nil {
		return cutNames{}, err
	}
	systems, err := s.desk.TaxSystems(access.System())
	if err != nil {
		return cutNames{}, err
	}
	n := cutNames{lang: lang, company: s.desk.Company, staff: staffNames(people), taxes: map[string]string{}}
	for _, x := range systems {
		n.taxes[x.ID] = x.Name
	}
	return n, nil
}

// cut returns the sums of a cut and what their keys are called; nil for no cut.
func (n cutNames) cut(r report.Report, which string) ([]report.Sum, func(string) string) {
	switch which {
	case "days":
		days := make([]report.Sum, len(r.Days))
		for i, d := range r.Days {
			days[i] = d.Sum
		}
		return days, func(day string) string { return day }
	case "methods":
		return r.Methods, n.method
	case "registers":
		return r.Registers, n.register
	case "kinds":
		return r.Kinds, n.kind
	case "tax_systems":
		return r.TaxSystems, n.tax
	case "staff":
		return r.Staff, n.person
	}
	return nil, nil
}

func (n cutNames) method(method string) string {
	switch {
	case method == ledger.Link:
		return page.Text(n.lang, "tab.link")
	case ledger.Stored(method):
		return page.Text(n.lang, "held."+method)
	}
	return page.Text(n.lang, "tab."+method)
}

func (n cutNames) register(register string) string {
	if ledger.Manual(register) {
		return n.method(register)
	}
	if at, ok := strings.CutPrefix(register, ledger.Acquiring("")); ok {
		if strings.HasSuffix(at, provider.Testing) {
			return n.method(ledger.Link) + " · " + n.company(at) + " (" + page.Text(n.lang, "company_state.test") + ")"
		}
		return n.method(ledger.Link) + " · " + n.company(at)
	}
	return register
}

func (n cutNames) kind(kind string) string {
	if kind == "" {
		return page.Text(n.lang, "cut.unsplit")
	}
	return page.Text(n.lang, "kind."+kind)
}

func (n cutNames) tax(system string) string {
	return cmp.Or(n.taxes[system], system, page.Text(n.lang, "cut.unsplit"))
}

func (n cutNames) person(who string) string {
	return cmp.Or(n.staff[id.Staff(who)], who, page.Text(n.lang, "cut.nobody"))
}
