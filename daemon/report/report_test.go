package report_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func rows() []report.Row {
	return []report.Row{
		{Day: "2026-11-22", Hour: "10", Method: "cash", Register: "cash", Staff: "s_1", Amount: 3000, Currency: "EUR", Shares: []visit.Share{{Kind: "service", TaxSystem: "standard", Amount: 2000}, {Kind: "product", TaxSystem: "reduced", Amount: 1000}}},
		{Day: "2026-11-22", Hour: "10", Method: "cash", Register: "cash", Staff: "s_1", Refund: true, Amount: 500, Currency: "EUR", Shares: []visit.Share{{Kind: "product", TaxSystem: "reduced", Amount: -500}}},
		{Day: "2026-11-21", Method: "link", Register: "acquiring:sandbox", Amount: 4000, Currency: "EUR", Shares: []visit.Share{{Amount: 4000}}},
		{Day: "2026-11-21", Method: "link", Register: "acquiring:sandbox", Amount: 900, Currency: "JPY", Shares: []visit.Share{{Amount: 900}}},
	}
}

func TestCuts(t *testing.T) {
	var b report.Builder
	for _, r := range rows() {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	got := b.Reports("EUR")
	want := report.Report{
		Currency: "EUR", Total: report.Sum{In: 7000, Out: 500, Count: 3},
		Days: []report.DaySum{
			{Sum: report.Sum{Key: "2026-11-21", In: 4000, Count: 1}, Methods: []report.Sum{{Key: "link", In: 4000, Count: 1}}},
			{Sum: report.Sum{Key: "2026-11-22", In: 3000, Out: 500, Count: 2}, Methods: []report.Sum{{Key: "cash", In: 3000, Out: 500, Count: 2}}},
		},
		Hours: []report.DaySum{
			{Sum: report.Sum{In: 4000, Count: 1}, Methods: []report.Sum{{Key: "link", In: 4000, Count: 1}}},
			{Sum: report.Sum{Key: "10", In: 3000, Out: 500, Count: 2}, Methods: []report.Sum{{Key: "cash", In: 3000, Out: 500, Count: 2}}},
		},
		Registers:  []report.Sum{{Key: "acquiring:sandbox", In: 4000, Count: 1}, {Key: "cash", In: 3000, Out: 500, Count: 2}},
		Methods:    []report.Sum{{Key: "link", In: 4000, Count: 1}, {Key: "cash", In: 3000, Out: 500, Count: 2}},
		Staff:      []report.Sum{{Key: "", In: 4000, Count: 1}, {Key: "s_1", In: 3000, Out: 500, Count: 2}},
		Kinds:      []report.Sum{{Key: "", In: 4000, Count: 1}, {Key: "service", In: 2000, Count: 1}, {Key: "product", In: 1000, Out: 500, Count: 2}},
		TaxSystems: []report.Sum{{Key: "", In: 4000, Count: 1}, {Key: "standard", In: 2000, Count: 1}, {Key: "reduced", In: 1000, Out: 500, Count: 2}},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got) != 2 || got[1].Currency != "JPY" || got[1].Total.In != 900 {
		t.Errorf("other currencies: %+v", got[1:])
	}
	if empty := (&report.Builder{}).Reports("KWD"); len(empty) != 1 || empty[0].Currency != "KWD" || empty[0].Total.Count != 0 {
		t.Errorf("of nothing: %+v", empty)
	}
}

// Whatever the rows, every cut adds up to the total.
func TestEveryCutAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b report.Builder
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			r := report.Row{Day: rapid.SampledFrom([]string{"2026-11-21", "2026-11-22"}).Draw(t, "day"), Hour: rapid.SampledFrom([]string{"", "09", "10"}).Draw(t, "hour"), Refund: rapid.Bool().Draw(t, "refund"),
				Method: rapid.SampledFrom([]string{"cash", "link", "points"}).Draw(t, "method"), Staff: rapid.SampledFrom([]string{"", "s_1"}).Draw(t, "staff"),
				Amount: rapid.Int64Range(1, money.Max).Draw(t, "amount"), Currency: "EUR"}
			r.Register = r.Method
			first := rapid.Int64Range(-10_000, 10_000).Draw(t, "first")
			sign := int64(1)
			if r.Refund {
				sign = -1
			}
			r.Shares = []visit.Share{{Kind: visit.Service, TaxSystem: "standard", Amount: first}, {Kind: visit.Product, TaxSystem: "reduced", Amount: sign*r.Amount - first}}
			r.Held = r.Method == "points"
			if err := b.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		got := b.Reports("EUR")[0]
		days, hours := wholes(got.Days), wholes(got.Hours)
		byMonth, err := got.Months()
		if err != nil {
			t.Fatal(err)
		}
		for name, cut := range map[string][]report.Sum{"days": days, "hours": hours, "months": wholes(byMonth), "methods of months": parts(byMonth), "methods of days": parts(got.Days), "methods of hours": parts(got.Hours), "registers": got.Registers, "methods": got.Methods, "staff": got.Staff, "kinds": got.Kinds, "tax systems": got.TaxSystems} {
			var in, out int64
			for _, s := range cut {
				in, out = in+s.In, out+s.Out
			}
			if in != got.Total.In || out != got.Total.Out {
				t.Fatalf("%s add up to %d and %d, the total is %d and %d", name, in, out, got.Total.In, got.Total.Out)
			}
		}
	})
}

func wholes(days []report.DaySum) (list []report.Sum) {
	for _, d := range days {
		list = append(list, d.Sum)
	}
	return list
}

func parts(days []report.DaySum) (list []report.Sum) {
	for _, d := range days {
		list = append(list, d.Methods...)
	}
	return list
}

// A payment for two lines of one kind is one payment, under the kind and under its tax systems.
func TestAPaymentCountsOnceUnderEveryKey(t *testing.T) {
	var b report.Builder
	for _, shares := range [][]visit.Share{
		{{Kind: "product", TaxSystem: "reduced", Amount: 100}, {Kind: "product", TaxSystem: "standard", Amount: 200}, {Kind: "service", TaxSystem: "standard", Amount: 300}},
		{{Kind: "service", TaxSystem: "standard", Amount: 50}},
	} {
		var r report.Row
		r.Currency, r.Shares = "EUR", shares
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	r := b.Reports("EUR")[0]
	want := map[string][]report.Sum{"kinds": {{Key: "service", In: 350, Count: 2}, {Key: "product", In: 300, Count: 1}},
		"taxes": {{Key: "standard", In: 550, Count: 2}, {Key: "reduced", In: 100, Count: 1}}}
	if diff := cmp.Diff(want, map[string][]report.Sum{"kinds": r.Kinds, "taxes": r.TaxSystems}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMonths(t *testing.T) {
	var b report.Builder
	for _, r := range []report.Row{{Day: "2026-12-31", Method: "cash", Amount: 100}, {Day: "2026-12-01", Method: "link", Amount: 20}, {Day: "2027-01-01", Method: "cash", Amount: 3},
		{Day: "2026-12-31", Method: "cash", Refund: true, Amount: 40}} {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Reports("")[0].Months()
	if err != nil {
		t.Fatal(err)
	}
	want := []report.DaySum{
		{Sum: report.Sum{Key: "2026-12", In: 120, Out: 40, Count: 3}, Methods: []report.Sum{{Key: "cash", In: 100, Out: 40, Count: 2}, {Key: "link", In: 20, Count: 1}}},
		{Sum: report.Sum{Key: "2027-01", In: 3, Count: 1}, Methods: []report.Sum{{Key: "cash", In: 3, Count: 1}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a gift card pays came in when it was sold.
func TestWhatIsPaidWithBalancesIsKeptApart(t *testing.T) {
	var b report.Builder
	for _, r := range []report.Row{{Method: "cash", Amount: 5000, Currency: "EUR"}, {Method: "gift_card", Held: true, Amount: 3000, Currency: "EUR"},
		{Method: "gift_card", Held: true, Refund: true, Amount: 1000, Currency: "EUR"}} {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	r := b.Reports("EUR")[0]
	if r.Money() != (report.Sum{In: 5000, Count: 1}) {
		t.Errorf("R21: a gift card counts as money when it pays: %+v", r.Money())
	}
	if r.Held != (report.Sum{In: 3000, Out: 1000, Count: 2}) || r.Total != (report.Sum{In: 8000, Out: 1000, Count: 3}) {
		t.Errorf("held %+v of %+v", r.Held, r.Total)
	}
}

func TestSumsThatOutgrowAnInt64AreRefused(t *testing.T) {
	for name, r := range map[string]report.Row{"in": {Amount: math.MaxInt64, Currency: "EUR"}, "out": {Refund: true, Amount: math.MaxInt64, Currency: "EUR"}} {
		var b report.Builder
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
		if err := b.Add(r); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s, once more: %v", name, err)
		}
	}
	d := report.Drawer{In: math.MaxInt64, Out: math.MaxInt64}
	if err := errors.Join(d.Add(1), d.Add(-1)); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("a drawer: %v", err)
	}
}

func TestDrawer(t *testing.T) {
	d := report.Drawer{Opening: 10000, In: 25000, Out: 1500, Counted: 33400, TakenOut: 23400}
	if d.Expected() != 33500 || d.Difference() != -100 || d.Left() != 10000 {
		t.Errorf("expected %d, difference %d, left %d", d.Expected(), d.Difference(), d.Left())
	}
}

// What a spreadsheet opens calculates nothing, and reads amounts as numbers.
func TestTable(t *testing.T) {
	sums := []report.Sum{{Key: "=1+1", In: 123456, Out: 200000, Count: 3}, {Key: "Äpfel; \"rot\"", In: 5, Count: 1}}
	for lang, want := range map[string]string{
		"en": "\ufeffStaff,Count,In,Out,Net,\r\n'=1+1,3,1234.56,2000.00,-765.44,EUR\r\n\"Äpfel; \"\"rot\"\"\",1,0.05,0.00,0.05,EUR\r\n",
		"de": "\ufeffStaff;Count;In;Out;Net;\r\n'=1+1;3;1234,56;2000,00;-765,44;EUR\r\n\"Äpfel; \"\"rot\"\"\";1;0,05;0,00;0,05;EUR\r\n",
	} {
		var b strings.Builder
		if err := report.Sums([]string{"Staff", "Count", "In", "Out", "Net", ""}, sums, "EUR", lang, func(k string) string { return k }).Write(&b, lang); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s:\n%q\n%q", lang, b.String(), want)
		}
	}
	for _, cell := range []string{"=1", "+49 170", "-A1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1"} {
		var b strings.Builder
		if err := (report.Table{{cell}}).Write(&b, "en"); err != nil || !strings.HasPrefix(strings.TrimLeft(b.String(), "\ufeff\""), "'") {
			t.Errorf("%q is written as %q, %v", cell, b.String(), err)
		}
	}
	for c, want := range map[money.Currency]string{"JPY": "123456", "KWD": "123.456", "EUR": "1234.56"} {
		if got := report.Amount(123456, c, "en"); got != want {
			t.Errorf("%s: %s", c, got)
		}
	}
}
