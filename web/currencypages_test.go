package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// R16, R17, R21 to R23: a salon in a currency with no, two or three decimals
// says, asks for, books and writes every amount with just those.
func TestEveryPageInEveryCurrency(t *testing.T) {
	for _, c := range coins() {
		t.Run(string(c.code), func(t *testing.T) {
			s := open(t)
			x := &trade{coin: c, salon: s, c: s.tablet(access.Administrator)}
			x.opens()
			x.books()
			x.links()
			x.keeps()
			x.reads("the receipt", "/p/"+string(x.big.Token), 20000, 25690, 23456, 2234, 5690, 1300)
			for _, lang := range []string{"en", "de"} {
				x.speaks(lang)
				x.pages(lang)
				x.files(lang)
			}
			x.catalogue()
			x.program()
			x.drawer()
		})
	}
}

// speaks changes the location's language.
func (x *trade) speaks(lang string) {
	x.t.Helper()
	l, err := x.d.Desk().Location()
	x.must(err)
	l.Language = lang
	x.must(x.d.Desk().SaveLocation(access.System(), l))
}

// pages looks at every page of the tablet.
func (x *trade) pages(lang string) {
	x.t.Helper()
	l, err := x.d.Desk().Location()
	x.must(err)
	day, big := x.big.Day(l.Clock()), "/desk/visits/"+string(x.big.ID)
	reports := "/desk/reports?by=visit_date&from=" + day + "&to=" + day
	for path, amounts := range map[string][]int64{
		"/desk?date=" + day: {1300}, "/desk/list?date=" + day: {1300},
		"/desk?date=" + day + "&visit=" + string(x.big.ID): {25690, 23456, 2234, 234, 5690, 20000, 1234, 66},
		big: {25690, 5690, 20000, 1300}, big + "/edit": {10000, 20000}, big + "/pay?tab=cash": {1300}, big + "/pay?tab=link": {1300},
		big + "/payments/" + string(x.linked) + "/refund": {18700},
		"/desk/visits/" + string(x.gift.ID):               {3000, 234}, "/desk/visits/" + string(x.dep.ID): {4000, 1234, 2766},
		"/desk/items?q=col": {10000, 20000}, "/desk/items?q=oil": {1234},
		"/desk/catalogue":                   {10000, 20000},
		"/desk/catalogue?item=" + x.service: {10000, 20000}, "/desk/catalogue/list?kind=gift_card": {3000}, "/desk/catalogue/file": nil,
		reports: {28690, 4000, 1300, 5690, 20000, 3000, 1234, 2766},
		"/desk/reports/before?" + strings.TrimPrefix(reports, "/desk/reports?"): nil,
		"/desk/reports?by=received":              {33690, 4000, 1300},
		"/desk/reports?by=received&period=week":  {33690, 4000, 1300},
		"/desk/reports?by=received&period=month": {33690, 4000, 1300},
		"/desk/reports/drawer":                   {10690}, "/desk/setup": nil,
	} {
		x.holds(path+" in "+lang, x.do(x.c, http.MethodGet, path, "", "Accept", "text/html"), lang, amounts...)
	}
}

// files reads what goes to a spreadsheet.
func (x *trade) files(lang string) {
	x.t.Helper()
	point, comma := ".", ","
	if lang == "de" {
		point, comma = ",", ";"
	}
	l, err := x.d.Desk().Location()
	x.must(err)
	day := x.big.Day(l.Clock())
	file := x.do(x.c, http.MethodGet, "/desk/reports/payments.csv?by=visit_date&from="+day+"&to="+day, "").text
	for _, want := range []string{x.typed(5690, point), x.typed(20000, point), "-" + x.typed(1234, point), "-" + x.typed(66, point), x.typed(3000, point), x.typed(2766, point)} {
		if !strings.Contains(file, comma+want+comma+string(x.code)+comma) {
			x.t.Errorf("the payments in %s lack %s:\n%s", lang, want, file)
		}
	}
	for _, cut := range []string{"days", "methods", "registers", "staff", "kinds", "tax_systems"} {
		sheet := x.api(http.MethodGet, "/reports.csv?cut="+cut+"&language="+lang+"&from="+day+"&to="+day, "").text
		own := x.do(x.c, http.MethodGet, "/desk/reports/"+cut+".csv?from="+day+"&to="+day, "").text
		sums := strings.Join([]string{x.typed(32690, point), x.typed(1300, point), x.typed(31390, point), string(x.code)}, comma)
		if sheet != own || cut == "days" && !strings.Contains(own, comma+sums) {
			x.t.Errorf("%s in %s: %q\nby the API: %q", cut, lang, own, sheet)
		}
	}
}

// catalogue goes out, comes back in as it was, and is refused where it is too fine.
func (x *trade) catalogue() {
	out := x.api(http.MethodGet, "/catalogue.csv", "").text
	for _, want := range []string{"Colour," + x.typed(12345, ".") + "," + x.typed(10000, ".") + "," + x.typed(20000, ".") + ",", "Oil," + x.typed(1234, ".") + ",", "Gift," + x.typed(3000, ".") + ","} {
		if !strings.Contains(out, want) {
			x.t.Errorf("the catalogue lacks %q:\n%s", want, out)
		}
	}
	before := x.kept()
	read := func(text string) answer {
		return x.api(http.MethodPost, "/catalogue:import", text, "Content-Type", "text/csv")
	}
	if got := read(out).json(x.t); got["unchanged"] != 4.0 || got["changed"] != 0.0 || got["created"] != 0.0 || x.kept() != before {
		x.t.Errorf("the catalogue came back as %v", got)
	}
	got := read("kind,name,price,min,max,value\nservice,A," + x.tooFine() + ",,,\nservice,B,1,1," + x.tooFine() + ",\ngift_card,C,1,,," + x.tooFine() + "\n")
	if at := got.fields(x.t); got.status != http.StatusUnprocessableEntity || !slices.Equal(at, []string{"body.rows[2].price", "body.rows[3].max", "body.rows[4].value"}) || x.kept() != before {
		x.t.Errorf("too fine: %d %v %s", got.status, at, got.text)
	}
}

// program is what another program reads: whole minor units, whatever they are.
func (x *trade) program() {
	v := x.api(http.MethodGet, "/visits/"+string(x.big.ID), "").json(x.t)
	if v["total"] != 25690.0 || v["paid"] != 25690.0 || v["due"] != 1300.0 || v["currency"] != string(x.code) || v["payment_state"] != "partially_paid" {
		x.t.Errorf("%v", v)
	}
	var amounts []string
	for _, p := range x.api(http.MethodGet, "/payments?by=visit_date&from=2026-11-22&to=2026-11-22", "").json(x.t)["payments"].([]any) {
		e := p.(map[string]any)
		amounts = append(amounts, fmt.Sprintf("%v %v %v %v", e["kind"], e["method"], e["amount"], e["currency"]))
	}
	slices.Sort(amounts)
	code := " " + string(x.code)
	if want := []string{"payment card 3000" + code, "payment cash 5690" + code, "payment deposit 1234" + code, "payment gift_card 2766" + code,
		"payment link 20000" + code, "refund link 1234" + code, "refund link 66" + code}; !slices.Equal(amounts, want) {
		x.t.Errorf("the ledger: %q", amounts)
	}
	if got := x.api(http.MethodPost, "/visits", line("unit_price=12.5")); got.status != http.StatusUnprocessableEntity || !slices.Equal(got.fields(x.t), []string{"body.lines[0].unit_price"}) {
		x.t.Errorf("a fraction: %d %s", got.status, got.text)
	}
}

// drawer counts the cash, in German by now.
func (x *trade) drawer() {
	const at = "/desk/reports/drawer"
	before := x.kept()
	x.post(x.c, at, "counted", x.tooFine(), "key", "fine").wants(x.t, "a count too fine", http.StatusUnprocessableEntity, `name="counted"`, `value="`+x.tooFine()+`"`, "zum Beispiel "+x.typed(25*pow10(x.digits), ","))
	if x.kept() != before {
		x.t.Error("a count that is too fine was kept")
	}
	x.do(x.c, http.MethodGet, at+"/sum?counted="+x.typed(10680, ","), "", "Accept", "text/html").wants(x.t, "the sum", http.StatusOK, x.says(10, "de"))
	x.post(x.c, at, "counted", x.typed(10680, ","), "taken", x.typed(680, "."), "key", "k").wants(x.t, "counted", http.StatusSeeOther)
	x.holds("the drawer", x.do(x.c, http.MethodGet, at, "", "Accept", "text/html"), "de", 10000, 10690, 10680, 680, 10)
}
