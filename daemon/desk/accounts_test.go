package desk_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

func stripe(live bool) desk.Account {
	return desk.Account{Name: provider.NameOf("stripe", live), Kind: "stripe", Live: live, Holder: "acct_1", Hint: "4f2a"}
}

// sets saves an account as staff do, and lets it be asked.
func (s salon) sets(a desk.Account) {
	s.t.Helper()
	_, err := s.SetUp(boss, a)
	s.must(err)
	s.SetProvider(a.Name, paper{})
}

func (s salon) preferred() string {
	s.t.Helper()
	_, name, err := s.Accounts()
	s.must(err)
	return name
}

// R34: the first account that is set up takes the sandbox's place; another
// doesn't, until it is chosen. New checkouts go to the chosen one.
func TestR34OneProviderIsPreferred(t *testing.T) {
	s := open(t)
	if name := s.preferred(); name != "sandbox" {
		t.Fatalf("at first: %s", name)
	}
	s.sets(stripe(true))
	adyen := desk.Account{Name: "adyen", Kind: "adyen", Live: true}
	s.sets(adyen)
	if name := s.preferred(); name != "stripe" {
		t.Errorf("new checkouts go to %s", name)
	}
	s.refused(s.Prefer(boss, "mollie"), "provider_not_found")
	s.must(s.Prefer(boss, "adyen"))
	v := s.visit(2500)
	s.opened(v)
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	if p, err := s.ByToken(v.Token); c.Provider != "adyen" || err != nil || p.Provider != "adyen" || p.Sandbox {
		t.Errorf("the checkout is at %s, the page says %+v, %v", c.Provider, p, err)
	}
}

// Keys of the other mode are refused while checkouts are open, and so are
// those of another account.
func TestR34ModesDontMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		page := s.opened(v) // at the sandbox, where no money moves
		_, err := s.SetUp(boss, stripe(true))
		s.refused(err, "checkouts_open")
		s.sets(stripe(false))
		if p, err := s.ByToken(v.Token); err != nil || !p.Sandbox {
			t.Errorf("a test isn't marked: %+v, %v", p, err)
		}
		time.Sleep(time.Hour)
		_, err = s.SetUp(boss, stripe(true))
		s.refused(err, "checkouts_open") // only the provider ends it
		s.lapses("sandbox", page)
		s.sets(stripe(true))
		if name := s.preferred(); name != "stripe" { // it was tried out long enough
			t.Errorf("new payments go to %s", name)
		}
		s.must(s.Prefer(boss, "stripe-test"))
		s.sets(stripe(true)) // new keys move nobody
		if name := s.preferred(); name != "stripe-test" {
			t.Errorf("after new keys they go to %s", name)
		}
		s.must(s.Prefer(boss, "stripe"))

		w := s.visit(1200)
		s.opened(w)
		s.refused(s.Prefer(boss, "stripe-test"), "checkouts_open")
		other := stripe(true)
		other.Holder = "acct_2"
		_, err = s.SetUp(boss, other)
		s.refused(err, "checkouts_open")
		again := stripe(true)
		again.Hint = "77aa"
		s.sets(again) // a new key of the same account
	})
}

// lapses is a provider's word that a session has expired.
func (s salon) lapses(name string, p provider.Session) {
	s.t.Helper()
	p.Status = provider.Expired
	s.must(s.Confirm(name, []provider.Event{{ID: "lapse " + p.ID, Type: provider.EventExpired, At: time.Now(), Session: p}}, ""))
}

// An account that something still depends on stays; setting up, choosing and
// removing one is recorded.
func TestR34RemoveAccount(t *testing.T) {
	s := open(t)
	s.sets(stripe(true))
	s.refused(s.RemoveAccount(boss, "stripe"), "provider_in_use")
	s.refused(s.RemoveAccount(boss, "adyen"), "provider_not_found")
	s.sets(desk.Account{Name: "adyen", Kind: "adyen", Live: true})
	page := s.opened(s.visit(2500))
	s.must(s.Prefer(boss, "adyen"))
	s.refused(s.RemoveAccount(boss, "stripe"), "checkouts_open")
	s.lapses("stripe", page)
	s.must(s.RemoveAccount(boss, "stripe"))
	lines, err := s.AuditLog(boss, 0, 100)
	s.must(err)
	var acts []string
	for _, l := range lines {
		if strings.HasPrefix(l.Value.Act, "provider.") {
			acts = append(acts, l.Value.Act)
		}
	}
	if got := strings.Join(acts, " "); got != "provider.set_up provider.set_up provider.prefer provider.remove" {
		t.Errorf("recorded %s", got)
	}
}

// R38: only who may change settings sets up providers.
func TestR34Rights(t *testing.T) {
	s := open(t)
	clerk := access.Actor{Name: "Clerk", Rights: access.Rights{}}
	_, err := s.SetUp(clerk, stripe(true))
	s.refused(err, "forbidden")
	s.refused(s.CanSetUp(clerk, stripe(true)), "forbidden")
	s.refused(s.Prefer(clerk, "sandbox"), "forbidden")
	s.refused(s.RemoveAccount(clerk, "stripe"), "forbidden")
}

// A provider whose keys are gone keeps nobody waiting.
func TestR34PreferredIsGone(t *testing.T) {
	s := open(t)
	s.sets(stripe(true))
	s.SetProvider("stripe", nil)
	v := s.visit(2500)
	_, err := s.Begin(v.Token)
	s.refused(err, "provider_unavailable")
	if got := s.reread(v); got.Checkout != "" || got.Blocked(time.Now()) {
		t.Errorf("%+v", got)
	}
}
