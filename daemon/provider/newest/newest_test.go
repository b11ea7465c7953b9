package newest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"countersign/daemon/provider"
	"countersign/daemon/provider/newest"
)

type event struct {
	id string
	at int64
}

// account lists its events as such providers do.
type account struct {
	events []event // newest first
	calls  int
}

func (a *account) ask(_ context.Context, from, to int64, after string, limit int) (page []event, more bool, err error) {
	a.calls++
	past := after == ""
	for _, e := range a.events {
		if past && e.at >= from && (to == 0 || e.at < to) {
			if len(page) == limit {
				return page, true, nil
			}
			page = append(page, e)
		}
		past = past || e.id == after
	}
	return page, false, nil
}

func (a *account) happens(at int64) {
	e := event{fmt.Sprintf("evt_%d", len(a.events)), at}
	i, _ := slices.BinarySearchFunc(a.events, at, func(o event, at int64) int { return int(at - o.at) })
	a.events = slices.Insert(a.events, i, e)
}

func (a *account) list() newest.List[event] {
	return newest.List[event]{Ask: a.ask, ID: func(e event) string { return e.id }, At: func(e event) int64 { return e.at },
		Prefix: "evt_", Kept: 100_000, Overlap: 300}
}

// R35: of any history, read in any pages while more happens and some of it is
// listed late, nothing is left out, and no page is out of order.
func TestNothingIsLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, cursor, told := &account{}, "", map[string]bool{}
		now, limit := int64(50_000), rapid.IntRange(2, 12).Draw(t, "limit")
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			for range rapid.IntRange(0, 40).Draw(t, "events") {
				now += rapid.SampledFrom([]int64{0, 0, 1, 7, 400, 3000}).Draw(t, "pause")
				a.happens(now - rapid.SampledFrom([]int64{0, 0, 0, 200}).Draw(t, "late"))
			}
			for more, pages := true, 0; more; pages++ {
				var events []event
				var err error
				if events, cursor, more, err = a.list().Read(t.Context(), cursor, limit); err != nil {
					t.Fatal(err)
				}
				if !slices.IsSortedFunc(events, func(a, b event) int { return int(a.at - b.at) }) {
					t.Fatalf("out of order: %v", events)
				}
				for _, e := range events {
					told[e.id] = true
				}
				if pages > 2000 {
					t.Fatal("the list has no end")
				}
			}
		}
		if len(told) != len(a.events) {
			t.Fatalf("%d of %d events were told", len(told), len(a.events))
		}
		// What a backlog ended with is told once more, and then no more.
		for range 2 {
			for more := true; more; {
				var err error
				if _, cursor, more, err = a.list().Read(t.Context(), cursor, 1000); err != nil {
					t.Fatal(err)
				}
			}
		}
		if events, next, more, err := a.list().Read(t.Context(), cursor, 1000); len(events) != 0 || next != cursor || more || err != nil {
			t.Fatalf("nothing happened, and %v is told, %q becomes %q: %v", events, cursor, next, err)
		}
	})
}

// R41: a cursor of something else is refused rather than read from the beginning.
func TestCursorsOfOthers(t *testing.T) {
	for _, cursor := range []string{"v1", "v1.1.2.3", "v1.1.1.1.x", "v1.1.1.1.-1", "v1.01.1.1.1", "v1.1.1.1.1.xyz", "v1.1.1.1.1.evt_ 1", "v1.1.1.1.1.",
		"v2.1.1.1.1", "evt_1", "v1.1.1.1.99999999999999999999", " v1.1.1.1.1"} {
		if _, _, _, err := (&account{}).list().Read(t.Context(), cursor, 10); provider.KindOf(err) != provider.Refused {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}
