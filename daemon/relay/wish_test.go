package relay_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/visit"
)

// patient has the company ask for ten minutes of peace, and wants it to have
// been asked once in nine, and again soon after them.
func (s *salon) patient(does func()) {
	s.t.Helper()
	s.asked.since()
	s.weather.Set(providertest.Answer(http.StatusTooManyRequests, "Retry-After: 600", ""))
	does()
	time.Sleep(9 * time.Minute)
	synctest.Wait()
	if got := s.asked.since(); len(got) != 1 {
		s.t.Errorf("asked %v in nine minutes, though told to wait ten", got)
	}
	s.weather.Set(nil)
	time.Sleep(2 * time.Minute)
	synctest.Wait()
}

// R35: a provider that says when to come back isn't asked before, whatever it
// was asked for.
func TestR35RetryAfter(t *testing.T) {
	t.Run("refund", func(t *testing.T) {
		inTown(t, func(t *testing.T, s *salon) {
			_, paid := s.paid(2500)
			var r desk.Refund
			s.patient(func() { r = s.gives(paid, 1000) })
			s.isRefund(r, desk.RefundMade, 1000)
		})
	})
	t.Run("cancel", func(t *testing.T) {
		inTown(t, func(t *testing.T, s *salon) {
			v := s.visit(2500)
			s.begins(v, time.Second)
			s.patient(func() {
				_, err := s.Settled(v.ID, false)
				s.must(err)
			})
			s.is(v, visit.Cancelled)
		})
	})
	t.Run("look for one that may be there", func(t *testing.T) {
		inTown(t, func(t *testing.T, s *salon) {
			v := s.visit(2500)
			s.once(providertest.LostAnswer)
			_, err := s.Begin(v.Token)
			s.must(err)
			synctest.Wait()
			s.patient(func() {})
			s.is(v, visit.Open)
		})
	})
}
