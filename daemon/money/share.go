package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Allocate splits an amount in proportion to weights that are not negative, to the last minor unit:
// the parts add up to the amount, and none is more than one unit off its exact share (largest
// remainder, the first of equals). Without any weight all of it is the first part. It returns as
// many parts as there are weights; a negative amount is split like its opposite.
func Allocate(amount int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var whole uint64
	for _, w := range weights {
		whole += magnitude(w)
	}
	if whole == 0 {
		if len(parts) > 0 {
			parts[0] = amount
		}
		return parts
	}
	left := magnitude(amount)
	total := left
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(total, magnitude(w))
		part, rest := bits.Div64(hi, lo, whole) // w ≤ whole, so the quotient fits
		parts[i], remainders[i], order[i] = int64(part), rest, i
		left -= part
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	if amount < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts
}
