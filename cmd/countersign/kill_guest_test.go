package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long a person waits for one answer before trying again.
const patience = 1500 * time.Millisecond

// promises are what the daemon told somebody outside: it must hold through
// every death.
type promises struct {
	life atomic.Int64 // of the daemon, the first is 0

	mu       sync.Mutex
	entries  map[string]saidPayment // read from the API, by id
	cash     map[string]bool        // visits whose cash payment was confirmed
	link     map[string]bool        // visits whose phone was told Paid
	paidIn   map[string]int64       // visits that were paid at the provider, and in which life
	shown    int                    // codes that were painted
	broken   []string
	answered int
}

func newPromises() *promises {
	return &promises{entries: map[string]saidPayment{}, cash: map[string]bool{}, link: map[string]bool{}, paidIn: map[string]int64{}}
}

func (p *promises) note(set func(*promises)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered++
	set(p)
}

func (p *promises) breach(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = append(p.broken, fmt.Sprintf(format, args...))
}

// seen is told of every code that a display puts up. One that was paid in an
// earlier life must not come back, not even while the daemon still catches up.
func (p *promises) seen(visit string, life int64) {
	p.mu.Lock()
	paid, ok := p.paidIn[visit]
	p.shown++
	p.mu.Unlock()
	if ok && paid < life {
		p.breach("the code of %s was put up in life %d, and it had been paid in life %d", visit, life, paid)
	}
}

// clientele are guests, one after another until ctx ends. What wasn't answered is asked
// again, with the same key: a person doesn't know what the daemon did.
func clientele(ctx context.Context, h *site, p *promises, name string) {
	for n := 0; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("%s-%d", name, n)
		var v saidVisit
		made := insist(ctx, 200, func(ctx context.Context) (ok bool) {
			v, ok = h.newVisit(ctx, key)
			return ok
		})
		if !made {
			continue
		}
		if n%3 == 2 {
			payCash(ctx, h, p, v, key)
			continue
		}
		payByLink(ctx, h, p, v)
	}
}

// insist tries something until it is answered, often enough to outlast a
// restart.
func insist(ctx context.Context, tries int, try func(context.Context) bool) bool {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for range tries {
		once, cancel := context.WithTimeout(ctx, patience)
		ok := try(once)
		cancel()
		if ok {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
	return false
}

func payCash(ctx context.Context, h *site, p *promises, v saidVisit, key string) {
	var e saidPayment
	took := insist(ctx, 200, func(ctx context.Context) bool {
		return h.ask(ctx, http.MethodPost, "/api/v1/visits/"+v.ID+"/payments", map[string]any{"method": "cash", "amount": 2000},
			&e, "Idempotency-Key", "cash-"+key) < 300 && e.ID != ""
	})
	if took {
		p.note(func(p *promises) { p.entries[e.ID], p.cash[v.ID] = e, true })
	}
}

// payByLink is the main job: show the code, open it, pay, see Paid. A guest
// whose checkout was lost in a death gives up after a while, as people do.
func payByLink(ctx context.Context, h *site, p *promises, v saidVisit) {
	var token, page string
	insist(ctx, 1, func(ctx context.Context) bool {
		// The answer waits for a display to have painted, which another guest's code may prevent.
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		return h.ask(ctx, http.MethodPost, "/api/v1/visits/"+v.ID+"/link/show", map[string]any{"desk": "front", "replace": true}, nil) == http.StatusOK
	})
	ok := insist(ctx, 100, func(ctx context.Context) (ok bool) {
		token, ok = h.link(ctx, v.ID)
		return ok
	})
	ok = ok && insist(ctx, 3, func(ctx context.Context) (ok bool) {
		page, ok = h.open(ctx, token)
		return ok
	})
	if !ok || !insist(ctx, 100, func(ctx context.Context) bool { return h.pay(ctx, page) }) {
		return
	}
	life := p.life.Load()
	p.note(func(p *promises) { p.paidIn[v.ID] = life })
	told := insist(ctx, 300, func(ctx context.Context) bool {
		var now struct{ State string }
		return h.ask(ctx, http.MethodGet, "/p/"+token+"/status", nil, &now) == http.StatusOK && now.State == "paid"
	})
	if told {
		p.note(func(p *promises) { p.link[v.ID] = true })
	}
}
