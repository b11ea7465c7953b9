package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// How often the daemon is killed, and how long it lives at most once it is
// ready: long enough for a guest's whole visit, short enough to die in all of
// its steps.
const (
	deaths     = 100
	longestDay = 400 * time.Millisecond
)

// TestKill kills the program at random moments of the main job, a hundred
// times, and holds after every restart what it had promised: the data is in
// order, nothing that was confirmed is missing, every confirmation of the
// provider is booked once, and no display shows a code that is over (R18, R30).
func TestKill(t *testing.T) {
	h := newSite(t)
	p := newPromises()
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	defer func() { stop(); busy.Wait() }()
	g := newGlass(h, &p.life, p.seen)
	busy.Go(func() { g.run(ctx) })
	pairGlass(t, h, g)
	busy.Go(func() {
		g.inspect(ctx, func(visit, why string) { p.breach("the code of %s stayed on the glass: %s", visit, why) })
	})
	open, closing := context.WithCancel(ctx)
	defer closing()
	var inside sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		inside.Go(func() { clientele(open, h, p, name) })
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for n := range deaths {
		live(ctx, rng)
		read(ctx, h, p)
		p.life.Add(1)
		h.kill()
		if n%2 == 0 {
			h.verify() // the file as the dead daemon left it
		}
		h.start()
		if n%2 == 1 {
			h.verify() // as the next one has mended it
		}
		holds(t, h, p, g)
	}
	closing()
	inside.Wait()
	settles(t, h, p)
	h.verify()
	t.Logf("%d answers were promises: %d link payments, %d in cash; %d codes shown", p.answered, len(p.link), len(p.cash), p.shown)
}

func pairGlass(t *testing.T, h *site, g *glass) {
	t.Helper()
	h.await("the display shows a pairing code", 10*time.Second, func(context.Context) bool { return g.toPair() != "" })
	status := h.ask(t.Context(), http.MethodPost, "/api/v1/displays/pair",
		map[string]any{"code": g.toPair(), "desk": "front", "name": "Reception 1"}, nil)
	if status >= 300 || status == 0 {
		t.Fatalf("pairing answered %d", status)
	}
	h.await("the display is idle", 10*time.Second, func(context.Context) bool {
		f, _ := g.now()
		return f.Scene.Kind != ""
	})
}

// live lets the salon work until a random moment.
func live(ctx context.Context, rng *rand.Rand) {
	moment := time.NewTimer(time.Duration(rng.Int64N(int64(longestDay))))
	defer moment.Stop()
	select {
	case <-ctx.Done():
	case <-moment.C:
	}
}

// read notes the entries that the API shows, as another program would.
func read(ctx context.Context, h *site, p *promises) {
	all, ok := h.ledger(ctx)
	if !ok {
		return
	}
	p.note(func(p *promises) {
		for _, e := range all {
			p.entries[e.ID] = e
		}
	})
}

// holds is what must be so after every restart.
func holds(t *testing.T, h *site, p *promises, g *glass) {
	t.Helper()
	p.mu.Lock()
	entries, phones := make(map[string]saidPayment, len(p.entries)), make([]string, 0, len(p.link))
	for id, e := range p.entries {
		entries[id] = e
	}
	for v := range p.link {
		phones = append(phones, v)
	}
	p.mu.Unlock()
	var all []saidPayment
	h.await("the ledger is read", 5*time.Second, func(ctx context.Context) (ok bool) {
		all, ok = h.ledger(ctx)
		return ok
	})
	byVisit, byCheckout := map[string]int{}, map[string]int{}
	for _, e := range all {
		if want, known := entries[e.ID]; known && e != want {
			t.Fatalf("the entry %+v was %+v", e, want)
		}
		delete(entries, e.ID)
		if e.Method == "link" {
			byVisit[e.Visit]++
			if byCheckout[e.Checkout]++; byCheckout[e.Checkout] > 1 {
				t.Fatalf("the checkout %s is booked %d times", e.Checkout, byCheckout[e.Checkout])
			}
		}
	}
	if len(entries) > 0 {
		t.Fatalf("entries that were confirmed are gone: %+v", entries)
	}
	for _, v := range phones {
		if byVisit[v] == 0 {
			t.Fatalf("a phone was told that %s is paid, and the ledger doesn't know", v)
		}
	}
	h.await("the display is back", time.Second, func(context.Context) bool {
		_, connected := g.now()
		return connected
	})
	unbroken(t, p)
}

func unbroken(t *testing.T, p *promises) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.broken {
		t.Error(b)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// settles waits until the ledger says of the provider's money what the
// provider says itself: every payment once, and nothing else.
func settles(t *testing.T, h *site, p *promises) {
	t.Helper()
	var differs string
	h.await("the ledger and the company agree", 30*time.Second, func(ctx context.Context) bool {
		paid, ok := h.company(ctx)
		all, ok2 := h.ledger(ctx)
		if !ok || !ok2 {
			return false
		}
		differs = compare(paid, all)
		if len(paid) < deaths/2 {
			t.Fatalf("only %d payments were made: the test shows nothing", len(paid))
		}
		return differs == ""
	})
	all, _ := h.ledger(t.Context())
	cash := map[string]int{}
	for _, e := range all {
		if e.Method == "cash" {
			cash[e.Visit]++
		}
	}
	for v := range p.cash {
		if cash[v] != 1 {
			t.Errorf("cash for %s is booked %d times", v, cash[v])
		}
	}
	unbroken(t, p)
}

// compare says what the company and the ledger don't agree on.
func compare(paid map[string][]int64, all []saidPayment) string {
	left := map[string]int64{}
	for checkout, amounts := range paid {
		if len(amounts) != 1 {
			return "paid twice at the company: " + checkout
		}
		left[checkout] = amounts[0]
	}
	for _, e := range all {
		if e.Register != "acquiring:sandbox" {
			continue
		}
		if amount, ok := left[e.Checkout]; !ok || amount != e.Amount {
			return "booked, and not so at the company: " + e.Checkout
		}
		delete(left, e.Checkout)
	}
	for checkout := range left {
		return "paid at the company, and not booked: " + checkout
	}
	return ""
}
