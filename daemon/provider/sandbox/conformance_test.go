package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
)

const (
	key    = "sk_sandbox_test"
	secret = "whsec_test"
	base   = "http://sandbox.test"
)

// house is a running server with a client over a pipe.
type house struct {
	*sandbox.Server
	client  *sandbox.Client
	weather *providertest.Weather
	http    *http.Client // straight to the server, with nobody's weather
}

func options() sandbox.ServerOptions {
	return sandbox.ServerOptions{
		Key: key, Secret: secret, PublicURL: base, Brand: "Studio Lumen", NoSync: true,
		Rand: rand.NewChaCha8([32]byte{7}),
	}
}

// open starts a server for the length of a test, Run included.
func open(t *testing.T, o sandbox.ServerOptions) *house {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "sandbox.db"), o)
}

func openAt(t *testing.T, path string, o sandbox.ServerOptions) *house {
	t.Helper()
	s, err := sandbox.OpenServer(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A test that closed the server itself has nothing left to check.
		if err := s.Check(); err != nil && !errors.Is(err, sandbox.ErrClosed) {
			t.Errorf("Check: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	tr := providertest.Serve(t, s.Handler())
	run(t, s)
	w := providertest.NewWeather(tr)
	return &house{
		Server: s, weather: w, http: &http.Client{Transport: tr, CheckRedirect: stay},
		client: sandbox.New(sandbox.Config{Base: base, Key: key, Secret: secret, HTTP: &http.Client{Transport: w}}),
	}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func run(t *testing.T, s *sandbox.Server) {
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
}

// inBubble runs a test in a synctest bubble with a server.
func inBubble(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, open(t, options())) })
}

// create makes a session that the tests go on with.
func (h *house) create(t *testing.T) provider.Session {
	t.Helper()
	s, err := h.client.Create(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request() provider.Request {
	return provider.Request{
		Key: "k1", Reference: "r1", Amount: 2500, Currency: "EUR", Title: "Your visit today, 10:30", Language: "en",
		Lines:     []provider.Line{{Name: "Haircut", Quantity: 1, Amount: 1500}, {Name: "Shampoo", Quantity: 2, Amount: 1000}},
		ReturnURL: "https://salon.example/p/x?back", CancelURL: "https://salon.example/p/x",
		ExpiresAt: time.Now().Add(time.Hour),
	}
}

func must(t *testing.T) func(provider.Session, error) {
	return func(_ provider.Session, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestProvider holds the sandbox to what every provider is held to (R34–R36).
func TestProvider(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Rig {
		last := &inbox{}
		o := options()
		o.HookURL, o.HTTP = "http://salon.test/hooks/sandbox", &http.Client{Transport: providertest.Serve(t, last)}
		h := open(t, o)
		disorder := func(f sandbox.Faults) func(bool) {
			return func(on bool) {
				if !on {
					f = sandbox.Faults{}
				}
				h.SetFaults(f)
			}
		}
		return providertest.Rig{
			Provider: h.client, Weather: h.weather, Late: 20 * time.Second,
			Pay:      func(s string) { must(t)(h.Pay(s)) },
			PayLater: func(s string) { must(t)(h.PayLater(s)) },
			Decline:  func(s string) { must(t)(h.Decline(s)) },
			Disorder: disorder(sandbox.Faults{Delay: time.Minute, Repeat: .5, Reorder: .5, OddEvents: .3}),
			Odd:      disorder(sandbox.Faults{OddEvents: 1}),
			Hook:     hook(last),
			Pend:     disorder(sandbox.Faults{PendRefunds: 1}),
			Refuse:   disorder(sandbox.Faults{RefuseRefunds: 1}),
			Settle: func(refund string, arrived bool) {
				_, err := h.SettleRefund(refund, arrived)
				must(t)(provider.Session{}, err)
			},
			Dashboard: func(payment string, amount int64) {
				_, err := h.RefundByHand(payment, amount, "EUR")
				must(t)(provider.Session{}, err)
			},
			Dispute: func(payment string, amount int64) string {
				d, err := h.Dispute(payment, amount, "fraudulent")
				must(t)(provider.Session{}, err)
				return d.ID
			},
			Decide: func(dispute string, won bool) {
				_, err := h.Decide(dispute, won)
				must(t)(provider.Session{}, err)
			},
			Paid: func() map[string]int64 { return took(t, h) },
			Restart: func() provider.Provider {
				return sandbox.New(sandbox.Config{Base: base, Key: key, Secret: secret, HTTP: &http.Client{Transport: h.weather}})
			},
		}
	})
}

func took(t *testing.T, h *house) map[string]int64 {
	t.Helper()
	all, err := h.Payments()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, p := range all {
		out[p.ID] = p.Amount
	}
	return out
}

func hook(last *inbox) *providertest.Hook {
	return &providertest.Hook{
		Secret: secret,
		Body: func(string) []byte {
			synctest.Wait()
			all := last.all()
			return all[len(all)-1].body
		},
		Sign: func(secret string, at time.Time, body []byte) http.Header {
			return http.Header{sandbox.SignatureHeader: {sandbox.Sign(secret, at, body)}}
		},
		Elsewhere: func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(sandbox.DefaultAccount), []byte("acct_elsewhere"))
		},
	}
}
