package desk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// host is a provider that hosts links; the test plays its part.
type host struct{ paper }

func (host) CreateLink(context.Context, provider.Request) (provider.Link, error) { panic("a job's") }
func (host) LookLink(context.Context, string) (provider.Link, error)             { panic("a poll's") }
func (host) CloseLink(context.Context, string) ([]provider.Session, error)       { panic("a job's") }
func (host) LinkSessions(context.Context, string) ([]provider.Session, error)    { panic("a poll's") }

func openHosting(t *testing.T) salon {
	t.Helper()
	return openAs(t, func(c *desk.Config) {
		c.ProviderLinks, c.Default = true, "stripe"
		c.Providers = map[string]provider.Provider{"stripe": host{}, "other": host{}}
	})
}

// made lets the provider answer what it was asked, but for links to close, and
// lists the links that stand.
func (s salon) made() (open []desk.Watched) {
	s.t.Helper()
	time.Sleep(time.Second)
	jobs, _, err := s.DueJobs(20)
	s.must(err)
	for _, j := range jobs {
		if j.Value.Kind != desk.JobLink {
			continue
		}
		w, ok, err := s.TakeJob(j.ID, time.Minute)
		s.must(err)
		if ok {
			s.must(s.LinkMade(j.ID, w.Hosted.ID, provider.Link{ID: "plink_" + string(w.Hosted.ID), URL: "https://buy.example/" + string(w.Hosted.ID), Active: true}))
		}
	}
	all, err := s.WatchedLinks("")
	s.must(err)
	return slices.DeleteFunc(all, func(h desk.Watched) bool { return h.State != visit.Standing })
}

func pageOf(h desk.Watched, n int, status provider.Status) provider.Session {
	s := provider.Session{ID: fmt.Sprintf("cs_%s_%d", h.ID, n), Reference: string(h.ID), URL: "https://pay.example/x", Status: status, Amount: h.Amount, Currency: string(h.Currency)}
	if status == provider.Paid {
		s.Payment, s.PaidAt = "pi_"+s.ID, time.Now()
	}
	return s
}

// told is what Stripe's events say.
func (s salon) told(events ...provider.Event) {
	s.t.Helper()
	s.must(s.Confirm("stripe", events, ""))
}

// R20, R37: two pages of one link can't both be paid. If they are, both are
// booked, and the second is raised; so is one after the link was closed.
func TestR20TwoPaymentsThroughOneLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHosting(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		h := s.made()[0]
		s.told(provider.Event{ID: "e1", Session: pageOf(h, 1, provider.Paid)}, provider.Event{ID: "e2", Session: pageOf(h, 2, provider.Paid)})
		s.must(s.LinkClosed("unlink-"+string(h.ID), h.ID, []provider.Session{pageOf(h, 2, provider.Paid), pageOf(h, 1, provider.Paid)}))
		s.told(provider.Event{ID: "e3", Session: pageOf(h, 3, provider.Paid)})
		if v = s.reread(v); v.Paid != 7500 || !slices.Equal(s.raised(), []string{ledger.Duplicate, ledger.Duplicate, ledger.Late}) {
			t.Errorf("paid %d, raised %v", v.Paid, s.raised())
		}
	})
}

// R20, R37: money that is on its way through a link that was closed is on its way
// all the same: it holds the code back, and is late when it comes.
func TestR20OnItsWayThroughAClosedLink(t *testing.T) {
	for name, end := range map[provider.Status]struct {
		paid   int64
		raised []string
	}{provider.Paid: {2500, []string{ledger.Late}}, provider.Failed: {}} {
		synctest.Test(t, func(t *testing.T) {
			s := openHosting(t)
			v := s.visit(2500)
			s.must(s.Show(boss, v.ID, "front", false))
			h := s.made()[0]
			s.must(s.LinkClosed("unlink-"+string(h.ID), h.ID, nil))
			s.told(provider.Event{ID: "e1", Session: pageOf(h, 1, provider.Processing)})
			c, err := s.LastCheckout(v.ID)
			s.must(err)
			if v = s.reread(v); c.State != visit.Processing || v.Checkout != c.ID || s.scene("front").QRSVG != "" {
				t.Errorf("the page is %s, the visit names %q, shown: %s", c.State, v.Checkout, s.scene("front").Kind)
			}
			s.told(provider.Event{ID: "e2", Session: pageOf(h, 1, name)})
			if v = s.reread(v); v.Paid != end.paid || v.Checkout != "" || !slices.Equal(s.raised(), end.raised) {
				t.Errorf("%s: paid %d, the visit names %q, raised %v", name, v.Paid, v.Checkout, s.raised())
			}
		})
	}
}

// R37: the links of a provider that isn't chosen any more are closed, and what
// is on show has one at the next.
func TestR37AnotherProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHosting(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		before := s.made()
		s.must(s.Prefer(boss, "other"))
		after := s.made()
		if len(before) != 1 || len(after) != 1 || after[0].Provider != "other" || s.scene("front").URL != after[0].URL {
			t.Errorf("%+v, then %+v, shown %s", before, after, s.scene("front").URL)
		}
	})
}

// R34, R37: keys of another account aren't taken while clients may pay through
// links of the one before, which they couldn't close any more.
func TestR37OtherAccountWhileLinksStand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHosting(t)
		set := func(holder string) error {
			_, err := s.SetUp(boss, desk.Account{Name: "stripe", Kind: "stripe", Holder: holder})
			return err
		}
		s.must(set("a"))
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		h := s.made()[0]
		s.refused(set("b"), "links_open")
		s.must(set("a"))
		s.must(s.Prefer(boss, "other"))
		s.refused(set("b"), "links_open") // it is asked to close it, and hasn't answered
		s.must(s.LinkClosed("unlink-"+string(h.ID), h.ID, nil))
		s.must(set("b"))
	})
}

// R18, R20, R30, R37: in whatever order pages are opened, paid and heard of,
// links closed, and amounts changed, every payment is booked once, and a code on
// the glass asks for what is due. The file is verified at the end.
func TestR37AnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		moves := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 25).Draw(rt, "moves")
		synctest.Test(t, func(t *testing.T) {
			s := openHosting(t)
			v := s.visit(2500)
			s.must(s.Show(boss, v.ID, "front", false))
			known := map[string]desk.Watched{}
			var sum int64
			for n, move := range moves {
				for _, h := range s.made() {
					known[string(h.ID)] = h
				}
				ids := make([]string, 0, len(known))
				for which := range known {
					ids = append(ids, which)
				}
				slices.Sort(ids)
				h := known[ids[n%len(ids)]]
				switch move {
				case 0, 1:
					s.must(s.LinkTold(h.ID, move == 0, []provider.Session{pageOf(h, n%3, provider.Open)}))
				case 2:
					sum += h.Amount
					p := pageOf(h, 100+n, provider.Paid)
					s.told(provider.Event{ID: fmt.Sprint("e", n), Session: p}, provider.Event{ID: fmt.Sprint("again", n), Session: p})
				case 3:
					s.must(s.LinkClosed("unlink-"+string(h.ID), h.ID, []provider.Session{pageOf(h, n%3, provider.Cancelled)}))
				case 4:
					now := s.reread(v)
					lines := slices.Clone(now.Lines)
					lines[0].UnitPrice += 100
					_, err := s.EditVisit(boss, v.ID, now.Version, visit.Patch{Lines: &lines})
					_ = err // a client may be paying
				case 5:
					_, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 100}, desk.Key{})
					if err == nil {
						sum += 100
					}
				case 6:
					time.Sleep(16 * time.Minute)
				}
				now := s.reread(v)
				if shown := s.scene("front"); shown.URL != "" && !slices.ContainsFunc(s.made(), func(h desk.Watched) bool { return h.URL == shown.URL && h.Amount == now.Due() }) {
					t.Fatalf("R30: after %v the display shows %s", moves[:n+1], shown.URL)
				}
				if now.Paid != sum {
					t.Fatalf("R20: after %v %d was paid, %d is booked", moves[:n+1], sum, now.Paid)
				}
			}
		})
	})
}
