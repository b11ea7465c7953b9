package providertest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"countersign/daemon/provider"
)

func eventTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R35 events tell what happened":           eventsTell,
		"R35 events from a cursor":                eventsCursor,
		"R35 an empty page keeps its place":       eventsEmpty,
		"R35 overlap, repeats, disorder":          eventsDisorder,
		"an unknown type is skipped":              eventsOdd,
		"R23 events tell refunds":                 eventsRefund,
		"R35 a cursor that is not the provider's": eventsBadCursor,
	}
}

// drain reads all pages from a cursor on and returns the events by id, with
// the cursor after them.
func drain(t *testing.T, r Rig, cursor string, limit int) (map[string]provider.Event, string) {
	t.Helper()
	got := map[string]provider.Event{}
	for range 1000 {
		p, err := r.Provider.Events(t.Context(), cursor, limit)
		if err != nil {
			t.Fatalf("Events: %v", err)
		}
		for _, e := range p.Events {
			if old, ok := got[e.ID]; ok && old.Type != e.Type {
				t.Errorf("event %s is a %s and a %s", e.ID, old.Type, e.Type)
			}
			got[e.ID] = e
		}
		if p.More && p.Cursor == cursor {
			t.Fatal("there is more, and the cursor stands still")
		}
		if cursor = p.Cursor; !p.More {
			return got, cursor
		}
	}
	t.Fatal("the events have no end")
	return nil, ""
}

// types are what the events tell of a session, sorted.
func types(events map[string]provider.Event, session string) []string {
	var out []string
	for _, e := range events {
		if e.Session.ID == session {
			out = append(out, e.Type)
		}
	}
	slices.Sort(out)
	return out
}

func eventsTell(t *testing.T, r Rig) {
	if !r.Provider.Can().Events {
		return
	}
	s := mustPay(t, r, "1")
	expired := mustCreate(t, r, "2")
	cancelled := mustCreate(t, r, "3")
	if _, err := r.Provider.Cancel(t.Context(), cancelled.ID); err != nil {
		t.Fatal(err)
	}
	time.Sleep(62 * time.Minute)
	events, _ := drain(t, r, "", 50)
	want := map[string]string{s.ID: provider.EventPaid, expired.ID: provider.EventExpired, cancelled.ID: provider.EventCancelled}
	if r.Provider.Can().EndsUntold { // then looking them up has to tell
		want = map[string]string{s.ID: provider.EventPaid}
		mustBe(t, r, expired.ID, provider.Expired)
	}
	for id, want := range want {
		if got := types(events, id); !slices.Contains(got, want) {
			t.Errorf("no %s in %v", want, got)
		}
	}
	for _, e := range events {
		if e.Type == provider.EventPaid && e.Session != s {
			t.Errorf("told %+v, is %+v", e.Session, s)
		}
		if e.At.IsZero() || !provider.KnownEvent(e.Type) {
			t.Errorf("half an event: %+v", e)
		}
	}
}

func eventsCursor(t *testing.T, r Rig) {
	if !r.Provider.Can().Events {
		return
	}
	first := mustPay(t, r, "1")
	_, cursor := drain(t, r, "", 1)
	second := mustPay(t, r, "2")
	events, _ := drain(t, r, cursor, 1)
	if len(types(events, first.ID)) > 0 && !r.Overlaps {
		t.Errorf("told again without a reason: %v", events)
	}
	if got := types(events, second.ID); !slices.Contains(got, provider.EventPaid) {
		t.Errorf("a gap: only %v", got)
	}
}

func eventsEmpty(t *testing.T, r Rig) {
	if !r.Provider.Can().Events {
		return
	}
	none, cursor := drain(t, r, "", 10)
	again, cursor := drain(t, r, cursor, 10)
	if len(none)+len(again) > 0 || cursor == "" {
		t.Errorf("%d events of nothing, cursor %q", len(none)+len(again), cursor)
	}
	s := mustPay(t, r, "1")
	events, _ := drain(t, r, cursor, 10)
	if got := types(events, s.ID); !slices.Contains(got, provider.EventPaid) {
		t.Errorf("missed after an empty page: %v", got)
	}
}

// eventsDisorder reads while things happen, under disorder, and wants to have
// heard all of it in the end.
func eventsDisorder(t *testing.T, r Rig) {
	if r.Disorder == nil {
		return
	}
	r.Disorder(true)
	seen, cursor := map[string]provider.Event{}, ""
	var paid []provider.Session
	for i := range 20 {
		paid = append(paid, mustPay(t, r, fmt.Sprint(i)))
		p, err := r.Provider.Events(t.Context(), cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Events {
			seen[e.ID] = e
		}
		cursor = p.Cursor
		time.Sleep(time.Second)
	}
	time.Sleep(time.Hour)
	rest, cursor := drain(t, r, cursor, 3)
	if r.Overlaps { // what was listed behind the reader's back is there at the next poll
		late, _ := drain(t, r, cursor, 3)
		maps.Copy(rest, late)
	}
	maps.Copy(seen, rest)
	want := []string{provider.EventOpen, provider.EventPaid}
	if r.Unopened || r.Provider.Can().EndsUntold {
		want = want[1:]
	}
	for _, s := range paid {
		if got := types(seen, s.ID); !slices.Equal(got, want) {
			t.Errorf("of %s we heard %v", s.Reference, got)
		}
	}
}

func eventsOdd(t *testing.T, r Rig) {
	if r.Odd == nil {
		return
	}
	r.Odd(true)
	s := mustPay(t, r, "1")
	events, _ := drain(t, r, "", 1)
	if got := types(events, s.ID); !slices.Contains(got, provider.EventPaid) {
		t.Errorf("missed behind an unknown type: %v", got)
	}
	for _, e := range events {
		if !provider.KnownEvent(e.Type) {
			t.Errorf("not skipped: %+v", e)
		}
	}
}

func eventsRefund(t *testing.T, r Rig) {
	if !hears(r) || !r.Provider.Can().Refund {
		return
	}
	s := mustPay(t, r, "1")
	done, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 700))
	if err != nil {
		t.Fatal(err)
	}
	if r.RefundsLater {
		done.Status = provider.RefundSucceeded // which is all that was left to tell
	}
	for _, e := range heard(t, r) {
		if e.Type == provider.EventRefund {
			if e.Refund == nil || !sameRefund(*e.Refund, done) || e.Refund.Session != e.Session.ID {
				t.Errorf("told %+v, is %+v", e.Refund, done)
			}
			return
		}
	}
	t.Error("no event tells the refund")
}

// sameRefund compares what is told of a refund. Some providers know a refund
// by its payment alone.
func sameRefund(told, is provider.Refund) bool {
	if told.Session == "" {
		is.Session = ""
	}
	return told == is
}

func eventsBadCursor(t *testing.T, r Rig) {
	if !r.Provider.Can().Events {
		return
	}
	_, err := r.Provider.Events(t.Context(), "not a cursor", 10)
	wantKind(t, "a foreign cursor", err, provider.Refused)
}
