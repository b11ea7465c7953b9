package daemon_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

// withSandbox is the built-in provider, as a company of its own over HTTP. It
// registers receipts as well.
func withSandbox(w *world, seed uint64) *company {
	const key, secret = "sandbox-key-that-nobody-reads", "sandbox-secret-that-nobody-reads"
	s, err := sandbox.OpenServer(filepath.Join(w.dir, "company.db"), sandbox.ServerOptions{Key: key, Secret: secret,
		PublicURL: "http://sandbox", HookURL: "http://countersign/hooks/sandbox", HTTP: w.net.client(), Rand: seeded(seed), NoSync: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.sandbox = s
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	stop := w.serve("sandbox", s.Handler())
	does := func(do func(string) (provider.Session, error)) func(string) error {
		return func(session string) error { _, err := do(session); return err }
	}
	return &company{
		name: "sandbox", secrets: []string{key, secret},
		given: func() provider.Provider {
			return sandbox.New(sandbox.Config{Base: "http://sandbox", Key: key, Secret: secret, HTTP: w.caller})
		},
		hook: &letters{secret: secret, elsewhere: [2]string{sandbox.DefaultAccount, "acct_elsewhere"},
			body: func(session string) (body []byte) {
				all, err := s.Deliveries()
				for _, d := range all {
					if err == nil && bytes.Contains(d.Body, []byte(session)) && bytes.Contains(d.Body, []byte(`"session.paid"`)) {
						body = d.Body
					}
				}
				return body
			},
			seal: func(secret string, at time.Time, body []byte) (http.Header, []byte) {
				return http.Header{sandbox.SignatureHeader: {sandbox.Sign(secret, at, body)}}, body
			}},
		pay: does(s.Pay), payLater: does(s.PayLater), decline: does(s.Decline),
		payAnyway: func(session string, amount int64) error { _, err := s.PayAnyway(session, amount, "EUR"); return err },
		refund:    func(payment string, amount int64) error { _, err := s.RefundByHand(payment, amount, "EUR"); return err },
		settle:    func(refund string, arrived bool) error { _, err := s.SettleRefund(refund, arrived); return err },
		dispute:   func(payment string, amount int64) error { _, err := s.Dispute(payment, amount, ""); return err },
		decide:    func(dispute string, won bool) error { _, err := s.Decide(dispute, won); return err },
		book:      func() book { return w.bookOf(s) },
		misbehave: func(rng *rand.Rand) { s.SetFaults(faultsOf(rng)) },
		calm:      func() bool { return s.Faults() == sandbox.Faults{} },
		end:       func() { cancel(); stop(); running.Wait(); _ = s.Close() },
	}
}

func (w *world) bookOf(s *sandbox.Server) (b book) {
	payments, err := s.Payments()
	if err != nil {
		w.t.Fatal(err)
	}
	refunds, err := s.Refunds()
	if err != nil {
		w.t.Fatal(err)
	}
	disputes, err := s.Disputes()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range payments {
		of := func(d provider.Dispute) bool { return d.Payment == p.ID }
		b.takings = append(b.takings, taking{id: p.ID, session: p.Session, amount: p.Amount, back: p.Refunded, lost: p.Disputed,
			disputed: slices.ContainsFunc(disputes, of)})
	}
	slices.SortFunc(b.takings, func(x, y taking) int { return strings.Compare(x.id, y.id) })
	for _, r := range refunds {
		if r.Status == provider.RefundPending {
			b.refunds = append(b.refunds, r.ID)
		}
	}
	for _, d := range disputes {
		if d.Status == provider.DisputeOpened {
			b.disputes = append(b.disputes, d.ID)
		}
	}
	slices.Sort(b.refunds)
	slices.Sort(b.disputes)
	return b
}

func faultsOf(rng *rand.Rand) sandbox.Faults {
	if rng == nil || rng.IntN(3) == 0 {
		return sandbox.Faults{}
	}
	chance := func() float64 { return float64(rng.IntN(2)) * rng.Float64() * 0.5 }
	return sandbox.Faults{Delay: time.Duration(rng.IntN(90)) * time.Second, Drop: chance(), Repeat: chance(), Reorder: chance(),
		TimeoutAfterSuccess: chance(), TimeoutBefore: chance(), Error500: chance(), RateLimit: chance(), OddEvents: chance(),
		PendRefunds: chance(), RefuseRefunds: chance(), RefuseReceipts: chance()}
}

// abroad is the way to the vendors: their addresses are on the network of the
// bubble, each below its weather.
type abroad struct {
	w    *world
	base http.RoundTripper
}

// RoundTrip goes to a vendor through its weather, without encryption.
func (a abroad) RoundTrip(r *http.Request) (*http.Response, error) {
	s, ok := a.w.skies[r.URL.Host]
	if !ok {
		return a.base.RoundTrip(r)
	}
	plain := r.Clone(r.Context())
	plain.URL.Scheme = "http"
	return s.RoundTrip(plain)
}
