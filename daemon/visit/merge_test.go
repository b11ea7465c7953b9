package visit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// edition is a visit of two lines, changed as a test likes.
func edition(change func(*Edition)) Edition {
	e := Edition{Client: Client{ID: "c_1", Name: "Anna", Phone: "+3620", Email: "a@b.c"}, StartsAt: time.Unix(0, 0), Staff: "s_1", Status: Booked,
		Lines: []Line{{ID: "l_1", Kind: Service, Name: "Haircut", Quantity: 1, UnitPrice: 3500, TaxSystem: "standard"},
			{ID: "l_2", Kind: Product, Name: "Oil", Quantity: 2, UnitPrice: 1000, TaxSystem: "standard"}}}
	change(&e)
	return e
}

// R4: what only one changed is as they made it; what both changed is asked.
func TestR4Merge(t *testing.T) {
	nobody := func(*Edition) {}
	for name, x := range map[string]struct {
		mine, theirs func(*Edition)
		want         func(*Merged)
	}{
		"neither":  {nobody, nobody, func(*Merged) {}},
		"only I":   {func(e *Edition) { e.Lines[0].UnitPrice = 4000 }, nobody, func(m *Merged) { m.Lines[0].UnitPrice = 4000 }},
		"the same": {func(e *Edition) { e.Staff = "s_2" }, func(e *Edition) { e.Staff = "s_2" }, func(m *Merged) { m.Staff = "s_2" }},
		"other lines": {func(e *Edition) { e.Lines[0].UnitPrice = 4000 }, func(e *Edition) { e.Lines[1].UnitPrice = 1100 },
			func(m *Merged) { m.Lines[0].UnitPrice, m.Lines[1].UnitPrice, m.Fates[1] = 4000, 1100, Taken }},
		"other fields of a line": {func(e *Edition) { e.Lines[1].Quantity = 3 }, func(e *Edition) { e.Lines[1].UnitPrice = 1100 },
			func(m *Merged) { m.Lines[1].Quantity, m.Lines[1].UnitPrice, m.Fates[1] = 3, 1100, Taken }},
		"one price": {func(e *Edition) { e.Lines[1].UnitPrice = 900 }, func(e *Edition) { e.Lines[1].UnitPrice = 1100 },
			func(m *Merged) { m.Lines[1].UnitPrice, m.Fates[1] = 900, Asked }},
		"they took it off": {nobody, func(e *Edition) { e.Lines = e.Lines[:1] },
			func(m *Merged) { m.Lines, m.Fates, m.Gone = m.Lines[:1], m.Fates[:1], []string{"Oil"} }},
		"they took off what I changed": {func(e *Edition) { e.Lines[1].Quantity = 3 }, func(e *Edition) { e.Lines = e.Lines[:1] },
			func(m *Merged) { m.Lines[1].Quantity, m.Fates[1] = 3, GoneAsked }},
		"I took off what they changed": {func(e *Edition) { e.Lines = e.Lines[:1] }, func(e *Edition) { e.Lines[1].Quantity = 3 },
			func(m *Merged) { m.Lines[1].Quantity, m.Fates[1] = 3, RemovedAsked }},
		"both took it off": {func(e *Edition) { e.Lines = e.Lines[:1] }, func(e *Edition) { e.Lines = e.Lines[:1] },
			func(m *Merged) { m.Lines, m.Fates = m.Lines[:1], m.Fates[:1] }},
		"both added": {func(e *Edition) { e.Lines = append(e.Lines, Line{Name: "Mine", TaxSystem: "standard"}) }, func(e *Edition) { e.Lines = append(e.Lines, Line{ID: "l_3", Name: "Theirs", TaxSystem: "standard"}) },
			func(m *Merged) {
				m.Lines = append(m.Lines, Line{Name: "Mine", TaxSystem: "standard"}, Line{ID: "l_3", Name: "Theirs", TaxSystem: "standard"})
				m.Fates = append(m.Fates, Kept, Added)
			}},
		"phone and email": {func(e *Edition) { e.Client.Phone = "+4930" }, func(e *Edition) { e.Client.Email = "x@y.z" },
			func(m *Merged) { m.Client.Phone, m.Client.Email, m.OfClient = "+4930", "x@y.z", Taken }},
		"two phones": {func(e *Edition) { e.Client.Phone = "+4930" }, func(e *Edition) { e.Client.Phone = "+4940" },
			func(m *Merged) { m.Client.Phone, m.OfClient = "+4930", Asked }},
		"another client": {func(e *Edition) { e.Client.Phone = "+4930" }, func(e *Edition) { e.Client = Client{ID: "c_2", Name: "Ben"} },
			func(m *Merged) { m.Client.Phone, m.OfClient = "+4930", Asked }},
		"times and states": {func(e *Edition) { e.StartsAt, e.Status = time.Unix(60, 0), Arrived }, func(e *Edition) { e.StartsAt, e.Status = time.Unix(120, 0), Done },
			func(m *Merged) { m.StartsAt, m.OfStart, m.Status, m.OfStatus = time.Unix(60, 0), Asked, Arrived, Asked }},
		"they moved it": {nobody, func(e *Edition) { e.StartsAt, e.Staff = time.Unix(120, 0), "s_2" },
			func(m *Merged) { m.StartsAt, m.OfStart, m.Staff, m.OfStaff = time.Unix(120, 0), Taken, "s_2", Taken }},
	} {
		want := Merged{Edition: edition(nobody), Fates: []Fate{Kept, Kept}}
		x.want(&want)
		if diff := cmp.Diff(want, Merge(edition(nobody), edition(x.mine), edition(x.theirs))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// R4: without what it was based on, every difference is asked, and nothing is overwritten.
func TestR4MergeOfTheUnknown(t *testing.T) {
	mine, theirs := edition(func(e *Edition) { e.Lines[0].UnitPrice = 4000 }), edition(func(e *Edition) { e.Staff = "s_2" })
	got := Merge(Edition{}, mine, theirs)
	if got.OfStaff != Asked || got.Fates[0] != Asked || got.Fates[1] != Kept || got.OfClient != Kept || len(got.Lines) != 2 {
		t.Errorf("%+v", got)
	}
}
