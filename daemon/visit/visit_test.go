package visit_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func noon() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

// source repeats itself: ids are drawn from a seeded generator.
func source() *id.Source { return id.NewSource(rand.NewChaCha8([32]byte{1})) }

func haircut() visit.Line {
	return visit.Line{Kind: visit.Service, Ref: "svc_cut", Name: "Haircut", Quantity: 1, UnitPrice: 4500, TaxSystem: "standard"}
}

func draft() visit.Draft {
	return visit.Draft{
		Client: visit.Client{Name: "Anna Kovacs", Phone: "+36 20 123-4567", Email: "a@example.com", Language: "hu"},
		Staff:  "s_dora", StartsAt: noon(), Status: visit.Arrived, Currency: "EUR",
		Lines: []visit.Line{haircut()},
	}
}

func made(t interface {
	Helper()
	Fatal(...any)
}, d visit.Draft) visit.Visit {
	t.Helper()
	v, err := visit.New(d, source(), noon(), "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLineTotal(t *testing.T) {
	for _, c := range []struct{ quantity, price, discount, want int64 }{
		{1, 4500, 0, 4500}, {3, 1200, 600, 3000}, {1, 0, 0, 0}, {2, 500, 1000, 0}, {2, 500, 1001, 0},
	} {
		l := visit.Line{Quantity: c.quantity, UnitPrice: c.price, Discount: c.discount}
		if got, err := l.Total(); got != c.want || err != nil {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
	if got, err := (visit.Line{Quantity: 3, UnitPrice: math.MaxInt64 / 2}).Total(); err == nil {
		t.Errorf("wrapped around to %d", got)
	}
}

// R1: payment state is derived from what was paid and given back; R16: so is what is due.
func TestR1PaymentStateAndDue(t *testing.T) {
	for _, c := range []struct {
		total, paid, refunded int64
		state                 visit.PaymentState
		due, balance          int64
	}{
		{4500, 0, 0, visit.Unpaid, 4500, 4500},
		{4500, 2000, 0, visit.PartiallyPaid, 2500, 2500},
		{4500, 4500, 0, visit.FullyPaid, 0, 0},
		{4500, 5000, 0, visit.Overpaid, 0, -500},
		{4500, 5000, 500, visit.FullyPaid, 0, 0},
		{4500, 4500, 1000, visit.PartiallyPaid, 1000, 1000},
		{4500, 4500, 4500, visit.Refunded, 4500, 4500},
		{4500, 4500, 4600, visit.Refunded, 4600, 4600}, // given back at the provider's dashboard (R23)
		{0, 0, 0, visit.FullyPaid, 0, 0},
		{0, 100, 0, visit.Overpaid, 0, -100},
		{0, 100, 100, visit.Refunded, 0, 0},
	} {
		v := visit.Visit{Lines: []visit.Line{{Quantity: 1, UnitPrice: c.total}}, Paid: c.paid, Refunded: c.refunded}
		if v.PaymentState() != c.state || v.Due() != c.due || v.Balance() != c.balance || v.Total() != c.total {
			t.Errorf("%+v: %s, due %d, balance %d, total %d", c, v.PaymentState(), v.Due(), v.Balance(), v.Total())
		}
	}
}

// R1: the state and the sums never contradict each other.
func TestR1StateAgreesWithBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := visit.Visit{Paid: rapid.Int64Range(0, 100).Draw(t, "paid")}
		v.Refunded = rapid.Int64Range(0, v.Paid).Draw(t, "refunded")
		for range rapid.IntRange(0, 4).Draw(t, "lines") {
			v.Lines = append(v.Lines, visit.Line{Quantity: rapid.Int64Range(1, 3).Draw(t, "quantity"),
				UnitPrice: rapid.Int64Range(0, 20).Draw(t, "price"), Discount: rapid.Int64Range(0, 70).Draw(t, "discount")})
		}
		switch balance := v.Balance(); v.PaymentState() {
		case visit.FullyPaid:
			if balance != 0 {
				t.Fatalf("paid, but for %d", balance)
			}
		case visit.Overpaid:
			if balance >= 0 {
				t.Fatalf("overpaid by %d", -balance)
			}
		case visit.Unpaid, visit.PartiallyPaid:
			if balance <= 0 || v.Due() != balance {
				t.Fatalf("%d is due, balance %d", v.Due(), balance)
			}
		case visit.Refunded:
			if v.Refunded == 0 || v.Paid != v.Refunded {
				t.Fatalf("refunded: paid %d, given back %d", v.Paid, v.Refunded)
			}
		}
	})
}

// R41: a damaged visit whose sums overflow asks for nothing rather than for something wrong.
func TestR41OverflowingTotalAsksNothing(t *testing.T) {
	huge := visit.Line{Quantity: 1, UnitPrice: math.MaxInt64}
	for _, lines := range [][]visit.Line{{huge, huge}, {{Quantity: 2, UnitPrice: math.MaxInt64}}} {
		if v := (visit.Visit{Lines: lines}); v.Total() != 0 || v.Due() != 0 {
			t.Errorf("total %d, due %d", v.Total(), v.Due())
		}
	}
}

// R8: lines of different tax systems can't be sold by link; every line is named.
func TestR8TaxClash(t *testing.T) {
	d := draft()
	if clash := made(t, d).TaxClash(); clash != nil {
		t.Errorf("one line clashes with itself: %v", clash)
	}
	plain := haircut()
	plain.TaxSystem = ""
	d.Lines = []visit.Line{haircut(), plain}
	if clash := made(t, d).TaxClash(); clash != nil {
		t.Errorf("no tax system is not the standard one: %v", clash)
	}
	reduced := haircut()
	reduced.Name, reduced.TaxSystem = "Shampoo", "reduced"
	d.Lines = []visit.Line{haircut(), reduced, haircut()}
	v := made(t, d)
	f := fault.From(v.CanLink())
	if f.Code != "mixed_tax_systems" || f.Kind != fault.Unprocessable {
		t.Fatalf("got %v", f)
	}
	if lines, ok := f.Details["lines"].([]visit.Line); !ok || len(lines) != 3 || lines[1].Name != "Shampoo" {
		t.Errorf("the clash is %v", f.Details["lines"])
	}
	if (visit.Visit{}).TaxClash() != nil {
		t.Error("nothing clashes with nothing")
	}
}

func TestCanLink(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*visit.Visit)
		code   string
	}{
		"unpaid":                    {func(*visit.Visit) {}, ""},
		"R6 cancelled all the same": {func(v *visit.Visit) { v.Status = visit.StatusCancelled }, ""},
		"R16 partly paid":           {func(v *visit.Visit) { v.Paid = 1 }, ""},
		"R10 nothing due":           {func(v *visit.Visit) { v.Paid = 4500 }, "nothing_due"},
		"no lines":                  {func(v *visit.Visit) { v.Lines = nil }, "nothing_due"},
		"R11 completed":             {func(v *visit.Visit) { v.LinkState = visit.LinkCompleted }, "link_completed"},
		"R11 for good, whatever is added": {func(v *visit.Visit) {
			v.PaidByLink, v.Paid = true, 4500
			v.Lines = append(v.Lines, haircut())
		}, "link_completed"},
		"R11 before R8": {func(v *visit.Visit) {
			v.PaidByLink = true
			v.Lines = append(v.Lines, visit.Line{TaxSystem: "reduced"})
		}, "link_completed"},
	} {
		v := made(t, draft())
		c.change(&v)
		code := ""
		if err := v.CanLink(); err != nil {
			code = fault.From(err).Code
		}
		if code != c.code {
			t.Errorf("%s: %q, want %q", name, code, c.code)
		}
	}
}

// R1, R21: the day is the location's, also at its edges and when the clocks change.
func TestR21DayInTheLocationsZone(t *testing.T) {
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	for _, c := range []struct{ at, zone, want string }{
		{"2026-11-22T23:30:00Z", "Europe/Budapest", "2026-11-23"},
		{"2026-11-22T22:59:59Z", "Europe/Budapest", "2026-11-22"},
		{"2026-11-22T03:00:00Z", "America/New_York", "2026-11-21"},
		{"2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29"},
		{"2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25"},
		{"2026-10-25T22:59:59Z", "Europe/Berlin", "2026-10-25"},
		{"2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := (visit.Visit{StartsAt: at}).Day(zone(c.zone)); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.at, c.zone, got, c.want)
		}
	}
}

// R13: the block ends at its time, and the refusal says when.
func TestR13Blocked(t *testing.T) {
	v := visit.Visit{BlockedUntil: noon()}
	if !v.Blocked(noon().Add(-time.Second)) || v.Blocked(noon()) || (visit.Visit{}).Blocked(noon()) {
		t.Error("the block doesn't end when it should")
	}
	f := v.BlockedFault(noon().Add(-time.Minute))
	if f.Kind != fault.Conflict || f.Code != "visit_blocked" || f.Details["blocked_until"] != "2026-11-22T11:00:00Z" || f.RetryAfter != time.Minute {
		t.Errorf("got %+v", f)
	}
}

// What is stored is read back the same, and its names are a promise to every file.
func TestVisitOnDisk(t *testing.T) {
	v := made(t, draft())
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back visit.Visit
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, back); diff != "" {
		t.Errorf("(-stored +read):\n%s", diff)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/visit.golden", indented.String()+"\n")
}
