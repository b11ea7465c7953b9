package visit

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/money"
)

// State is where a checkout stands.
type State string

// The states of a checkout.
const (
	Creating      State = "creating"       // the intent is stored; the provider is being asked
	CreateUnknown State = "create_unknown" // asking timed out: there may be a page, there may be none
	Open          State = "open"           // the client can pay
	Cancelling    State = "cancelling"     // we asked for its end, and the provider hasn't answered
	Processing    State = "processing"     // the client has paid, the money isn't certain yet
	Failed        State = "failed"
	Expired       State = "expired"
	Cancelled     State = "cancelled"
	Paid          State = "paid"
)

// Fact is one thing learned about a checkout.
type Fact string

// The facts. CreateUnclear and CancelAsked are ours; the others are the provider's word.
const (
	Created        Fact = "created"         // there is a page, and it can be paid
	CreateUnclear  Fact = "create_unclear"  // the call to create timed out
	WasRefused     Fact = "was_refused"     // the provider would not create it, or never did
	PaymentPending Fact = "payment_pending" // paid, but by a method that takes its time
	WasPaid        Fact = "was_paid"
	CancelAsked    Fact = "cancel_asked" // we are about to ask for its end
	WasCancelled   Fact = "was_cancelled"
	WasExpired     Fact = "was_expired"
	WasFailed      Fact = "was_failed"
	StillOpen      Fact = "still_open" // the answer to our asking: it could not be cancelled
)

// Checkout is one attempt to pay a visit at a provider (R10). Its amount is what was due when it
// was made, and never changes.
type Checkout struct {
	ID           id.Checkout    `json:"id"`
	Visit        id.Visit       `json:"visit"`
	Provider     string         `json:"provider"`
	Session      string         `json:"session"` // the provider's id, once known
	URL          string         `json:"url"`
	Amount       int64          `json:"amount"`
	Currency     money.Currency `json:"currency"`
	State        State          `json:"state"`
	VisitVersion int64          `json:"visit_version"`
	Created      time.Time      `json:"created"`
	ExpiresAt    time.Time      `json:"expires_at"`
	BlockUntil   time.Time      `json:"block_until"`
	ClosedAt     time.Time      `json:"closed_at"`
	PaidAt       time.Time      `json:"paid_at"`
	Payment      string         `json:"payment"` // the provider's id of the payment
	Reason       string         `json:"reason"`
	JobID        id.Job         `json:"job_id"`
	Hosted       id.Hosted      `json:"hosted,omitempty"` // the provider's link that it was opened through (R37)
	// KeptOpen is when the provider last answered our asking for its end with "still open".
	KeptOpen time.Time `json:"kept_open,omitzero"`
}

// Apply takes a fact in and reports whether the state changed. It is the only writer of State.
// PaidAt is set to now unless the provider's own time is there already.
func (c *Checkout) Apply(f Fact, now time.Time) (changed bool) {
	to := next(c.State, f)
	if to == c.State {
		return false
	}
	c.State = to
	if c.Final() && c.ClosedAt.IsZero() {
		c.ClosedAt = now
	}
	if to == Paid && c.PaidAt.IsZero() {
		c.PaidAt = now
	}
	return true
}

// next is the transition table (testdata/transitions.golden shows it written out).
//
// Events come late, twice and in any order, so a provider's word is not taken as a step from one
// state to the next but as evidence: each says how far the checkout got at least, and the
// furthest holds. That makes any order and any repetition end in the same state. What it costs
// is that nothing leads back, from processing to open for one; a provider that lets a client try
// again after a failure says so with the session still open, and its adapter must not call that
// failed.
func next(s State, f Fact) State {
	switch {
	case f == CreateUnclear && s == Creating:
		return CreateUnknown
	case f == CancelAsked && s == Open:
		return Cancelling
	case f == StillOpen && s == Cancelling:
		return Open
	}
	if to := meaning(f); rank(to) > rank(s) {
		return to
	}
	return s
}

// meaning is the state that a provider's word is evidence for; "" for a fact that is ours.
func meaning(f Fact) State {
	switch f {
	case Created, StillOpen:
		return Open
	case PaymentPending:
		return Processing
	case WasRefused, WasFailed:
		return Failed
	case WasExpired:
		return Expired
	case WasCancelled:
		return Cancelled
	case WasPaid:
		return Paid
	}
	return ""
}

// rank orders the states by which holds against which. Paid holds against all: it is never
// undone, and money on a closed checkout makes it paid (R20). Among the closed ones the order
// only has to be fixed; it is the order in which one tends to follow another. Cancelling ranks
// with open, so that hearing of the page being open, an old tale, doesn't end our asking.
func rank(s State) int {
	switch s {
	case Creating, CreateUnknown:
		return 1
	case Open, Cancelling:
		return 2
	case Processing:
		return 3
	case Failed:
		return 4
	case Expired:
		return 5
	case Cancelled:
		return 6
	case Paid:
		return 7
	}
	return 0
}

// Final reports whether the provider has spoken its last word, but for money that comes late.
func (c Checkout) Final() bool { return rank(c.State) >= rank(Failed) }

// Closed reports whether money that comes for it is late: it is over unpaid, or was begun through a
// link that had been closed.
func (c Checkout) Closed() bool { return c.State != Paid && !c.ClosedAt.IsZero() }

// Payable reports whether the provider's page may be shown to a client. Our clock only hides it;
// it never makes a checkout expired.
func (c Checkout) Payable(now time.Time) bool {
	return c.State == Open && c.URL != "" && now.Before(c.ExpiresAt)
}

// Stale reports whether the checkout asks for another amount than is due now (R10, R15).
func (c Checkout) Stale(due int64) bool { return c.Amount != due }

// How long after its page was dead a checkout may still be ended by news of it,
// and one by a method that takes its time.
const (
	newsTime     = 24 * time.Hour
	settlingTime = 30 * newsTime
)

// Overdue reports whether the provider should long have said how this ended, so that nothing more
// is to be expected where it can't be asked.
func (c Checkout) Overdue(now time.Time) bool {
	if c.State == Processing {
		return now.After(c.ExpiresAt.Add(settlingTime))
	}
	return !c.Final() && now.After(c.ExpiresAt.Add(newsTime))
}
