package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/money"
)

// The drawer is what the last count left, and what came and went since.
func TestDayClose(t *testing.T) {
	s := open(t)
	v := s.visit(10000)
	cash := s.takes(v, by("cash", 3000))
	s.takes(v, by("card", 1000))
	_, err := s.TopUp(boss, v.Client.ID, by("cash", 500), desk.Key{})
	s.must(err)
	s.givesBack(cash.ID, giving(200, ""))
	count := desk.Counting{Counted: 8250, TakenOut: 3250, Opening: 5000, Note: "50 too little"}
	first, err := s.CloseDay(boss, count, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if first.Expected() != 8300 || first.Difference() != -50 || first.Left() != 5000 {
		t.Errorf("%+v: expected %d, difference %d", first, first.Expected(), first.Difference())
	}
	again, err := s.CloseDay(boss, count, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if again != first {
		t.Errorf("counted twice by one tap: %+v", again)
	}
	s.takes(v, by("cash", 700))
	now, never, err := s.Drawer(boss)
	s.must(err)
	if now.Expected() != 5700 || never {
		t.Errorf("now %+v, first %t", now, never)
	}
	second, err := s.CloseDay(boss, desk.Counting{Counted: 5700, Opening: 99}, desk.Key{})
	s.must(err)
	if second.Difference() != 0 || second.Opening != 5000 {
		t.Errorf("%+v", second)
	}
	all, err := s.DayCloses(boss)
	s.must(err)
	if len(all) != 2 || all[0].Seq != second.Seq {
		t.Errorf("%+v", all)
	}
	for _, bad := range []desk.Counting{{Counted: -1}, {Counted: 1, TakenOut: 2}, {Counted: money.Max + 1}} {
		_, err := s.CloseDay(boss, bad, desk.Key{})
		s.refused(err, "validation")
	}
}

// A count is of the drawer as it was when it was counted, and of no other.
func TestACountOfAnotherDrawerIsRefused(t *testing.T) {
	s := open(t)
	v := s.visit(10000)
	s.takes(v, by("cash", 3000))
	seen, _, err := s.Drawer(boss)
	s.must(err)
	count := desk.Counting{Counted: 3000, Number: seen.Number, Seq: seen.Seq}
	s.takes(v, by("card", 100)) // which is no cash
	cash := s.takes(v, by("cash", 500))
	_, err = s.CloseDay(boss, count, desk.Key{})
	if f := s.refused(err, "cash_moved"); f.Details["expected"] != int64(3500) {
		t.Errorf("%+v", f)
	}
	s.givesBack(cash.ID, giving(500, ""))
	_, err = s.CloseDay(boss, count, desk.Key{})
	s.refused(err, "cash_moved") // what came and went again did come
	seen, _, err = s.Drawer(boss)
	s.must(err)
	count = desk.Counting{Counted: 3000, Number: seen.Number, Seq: seen.Seq}
	_, err = s.CloseDay(boss, count, desk.Key{})
	s.must(err)
	_, err = s.CloseDay(boss, count, desk.Key{})
	s.refused(err, "drawer_counted")
}

// The first count has what moved since the morning in the location's zone;
// later ones what moved since the one before, however long ago it was.
func TestWhatIsInADrawer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.moves("Europe/Berlin", "EUR")
		v := s.visit(100000)
		at := func(when string) {
			moment, err := time.Parse(time.RFC3339, when)
			s.must(err)
			time.Sleep(time.Until(moment)) // a bubble's clock begins in the year 2000
		}
		at("2001-03-24T22:59:59Z") // a second before midnight, and the short day
		s.takes(v, by("cash", 100))
		at("2001-03-24T23:00:00Z")
		s.takes(v, by("cash", 20))
		at("2001-03-25T21:59:59Z") // the last second of the short day
		s.takes(v, by("cash", 3))
		now, first, err := s.Drawer(boss)
		s.must(err)
		if now.In != 23 || !first || now.Date != "2001-03-25" || !now.Since.Equal(time.Date(2001, 3, 24, 23, 0, 0, 0, time.UTC)) {
			t.Errorf("on the first day %+v", now)
		}
		_, err = s.CloseDay(boss, desk.Counting{Counted: 23, TakenOut: 3}, desk.Key{})
		s.must(err)
		at("2002-01-01T12:00:00Z")
		s.takes(v, by("cash", 4))
		now, first, err = s.Drawer(boss)
		s.must(err)
		if now.Opening != 20 || now.In != 4 || first || now.Number != 2 {
			t.Errorf("a year later %+v", now)
		}
	})
}

// What was counted in one currency isn't carried over into another: it can
// still be changed before the first visit.
func TestADrawerForEveryCurrency(t *testing.T) {
	s := open(t)
	_, err := s.CloseDay(boss, desk.Counting{Counted: 20000, Opening: 20000}, desk.Key{})
	s.must(err)
	s.moves("Europe/Berlin", "KWD")
	d := draft(1250)
	d.Currency = "KWD"
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("cash", 1250))
	now, first, err := s.Drawer(boss)
	s.must(err)
	if !first || now.Opening != 0 || now.In != 1250 || now.Number != 2 {
		t.Errorf("in dinars %+v", now)
	}
	c, err := s.CloseDay(boss, desk.Counting{Counted: 1750, Opening: 500}, desk.Key{})
	s.must(err)
	if c.Difference() != 0 || c.Left() != 1750 {
		t.Errorf("%+v", c)
	}
}
