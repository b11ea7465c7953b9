package confirm_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
)

// asks is how often a quiet provider was asked so far.
func (q *quiet) asks() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.asked
}

// R35: without a provider there is nothing to wait for; one that staff set up
// later is read from then on, and with other keys by those only.
func TestR35ProvidersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, nil)
		s.listen()
		synctest.Wait()
		if !s.IsSynced() || len(s.intake.States()) > 0 {
			t.Fatalf("synced %v, %+v", s.IsSynced(), s.intake.States())
		}
		old, next := &quiet{}, &quiet{}
		s.SetProvider("q", old)
		time.Sleep(10 * time.Minute)
		if n := old.asks(); n < 9 || !s.state().Synced {
			t.Errorf("asked %d times, %+v", n, s.state())
		}
		s.SetProvider("q", next)
		synctest.Wait()
		before := old.asks()
		time.Sleep(10 * time.Minute)
		if old.asks() > before || next.asks() < 9 {
			t.Errorf("asked %d times more under the old keys, %d under the new", old.asks()-before, next.asks())
		}
		s.SetProvider("q", nil)
		synctest.Wait()
		before = next.asks()
		time.Sleep(10 * time.Minute)
		if next.asks() > before || len(s.intake.States()) > 0 {
			t.Errorf("asked %d times after it was taken out, %+v", next.asks()-before, s.intake.States())
		}
	})
}

// R35: a provider that is away doesn't hold up the others, nor the end.
func TestR35OneIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away, here := &quiet{down: true}, &quiet{}
		s := alone(t, map[string]provider.Provider{"a": away, "h": here})
		s.listen()
		time.Sleep(10 * time.Minute)
		if here.asks() < 9 || away.asks() < 5 || s.IsSynced() {
			t.Errorf("asked %d and %d times, synced %v", here.asks(), away.asks(), s.IsSynced())
		}
		s.SetProvider("a", nil)
		var ended sync.WaitGroup
		ended.Go(s.stop)
		ended.Wait()
	})
}

// R30, R35: keys that were taken away at a provider where nothing is open keep
// nobody from showing codes; staff are told all the same.
func TestR35ShutOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, map[string]provider.Provider{"q": &quiet{shut: true}})
		s.listen()
		time.Sleep(time.Minute)
		if now := s.state(); !s.IsSynced() || now.Synced || now.Problem == "" {
			t.Errorf("synced %v, %+v", s.IsSynced(), now)
		}
	})
	inTown(t, func(t *testing.T, s *house) {
		s.opened()
		s.weather.Set(providertest.Answer(http.StatusUnauthorized, "", ""))
		s.listen()
		time.Sleep(time.Hour)
		if s.IsSynced() {
			t.Error("codes are shown, and one of them may have been paid")
		}
		s.stop()
		time.Sleep(26 * time.Hour) // the company closed the account for good
		s.Desk = over(s.db, map[string]provider.Provider{"p": s.client})
		s.listen()
		time.Sleep(time.Minute)
		if !s.IsSynced() {
			t.Error("a page that was over yesterday keeps the codes from being shown")
		}
	})
}
