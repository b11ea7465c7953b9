// Package provider is the port to payment providers: the few things every one
// of them can be asked, in our words, with amounts in minor units.
//
// An adapter (provider/sandbox, provider/stripe, …) implements Provider in its
// own folder and passes the suite in provider/providertest. Adapters translate
// and nothing more: they keep nothing that a restart may not lose, take no
// decisions about visits and never turn a word they do not know into a payment.
package provider

import (
	"context"
	"net/http"
	"time"
)

// Status is what a provider says of a session.
type Status string

// The states of a session. Unknown is any word the adapter has not heard
// before: an alarm for a person, never a payment (R20).
const (
	Open       Status = "open"       // the page can be paid
	Processing Status = "processing" // the client committed, the money is not there yet
	Paid       Status = "paid"       // the money is there
	Cancelled  Status = "cancelled"  // closed at our request, unpaid
	Expired    Status = "expired"    // closed by its own expiry, unpaid
	Failed     Status = "failed"     // closed since the payment was declined
	Unknown    Status = "unknown"    // a word this adapter does not know
)

// ParseStatus reads a status spelled as ours, and gives Unknown for all else.
func ParseStatus(s string) Status {
	switch st := Status(s); st {
	case Open, Processing, Paid, Cancelled, Expired, Failed:
		return st
	}
	return Unknown
}

// Closed says whether the provider will take no more payment for the session
// by itself. Unknown is not closed: nobody may conclude anything from it.
func (s Status) Closed() bool {
	return s == Paid || s == Cancelled || s == Expired || s == Failed
}

// The states of a refund.
const (
	RefundPending   = "pending"
	RefundSucceeded = "succeeded"
	RefundFailed    = "failed"
)

// The states of a dispute. A word that an adapter does not know stays as it is:
// it is a dispute all the same, and one that nobody has decided yet.
const (
	DisputeInquiry = "inquiry" // the bank asks; no money was taken, and giving it back ends it
	DisputeOpened  = "opened"
	DisputeWon     = "won"  // the money stays ours
	DisputeLost    = "lost" // the client's bank has it back
)

// The types of events. An adapter skips events of any other type: failing on
// them would stop the confirmations behind them for the whole account.
const (
	EventOpen       = "session.open"
	EventProcessing = "session.processing"
	EventPaid       = "session.paid"
	EventFailed     = "session.failed"
	EventCancelled  = "session.cancelled"
	EventExpired    = "session.expired"
	EventRefund     = "refund.updated"
	EventDispute    = "dispute.updated"
)

// EventHint is a webhook that nobody signed: something may have happened to
// the session it names, and only asking tells what. It carries nothing else,
// is never booked, and is in no list of events. One whose session Parse can't
// tell from the body is of no use.
const EventHint = "session.hint"

// KnownEvent says whether t is one of the event types above.
func KnownEvent(t string) bool {
	switch t {
	case EventOpen, EventProcessing, EventPaid, EventFailed, EventCancelled, EventExpired, EventRefund, EventDispute:
		return true
	}
	return false
}

// Session is a hosted payment page at the provider and what became of it.
type Session struct {
	ID        string    // the provider's id
	Reference string    // ours, as given to Create
	URL       string    // the page the client pays on
	Payment   string    // the provider's payment id, once paid
	Status    Status    // the only source of truth about money
	Amount    int64     // minor units; of a paid session, what was received (R19)
	Currency  string    // ISO 4217
	PaidAt    time.Time // zero unless paid
	ExpiresAt time.Time // when the page dies
	Reason    string    // why it failed, in the provider's words
}

// Line is one row on the provider's page. The amounts are for people; what is
// taken is Request.Amount.
type Line struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// Request asks for a session. It is stored before it is made, since repeating
// it with the same Key has to say the same.
type Request struct {
	Key       string    `json:"key"`       // idempotency key: the same key never makes a second session
	Reference string    `json:"reference"` // ours; Find looks it up
	Amount    int64     `json:"amount"`    // minor units, more than zero
	Currency  string    `json:"currency"`  // ISO 4217
	Title     string    `json:"title"`     // what the client pays for
	Language  string    `json:"language"`  // BCP 47, a wish
	Lines     []Line    `json:"lines"`
	ReturnURL string    `json:"return_url"` // where the client comes back to after paying
	CancelURL string    `json:"cancel_url"` // where Leave goes
	ExpiresAt time.Time `json:"expires_at"`
}

// Refund is money given back for a payment. One without a Key was made at the
// provider's own dashboard (R23).
type Refund struct {
	ID, Payment, Key string
	Session          string // the session that was paid
	Amount           int64
	Currency         string
	Status           string // RefundPending, RefundSucceeded or RefundFailed
	Reason           string
}

// Dispute is a payment that the client's bank wants back. Amount is what it
// wants, which may be a part, or more than refunds have left of the payment.
type Dispute struct {
	ID, Payment string
	Session     string // the session that was paid
	Amount      int64
	Currency    string
	Status      string // DisputeInquiry, DisputeOpened, DisputeWon or DisputeLost
	Reason      string
}

// RefundRequest asks for a refund, in whole or in part.
type RefundRequest struct {
	Key              string // idempotency key: the same key never refunds twice
	Session, Payment string
	Amount           int64
	Currency, Reason string
	// Asked is when somebody decided on it, and Again says that it was asked for
	// before and nobody knows what came of it. A provider that takes no keys is
	// looked through for it then, since a restart forgets what the adapter knew.
	Asked time.Time
	Again bool
	// Taken are the provider's ids of the payment's refunds that were booked as
	// other keys'.
	Taken []string
}

// Event is something that happened at the provider. Session is the state at
// that moment: an older event may well arrive after a newer one. Money that
// went back in an amount that can't be read is told with none, for a person to
// look at, since failing on it would stop what comes behind. A webhook that
// names its session by our reference alone leaves out the session's id, and one
// of a provider whose look-ups don't name the payment is where its name is
// learnt.
type Event struct {
	ID, Type string
	At       time.Time
	Session  Session
	Refund   *Refund  // of an EventRefund
	Dispute  *Dispute // of an EventDispute
}

// Page is a stretch of the provider's events. Cursor is opaque and goes into
// the next call; it is safe to store only together with the events' effects.
type Page struct {
	Events []Event
	Cursor string
	More   bool // there is another page right now
}

// Abilities say what a provider can do, so callers ask instead of trying.
type Abilities struct {
	Webhooks, Events, Cancel, Refund bool
	// Find says whether sessions can be looked up by our reference. Where they
	// can't, the call finds nothing, and an unclear Create is settled by
	// repeating it with its Key.
	Find bool
	// KeyLife is how long the Key of a refund is certain to be remembered:
	// repeating it after that may give back a second time. Zero: long enough for
	// anything. A session's Key has to be remembered until its ExpiresAt.
	KeyLife time.Duration
	// Recalls is how far back it tells of what happened; zero: of everything.
	Recalls time.Duration
	// EndsUntold says that the events tell of payments alone: neither that a
	// session was opened nor that it ended unpaid. Whoever has one that isn't
	// over has to look it up now and then.
	EndsUntold bool
	// Currency says whether the provider takes a currency; nil takes all.
	Currency func(code string) bool
}

// Provider is one payment provider's account. Every error is an *Error; calls
// honour ctx, bring their own upper limit of time and are safe to make
// concurrently.
type Provider interface {
	// Name is the adapter's name: "sandbox", "stripe".
	Name() string
	// Can says which of the calls below make sense.
	Can() Abilities
	// Create makes a session, or returns the one made with the same Key.
	// Unclear means it may exist: ask Find before anything else. What would be
	// dead by now is Refused unasked.
	Create(ctx context.Context, r Request) (Session, error)
	// Look returns a session's state now, or NotFound, also for what can't be an
	// id of the provider's.
	Look(ctx context.Context, session string) (Session, error)
	// Find returns the session with our reference, or NotFound. If there are
	// several, a paid one comes first, then the newest.
	Find(ctx context.Context, reference string) (Session, error)
	// Cancel asks for a session to be closed and returns the state it is in
	// after that, which may well be Paid or Processing. It may be repeated.
	Cancel(ctx context.Context, session string) (Session, error)
	// Refund gives money back, or returns the refund made with the same Key.
	// Unclear means it may have happened: repeat it with the same Key. One that
	// the provider takes a while later is Unavailable until then.
	Refund(ctx context.Context, r RefundRequest) (Refund, error)
	// Events returns what happened after cursor ("" is the beginning), oldest
	// first as far as the provider keeps order. Events may repeat and pages
	// overlap; none is left out. Types we do not know are skipped.
	Events(ctx context.Context, cursor string, limit int) (Page, error)
	// Parse verifies a webhook over the raw body and reads it. A wrong or old
	// signature, or another account's event, is Forged. No event and no error
	// means it was genuine and of no interest. Where the provider signs nothing,
	// all that comes of it is an EventHint.
	Parse(h http.Header, body []byte, now time.Time) ([]Event, error)
}

// Closed is what Cancel answers where a provider refuses to close a session
// that is over or being paid: the state it is in. err is what it refused with,
// which stands while the session is still open.
func Closed(ctx context.Context, p Provider, session string, s Session, err error) (Session, error) {
	if KindOf(err) != Refused {
		return s, err
	}
	now, lookErr := p.Look(ctx, session)
	if lookErr != nil {
		return Session{}, lookErr
	}
	if now.Status == Open {
		return Session{}, err
	}
	return now, nil
}
