package confirm_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// company is a provider that has nothing to say, and writes down when it was asked.
type company struct {
	provider.Provider // of which nothing but the below is asked

	mu    sync.Mutex
	asked []time.Time
	down  error
}

// Can is a list of events.
func (c *company) Can() provider.Abilities { return provider.Abilities{Events: true} }

func (c *company) Events(_ context.Context, cursor string, _ int) (provider.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, time.Now())
	return provider.Page{Cursor: cursor}, c.down
}

func (c *company) Look(_ context.Context, session string) (provider.Session, error) {
	return provider.Session{ID: session, Status: provider.Open, Amount: 2500, Currency: "EUR"}, nil
}

// often is how many times an hour it was asked during the last while.
func (c *company) often(d time.Duration) int {
	c.mu.Lock()
	c.asked = nil
	c.mu.Unlock()
	time.Sleep(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(float64(len(c.asked)) * float64(time.Hour) / float64(d))
}

// salon is a desk whose one provider is the company, read by an Intake.
type salon struct {
	*desk.Desk
	t       *testing.T
	company *company
}

func reading(t *testing.T, test func(s salon)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &company{}
		db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
		d := desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "company", PublicURL: func() string { return "http://x" },
			Providers: map[string]provider.Provider{"company": c}})
		s := salon{d, t, c}
		s.must(d.SaveLocation(access.System(), desk.DefaultLocation()))
		_, err := d.SavePlace(access.System(), desk.Place{ID: "front", Name: "Front"})
		s.must(err)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = confirm.New(d, zerolog.Nop()).Run(ctx) })
		defer running.Wait()
		defer cancel()
		time.Sleep(2 * time.Minute)
		test(s)
	})
}

func (s salon) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// opened is a client on the company's page.
func (s salon) opened() (visit.Visit, provider.Session) {
	s.t.Helper()
	v, _, err := s.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "x", Quantity: 1, UnitPrice: 2500, TaxSystem: "standard"}}}, desk.Key{})
	s.must(err)
	o, err := s.Begin(v.Token)
	s.must(err)
	jobs, _, err := s.DueJobs(1)
	s.must(err)
	_, ok, err := s.TakeJob(jobs[0].ID, time.Minute)
	s.must(err)
	if !ok {
		s.t.Fatal("no job")
	}
	p := provider.Session{ID: "ses_" + string(o.Checkout), Reference: string(o.Checkout), URL: "https://pay.example/x", Status: provider.Open, Amount: 2500, Currency: "EUR"}
	s.must(s.Answered(jobs[0].ID, o.Checkout, p))
	return v, p
}

func (s salon) polls(when string, d time.Duration, least, most int) {
	s.t.Helper()
	if n := s.company.often(d); n < least || n > most {
		s.t.Errorf("%s: %d polls an hour, want %d to %d", when, n, least, most)
	}
}

// R35: as long as a page can be paid its payment is looked for, not only while
// the visit is blocked; most quickly where somebody waits for it.
func TestR35PollingFollowsThePage(t *testing.T) {
	reading(t, func(s salon) {
		s.polls("with nobody there", time.Hour, 55, 66)
		v, _ := s.opened()
		s.polls("during the block", 15*time.Minute, 1600, 2000)
		s.polls("after the block", 20*time.Minute, 650, 800)
		s.must(s.Show(access.System(), v.ID, "front", false))
		s.polls("with the code on show", 10*time.Minute, 1600, 2000)
		s.must(s.Hide(access.System(), "front"))
		s.polls("with the code hidden", 15*time.Minute, 650, 800)
		time.Sleep(2 * time.Minute)
		s.polls("with the page dead", time.Hour, 55, 66)
	})
}

// R35: what is under way when its page dies is waited for a while longer.
func TestR35PaymentUnderWayIsAwaited(t *testing.T) {
	reading(t, func(s salon) {
		_, p := s.opened()
		time.Sleep(50 * time.Minute)
		p.Status = provider.Processing
		s.must(s.Confirm("company", []provider.Event{{ID: "e", At: time.Now(), Session: p}}, ""))
		time.Sleep(12 * time.Minute)
		s.polls("with the page dead and a payment under way", 5*time.Minute, 650, 800)
		time.Sleep(10 * time.Minute)
		s.polls("long after", time.Hour, 55, 66)
	})
}

// R35: a checkout that is opened brings the next poll nearer at once.
func TestR35OpeningHurriesThePoll(t *testing.T) {
	reading(t, func(s salon) {
		time.Sleep(20 * time.Second)
		s.opened()
		if n := s.company.often(3 * time.Second); n == 0 {
			t.Error("no poll within 3 s of opening")
		}
	})
}

// R35: a provider that says when to come back isn't asked before, neither at
// the start nor later.
func TestR35RetryAfterIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := &provider.Error{Kind: provider.Unavailable, RetryAfter: 5 * time.Minute}
		c := &company{down: limited}
		db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
		d := desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "company", PublicURL: func() string { return "http://x" },
			Providers: map[string]provider.Provider{"company": c}})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = confirm.New(d, zerolog.Nop()).Run(ctx) })
		defer running.Wait()
		defer cancel()
		if n := c.often(time.Hour); n > 13 || n < 10 {
			t.Errorf("at the start: asked %d times in an hour", n)
		}
		c.mu.Lock()
		c.down = nil
		c.mu.Unlock()
		time.Sleep(10 * time.Minute)
		c.mu.Lock()
		c.down = limited
		c.mu.Unlock()
		if n := c.often(time.Hour); n > 13 || n < 8 {
			t.Errorf("later: asked %d times in an hour", n)
		}
	})
}

// What is said of the providers has an order, whatever a map's is.
func TestStatesAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := map[string]provider.Provider{}
		for _, name := range []string{"e", "b", "d", "a", "c"} {
			all[name] = &company{}
		}
		db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
		in := confirm.New(desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Providers: all, Default: "a"}), zerolog.Nop())
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = in.Run(ctx) })
		defer running.Wait()
		defer cancel()
		time.Sleep(time.Second)
		for range 20 {
			names := ""
			for _, state := range in.States() {
				names += state.Provider
			}
			if names != "abcde" {
				t.Fatalf("in the order %s", names)
			}
		}
	})
}
