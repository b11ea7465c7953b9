package money_test

import (
	"slices"
	"testing"

	"countersign/daemon/money"

	"pgregory.net/rapid"
)

func TestAllocate(t *testing.T) {
	for _, c := range []struct {
		amount        int64
		weights, want []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{5, []int64{0, 0}, []int64{5, 0}},
		{7, []int64{4500, 0, 1500}, []int64{5, 0, 2}},
		{1, []int64{1, 2}, []int64{0, 1}},
		{9, nil, []int64{}},
	} {
		if got := money.Allocate(c.amount, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%d over %v is %v, want %v", c.amount, c.weights, got, c.want)
		}
	}
}

// The parts always add up, and each is its exact share but for less than one unit.
func TestAllocateAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(-money.Max*100, money.Max*100).Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Int64Range(0, money.Max), 1, 30).Draw(t, "weights")
		parts := money.Allocate(amount, weights)
		sum, err := money.Sum(parts...)
		if err != nil || sum != amount {
			t.Fatalf("%v add up to %d, %v", parts, sum, err)
		}
		whole, err := money.Sum(weights...)
		if err != nil || whole == 0 {
			return
		}
		for i, part := range parts {
			if exact := float64(amount) / float64(whole) * float64(weights[i]); float64(part) < exact-1.01 || float64(part) > exact+1.01 {
				t.Fatalf("part %d is %d, its share %f", i, part, exact)
			}
		}
	})
}
