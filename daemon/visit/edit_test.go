package visit_test

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func edited(t *testing.T, v visit.Visit, p visit.Patch) visit.Visit {
	t.Helper()
	v, err := v.Edit(p, v.Version, noon(), source())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestR3NewVisit(t *testing.T) {
	v := made(t, visit.Draft{})
	if v.Version != 1 || v.Status != visit.Booked || !v.StartsAt.Equal(noon()) || v.Currency != "EUR" || v.LinkState != visit.LinkNone {
		t.Errorf("a walk-in is %+v", v)
	}
	if v.Lines == nil || v.Client.ID != "" || !v.ID.Valid() || len(v.Code) != 4 {
		t.Errorf("a walk-in is %+v", v)
	}
	if v = made(t, draft()); v.Client.ID != "" || !v.Lines[0].ID.Valid() {
		t.Errorf("no ids: %+v", v)
	}
	d := draft()
	d.Client.ID = "c_anna"
	if v = made(t, d); v.Client.ID != "c_anna" {
		t.Errorf("the client became %s", v.Client.ID)
	}
}

// R4: every edit is based on a version, a stale one is told what changed since.
func TestR4StaleEdit(t *testing.T) {
	v1 := made(t, draft())
	v2 := edited(t, v1, visit.Patch{Status: new(visit.Done)})
	v3 := edited(t, v2, visit.Patch{Staff: new(id.Staff("s_eva")), Lines: &[]visit.Line{}})
	for base, want := range map[int64][]string{
		1: {"staff", "status", "lines"},
		2: {"staff", "lines"},
		4: {},
		0: {"staff", "status", "lines"},
	} {
		_, err := v3.Edit(visit.Patch{}, base, noon(), source())
		f := fault.From(err)
		if f.Kind != fault.Stale || f.Code != "version_mismatch" || f.Details["version"] != int64(3) {
			t.Errorf("based on %d: %v, %v", base, f, f.Details)
		}
		if diff := cmp.Diff(want, f.Details["changed"]); diff != "" {
			t.Errorf("based on %d (-want +got):\n%s", base, diff)
		}
	}
}

// R4: the original stays as it was; whoever still holds it must not see half an edit.
func TestR4EditCopies(t *testing.T) {
	v, before := made(t, draft()), made(t, draft())
	lines := []visit.Line{haircut(), haircut()}
	w := edited(t, v, visit.Patch{Lines: &lines, Status: new(visit.Done), Client: &visit.Client{Name: "B"}})
	w.Lines[0].Name = "changed afterwards"
	if diff := cmp.Diff(before, v); diff != "" {
		t.Errorf("the original changed:\n%s", diff)
	}
	if lines[0].ID != "" || lines[0].Name != "Haircut" {
		t.Errorf("the patch changed: %+v", lines)
	}
}

// R4: an edit that changes nothing is an edit, and touches nothing.
func TestR4UnchangedEdit(t *testing.T) {
	v := made(t, draft())
	later := noon().Add(time.Hour)
	w, err := v.Edit(visit.Patch{Status: &v.Status}, 1, later, source())
	if err != nil || w.Version != 2 || !w.UpdatedAt.Equal(later) || len(w.Touched) != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	w.Version, w.UpdatedAt = v.Version, v.UpdatedAt
	if diff := cmp.Diff(v, w); diff != "" {
		t.Error(diff)
	}
}

// R13: while a client is paying nothing can be edited, by whatever version.
func TestR13BlockedEdit(t *testing.T) {
	v := made(t, draft())
	v.BlockedUntil = noon().Add(15 * time.Minute)
	for _, version := range []int64{0, 1, 2} {
		if _, err := v.Edit(visit.Patch{}, version, noon(), source()); fault.From(err).Code != "visit_blocked" {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if _, err := v.Edit(visit.Patch{}, 1, v.BlockedUntil, source()); err != nil {
		t.Errorf("after the block: %v", err)
	}
}

// R17: a service paid at 50 is changed to 100, and the other 50 is due.
func TestR17PriceRaisedAfterPayment(t *testing.T) {
	d := draft()
	d.Lines[0].UnitPrice = 5000
	v := made(t, d)
	v.Paid, v.PaidByLink, v.LinkState = 5000, true, visit.LinkCompleted
	lines := slices.Clone(v.Lines)
	lines[0].UnitPrice = 10000
	v = edited(t, v, visit.Patch{Lines: &lines})
	if v.PaymentState() != visit.PartiallyPaid || v.Due() != 5000 || fault.From(v.CanLink()).Code != "link_completed" {
		t.Errorf("%s, %d due, %v", v.PaymentState(), v.Due(), v.CanLink())
	}
}

// R5: the booking system repeating itself, without ids of lines and client, changes nothing.
func TestR5RepeatedDraftChangesNothing(t *testing.T) {
	d := draft()
	d.ExternalID = "crm-1"
	second := haircut()
	second.UnitPrice = 1
	d.Lines = append(d.Lines, second)
	v := made(t, d)
	if changed := v.Differs(d.Patch()); len(changed) != 0 {
		t.Errorf("%v would change", changed)
	}
	w := edited(t, v, d.Patch())
	if diff := cmp.Diff(v.Lines, w.Lines); diff != "" || w.Client != v.Client || len(w.Touched) != 0 {
		t.Errorf("touched %v:\n%s", w.Touched, diff)
	}
	d.Lines = d.Lines[1:]
	if changed := v.Differs(d.Patch()); !slices.Equal(changed, []string{"lines"}) {
		t.Errorf("%v would change, want lines", changed)
	}
	if p := (visit.Draft{}).Patch(); p.StartsAt != nil || p.Status != nil {
		t.Error("what a draft leaves out is not to be changed")
	}
}

func TestEditClient(t *testing.T) {
	v := made(t, draft())
	if w := edited(t, v, visit.Patch{Client: &visit.Client{Name: " Anna Nagy "}}); w.Client.ID != v.Client.ID || w.Client.Name != "Anna Nagy" {
		t.Errorf("a corrected client is %+v", w.Client)
	}
	if w := edited(t, v, visit.Patch{Client: &visit.Client{ID: "c_2", Name: "B"}}); w.Client.ID != "c_2" {
		t.Errorf("another client is %+v", w.Client)
	}
	w := edited(t, v, visit.Patch{Client: &visit.Client{}})
	if w.Client != (visit.Client{}) {
		t.Errorf("no client is %+v", w.Client)
	}
	if w = edited(t, w, visit.Patch{Client: &visit.Client{Name: "C"}}); w.Client.ID != "" {
		t.Errorf("a new client is %+v", w.Client)
	}
	if w = edited(t, v, visit.Patch{StartsAt: &time.Time{}}); !w.StartsAt.Equal(v.StartsAt) {
		t.Errorf("no time became %s", w.StartsAt)
	}
}

// Whatever edits follow each other: versions count up, lines have distinct ids, the money that was
// paid isn't touched, and what is accepted once is accepted again.
func TestR4AnyEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := source()
		v := made(t, draft())
		v.Paid = 1000
		for n := range rapid.IntRange(1, 8).Draw(t, "edits") {
			lines := []visit.Line{}
			for range rapid.IntRange(0, 4).Draw(t, "lines") {
				l := haircut()
				l.Quantity = rapid.Int64Range(1, 3).Draw(t, "quantity")
				l.Name = rapid.SampledFrom([]string{"Haircut", "Colour"}).Draw(t, "name")
				lines = append(lines, l)
			}
			if len(v.Lines) > 0 && rapid.Bool().Draw(t, "keeps one") {
				lines = append(lines, v.Lines[len(v.Lines)-1])
			}
			w, err := v.Edit(visit.Patch{Lines: &lines}, int64(n+1), noon(), ids)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[id.Line]bool{}
			for _, l := range w.Lines {
				if !l.ID.Valid() || seen[l.ID] {
					t.Fatalf("line ids: %+v", w.Lines)
				}
				seen[l.ID] = true
			}
			if w.Version != v.Version+1 || w.Paid != 1000 || w.ID != v.ID || len(w.Lines) != len(lines) {
				t.Fatalf("%+v", w)
			}
			v = w
		}
	})
}
