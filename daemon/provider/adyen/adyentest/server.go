// Package adyentest plays Adyen for tests: payment links, refunds that are
// decided later, disputes, and webhooks with Adyen's signature. It knows the
// adapter only over HTTP, and keeps time by the clock, so that it works in a
// bubble of testing/synctest.
//
//	server.go  the company's books and what happens at its time
//	books.go   what became of each payment, for tests to hold theirs against
//	hand.go    hands: the client's, the dashboard's, the bank's
//	api.go     the Checkout API, version 71, as far as the adapter uses it
//	hooks.go   webhooks: items, signatures, delivery
package adyentest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"countersign/daemon/provider/providertest"
)

// Options say who the company's one customer is, and where its webhooks go.
type Options struct {
	Key, Account, HMAC string // HMAC is hexadecimal
	Live               bool
	User, Password     string        // of the webhooks' basic authentication; none when both are empty
	HookURL            string        // where Run sends webhooks; nowhere when empty
	HTTP               *http.Client  // for that; http.DefaultClient when nil
	Late               time.Duration // how long a payment takes that takes its time; 20 s when zero
	Seed               uint64        // of the dice for faults
}

// Faults are what the company does wrong, or merely otherwise.
type Faults struct {
	Delay    time.Duration // webhooks leave so much later
	Disorder bool          // webhooks come twice, in any order, several in one
	Odd      bool          // captures, reports and words of tomorrow come with the webhooks
	Pend     bool          // refunds wait for Settle
	Refuse   bool          // refunds are taken in and fail
	NoRole   bool          // the key may not use payment links
}

// Server is the company.
type Server struct {
	opt Options

	mu       sync.Mutex
	faults   Faults
	dice     *rand.Rand
	made     int
	links    map[string]*link
	payments map[string]*payment
	refunds  []*refund
	disputes map[string]*dispute
	answers  map[string][]byte // by path and idempotency key, as the first time
	mail     providertest.Mail
}

type link struct {
	fields           map[string]any // as they were asked for
	id, status       string
	amount           int64
	currency         string
	expires, updated time.Time
	due              time.Time // when a payment under way is there
}

type payment struct {
	id, link, reference, currency string
	amount, back, held            int64 // held: what refunds under way will give back
	disputed                      bool
}

type refund struct {
	id, payment, reference, currency string
	amount                           int64
	good, ended                      bool
	due                              time.Time // zero: waits for Settle
}

type dispute struct {
	id, payment   string
	amount        int64
	decided, lost bool
}

// New is a company without any payments.
func New(o Options) *Server {
	if o.Late == 0 {
		o.Late = 20 * time.Second
	}
	return &Server{opt: o, dice: rand.New(rand.NewPCG(o.Seed, 1)), links: map[string]*link{}, payments: map[string]*payment{},
		disputes: map[string]*dispute{}, answers: map[string][]byte{}}
}

// SetFaults changes what goes wrong from now on.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
	s.faults = f
}

// Paid is what each payment took.
func (s *Server) Paid() map[string]int64 {
	return s.sums(func(p *payment) int64 { return p.amount })
}

// Back is what of each payment was given back.
func (s *Server) Back() map[string]int64 {
	return s.sums(func(p *payment) int64 { return p.back })
}

func (s *Server) sums(of func(*payment) int64) map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
	out := map[string]int64{}
	for id, p := range s.payments {
		out[id] = of(p)
	}
	return out
}

// name makes an id that has no digits, so that no amount stands in it.
func (s *Server) name(prefix string, length int) string {
	s.made++
	out := make([]byte, length)
	for i, n := length-1, s.made; i >= 0; i-- {
		out[i], n = byte('A'+n%26), n/26
	}
	return prefix + string(out)
}

// happen does what has come due: links expire, payments and refunds end.
func (s *Server) happen(now time.Time) {
	for _, id := range sorted(s.links) {
		l := s.links[id]
		if l.status == "active" && !now.Before(l.expires) {
			l.status, l.updated = "expired", l.expires
		}
		if l.status == "paymentPending" && !now.Before(l.due) {
			s.complete(l, l.due)
		}
	}
	for _, r := range s.refunds {
		if !r.ended && !r.due.IsZero() && !now.Before(r.due) {
			s.end(r, r.good, r.due)
		}
	}
}

// complete is a payment that came.
func (s *Server) complete(l *link, at time.Time) {
	p := &payment{id: s.name("PAY", 13), link: l.id, reference: fmt.Sprint(l.fields["reference"]), currency: l.currency, amount: l.amount}
	s.payments[p.id] = p
	l.status, l.updated = "completed", at
	s.tell(at, item{id: p.id, code: "AUTHORISATION", success: true, payment: p, amount: p.amount, currency: p.currency})
}

// end is the decision about a refund.
func (s *Server) end(r *refund, good bool, at time.Time) {
	r.ended = true
	p := s.payments[r.payment]
	if r.good {
		p.held -= r.amount
	}
	reason := ""
	if good {
		p.back += r.amount
	} else {
		reason = "Insufficient balance on payment"
	}
	r.good = good
	s.tell(at, item{id: r.id, original: p.id, code: "REFUND", success: good, payment: p, reference: r.reference, reason: reason,
		amount: r.amount, currency: r.currency})
}

// takeIn is a refund that was asked for: whether it will be made is decided at
// once, and told later.
func (s *Server) takeIn(p *payment, amount int64, currency, reference string, now time.Time) *refund {
	r := &refund{id: s.name("REF", 13), payment: p.id, reference: reference, currency: currency, amount: amount, due: now.Add(2 * time.Second)}
	r.good = !s.faults.Refuse && !p.disputed && currency == p.currency && amount > 0 && p.back+p.held+amount <= p.amount
	if r.good {
		p.held += amount
	}
	if s.faults.Pend {
		r.due = time.Time{}
	}
	s.refunds = append(s.refunds, r)
	return r
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
