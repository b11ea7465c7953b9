package relay_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
)

func (s *salon) provider() provider.Provider {
	p, _ := s.Provider("p")
	return p
}

// is wants a visit's newest checkout to be in a state.
func (s *salon) is(v visit.Visit, want visit.State) visit.Checkout {
	s.t.Helper()
	c := s.checkout(v)
	if c.State != want {
		s.t.Errorf("the checkout is %s (%s), want %s", c.State, c.Reason, want)
	}
	return c
}

// R10: opening a link makes one checkout at the provider.
func TestR10Create(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		c := s.begins(v, time.Second)
		s.is(v, visit.Open)
		made, err := s.provider().Look(t.Context(), c.Session)
		if err != nil || made.Amount != 2500 || made.Reference != string(c.ID) || made.URL != c.URL {
			t.Errorf("%+v, %v", made, err)
		}
	})
}

// R10, R41: when nobody knows whether a checkout was made, it is looked up
// before it is made again, and only one exists in the end.
func TestR10CreateInBadWeather(t *testing.T) {
	for name, try := range map[string]struct {
		storm providertest.Storm
		asks  []string
	}{
		"lost before": {providertest.Unreachable, []string{"POST sessions", "GET sessions", "POST sessions"}},
		"lost after":  {providertest.LostAnswer, []string{"POST sessions", "GET sessions"}},
		"silence":     {providertest.Silence, []string{"POST sessions", "GET sessions"}},
		"500":         {providertest.Answer(http.StatusInternalServerError, "", ""), []string{"POST sessions", "GET sessions", "POST sessions"}},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, s *salon) {
				v := s.visit(2500)
				s.once(try.storm)
				c := s.begins(v, time.Minute)
				s.is(v, visit.Open)
				if got := s.asked.since(); !slices.Equal(got, try.asks) {
					t.Errorf("asked %v, want %v", got, try.asks)
				}
				if found, err := s.provider().Find(t.Context(), string(c.ID)); err != nil || found.ID != c.Session {
					t.Errorf("%+v, %v", found, err)
				}
			})
		})
	}
}

// R10: a checkout that the provider refuses blocks nobody, and can be tried again.
func TestR10CreateRefused(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		s.company.SetFaults(sandbox.Faults{FailCreates: 1})
		v := s.visit(2500)
		s.begins(v, time.Second)
		if got, err := s.Visit(boss, v.ID); err != nil || got.Checkout != "" || got.Blocked(time.Now()) {
			t.Errorf("%+v, %v", got, err)
		}
		s.company.SetFaults(sandbox.Faults{})
		s.begins(v, time.Second)
		s.is(v, visit.Open)
	})
}

// R10: a client who waited for a provider that was away has gone: the checkout
// isn't made behind their back.
func TestR10CreateGivenUp(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		s.weather.Set(providertest.Unreachable)
		s.begins(v, 10*time.Minute)
		s.is(v, visit.CreateUnknown)
		s.weather.Set(nil)
		time.Sleep(8 * time.Minute)
		c := s.checkout(v)
		if !c.Final() {
			t.Errorf("still %s", c.State)
		}
		_, err := s.provider().Find(t.Context(), string(c.ID))
		if provider.KindOf(err) != provider.NotFound {
			t.Errorf("it was made: %v", err)
		}
	})
}

// R15: an edit cancels the open checkout, also when the provider is away for
// a while: it is asked again, ever more slowly.
func TestR15Cancel(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		c := s.begins(v, 16*time.Minute)
		s.asked.since()
		s.weather.Set(providertest.Unreachable)
		s.edit(v, 3000)
		time.Sleep(time.Hour)
		s.is(v, visit.Cancelling)
		if n := len(s.asked.since()); n < 12 || n > 40 {
			t.Errorf("asked %d times in an hour", n)
		}
		s.weather.Set(nil)
		time.Sleep(8 * time.Minute)
		if got := s.is(v, visit.Expired); got.ID != c.ID {
			t.Errorf("%+v", got)
		}
	})
}

// edit changes what a visit costs, and so makes its open checkout stale.
func (s *salon) edit(v visit.Visit, price int64) {
	s.t.Helper()
	now, err := s.Visit(boss, v.ID)
	s.must(err)
	now.Lines[0].UnitPrice = price
	_, err = s.EditVisit(boss, v.ID, now.Version, visit.Patch{Lines: &now.Lines})
	s.must(err)
}

// R11, R15: asked to cancel what was just paid, the provider says so, and the
// money is booked.
func TestR15CancelOfWhatIsPaid(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		c := s.begins(v, 16*time.Minute)
		if _, err := s.company.Pay(c.Session); err != nil {
			t.Fatal(err)
		}
		s.edit(v, 3000)
		time.Sleep(time.Second)
		s.is(v, visit.Paid)
		if got, err := s.Visit(boss, v.ID); err != nil || got.Paid != 2500 || got.Due() != 500 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// R15: a provider that refuses to cancel is asked how the checkout stands.
func TestR15CancelRefused(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		c := s.begins(v, 16*time.Minute)
		if _, err := s.company.Pay(c.Session); err != nil {
			t.Fatal(err)
		}
		s.asked.since()
		s.once(providertest.Answer(http.StatusConflict, "", `{"error":{"text":"already paid"}}`))
		s.edit(v, 3000)
		time.Sleep(time.Second)
		s.is(v, visit.Paid)
		if got := s.asked.since(); !slices.Equal(got, []string{"POST sessions", "GET sessions"}) {
			t.Errorf("asked %v", got)
		}
	})
}

// R41: a relay that is stopped in the middle of a call leaves the job to the
// next one, which looks the checkout up before it makes another.
func TestR41StoppedInTheMiddle(t *testing.T) {
	inTown(t, func(t *testing.T, s *salon) {
		v := s.visit(2500)
		s.weather.Set(providertest.Silence) // it is made, and the answer is awaited
		s.begins(v, time.Second)
		start := time.Now()
		s.stop()
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("stopping took %s", waited)
		}
		s.weather.Set(nil)
		s.asked.since()
		s.work()
		time.Sleep(time.Minute)
		s.is(v, visit.Open)
		if got := s.asked.since(); !slices.Equal(got, []string{"GET sessions"}) {
			t.Errorf("asked %v", got)
		}
	})
}

// R41: a job of a provider that isn't set up any more waits, and is done when
// it is again.
func TestR41ProviderThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := town(t)
		v := s.visit(2500)
		with := s.Desk
		s.begins(v, 0)
		s.Desk = desk.New(desk.Config{DB: s.db})
		s.work()
		time.Sleep(time.Hour)
		s.is(v, visit.Creating)
		s.stop()
		time.Sleep(8 * time.Minute)
		if due, _, err := s.DueJobs(1); err != nil || len(due) != 1 || due[0].Attempts > 40 {
			t.Errorf("%+v, %v", due, err)
		}
		s.Desk = with
		s.work()
		time.Sleep(8 * time.Minute)
		if c := s.checkout(v); !c.Final() { // the client has gone by then
			t.Errorf("still %s", c.State)
		}
	})
}

// slowly is a provider that takes its time, and counts who waits.
type slowly struct {
	provider.Provider
	mu        sync.Mutex
	now, most int
	done      int
}

func (p *slowly) Create(_ context.Context, r provider.Request) (provider.Session, error) {
	p.step(1)
	time.Sleep(10 * time.Second)
	p.step(-1)
	return provider.Session{ID: "s_" + r.Reference, Reference: r.Reference, URL: "https://pay.example/1", Status: provider.Open,
		Amount: r.Amount, Currency: r.Currency}, nil
}

func (p *slowly) step(by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now += by; by < 0 {
		p.done++
	}
	p.most = max(p.most, p.now)
}

// A slow provider is asked for several at once, and not for all; a relay that
// stops lets those that it has asked for finish.
func TestSlowProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &slowly{}
		d, db := open(t, p)
		s := &salon{Desk: d, t: t, db: db}
		s.work()
		var all []visit.Visit
		for range 20 {
			v := s.visit(2500)
			all = append(all, v)
			s.begins(v, 0)
		}
		time.Sleep(15 * time.Second)
		start := time.Now()
		s.stop()
		if p.most != 8 || p.now != 0 || p.done != 16 || time.Since(start) != 5*time.Second {
			t.Errorf("%d at once, %d made, %d still under way after %s", p.most, p.done, p.now, time.Since(start))
		}
		opened := 0
		for _, v := range all {
			if s.checkout(v).State == visit.Open {
				opened++
			}
		}
		if opened != 16 {
			t.Errorf("%d of 16 results are stored", opened)
		}
		run(t, d, zerolog.Nop())
		time.Sleep(time.Minute)
		for _, v := range all {
			s.is(v, visit.Open)
		}
	})
}
