package relay_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// forgetful is a provider that makes checkouts, and knows nothing of them
// afterwards: as when its keys were changed, or its data was lost.
type forgetful struct {
	provider.Provider
	mu   sync.Mutex
	made int
}

func (f *forgetful) Create(_ context.Context, r provider.Request) (provider.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	return provider.Session{ID: "s_" + r.Reference, Reference: r.Reference, URL: "https://pay.example/1", Status: provider.Open,
		Amount: r.Amount, Currency: r.Currency}, nil
}

func (f *forgetful) Cancel(context.Context, string) (provider.Session, error) {
	return provider.Session{}, provider.Errorf(provider.NotFound, "no such session")
}

func (f *forgetful) Find(context.Context, string) (provider.Session, error) {
	return provider.Session{}, provider.Errorf(provider.NotFound, "no such reference")
}

func open(t *testing.T, p provider.Provider, device ...fiscal.Device) (*desk.Desk, *store.DB) {
	db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
	cfg := desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "p", PublicURL: func() string { return "http://192.0.2.7" },
		Providers: map[string]provider.Provider{"p": p}}
	if len(device) > 0 {
		cfg.Fiscal = device[0]
	}
	return desk.New(cfg), db
}

// run carries out jobs until the test is over.
func run(t *testing.T, d *desk.Desk, log zerolog.Logger) {
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = relay.New(d, log).Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// R11: a checkout that its provider doesn't know doesn't keep the link closed.
func TestR11ForgottenCheckoutIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &forgetful{}
		d, _ := open(t, p)
		v, _, err := d.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 100}}}, desk.Key{})
		if err != nil {
			t.Fatal(err)
		}
		run(t, d, zerolog.Nop())
		if _, err := d.Begin(v.Token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour) // past its hour: opening again cancels it first
		if b, err := d.Begin(v.Token); err != nil || !b.Pending {
			t.Fatalf("%+v, %v", b, err)
		}
		time.Sleep(time.Minute)
		if _, err := d.Begin(v.Token); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if b, err := d.Begin(v.Token); err != nil || b.URL == "" || p.made != 2 {
			t.Errorf("%+v, %v; %d made", b, err, p.made)
		}
	})
}

// counted counts the lines of a log.
type counted struct {
	mu    sync.Mutex
	lines int
}

func (c *counted) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines += strings.Count(string(b), "\n")
	return len(b), nil
}

func (c *counted) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines
}

// R41: a job that can't be taken, as on a full disk, is tried with pauses, and
// doesn't keep others from being carried out.
func TestR41JobThatCannotBeTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &forgetful{}
		d, db := open(t, p)
		for _, k := range desk.Kinds() {
			if jobs, ok := k.(*store.Queue[desk.Job]); ok {
				if err := db.Update(func(tx *store.Tx) error {
					return jobs.Add(tx, "j", tx.Now(), desk.Job{Kind: desk.JobCreate, Checkout: "k_none", Provider: "p"})
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		log := &counted{}
		run(t, d, zerolog.New(log))
		time.Sleep(time.Hour)
		if n := log.count(); n == 0 || n > 400 {
			t.Errorf("%d lines in an hour", n)
		}
		v, _, err := d.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 100}}}, desk.Key{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Begin(v.Token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if p.made != 1 {
			t.Errorf("%d checkouts made", p.made)
		}
	})
}
