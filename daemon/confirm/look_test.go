package confirm_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider/providertest"
	"countersign/daemon/visit"
)

// overSession has bad weather over one checkout alone.
func overSession(c visit.Checkout, storm providertest.Storm) providertest.Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, c.Session) {
			return storm(base, r)
		}
		return base.RoundTrip(r)
	}
}

// R30, R35, R41: a checkout that can't be looked up keeps no other from being
// confirmed, neither where events are listed nor where they aren't; and where
// the provider is well otherwise, it doesn't keep the codes from being shown.
func TestR35OneBadLook(t *testing.T) {
	for name, try := range map[string]struct {
		storm providertest.Storm
		gate  bool
	}{
		"garbled": {providertest.Answer(http.StatusOK, "", `{"id":"x"}`), true},
		"500":     {providertest.Answer(http.StatusInternalServerError, "", ""), true},
		"422":     {providertest.Answer(http.StatusUnprocessableEntity, "", `{"error":{"text":"no"}}`), true},
		"403":     {providertest.Answer(http.StatusForbidden, "", ""), false},
		"silence": {providertest.Silence, false},
	} {
		for where, in := range map[string]func(*testing.T, func(*testing.T, *house)){"a list": inTown, "no list": inTerseTown} {
			t.Run(name+", "+where, func(t *testing.T) {
				in(t, func(t *testing.T, s *house) {
					_, bad := s.opened()
					before, c := s.opened()
					s.pays(c)
					s.weather.Set(overSession(bad, try.storm))
					s.listen()
					time.Sleep(time.Minute)
					s.booked(before, 1)
					after, c := s.opened()
					s.pays(c)
					time.Sleep(2 * time.Minute)
					s.booked(after, 1)
					if s.IsSynced() != try.gate {
						t.Errorf("synced %v", s.IsSynced())
					}
				})
			})
		}
	}
}

// R35: what is odd about one checkout doesn't make the polls of a provider
// without a list any slower.
func TestR35BadLookSlowsNothing(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *house) {
		s.listen()
		_, bad := s.opened()
		s.weather.Set(overSession(bad, providertest.Answer(http.StatusOK, "", `{"id":"x"}`)))
		time.Sleep(5 * time.Minute)
		v, c := s.opened()
		s.pays(c)
		time.Sleep(3 * time.Second)
		s.booked(v, 1)
		if now := s.state(); now.Problem != "" {
			t.Errorf("%+v", now)
		}
	})
}

// R30, R35: a moment's nonsense is asked about again before any code is shown;
// a provider that only fails isn't taken for one that was read.
func TestR35OddAtTheStart(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *house) {
		v, c := s.opened()
		s.pays(c)
		s.weather.Set(overSession(c, providertest.Answer(http.StatusOK, "", `{"id":"x"}`)))
		s.listen()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s.IsSynced() {
			t.Error("codes are shown after a moment's nonsense")
		}
		s.weather.Set(nil)
		time.Sleep(3 * time.Second)
		s.booked(v, 1)
		if !s.IsSynced() {
			t.Error("not synced")
		}
	})
	inTerseTown(t, func(t *testing.T, s *house) {
		s.opened()
		s.opened()
		s.weather.Set(providertest.Answer(http.StatusInternalServerError, "", ""))
		s.listen()
		time.Sleep(time.Hour)
		if now := s.state(); s.IsSynced() || !strings.Contains(now.Problem, "can't be reached") {
			t.Errorf("synced %v, %+v", s.IsSynced(), now)
		}
		if n := s.asked.looked(); n > 400 {
			t.Errorf("looked up %d times", n)
		}
	})
}

// R11, R41: a page that can be paid isn't over since its provider once or twice
// says that it doesn't know it, at the start, at a poll, or after a hint.
func TestR41StrayNotFound(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *house) {
		v, c := s.opened()
		stray := func(answers int) providertest.Storm {
			return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
				if strings.HasPrefix(r.URL.Path, "/sandbox/v1/sessions") && answers > 0 {
					answers--
					return forget(base, r)
				}
				return base.RoundTrip(r)
			}
		}
		s.weather.Set(stray(4)) // two looks, and the search behind each
		s.listen()
		time.Sleep(10 * time.Second)
		for range 3 {
			s.weather.Set(stray(4))
			time.Sleep(10 * time.Second)
		}
		s.weather.Set(stray(8))
		for range 4 {
			s.must(s.intake.Hook(t.Context(), "p", nil, []byte(c.Session)))
		}
		time.Sleep(10 * time.Second)
		if now, err := s.LastCheckout(v.ID); err != nil || now.State != visit.Open {
			t.Errorf("%+v, %v", now, err)
		}
		if kinds := s.raised(); !s.IsSynced() || len(kinds) > 0 {
			t.Errorf("synced %v, raised %v", s.IsSynced(), kinds)
		}
		s.pays(c)
		time.Sleep(3 * time.Second)
		s.booked(v, 1)
	})
}
