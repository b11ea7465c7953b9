package visit_test

import (
	"testing"

	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// R21: a payment falls on the lines it pays for, and parts of it add up to them.
func TestR21Shares(t *testing.T) {
	v := visit.Visit{Lines: []visit.Line{
		{Kind: visit.Service, TaxSystem: "standard", Quantity: 1, UnitPrice: 100},
		{Kind: visit.Product, TaxSystem: "standard", Quantity: 2, UnitPrice: 50},
		{Kind: visit.Product, TaxSystem: "reduced", Quantity: 1, UnitPrice: 100},
		{Kind: visit.Product, TaxSystem: "reduced", Quantity: 1, UnitPrice: 0},
	}}
	first := v.Shares(100)
	if diff := cmp.Diff([]visit.Share{{"product", "reduced", 33}, {"product", "standard", 33}, {"service", "standard", 34}}, first); diff != "" {
		t.Errorf("of 100 (-want +got):\n%s", diff)
	}
	rest := visit.Less(v.Shares(300), first)
	if diff := cmp.Diff([]visit.Share{{"product", "reduced", 67}, {"product", "standard", 67}, {"service", "standard", 66}}, rest); diff != "" {
		t.Errorf("of the rest (-want +got):\n%s", diff)
	}
	if got := (visit.Visit{}).Shares(500); !cmp.Equal(got, []visit.Share{{Amount: 500}}) {
		t.Errorf("of a visit without lines: %v", got)
	}
	if got := v.Shares(0); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// Whatever is paid, refunded and changed between, the shares of every movement add up to it.
func TestR21SharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v visit.Visit
		var net int64
		var before []visit.Share
		for range rapid.IntRange(1, 8).Draw(t, "movements") {
			if rapid.Bool().Draw(t, "edit") {
				v.Lines = nil
				for range rapid.IntRange(0, 4).Draw(t, "lines") {
					v.Lines = append(v.Lines, visit.Line{Kind: rapid.SampledFrom([]visit.LineKind{visit.Service, visit.Product}).Draw(t, "kind"),
						TaxSystem: rapid.SampledFrom([]string{"standard", "reduced"}).Draw(t, "tax"), Quantity: 1, UnitPrice: rapid.Int64Range(0, 10_000).Draw(t, "price")})
				}
			}
			amount := rapid.Int64Range(-5000, 5000).Draw(t, "amount")
			net += amount
			shares := visit.Less(v.Shares(net), before)
			var sum int64
			for _, s := range shares {
				sum += s.Amount
			}
			if sum != amount {
				t.Fatalf("%v adds up to %d, want %d", shares, sum, amount)
			}
			for i := range shares {
				shares[i].Amount = -shares[i].Amount
			}
			before = visit.Less(before, shares)
		}
	})
}
