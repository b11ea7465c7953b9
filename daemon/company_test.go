package daemon_test

import (
	"math/rand/v2"

	"countersign/daemon/access"
	"countersign/daemon/provider"
)

// company is a payment provider as a simulated day sees it: how the daemon is
// told of it, the hands that clients, staff and banks have there, and what its
// own books say. One more provider is one more of these, and a line in
// companies.
type company struct {
	name string // what its payments are booked under
	// given is how the daemon is opened with it. Where it is nil, staff set it
	// up by what they type, and its keys come out of the vault from then on.
	given func() provider.Provider
	kind  string
	typed map[string]string

	pay, payLater, decline func(session string) error
	// payAnyway takes money on a page whatever its state; nil where no page does.
	payAnyway func(session string, amount int64) error
	refund    func(payment string, amount int64) error // at its own pages
	settle    func(refund string, arrived bool) error
	dispute   func(payment string, amount int64) error
	decide    func(dispute string, won bool) error

	// follow opens a page through a link that the company hosts, and offers are
	// those that open one, with what they ask for; nil where we open its pages.
	follow func(url string) (session string, err error)
	offers func() map[string]int64

	hook      *letters // nil: it sends no webhooks
	book      func() book
	misbehave func(*rand.Rand) // nil: everything is in order again
	calm      func() bool
	end       func()
	secrets   []string // nobody may read them anywhere
}

// book is what a provider's own account says.
type book struct {
	takings           []taking // in an order that a seed repeats
	refunds, disputes []string // those that nobody has decided yet
}

// taking is a payment: what it took, what went back, and what a bank took for good.
type taking struct {
	id, session        string
	amount, back, lost int64
	disputed           bool // a bank asked for it once, however that ended
	silent             bool // no webhook will ever name it
}

func (t taking) left() int64 { return max(t.amount-t.back-t.lost, 0) }

// companies are the providers that days are spent with.
func companies() map[string]func(w *world, seed uint64) *company {
	return map[string]func(*world, uint64) *company{"sandbox": withSandbox, "stripe": withStripe, "stripe-links": withStripeLinks, "sumup": withSumUp, "adyen": withAdyen}
}

// hired has staff set the provider up, once.
func (w *world) hired() {
	if w.at.given != nil {
		return
	}
	a, err := w.d.SetUpAccount(w.t.Context(), access.System(), w.at.kind, "", w.at.typed)
	if err != nil || a.Name != w.at.name {
		w.t.Fatalf("set up as %q: %v", a.Name, err)
	}
}
