package relay_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
)

// inTown runs a test in a bubble, with the relay at work.
func inTown(t *testing.T, test func(t *testing.T, s *salon)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := town(t)
		s.work()
		test(t, s)
	})
}

// R23: money goes back through the provider, once and as much as was asked for.
func TestR23Refund(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		_, paid := s.paid(2500)
		r := s.gives(paid, 1000)
		time.Sleep(time.Second)
		s.isRefund(r, desk.RefundMade, 1000)
		if s.gone() != 1000 {
			t.Errorf("the company gave back %d", s.gone())
		}
	})
}

// R23, R41: an answer that is lost is asked for again with the same key,
// whatever it was lost by, and the money goes back once.
func TestR23RefundInBadWeather(t *testing.T) {
	for name, storm := range map[string]providertest.Storm{
		"lost before": providertest.Unreachable,
		"lost after":  providertest.LostAnswer,
		"silence":     providertest.Silence,
		"500":         providertest.Answer(http.StatusInternalServerError, "", ""),
		"429":         providertest.Answer(http.StatusTooManyRequests, "", ""),
		"garbage":     providertest.Answer(http.StatusOK, "", "<html>"),
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, s *salon) {
				_, paid := s.paid(2500)
				s.asked.since()
				s.once(storm)
				r := s.gives(paid, 2000)
				time.Sleep(2 * time.Minute)
				s.isRefund(r, desk.RefundMade, 2000)
				if got := s.asked.since(); s.gone() != 2000 || !slices.Equal(got, []string{"POST refunds", "POST refunds"}) {
					t.Errorf("the company gave back %d after %v", s.gone(), got)
				}
				if got := s.raised(); len(got) > 0 {
					t.Errorf("raised %v", got)
				}
			})
		})
	}
}

// R23, R41: a refusal after an answer that was lost doesn't say that the first
// attempt moved nothing: the money isn't free again, and goes back once.
func TestR23RefusedAfterALostAnswer(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity} {
		inTown(t, func(t *testing.T, s *salon) {
			_, paid := s.paid(2500)
			asked := 0
			s.weather.Set(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
				if asked++; asked == 1 {
					return providertest.LostAnswer(base, r)
				}
				return providertest.Answer(status, "", "")(base, r)
			})
			r := s.gives(paid, 1000)
			time.Sleep(10 * time.Minute)
			s.isRefund(r, desk.RefundAsked, 0)
			if got := s.raised(); len(got) > 0 {
				t.Errorf("%d: raised %v within ten minutes", status, got)
			}
			time.Sleep(time.Hour)
			if got := s.raised(); !slices.Equal(got, []string{desk.RefundUnclear}) {
				t.Errorf("%d: raised %v", status, got)
			}
			s.weather.Set(nil)
			time.Sleep(10 * time.Minute)
			s.isRefund(r, desk.RefundMade, 1000)
			if s.gone() != 1000 {
				t.Errorf("%d: the company gave back %d", status, s.gone())
			}
		})
	}
}

// R23: attempts that surely moved nothing leave a refusal what it is.
func TestR23RefusedAfterAnOutage(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		_, paid := s.paid(2500)
		asked := 0
		s.weather.Set(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			if asked++; asked <= 2 {
				return providertest.Answer(http.StatusServiceUnavailable, "", "")(base, r)
			}
			return base.RoundTrip(r)
		})
		s.company.SetFaults(sandbox.Faults{RefuseRefunds: 1})
		r := s.gives(paid, 2500)
		time.Sleep(time.Minute)
		s.isRefund(r, desk.RefundDenied, 0)
	})
}

// R23: what the provider refuses is not given back, and somebody is told; it
// may be tried again.
func TestR23RefundRefused(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		_, paid := s.paid(2500)
		s.company.SetFaults(sandbox.Faults{RefuseRefunds: 1})
		r := s.gives(paid, 2500)
		time.Sleep(time.Second)
		s.isRefund(r, desk.RefundDenied, 0)
		if got := s.raised(); !slices.Equal(got, []string{desk.RefundNotMade}) {
			t.Errorf("raised %v", got)
		}
		s.company.SetFaults(sandbox.Faults{})
		r = s.gives(paid, 2500)
		time.Sleep(time.Second)
		s.isRefund(r, desk.RefundMade, 2500)
	})
}

// R23: a refund that is pending is asked after until it has ended, since its
// event may never come; meanwhile its money is not given back twice.
func TestR23RefundPending(t *testing.T) {
	for name, end := range map[string]struct {
		arrived bool
		state   desk.RefundState
		back    int64
		raised  []string
	}{
		"made":      {true, desk.RefundMade, 2000, nil},
		"sent back": {false, desk.RefundDenied, 0, []string{desk.RefundNotMade}},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, s *salon) {
				_, paid := s.paid(2500)
				s.company.SetFaults(sandbox.Faults{PendRefunds: 1})
				r := s.gives(paid, 2000)
				time.Sleep(time.Hour)
				s.isRefund(r, desk.RefundAsked, 0)
				if _, err := s.RefundPayment(boss, paid.ID, desk.Giving{Amount: 501}, desk.Key{}); err == nil {
					t.Error("more than is left beside it")
				}
				if n := len(s.asked.since()); n < 5 || n > 10 {
					t.Errorf("asked %d times in an hour", n)
				}
				s.settle(end.arrived)
				time.Sleep(11 * time.Minute)
				s.isRefund(r, end.state, end.back)
				if got := s.raised(); s.gone() != end.back || !slices.Equal(got, end.raised) {
					t.Errorf("the company gave back %d, raised %v", s.gone(), got)
				}
			})
		})
	}
}

// settle ends the one refund that is pending at the company.
func (s *salon) settle(arrived bool) {
	s.t.Helper()
	page, err := s.provider().Events(s.t.Context(), "", 50)
	s.must(err)
	for _, e := range page.Events {
		if e.Refund != nil {
			_, err := s.company.SettleRefund(e.Refund.ID, arrived)
			s.must(err)
			return
		}
	}
	s.t.Fatal("no refund is pending")
}

// R23: a payment that the client's bank wants back is not given back as well.
func TestR23RefundOfWhatIsDisputed(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		_, paid := s.paid(2500)
		if _, err := s.company.Dispute(paid.ProviderPayment, 0, ""); err != nil {
			t.Fatal(err)
		}
		// Its event isn't heard here, and the provider says no.
		r := s.gives(paid, 2500)
		time.Sleep(time.Second)
		s.isRefund(r, desk.RefundDenied, 0)
	})
}
