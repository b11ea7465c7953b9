package confirm_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/visit"
)

// R35: after three days without the provider everything that was paid there is
// booked by the first poll that gets through, once, in the order in which it
// was paid, and what lapsed has lapsed.
func TestR35ThreeDaysAway(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		time.Sleep(time.Minute)
		const guests = 250 // more than two pages of events
		var paid, lapsed []visit.Visit
		var open []visit.Checkout
		for n := range guests {
			v, c := s.opened()
			if n%5 == 4 {
				lapsed = append(lapsed, v)
				continue
			}
			paid, open = append(paid, v), append(open, c)
		}
		s.weather.Set(providertest.Unreachable)
		for _, c := range open {
			s.pays(c)
			time.Sleep(time.Second)
		}
		time.Sleep(72 * time.Hour)
		if now := s.state(); now.Problem == "" || now.Lag < 72*3600 {
			t.Errorf("during the outage: %+v", now)
		}
		for _, v := range paid {
			s.booked(v, 0)
		}
		s.weather.Set(nil)
		s.asked.since()
		time.Sleep(66 * time.Second) // the slowest poll, with its jitter
		var last time.Time
		for _, v := range paid {
			for _, e := range s.booked(v, 1) {
				if e.ReceivedAt.Before(last) {
					t.Errorf("received %v after %v", e.ReceivedAt, last)
				}
				last = e.ReceivedAt
			}
		}
		for _, v := range lapsed {
			if c, err := s.LastCheckout(v.ID); err != nil || c.State != visit.Expired {
				t.Errorf("%+v, %v", c, err)
			}
		}
		if now := s.state(); now.Problem != "" || now.Lag > 70 {
			t.Errorf("after it: %+v", now)
		}
	})
}

// archive is a provider with more to tell than fits into memory: each page is
// made when it is asked for. It notes how much memory is in use at each.
type archive struct {
	provider.Provider
	pages int
	inUse []uint64
}

// Can is a list of events.
func (a *archive) Can() provider.Abilities { return provider.Abilities{Events: true} }

// Events makes the page behind a cursor, of events that are long.
func (a *archive) Events(_ context.Context, cursor string, limit int) (provider.Page, error) {
	at, _ := strconv.Atoi(cursor)
	if at == a.pages {
		return provider.Page{Cursor: cursor}, nil
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	a.inUse = append(a.inUse, m.HeapAlloc)
	p := provider.Page{Cursor: strconv.Itoa(at + 1), More: at+1 < a.pages}
	for n := range limit {
		name := fmt.Sprintf("%d-%d", at, n)
		p.Events = append(p.Events, provider.Event{ID: "e" + name, Type: provider.EventExpired, At: time.Now(),
			Session: provider.Session{ID: "s" + name, Status: provider.Expired, Currency: "EUR", Amount: 100, Reason: string(make([]byte, 4<<10))}})
	}
	return p, nil
}

// R35: a backlog is read page by page, in memory that doesn't grow with it.
func TestR35BacklogDoesNotGrowInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{pages: 120} // 12,000 events, 48 MiB in all
		s := alone(t, map[string]provider.Provider{"a": a})
		s.listen()
		time.Sleep(time.Minute)
		if !s.IsSynced() || len(a.inUse) != a.pages {
			t.Fatalf("synced %v after %d pages", s.IsSynced(), len(a.inUse))
		}
		early, late := a.inUse[10], a.inUse[a.pages-1]
		if late > early+8<<20 {
			t.Errorf("%d KiB in use at the tenth page, %d at the last", early>>10, late>>10)
		}
	})
}
