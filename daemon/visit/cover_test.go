package visit_test

import (
	"testing"

	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// R22: a covered line costs nothing and keeps its price; what covers it is no
// edit's to say or to lose.
func TestR22CoveredLineCostsNothing(t *testing.T) {
	d := draft()
	d.Lines = append(d.Lines, haircut())
	v := made(t, d)
	card := id.Card("g_1")
	covered, err := v.Cover(v.Lines[0].ID, card, v.Version, noon())
	if err != nil {
		t.Fatal(err)
	}
	price, err := covered.Lines[0].Price()
	if err != nil {
		t.Fatal(err)
	}
	if covered.Total() != v.Total()-price || v.Lines[0].CoveredBy != "" || covered.Uses()[card] != v.Lines[0].Quantity || covered.Touched["lines"] != covered.Version {
		t.Errorf("%+v of %+v", covered, v)
	}
	for _, lines := range [][]visit.Line{v.Lines, covered.Lines} {
		if changed := covered.Differs(visit.Patch{Lines: &lines}); len(changed) != 0 {
			t.Errorf("the same lines differ in %v", changed)
		}
		if changed := v.Differs(visit.Patch{Lines: &lines}); len(changed) != 0 {
			t.Errorf("forged lines differ in %v", changed)
		}
	}
	if bare := covered.Without([]id.Card{card}); bare.Total() != v.Total() || covered.Lines[0].CoveredBy != card {
		t.Errorf("%+v", bare.Lines)
	}
	bare, err := covered.Uncover(v.Lines[0].ID, covered.Version, noon())
	if err != nil || bare.Total() != v.Total() || bare.Version != v.Version+2 {
		t.Errorf("%+v %v", bare, err)
	}
}
