package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/store"
)

// R37, R35, R13, R11: the code carries Stripe's link; who opened it is learnt
// within seconds, and blocks the visit; what they pay closes it for good.
func TestR37FromTheCodeToPaid(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		s := c.shows(v)
		if s.Kind != "qr" || !strings.HasPrefix(s.URL, "https://buy.stripe.com/") {
			t.Fatalf("the display shows %s %s", s.Kind, s.URL)
		}
		page := c.opens(s)
		if s := c.after(5 * time.Second); s.Kind != "in_progress" || !c.reread(v).Blocked(time.Now()) {
			t.Errorf("opened: %s, blocked until %s", s.Kind, c.reread(v).BlockedUntil)
		}
		_, err := c.Desk().TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
		if f := fault.From(err); f == nil || f.Code != "visit_blocked" {
			t.Errorf("R13: %v", err)
		}
		other := c.opens(s) // the same client, reloading
		c.pays(page)
		if s := c.after(5 * time.Second); s.Kind != "paid" {
			t.Errorf("paid: %s", s.Kind)
		}
		v = c.reread(v)
		if c.booked() != 2500 || !v.PaidByLink || v.Blocked(time.Now()) || len(c.raised()) > 0 || len(c.company.Links()) > 0 {
			t.Errorf("%+v, raised %v", v, c.raised())
		}
		c.after(time.Minute)
		must(t, c.company.Pay(other))
		if c.after(time.Minute); c.booked() != 2500 {
			t.Error("R11: it was paid twice")
		}
		if err := c.Desk().Show(boss, v.ID, "front", false); fault.From(err).Code != "link_completed" {
			t.Errorf("R11: %v", err)
		}
	})
}

// R6, R37: the link is the same at every call, also for who opens our own
// address; the API waits for it, and nobody without the right is told.
func TestR37OneLink(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		a, err := c.Link(t.Context(), boss, v.ID)
		must(t, err)
		b, err := c.Link(t.Context(), boss, v.ID)
		must(t, err)
		led, err := c.OpenLink(t.Context(), v.Token)
		must(t, err)
		if s := c.shows(v); a != b || a.URL == "" || led != a.URL || s.URL != a.URL || len(c.company.Links()) != 1 {
			t.Errorf("%+v, %+v, %s, shown %s, %d links", a, b, led, s.URL, len(c.company.Links()))
		}
		if err := c.Desk().AskLink(access.Actor{Rights: access.Rights{access.VisitsView}}, v.ID); fault.From(err).Kind != fault.Forbidden {
			t.Errorf("R7: %v", err)
		}
		none := c.visit(0)
		if _, err := c.Link(t.Context(), boss, none.ID); fault.From(err).Code != "nothing_due" {
			t.Errorf("%v", err)
		}
	})
}

// R15, R17, R30: another amount is another link: the old one is off the glass
// at once, and opens nothing; cash for all of it takes the code down.
func TestR37AnotherAmount(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(5000)
		before := c.shows(v)
		must(t, c.edits(v, 10000))
		if s := c.glass(); s.QRSVG != "" && s.URL == before.URL {
			t.Error("R30: the old code is still up")
		}
		if s := c.after(2 * time.Second); s.Kind != "qr" || s.URL == before.URL || len(c.company.Links()) != 1 {
			t.Errorf("%s %s, %d links", s.Kind, s.URL, len(c.company.Links()))
		}
		_, err := c.TakePayment(t.Context(), boss, v.ID, desk.Taking{Method: "cash", Amount: 4000}, desk.Key{})
		must(t, err)
		page := c.opens(c.after(2 * time.Second))
		c.pays(page)
		if c.after(5 * time.Second); c.booked() != 6000 || len(c.raised()) > 0 {
			t.Errorf("R16: booked %d, raised %v", c.booked(), c.raised())
		}
		cash := c.visit(700)
		c.shows(cash)
		_, err = c.TakePayment(t.Context(), boss, cash.ID, desk.Taking{Method: "cash", Amount: 700}, desk.Key{})
		must(t, err)
		if s := c.after(time.Second); s.Kind != "closed" || len(c.company.Links()) != 0 {
			t.Errorf("%s, %d links", s.Kind, len(c.company.Links()))
		}
	})
}

// R15, R20: the amount changes while somebody has the page open that we haven't
// heard of. The link is closed before the edit; what was paid meanwhile wins.
func TestR15EditWhileSomebodyPays(t *testing.T) {
	for name, try := range map[string]struct {
		pays, away bool
		raised     []string
	}{"still reading": {}, "just paid": {pays: true}, "just paid, and Stripe is away": {true, true, []string{ledger.AmountMismatch}}} {
		t.Run(name, func(t *testing.T) {
			inClinic(t, func(t *testing.T, c *clinic) {
				v := c.visit(5000)
				page := c.opens(c.shows(v))
				if try.away {
					c.weather.Set(providertest.Unreachable)
				}
				if try.pays {
					c.pays(page)
				}
				must(t, c.edits(v, 8000))
				c.weather.Set(nil)
				must(t, c.company.Pay(page)) // which does nothing once the page is over
				c.after(5 * time.Minute)
				v = c.reread(v)
				want := int64(0)
				if try.pays {
					want = 5000
				}
				if c.booked() != want || v.Total() != 8000 || v.Due() != 8000-want || !slices.Equal(c.raised(), try.raised) {
					t.Errorf("booked %d, due %d, raised %v", c.booked(), v.Due(), c.raised())
				}
			})
		})
	}
}

// R37, R30: while Stripe is away, or says no, there is no code, and the tablet
// knows why; it comes by itself, or with another tap.
func TestR37ProviderAway(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		c.weather.Set(providertest.LostAnswer)
		if s := c.shows(v); s.Kind != "idle" || s.QRSVG != "" || c.waits(v) != desk.WaitsUnreached {
			t.Errorf("away: %s, waits for %s", s.Kind, c.waits(v))
		}
		if _, err := c.Link(t.Context(), boss, v.ID); fault.From(err).Code != "provider_unavailable" {
			t.Errorf("away: %v", err)
		}
		c.weather.Set(nil)
		if s := c.after(20 * time.Second); s.Kind != "qr" || len(c.company.Links()) != 1 {
			t.Errorf("back: %s, %d links", s.Kind, len(c.company.Links()))
		}
		second := c.visit(100)
		c.weather.Set(providertest.Answer(http.StatusForbidden, "", `{"error":{"type":"invalid_request_error","message":"no permission"}}`))
		if s := c.shows(second); s.Kind != "idle" || c.waits(second) != desk.WaitsForRefusal {
			t.Errorf("refused: %s, waits for %s", s.Kind, c.waits(second))
		}
		c.weather.Set(nil)
		if s := c.after(time.Minute); s.Kind != "idle" {
			t.Errorf("nobody asked again: %s", s.Kind)
		}
		if s := c.shows(second); s.Kind != "qr" {
			t.Errorf("tapped again: %s", s.Kind)
		}
	})
}

// R14, R10, R13: a block is lifted by closing the page and not the link; a page
// that nobody pays is closed after an hour, and reloading prolongs nothing.
func TestR14PagesOfALink(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		s := c.shows(v)
		page := c.opens(s)
		c.after(5 * time.Second)
		until := c.reread(v).BlockedUntil
		c.after(time.Minute)
		second := c.opens(s)
		if c.after(5 * time.Second); !c.reread(v).BlockedUntil.Equal(until) {
			t.Error("R13: reloading prolonged the block")
		}
		lifted, err := c.Unblock(t.Context(), boss, v.ID)
		must(t, err)
		if again := c.after(time.Second); lifted.Blocked(time.Now()) || again.Kind != "qr" || again.URL != s.URL {
			t.Errorf("R14: %s, blocked until %s", again.Kind, lifted.BlockedUntil)
		}
		for _, p := range []string{page, second} {
			must(t, c.company.Pay(p)) // they are closed
		}
		third := c.opens(s)
		c.after(61 * time.Minute)
		must(t, c.company.Pay(third))
		if got := c.after(time.Minute); c.booked() != 0 || got.Kind != "qr" || c.reread(v).Checkout != "" {
			t.Errorf("R10: booked %d, %s", c.booked(), got.Kind)
		}
	})
}

// R20: a payment that takes its time holds the code back; when it fails, which
// uses the link up, another one is made.
func TestR20LinkPaymentThatTakesItsTime(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		s := c.shows(v)
		must(t, c.company.Fail(c.opens(s)))
		got := c.after(20 * time.Second)
		if got.Kind != "qr" || got.URL == s.URL || len(c.company.Links()) != 1 {
			t.Fatalf("failed: %s, %d links", got.Kind, len(c.company.Links()))
		}
		must(t, c.company.PayLater(c.opens(got)))
		if s := c.after(5 * time.Second); s.Kind != "in_progress" {
			t.Errorf("on its way: %s", s.Kind)
		}
		if s := c.after(20 * time.Second); s.Kind != "paid" || c.booked() != 2500 {
			t.Errorf("there: %s", s.Kind)
		}
	})
}

// R41, R30: what happens to a link while the daemon is off is learnt before any
// code is shown: it was paid, or taken down at the dashboard.
func TestR41LinksWhileOff(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		v := c.visit(2500)
		page := c.opens(c.shows(v))
		c.shut()
		c.pays(page)
		time.Sleep(time.Hour)
		c.start()
		if s := c.glass(); s.QRSVG != "" || c.booked() != 2500 || len(c.raised()) > 0 {
			t.Errorf("paid: %s, booked %d, raised %v", s.Kind, c.booked(), c.raised())
		}
		v = c.visit(300)
		before := c.shows(v)
		c.shut()
		must(t, c.company.TakeDown(c.company.Links()[0]))
		c.start()
		if s := c.after(2 * time.Second); s.Kind != "qr" || s.URL == before.URL {
			t.Errorf("taken down: %s %s", s.Kind, s.URL)
		}
	})
}

// R37, R18, R20, R41: the power goes at any commit of a link's life. What is
// taken up again ends with every payment booked once and no stale code.
func TestR41PowerCutInALinksLife(t *testing.T) {
	for _, stage := range []store.Stage{store.BeforeCommit, store.AfterCommit} {
		for n := 1; n <= 14; n++ {
			t.Run(fmt.Sprint(stage, n), func(t *testing.T) {
				inClinic(t, func(t *testing.T, c *clinic) { c.life(n, stage) })
			})
		}
	}
}

// life is a link that is shown, opened, made stale, made anew and paid, with the
// power cut somewhere: then the daemon is started again, and what was refused is
// done once more.
func (c *clinic) life(n int, stage store.Stage) {
	v := c.visit(2500)
	c.atCommit(n, stage)
	lives := func(wait time.Duration) display.Scene {
		for _, passed := range []time.Duration{wait, 3 * time.Second} {
			time.Sleep(passed)
			synctest.Wait()
			if c.mains.out.Load() { // it goes once, at any moment
				c.restart()
			}
		}
		return c.glass()
	}
	do := func(act func() error) {
		c.t.Helper()
		err := act()
		if lives(time.Second); err != nil {
			must(c.t, act())
			lives(time.Second)
		}
	}
	do(func() error { return c.Desk().Show(boss, v.ID, "front", true) })
	stale := c.opens(lives(30 * time.Second)) // a job that was cut short is taken up again
	lives(5 * time.Second)
	lives(16 * time.Minute)
	do(func() error { return c.edits(v, 4000) })
	code := lives(30 * time.Second)
	must(c.t, c.company.Pay(stale)) // which is over by now
	c.pays(c.opens(code))
	lives(5 * time.Minute)
	if got := c.reread(v); c.booked() != 4000 || got.Due() != 0 || got.LinkState != visit.LinkCompleted || len(c.company.Links()) > 0 {
		c.t.Errorf("booked %d, due %d, link %s, %d links", c.booked(), got.Due(), got.LinkState, len(c.company.Links()))
	}
}
