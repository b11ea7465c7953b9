package confirm_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/confirm"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/visit"
)

// terse is a company that lists no events and signs no webhooks: their body
// is the session's id.
type terse struct{ provider.Provider }

// Can is that of the sandbox, without a list.
func (terse) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Cancel: true, Refund: true}
}

// Parse takes anybody's word for a hint.
func (terse) Parse(_ http.Header, body []byte, _ time.Time) ([]provider.Event, error) {
	return []provider.Event{{Type: provider.EventHint, Session: provider.Session{ID: string(body)}}}, nil
}

func inTerseTown(t *testing.T, test func(t *testing.T, s *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := town(t)
		s.Desk = over(s.db, map[string]provider.Provider{"p": terse{s.client}})
		test(t, s)
	})
}

// R35: where nothing lists what happened, every open checkout is asked after.
func TestR35PollsWithoutEvents(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *house) {
		s.listen()
		paid, c := s.opened()
		lapsed, _ := s.opened()
		time.Sleep(5 * time.Second)
		s.pays(c)
		time.Sleep(3 * time.Second)
		s.booked(paid, 1)
		time.Sleep(time.Hour + 2*time.Minute)
		if c, err := s.LastCheckout(lapsed.ID); err != nil || c.State != visit.Expired {
			t.Errorf("%+v, %v", c, err)
		}
		s.booked(paid, 1)
		if n := s.asked.since(); n > 0 {
			t.Errorf("asked %d times for a list that isn't there", n)
		}
	})
}

// R35: a webhook that nobody signed has its session asked after, once it is
// one of ours that isn't over; a forged one changes nothing.
func TestR35HintIsFollowed(t *testing.T) {
	inTerseTown(t, func(t *testing.T, s *house) {
		s.intake = confirm.New(s.Desk, zerolog.Nop())
		v, c := s.opened()
		hint := func() error { return s.intake.Hook(t.Context(), "p", nil, []byte(c.Session)) }
		s.must(hint())
		s.booked(v, 0)
		s.pays(c)
		s.must(hint())
		s.booked(v, 1)
		s.weather.Set(providertest.Unreachable)
		s.must(hint()) // over: nobody is asked
		s.must(s.intake.Hook(t.Context(), "p", nil, []byte("sess_of_nobody")))
		s.booked(v, 1)
	})
}

// frugal is a company whose events tell of payments alone.
type frugal struct{ provider.Provider }

// Can is that of the sandbox, short of what the events tell.
func (frugal) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Events: true, Cancel: true, Refund: true, Find: true, EndsUntold: true}
}

// Events keeps back all that isn't paid.
func (f frugal) Events(ctx context.Context, cursor string, limit int) (provider.Page, error) {
	page, err := f.Provider.Events(ctx, cursor, limit)
	page.Events = slices.DeleteFunc(page.Events, func(e provider.Event) bool { return e.Type != provider.EventPaid })
	return page, err
}

// R35: where the events don't tell of checkouts that end unpaid, those are asked
// after once a minute, and payments come as quickly as elsewhere.
func TestR35EndsUntold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := town(t)
		s.Desk = over(s.db, map[string]provider.Provider{"p": frugal{s.client}})
		s.listen()
		time.Sleep(2 * time.Minute)
		paid, c := s.opened()
		lapsed, _ := s.opened()
		time.Sleep(5 * time.Second)
		s.pays(c)
		time.Sleep(3 * time.Second)
		s.booked(paid, 1)
		s.asked.since()
		time.Sleep(time.Hour)
		if n := s.asked.looked(); n < 55 || n > 90 {
			t.Errorf("looked up %d times in an hour", n)
		}
		time.Sleep(2*time.Minute + 10*time.Second)
		if c, err := s.LastCheckout(lapsed.ID); err != nil || c.State != visit.Expired {
			t.Errorf("%+v, %v", c, err)
		}
		s.asked.looked()
		time.Sleep(time.Hour)
		if n := s.asked.looked(); n > 0 {
			t.Errorf("looked up %d times with nothing open", n)
		}
	})
}
