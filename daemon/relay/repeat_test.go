package relay_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
)

// terse is a company at which nothing can be found by our reference.
type terse struct{ provider.Provider }

// Can is that of the sandbox, without finding.
func (terse) Can() provider.Abilities {
	return provider.Abilities{Events: true, Cancel: true, Refund: true, KeyLife: 6 * 24 * time.Hour}
}

func inTerseTown(t *testing.T, test func(t *testing.T, s *salon)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := found(t, func(*sandbox.Client) []fiscal.Device { return nil })
		first := s.provider()
		s.Desk, s.db = open(t, terse{first})
		s.Synced()
		s.work()
		test(t, s)
	})
}

// R10, R41: a provider that can't find by our reference is asked again with
// the same key, and makes one checkout.
func TestR10CreateWithoutFind(t *testing.T) {
	for name, storm := range map[string]providertest.Storm{
		"lost before": providertest.Unreachable, "lost after": providertest.LostAnswer, "silence": providertest.Silence,
		"500": providertest.Answer(http.StatusInternalServerError, "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			inTerseTown(t, func(t *testing.T, s *salon) {
				v := s.visit(2500)
				s.once(storm)
				c := s.begins(v, time.Minute)
				s.is(v, visit.Open)
				if got := s.asked.since(); !slices.Equal(got, []string{"POST sessions", "POST sessions"}) {
					t.Errorf("asked %v", got)
				}
				if found, err := terseFind(t, s, c); err != nil || found.ID != c.Session {
					t.Errorf("%+v, %v", found, err)
				}
			})
		})
	}
}

// terseFind asks the company itself.
func terseFind(t *testing.T, s *salon, c visit.Checkout) (provider.Session, error) {
	t.Helper()
	return s.provider().(terse).Provider.Find(t.Context(), string(c.ID))
}

// R10: that a key was taken away doesn't tell that nothing was made before:
// only a refusal that stays ends the checkout.
func TestR10RefusalAfterUnclear(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		s.weather.Set(providertest.LostAnswer)
		s.begins(v, 500*time.Millisecond)
		s.weather.Set(providertest.Answer(http.StatusUnauthorized, "", `{"error":{"text":"no"}}`))
		time.Sleep(time.Minute)
		s.is(v, visit.CreateUnknown)
		s.weather.Set(nil)
		time.Sleep(2 * time.Minute)
		s.is(v, visit.Open)

		v = s.visit(2500)
		s.weather.Set(providertest.Unreachable)
		s.begins(v, 500*time.Millisecond)
		s.weather.Set(providertest.Answer(http.StatusUnauthorized, "", `{"error":{"text":"no"}}`))
		time.Sleep(10 * time.Minute)
		if c := s.checkout(v); !c.Final() {
			t.Errorf("still %s", c.State)
		}
	})
}

// R23: a refund whose outcome nobody tells is asked for again as long as its
// key is remembered, and never after that: it would be a second refund.
func TestR23KeyThatIsTooOld(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *salon) {
		_, paid := s.paid(2500)
		s.weather.Set(providertest.Answer(http.StatusInternalServerError, "", ""))
		r := s.gives(paid, 1000)
		time.Sleep(5 * 24 * time.Hour)
		s.asked.since()
		time.Sleep(12 * time.Hour)
		if len(s.asked.since()) == 0 {
			t.Error("not asked again while the key is good")
		}
		time.Sleep(24 * time.Hour)
		s.asked.since()
		s.weather.Set(nil)
		time.Sleep(10 * 24 * time.Hour)
		for _, call := range s.asked.since() {
			if call == "POST refunds" {
				t.Error("asked with a key that may be forgotten")
			}
		}
		s.isRefund(r, desk.RefundAsked, 0)
	})
}
