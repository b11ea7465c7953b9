package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// What only grows is removed when nobody can need it any more, and what keeps
// money from being booked twice stays.
func TestTidy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v, _, err := s.CreateVisit(boss, draft(2500), desk.Key{Value: "k", Hash: "h"})
		s.must(err)
		p := s.opened(v)
		s.says(p, provider.Paid, "e1")
		before, err := s.LastChange()
		s.must(err)
		if more, err := s.Tidy(); err != nil || more {
			t.Errorf("at once: %t, %v", more, err)
		}
		if kept, err := s.Changes(0, 1000); err != nil || uint64(len(kept)) != before {
			t.Errorf("%d changes are left of %d", len(kept), before)
		}
		time.Sleep(200 * 24 * time.Hour)
		s.visit(100)
		for more := true; more; {
			more, err = s.Tidy()
			s.must(err)
		}
		kept, err := s.Changes(0, 1000)
		s.must(err)
		if len(kept) != 1 || kept[0].Seq != before+1 {
			t.Errorf("changes left: %+v", kept)
		}
		if again, _, err := s.CreateVisit(boss, draft(2500), desk.Key{Value: "k", Hash: "h"}); err != nil || again.ID == v.ID {
			t.Errorf("a key of 200 days ago still answers: %v", err)
		}
		s.says(p, provider.Paid, "e1")
		if v = s.reread(v); v.Paid != 2500 {
			t.Errorf("booked again: paid %d", v.Paid)
		}
	})
}
