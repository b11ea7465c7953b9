package confirm_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
)

func (l *letters) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, letter{r.Header, body})
}

// newest is the last webhook that was sent.
func (l *letters) newest() letter {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[len(l.all)-1]
}

// R30, R35: no code is shown before the provider was read, however long that
// takes, and staff are told why.
func TestR35StartUpGate(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.weather.Set(providertest.Unreachable)
		s.listen()
		time.Sleep(time.Hour)
		if now := s.state(); s.IsSynced() || now.Synced || !now.LastOK.IsZero() || !strings.Contains(now.Problem, "can't be reached") {
			t.Errorf("synced %v, %+v", s.IsSynced(), now)
		}
		if n := s.asked.since(); n < 40 || n > 130 {
			t.Errorf("asked %d times in an hour", n)
		}
		s.weather.Set(nil)
		time.Sleep(2 * time.Minute)
		if now := s.state(); !s.IsSynced() || !now.Synced || now.LastOK.IsZero() || now.Problem != "" {
			t.Errorf("synced %v, %+v", s.IsSynced(), now)
		}
	})
}

// R35: a provider that wants a day of patience is asked before it is over.
func TestR35PatienceHasAnEnd(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.weather.Set(providertest.Answer(http.StatusTooManyRequests, "Retry-After: 86400", ""))
		s.listen()
		time.Sleep(30 * time.Minute)
		if n := s.asked.since(); n < 3 || n > 5 {
			t.Errorf("asked %d times in half an hour", n)
		}
	})
}

// R18, R35: what happened while the daemon was off is read before the gate
// opens: by asking after each open checkout, and from the events.
func TestR35CatchesUp(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		paid, c := s.opened()
		lapsed, _ := s.opened()
		time.Sleep(5 * time.Second)
		s.stop()
		s.pays(c)
		time.Sleep(2 * time.Hour)
		s.listen()
		time.Sleep(time.Second)
		s.booked(paid, 1)
		if c, err := s.LastCheckout(lapsed.ID); err != nil || c.State != visit.Expired {
			t.Errorf("%+v, %v", c, err)
		}
		if !s.IsSynced() {
			t.Error("not synced")
		}
	})
}

// R41: a checkout that the provider has forgotten for good is lost, and keeps
// neither the gate nor its visit closed.
func TestR41ForgottenCheckout(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		v, _ := s.opened()
		s.weather.Set(forget)
		s.listen()
		time.Sleep(6 * time.Second)
		c, err := s.LastCheckout(v.ID)
		if err != nil || !c.Final() || !s.IsSynced() {
			t.Errorf("%+v, %v, synced %v", c, err, s.IsSynced())
		}
		if kinds := s.raised(); !slices.Equal(kinds, []string{desk.LostCheckout}) {
			t.Errorf("raised %v", kinds)
		}
	})
}

// forget is a company that knows no session, and all its events.
func forget(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/sandbox/v1/sessions/"):
		return providertest.Answer(http.StatusNotFound, "", `{"error":{"text":"no such session"}}`)(base, r)
	case r.URL.Path == "/sandbox/v1/sessions":
		return providertest.Answer(http.StatusOK, "", `{"sessions":[]}`)(base, r)
	}
	return base.RoundTrip(r)
}

func (s *house) raised() (kinds []string) {
	s.t.Helper()
	list, err := s.Attention(boss)
	s.must(err)
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// R35: more events than fit into a page are read at once, and from where it
// stopped the next time.
func TestR35Pages(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		var all []visit.Visit
		for range 60 { // opened and paid: 120 events
			v, c := s.opened()
			s.pays(c)
			all = append(all, v)
		}
		s.listen()
		time.Sleep(time.Second)
		for _, v := range all {
			s.booked(v, 1)
		}
		cursor, err := s.Cursor("p")
		s.must(err)
		s.stop()
		p, _ := s.Provider("p")
		if page, err := p.Events(t.Context(), cursor, 10); err != nil || len(page.Events) > 0 {
			t.Errorf("%d events after the cursor, %v", len(page.Events), err)
		}
	})
}

// R18: events that repeat, overlap and come shuffled are booked once.
func TestR18Disorder(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.company.SetFaults(sandbox.Faults{Delay: 30 * time.Second, Repeat: .7, Reorder: .7, OddEvents: .5})
		s.listen()
		var all []visit.Visit
		for range 10 {
			v, c := s.opened()
			s.pays(c)
			all = append(all, v)
			time.Sleep(3 * time.Second)
		}
		time.Sleep(3 * time.Minute)
		for _, v := range all {
			s.booked(v, 1)
		}
		if kinds := s.raised(); len(kinds) > 0 {
			t.Errorf("raised %v", kinds)
		}
	})
}

// R23: refunds at the provider's own dashboard and disputes come in by sync.
func TestR23DashboardAndDisputes(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		v, c := s.opened()
		told := s.pays(c)
		time.Sleep(5 * time.Second)
		if _, err := s.company.RefundByHand(told.Payment, 700, "EUR"); err != nil {
			t.Fatal(err)
		}
		d, err := s.company.Dispute(told.Payment, 1000, "not as described")
		s.must(err)
		time.Sleep(2 * time.Minute)
		if entries := s.booked(v, 2); !slices.Equal(entries[0].Flags, []string{ledger.Disputed}) || entries[1].Amount != 700 {
			t.Errorf("%+v", entries)
		}
		if _, err := s.company.Decide(d.ID, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if entries := s.booked(v, 3); entries[2].Amount != 1000 || !slices.Equal(entries[2].Flags, []string{ledger.Disputed}) {
			t.Errorf("%+v", entries)
		}
	})
}

// R18, R39: a webhook books what the poll would, once, and only if it is the
// provider's own word.
func TestR39Hook(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		v, c := s.opened()
		time.Sleep(time.Second)
		s.weather.Set(providertest.Unreachable) // only the webhook comes through
		s.pays(c)
		mail := s.letters.newest()
		forged := mail.head.Clone()
		forged.Set(sandbox.SignatureHeader, sandbox.Sign("guessed", time.Now(), mail.body))
		for name, try := range map[string]struct {
			at   string
			head http.Header
			want provider.ErrorKind
		}{
			"forged":        {"p", forged, provider.Forged},
			"unsigned":      {"p", http.Header{}, provider.Forged},
			"no such place": {"q", mail.head, provider.NotFound},
		} {
			if err := s.intake.Hook(t.Context(), try.at, try.head, mail.body); provider.KindOf(err) != try.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		s.booked(v, 0)
		for range 2 {
			s.must(s.intake.Hook(t.Context(), "p", mail.head, mail.body))
		}
		s.booked(v, 1)
		s.weather.Set(nil)
		time.Sleep(3 * time.Minute)
		s.booked(v, 1)
		if now := s.state(); now.Problem != "" {
			t.Errorf("the poll goes on from elsewhere: %+v", now)
		}
	})
}

// R39: a kind's address takes what its test account signed, and no more.
func TestR39HookOfTheTestAccount(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		_, c := s.opened()
		time.Sleep(time.Second)
		s.weather.Set(providertest.Unreachable)
		s.pays(c)
		mail := s.letters.newest()
		p, _ := s.Desk.Provider("p")
		s.Desk.SetProvider("live", sandbox.New(sandbox.Config{Secret: "of the live account"}))
		if err := s.intake.Hook(t.Context(), "live", mail.head, mail.body); provider.KindOf(err) != provider.Forged {
			t.Errorf("what neither signed: %v", err)
		}
		s.Desk.SetProvider("live-test", p)
		for _, name := range []string{"live", "live-test"} {
			if err := s.intake.Hook(t.Context(), name, mail.head, mail.body); err != nil {
				t.Errorf("at %s: %v", name, err)
			}
		}
		if err := s.intake.Hook(t.Context(), "live", http.Header{}, mail.body); provider.KindOf(err) != provider.Forged {
			t.Errorf("unsigned: %v", err)
		}
	})
}

// R41: a disk that is full loses nothing: it is said in plain words, nothing is
// taken that isn't stored, and it is read again after a restart.
func TestR41FullDisk(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		s.listen()
		v, c := s.opened()
		time.Sleep(5 * time.Second)
		s.disk.broken.Store(true)
		s.pays(c)
		time.Sleep(time.Minute)
		if now := s.state(); !now.Synced || !strings.Contains(now.Problem, "disk") {
			t.Errorf("%+v", now)
		}
		mail := s.letters.newest()
		if err := s.intake.Hook(t.Context(), "p", mail.head, mail.body); err == nil {
			t.Error("a webhook was taken: the provider won't send it again")
		}
		s.stop()
		s.repair()
		s.booked(v, 0)
		s.listen()
		time.Sleep(time.Second)
		s.booked(v, 1)
	})
}

// quiet is a provider with nothing to tell.
type quiet struct {
	provider.Provider
	mu    sync.Mutex
	asked int
	down  bool
	stuck bool
	shut  bool
}

// Can is a list of events.
func (q *quiet) Can() provider.Abilities { return provider.Abilities{Events: true} }

func (q *quiet) Events(context.Context, string, int) (provider.Page, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked++
	if q.down {
		return provider.Page{}, provider.Errorf(provider.Unavailable, "away")
	}
	if q.shut {
		return provider.Page{}, provider.Errorf(provider.Refused, "no such key")
	}
	return provider.Page{Cursor: "c", More: q.stuck}, nil
}

// R35: one provider that is away keeps codes from being shown, and the others
// from nothing; each is asked after its own checkouts only.
func TestR35OneOfSeveral(t *testing.T) {
	inTown(t, func(t *testing.T, s *house) {
		here, away := &quiet{}, &quiet{down: true}
		s.Desk = over(s.db, map[string]provider.Provider{"here": here, "away": away, "p": s.client})
		v, c := s.opened()
		s.listen()
		s.pays(c)
		time.Sleep(10 * time.Minute)
		states := s.intake.States()
		if s.IsSynced() || here.asked < 9 || len(states) != 3 || states[0].Provider != "away" || states[0].Synced || !states[1].Synced || !states[2].Synced {
			t.Errorf("synced %v, asked %d times, %+v", s.IsSynced(), here.asked, states)
		}
		s.booked(v, 1)
		away.mu.Lock()
		away.down = false
		away.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if !s.IsSynced() {
			t.Error("not synced")
		}
	})
}

// R35: a list of events that has no end is not read without a pause.
func TestR35CursorThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &quiet{stuck: true}
		s := alone(t, map[string]provider.Provider{"p": q})
		s.listen()
		time.Sleep(time.Hour)
		synctest.Wait()
		if s.IsSynced() || q.asked > 300 {
			t.Errorf("synced %v, asked %d times", s.IsSynced(), q.asked)
		}
	})
}
