// Package stripetest plays Stripe for tests: checkout sessions, payments that
// take their time, refunds, disputes, Payment Links, the list of events, and
// webhooks with Stripe's signature. It knows the adapter only over HTTP, and
// keeps time by the clock, so that it works in a bubble of testing/synctest.
//
//	server.go  the account's books and what happens at its time
//	books.go   what became of each payment, for tests to hold theirs against
//	hand.go    hands: the client's, the dashboard's, the bank's
//	api.go     the API: doors, keys and idempotency
//	calls.go   the API's calls
//	links.go   Payment Links
//	words.go   objects as the API writes them
//	events.go  the list of events
//	hooks.go   webhooks: signatures and delivery
package stripetest

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"countersign/daemon/provider/providertest"
)

// Options say whose account it is and where its webhooks go.
type Options struct {
	Key, Secret, Account string // the API key, the webhooks' secret, the id
	Live                 bool
	HookURL              string        // where Run sends webhooks; nowhere when empty
	HTTP                 *http.Client  // for that; http.DefaultClient when nil
	Late                 time.Duration // how long a payment takes that takes its time; 20 s when zero
	Seed                 uint64        // of the dice for faults
}

// Faults are what Stripe does wrong, or merely otherwise.
type Faults struct {
	Delay    time.Duration // webhooks leave, and events are listed, so much later
	Disorder bool          // events are listed late, those of one second in any order; webhooks come twice, in any order
	Odd      bool          // other types, and the web shop's sales, get in between
	Pend     bool          // refunds wait for Settle
	Refuse   bool          // refunds are refused
	Lacks    string        // the permission that the key lacks: "rak_event_read"
}

// Server is Stripe, with one account.
type Server struct {
	opt Options

	mu       sync.Mutex
	faults   Faults
	dice     *rand.Rand
	made     int
	sessions []*session
	intents  map[string]*intent
	refunds  []*refund
	disputes map[string]*dispute
	links    map[string]*link
	answers  map[string]answer // by idempotency key
	events   []*event
	mail     providertest.Mail
}

type session struct {
	id, status, payment string // payment is its payment_status
	reference, currency string
	locale, link        string
	success, cancel     string
	amount              int64
	meta                map[string]string
	intentMeta          map[string]string
	created, expires    int64
	intent              *intent
	due                 time.Time // when a payment under way is there
}

type intent struct {
	id, charge, status, currency string
	session                      string
	amount, back                 int64 // back is what refunds have taken, and will
	created                      int64
	meta                         map[string]string
	trouble                      string
	disputed                     bool
}

type refund struct {
	id, status, failure string
	intent              *intent
	amount, created     int64
	meta                map[string]string
}

type dispute struct {
	id, status string
	intent     *intent
	amount     int64
	created    int64
}

// New is an account without any sales.
func New(o Options) *Server {
	if o.Late == 0 {
		o.Late = 20 * time.Second
	}
	return &Server{opt: o, dice: rand.New(rand.NewPCG(o.Seed, 1)), intents: map[string]*intent{}, disputes: map[string]*dispute{},
		links: map[string]*link{}, answers: map[string]answer{}}
}

// SetFaults changes what goes wrong from now on.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
	s.faults = f
}

// Paid is what each payment took, in Stripe's minor units.
func (s *Server) Paid() map[string]int64 {
	return s.sums(func(i *intent) int64 { return i.amount })
}

// Back is what of each payment was given back, in Stripe's minor units.
func (s *Server) Back() map[string]int64 {
	return s.sums(func(i *intent) int64 { return i.back })
}

func (s *Server) sums(of func(*intent) int64) map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
	out := map[string]int64{}
	for id, i := range s.intents {
		if i.status == "succeeded" {
			out[id] = of(i)
		}
	}
	return out
}

// name makes an id that has no digits, so that no amount stands in it.
func (s *Server) name(prefix string, length int) string {
	s.made++
	out := make([]byte, length)
	for i, n := length-1, s.made; i >= 0; i-- {
		out[i], n = byte('a'+n%26), n/26
	}
	return prefix + string(out)
}

// happen does what has come due, in the order of its time: sessions expire,
// payments under way come.
func (s *Server) happen(now time.Time) {
	type deed struct {
		at time.Time
		do func()
	}
	var deeds []deed
	for _, x := range s.sessions {
		if at := time.Unix(x.expires, 0); x.status == "open" && !now.Before(at) {
			deeds = append(deeds, deed{at, func() { s.expire(x, at) }})
		}
		if x.payment == "unpaid" && !x.due.IsZero() && !now.Before(x.due) {
			at := x.due
			deeds = append(deeds, deed{at, func() { s.settle(x, at) }})
		}
	}
	slices.SortStableFunc(deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	for _, d := range deeds {
		d.do()
	}
}

func (s *Server) expire(x *session, at time.Time) {
	x.status = "expired"
	s.tell(at, "checkout.session.expired", x.id, s.sessionWords(x, false))
}

// settle is a payment under way that came.
func (s *Server) settle(x *session, at time.Time) {
	x.payment, x.due, x.intent.status = "paid", time.Time{}, "succeeded"
	s.tell(at, "checkout.session.async_payment_succeeded", x.id, s.sessionWords(x, false))
}

// begin completes a session with a payment in a state.
func (s *Server) begin(x *session, status string, now time.Time) *intent {
	i := &intent{id: s.name("pi_", 24), charge: s.name("ch_", 24), status: status, currency: x.currency, session: x.id, amount: x.amount,
		created: now.Unix(), meta: x.intentMeta}
	s.intents[i.id] = i
	x.intent, x.status = i, "complete"
	if status == "succeeded" {
		x.payment = "paid"
	}
	if l := s.links[x.link]; l != nil {
		l.completed++
		l.active = l.active && l.completed < l.limit
	}
	s.tell(now, "checkout.session.completed", x.id, s.sessionWords(x, false))
	return i
}

func (s *Server) session(id string) *session {
	for _, x := range s.sessions {
		if x.id == id {
			return x
		}
	}
	return nil
}
