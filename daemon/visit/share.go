package visit

import (
	"cmp"
	"slices"

	"countersign/daemon/money"
)

// Share is the part of a payment that falls on the lines of one kind and tax system: what a report
// by either adds up. Without lines both are "".
type Share struct {
	Kind      LineKind `json:"kind"`
	TaxSystem string   `json:"tax_system"`
	Amount    int64    `json:"amount"`
}

// Shares splits what is paid for a visit in all over its lines, in proportion to their totals and
// to the last minor unit. The share of one payment is what Shares says after it less what it said
// of the payments before (Less), so that a visit which is paid in parts adds up to its lines.
func (v Visit) Shares(paid int64) []Share {
	if len(v.Lines) == 0 {
		return Less([]Share{{Amount: paid}}, nil)
	}
	weights := make([]int64, len(v.Lines))
	for i, l := range v.Lines {
		weights[i], _ = l.Total() // a line of a damaged file that overflows weighs nothing
	}
	shares := make([]Share, len(v.Lines))
	for i, part := range money.Allocate(paid, weights) {
		shares[i] = Share{Kind: v.Lines[i].Kind, TaxSystem: v.Lines[i].TaxSystem, Amount: part}
	}
	return Less(shares, nil)
}

// Less adds up shares of the same kind and tax system and takes off those that were given before.
// What comes to nothing is left out.
func Less(now, before []Share) []Share {
	var sums []Share
	add := func(s Share, sign int64) {
		for i := range sums {
			if sums[i].Kind == s.Kind && sums[i].TaxSystem == s.TaxSystem {
				sums[i].Amount += sign * s.Amount
				return
			}
		}
		s.Amount *= sign
		sums = append(sums, s)
	}
	for _, s := range now {
		add(s, 1)
	}
	for _, s := range before {
		add(s, -1)
	}
	sums = slices.DeleteFunc(sums, func(s Share) bool { return s.Amount == 0 })
	slices.SortFunc(sums, func(a, b Share) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.TaxSystem, b.TaxSystem))
	})
	return sums
}
