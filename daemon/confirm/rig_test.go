package confirm_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

var boss = access.System()

// house is a desk with the sandbox as its provider, a company of its own over
// HTTP with the weather in between. Webhooks go nowhere: they are in letters.
type house struct {
	*desk.Desk
	t       *testing.T
	company *sandbox.Server
	weather *providertest.Weather
	letters *letters
	intake  *confirm.Intake
	asked   *counter
	disk    *disk
	db      *store.DB
	client  provider.Provider
	stop    func()
}

// disk fails before a commit once it is broken, as when it has no room: the
// store does nothing any more until it is opened anew.
type disk struct{ broken atomic.Bool }

var errBroken = errors.New("no space left on device")

func (d *disk) fault(at store.Stage) error {
	if d.broken.Load() && at == store.BeforeCommit {
		return errBroken
	}
	return nil
}

// counter counts the requests for events, and those for one session.
type counter struct {
	base  http.RoundTripper
	mu    sync.Mutex
	n     int
	looks int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	switch {
	case r.URL.Path == "/sandbox/v1/events":
		c.n++
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/sandbox/v1/sessions/"):
		c.looks++
	}
	c.mu.Unlock()
	return c.base.RoundTrip(r)
}

// looked counts requests for a session from the last call of it.
func (c *counter) looked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.looks
	c.looks = 0
	return n
}

// since counts from the last call of it.
func (c *counter) since() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = 0
	return n
}

func town(t *testing.T) *house {
	t.Helper()
	mail := &letters{}
	company, err := sandbox.OpenServer(filepath.Join(t.TempDir(), "company.db"), sandbox.ServerOptions{
		Key: "key", Secret: "secret", PublicURL: "http://sandbox.test", NoSync: true,
		HookURL: "http://salon.test/hooks/p", HTTP: &http.Client{Transport: providertest.Serve(t, mail)}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = company.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait(); _ = company.Close() })
	weather := providertest.NewWeather(providertest.Serve(t, company.Handler()))
	asked := &counter{base: weather}
	client := sandbox.New(sandbox.Config{Base: "http://sandbox.test", Key: "key", Secret: "secret", HTTP: &http.Client{Transport: asked}})
	s := &house{t: t, company: company, weather: weather, letters: mail, asked: asked, disk: &disk{}, client: client, stop: func() {}}
	s.db = storetest.Open(t, options(s.disk))
	s.Desk = over(s.db, map[string]provider.Provider{"p": client})
	first := s.db
	t.Cleanup(func() {
		if s.db == first { // else what was opened after it is verified
			s.verify()
		}
	})
	t.Cleanup(func() { s.stop() })
	return s
}

func options(d *disk) store.Options {
	return store.Options{Program: "countersign", Kinds: desk.Kinds(), NoSync: true, Fault: d.fault}
}

func over(db *store.DB, providers map[string]provider.Provider) *desk.Desk {
	return desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "p", Providers: providers,
		PublicURL: func() string { return "http://192.0.2.7" }})
}

// alone is a house with providers of the test's own.
func alone(t *testing.T, providers map[string]provider.Provider) *house {
	t.Helper()
	s := &house{t: t, disk: &disk{}, stop: func() {}}
	s.db = storetest.Open(t, options(s.disk))
	s.Desk = over(s.db, providers)
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *house) verify() {
	s.t.Helper()
	if problems, err := desk.Verify(s.db); err != nil || len(problems) > 0 {
		s.t.Errorf("verify: %v %v", problems, err)
	}
}

// repair puts the disk right and opens the file again, as after a restart.
func (s *house) repair() {
	s.t.Helper()
	s.disk.broken.Store(false)
	_ = s.db.Close()
	db, err := store.Open(s.db.Path(), options(s.disk))
	s.must(err)
	s.db, s.Desk = db, over(db, map[string]provider.Provider{"p": s.client})
	s.t.Cleanup(func() { s.stop(); s.verify(); s.must(db.Close()) })
}

// inTown runs a test in a bubble. Nothing is read before listen.
func inTown(t *testing.T, test func(t *testing.T, s *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, town(t)) })
}

// listen reads the provider until the test is over or it is stopped.
func (s *house) listen() {
	s.intake = confirm.New(s.Desk, zerolog.Nop())
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.must(s.intake.Run(ctx)) })
	s.stop = func() { cancel(); running.Wait() }
}

func (s *house) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// opened is a client on the provider's page.
func (s *house) opened() (visit.Visit, visit.Checkout) {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	o, err := s.Begin(v.Token)
	s.must(err)
	due, _, err := s.DueJobs(100)
	s.must(err)
	at := slices.IndexFunc(due, func(j store.Task[desk.Job]) bool { return j.Value.Checkout == o.Checkout })
	w, _, err := s.TakeJob(due[at].ID, time.Minute)
	s.must(err)
	p, _ := s.Provider("p")
	made, err := p.Create(s.t.Context(), w.Request)
	s.must(err)
	s.must(s.Answered(w.Task.ID, o.Checkout, made))
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	return v, c
}

// pays is the client pressing Pay.
func (s *house) pays(c visit.Checkout) provider.Session {
	s.t.Helper()
	told, err := s.company.Pay(c.Session)
	s.must(err)
	return told
}

// booked wants a visit to have been paid that often, 25 euros each.
func (s *house) booked(v visit.Visit, times int) []ledger.Entry {
	s.t.Helper()
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	if len(entries) != times {
		s.t.Errorf("%d entries, want %d: %+v", len(entries), times, entries)
	}
	return entries
}

func (s *house) state() confirm.State {
	s.t.Helper()
	all := s.intake.States()
	if len(all) != 1 {
		s.t.Fatalf("%+v", all)
	}
	return all[0]
}

// letters are the webhooks that the company sent, kept back.
type letters struct {
	mu  sync.Mutex
	all []letter
}

type letter struct {
	head http.Header
	body []byte
}
