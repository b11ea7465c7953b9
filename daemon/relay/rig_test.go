package relay_test

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/ledger"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
	"countersign/store"
)

var boss = access.System()

// salon is a desk whose relay works against the sandbox, a company of its own
// over HTTP, with the weather in between. Nothing but the relay asks it: what
// it tells by itself isn't heard.
type salon struct {
	*desk.Desk
	t       *testing.T
	db      *store.DB
	company *sandbox.Server
	weather *providertest.Weather
	asked   *book
	stop    func()
}

// book notes the requests that reach for the provider.
type book struct {
	base http.RoundTripper
	mu   sync.Mutex
	seen []string
}

func (b *book) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.seen = append(b.seen, r.Method+" "+strings.SplitN(strings.TrimPrefix(r.URL.Path, "/sandbox/v1/"), "/", 2)[0])
	b.mu.Unlock()
	return b.base.RoundTrip(r)
}

// since are the requests since the last call of it.
func (b *book) since() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := b.seen
	b.seen = nil
	return seen
}

func town(t *testing.T) *salon {
	t.Helper()
	return found(t, func(*sandbox.Client) []fiscal.Device { return nil })
}

// found opens a salon, with the fiscal device that is made of the sandbox.
func found(t *testing.T, device func(*sandbox.Client) []fiscal.Device) *salon {
	t.Helper()
	company, err := sandbox.OpenServer(filepath.Join(t.TempDir(), "company.db"), sandbox.ServerOptions{
		Key: "key", Secret: "secret", PublicURL: "http://sandbox.test", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := company.Check(); err != nil {
			t.Error(err)
		}
		_ = company.Close()
	})
	weather := providertest.NewWeather(providertest.Serve(t, company.Handler()))
	asked := &book{base: weather}
	client := sandbox.New(sandbox.Config{Base: "http://sandbox.test", Key: "key", Secret: "secret", HTTP: &http.Client{Transport: asked}})
	d, db := open(t, client, device(client)...)
	d.Synced()
	t.Cleanup(func() {
		if problems, err := desk.Verify(db); err != nil || len(problems) > 0 {
			t.Errorf("verify: %v %v", problems, err)
		}
	})
	s := &salon{Desk: d, t: t, db: db, company: company, weather: weather, asked: asked, stop: func() {}}
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *salon) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// work lets the relay run until it is stopped.
func (s *salon) work() {
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.must(relay.New(s.Desk, zerolog.Nop()).Run(ctx)) })
	s.stop = func() { cancel(); running.Wait() }
}

func (s *salon) visit(price int64) visit.Visit {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: price}}}, desk.Key{})
	s.must(err)
	return v
}

// begins is a client who opens the link, and gives the relay a while.
func (s *salon) begins(v visit.Visit, wait time.Duration) visit.Checkout {
	s.t.Helper()
	_, err := s.Begin(v.Token)
	s.must(err)
	time.Sleep(wait)
	return s.checkout(v)
}

func (s *salon) checkout(v visit.Visit) visit.Checkout {
	s.t.Helper()
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	return c
}

// paid is a visit that was paid by link, and its payment.
func (s *salon) paid(price int64) (visit.Visit, ledger.Entry) {
	s.t.Helper()
	v := s.visit(price)
	c := s.begins(v, time.Second)
	told, err := s.company.Pay(c.Session)
	s.must(err)
	s.must(s.Looked("p", told))
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	return v, entries[0]
}

// gives asks for money to be given back.
func (s *salon) gives(p ledger.Entry, amount int64) desk.Refund {
	s.t.Helper()
	r, err := s.RefundPayment(boss, p.ID, desk.Giving{Amount: amount, Reason: "as agreed"}, desk.Key{})
	s.must(err)
	return r
}

// isRefund wants a refund to be in a state by now, and its visit to have that
// much given back.
func (s *salon) isRefund(r desk.Refund, want desk.RefundState, back int64) {
	s.t.Helper()
	got, err := s.RefundOf(r.ID)
	s.must(err)
	v, err := s.Visit(boss, r.Visit)
	s.must(err)
	if got.State != want || v.Refunded != back {
		s.t.Errorf("the refund is %s (%s), %d given back; want %s, %d", got.State, got.Why, v.Refunded, want, back)
	}
}

// gone is what the company's books say was given back in all.
func (s *salon) gone() (sum int64) {
	s.t.Helper()
	all, err := s.company.Payments()
	s.must(err)
	for _, p := range all {
		sum += p.Refunded
	}
	return sum
}

// raised are the kinds of what staff have to deal with.
func (s *salon) raised() (kinds []string) {
	s.t.Helper()
	list, err := s.Attention(boss)
	s.must(err)
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// once lets the weather at one request, and is fair after it.
func (s *salon) once(storm providertest.Storm) {
	s.weather.Set(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		s.weather.Set(nil)
		return storm(base, r)
	})
}
