package desk_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// R34: an account that its company closed while a page was open can be removed
// a day after that page has ended, and not before; nor as long as its keys are
// good, since then the provider will tell.
func TestR34ClosedAccountCanBeRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.sets(stripe(true))
		v := s.visit(2500)
		s.opened(v)
		w := s.visit(1200)
		s.opened(w)
		_, err := s.Settled(w.ID, false) // a job for its end is queued, for ever
		s.must(err)
		s.sets(desk.Account{Name: "adyen", Kind: "adyen", Live: true})
		s.must(s.Prefer(boss, "adyen"))
		time.Sleep(48 * time.Hour)
		s.refused(s.RemoveAccount(boss, "stripe"), "provider_in_use") // the cancellation
		s.SetShut("stripe", true)
		x := s.visit(900)
		s.must(s.Prefer(boss, "stripe"))
		s.opened(x)
		s.must(s.Prefer(boss, "adyen"))
		if f := s.refused(s.RemoveAccount(boss, "stripe"), "checkouts_open"); !strings.Contains(f.Error(), "a day after") {
			t.Error(f)
		}
		if got := s.raised(); len(got) > 0 {
			t.Errorf("half done: raised %v", got)
		}
		time.Sleep(26 * time.Hour)
		s.must(s.RemoveAccount(boss, "stripe"))
		for _, v := range []visit.Visit{v, w, x} {
			c, err := s.LastCheckout(v.ID)
			s.must(err)
			if got := s.reread(v); c.State != visit.Failed || c.Reason == "" || got.Checkout != "" {
				t.Errorf("%+v of %+v", c, got)
			}
		}
		if got := s.raised(); !slices.Equal(got, []string{desk.LostCheckout, desk.LostCheckout, desk.LostCheckout}) {
			t.Errorf("raised %v", got)
		}
	})
}

// R34: where the closed account was the only one, the next takes its place; a
// payment that takes its time is waited for longer than a day.
func TestR34ClosedAccountWasTheOnlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.sets(stripe(true))
		page := s.opened(s.visit(2500))
		page.Status = provider.Processing
		s.must(s.Confirm("stripe", []provider.Event{{ID: "e", Type: provider.EventProcessing, At: time.Now(), Session: page}}, ""))
		s.SetShut("stripe", true)
		time.Sleep(48 * time.Hour)
		s.refused(s.RemoveAccount(boss, "stripe"), "checkouts_open")
		time.Sleep(30 * 24 * time.Hour)
		s.must(s.RemoveAccount(boss, "stripe"))
		s.SetProvider("stripe", nil)
		s.sets(desk.Account{Name: "adyen", Kind: "adyen", Live: true})
		if name := s.preferred(); name != "adyen" {
			t.Errorf("new checkouts go to %s", name)
		}
	})
}
