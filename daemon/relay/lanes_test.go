package relay_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
)

// hangs is a company that answers nothing.
type hangs struct{ provider.Provider }

func (hangs) Create(ctx context.Context, _ provider.Request) (provider.Session, error) {
	<-ctx.Done()
	return provider.Session{}, provider.Errorf(provider.Unclear, "no answer")
}

// silentAt has the company answer nothing at some paths.
func (s *salon) silentAt(path string) {
	s.weather.Set(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, path) {
			return providertest.Silence(base, r)
		}
		return base.RoundTrip(r)
	})
}

// opensAtOnce wants clients who open a link to be on the page within a second.
func (s *salon) opensAtOnce() {
	s.t.Helper()
	for range 20 {
		v := s.visit(2500)
		if c := s.begins(v, time.Second); c.Session == "" {
			s.t.Errorf("a client waits for the page: %s", c.State)
		}
		time.Sleep(6 * time.Second)
	}
}

// R10, R24, R35: a fiscal device that hangs, refunds that take their time and
// another company that is away keep no client from their page.
func TestR35NothingHoldsUpPages(t *testing.T) {
	t.Run("fiscal device", func(t *testing.T) {
		inFiscalTown(t, func(t *testing.T, s *salon) {
			s.silentAt("/sandbox/v1/receipts")
			for range 60 {
				s.takes(100)
			}
			s.opensAtOnce()
			s.weather.Set(nil)
			time.Sleep(20 * time.Minute)
			synctest.Wait()
			if n := len(s.numbers()); n != 60 {
				t.Errorf("%d registered", n)
			}
		})
	})
	t.Run("refunds", func(t *testing.T) {
		inTown(t, func(t *testing.T, s *salon) {
			var all []ledger.Entry
			for range 20 {
				_, paid := s.paid(2500)
				all = append(all, paid)
			}
			s.silentAt("/sandbox/v1/refunds")
			for _, paid := range all {
				s.gives(paid, 1000)
			}
			s.opensAtOnce()
			s.weather.Set(nil)
			time.Sleep(20 * time.Minute)
			synctest.Wait()
			if s.gone() != 20*1000 {
				t.Errorf("the company gave back %d", s.gone())
			}
		})
	})
	t.Run("another company", func(t *testing.T) {
		inTown(t, func(t *testing.T, s *salon) {
			s.SetProvider("q", hangs{s.provider()})
			s.must(s.Prefer(boss, "q"))
			for range 20 {
				_, err := s.Begin(s.visit(2500).Token)
				s.must(err)
			}
			synctest.Wait()
			s.must(s.Prefer(boss, "p"))
			s.opensAtOnce()
		})
	})
}

// R41: a lane that is full is waited for without asking the store all the time.
func TestFullLaneIsWaitedFor(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		s.silentAt("/sandbox/v1/receipts")
		for range 20 {
			s.takes(100)
		}
		synctest.Wait()
		due, next, err := s.DueJobs(100)
		if err != nil || len(due) != 12 || due[0].Value.Kind != desk.JobFiscal || !next.After(time.Now()) {
			t.Errorf("%d due, then %v, %v", len(due), next, err)
		}
		began := time.Now()
		time.Sleep(5 * time.Second) // in a bubble no time passes while anybody is busy
		if since := time.Since(began); since != 5*time.Second {
			t.Errorf("%v", since)
		}
	})
}
