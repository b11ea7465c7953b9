package relay_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// stubborn is a company that doesn't close its pages for a while.
type stubborn struct {
	provider.Provider
	until time.Time
	asked []time.Time // by the one relay, whose answers are waited for
}

func (p *stubborn) Cancel(ctx context.Context, session string) (provider.Session, error) {
	p.asked = append(p.asked, time.Now())
	if time.Now().Before(p.until) {
		return p.Look(ctx, session)
	}
	return p.Provider.Cancel(ctx, session)
}

// R14, R35: a company that answers "still open" is asked for the end again and
// again as long as somebody waits for it, with pauses.
func TestR14StillOpenIsPaced(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		s.begins(v, time.Second)
		p := &stubborn{Provider: s.provider(), until: time.Now().Add(8 * time.Second)}
		s.SetProvider("p", p)
		wait, stop := context.WithTimeout(t.Context(), 12*time.Second)
		defer stop()
		for rounds := 0; wait.Err() == nil && rounds < 200; rounds++ {
			changed := s.Changed()
			settled, err := s.Settled(v.ID, false)
			s.must(err)
			if settled {
				break
			}
			select {
			case <-wait.Done():
			case <-changed:
			}
		}
		synctest.Wait()
		s.is(v, visit.Cancelled)
		if n := len(p.asked); n < 3 || n > 5 {
			t.Errorf("asked at %v", p.asked)
		}
	})
}
