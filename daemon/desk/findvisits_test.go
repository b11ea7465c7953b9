package desk_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// R1: a visit is found as people type: without accents, by a part of a double
// name, by the number as it is dialled at home.
func TestR1VisitsAreFoundAsTyped(t *testing.T) {
	s := open(t)
	loc := desk.DefaultLocation()
	loc.Country = "HU"
	s.must(s.SaveLocation(boss, loc))
	s.visitOf(visit.Client{Name: "Zoë Müller-Őri", Phone: "06 20 123 4567"})
	for q, want := range map[string]int{"zoe": 1, "ZOË": 1, "muller": 1, "ori zoe": 1, "müller-őri": 1, "06201234567": 1, "06 20 12": 1, "+3620": 1, "567": 1,
		"oe": 0, "07": 0, "!": 0, "+": 0} {
		found, _, err := s.Visits(boss, desk.Query{Q: q})
		s.must(err)
		if len(found) != want {
			t.Errorf("%q finds %d visits, want %d", q, len(found), want)
		}
	}
}

// R1: a search is read page by page in the order of the starts, from a date on
// if that is asked for.
func TestR1SearchGoesOn(t *testing.T) {
	s := open(t)
	first := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for i := range 7 {
		d := visit.Draft{Client: visit.Client{Name: fmt.Sprintf("Anna %d", i)}, StartsAt: first.AddDate(0, 0, (i*3)%7), Lines: draft(100).Lines}
		_, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
	}
	s.visitOf(visit.Client{Name: "Bela"})
	for from, want := range map[string]int{"": 7, "2026-03-04": 5, "2026-03-09": 0} {
		var seen []visit.Visit
		for q := (desk.Query{Q: "anna", From: from, Limit: 2}); ; {
			found, next, err := s.Visits(boss, q)
			s.must(err)
			for _, v := range found {
				if len(seen) > 0 && !v.StartsAt.After(seen[len(seen)-1].StartsAt) {
					t.Errorf("%s comes after %s", v.StartsAt, seen[len(seen)-1].StartsAt)
				}
				seen = append(seen, v)
			}
			if q.Cursor = next; next == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("from %q: %d visits, want %d", from, len(seen), want)
		}
	}
	_, _, err := s.Visits(boss, desk.Query{From: "yesterday"})
	s.refused(err, "validation")
}
