package sandbox

import (
	"time"

	"countersign/daemon/provider"
	"countersign/store"
)

// session is a hosted page and what became of it, as the company keeps it.
type session struct {
	ID, Key, Print       string // Print is the hash of the request made with Key
	Reference            string
	Amount               int64 // of a paid one: what was received
	Currency             string
	Title, Language      string
	Lines                []wireLine
	ReturnURL, CancelURL string
	Status               provider.Status
	Payment, Reason      string
	Created              time.Time
	PaidAt, ExpiresAt    time.Time
}

// payable says whether the page takes money at a moment. The clock decides and
// not the expired event, which Run may write a little later.
func (x *session) payable(now time.Time) bool {
	return x.Status == provider.Open && now.Before(x.ExpiresAt)
}

// status is what the company says of the session at a moment.
func (x *session) status(now time.Time) provider.Status {
	if x.Status == provider.Open && !x.payable(now) {
		return provider.Expired
	}
	return x.Status
}

// Payment is money the sandbox took. Amount is what was paid, Refunded what
// of it went back.
type Payment struct {
	ID        string    `json:"id"`
	Session   string    `json:"session"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	PaidAt    time.Time `json:"paid_at"`
	Refunded  int64     `json:"refunded"`
}

type refund struct {
	ID, Session, Payment string
	Key, Print           string // empty when made at the company's own dashboard
	Amount               int64
	Currency, Reason     string
	At                   time.Time
}

func (r *refund) wire() *wireRefund {
	return &wireRefund{
		ID: r.ID, Session: r.Session, Payment: r.Payment, Key: r.Key, Amount: r.Amount,
		Currency: r.Currency, Status: provider.RefundSucceeded, Reason: r.Reason,
	}
}

// event is an entry of the log. It may be told only from Visible on: that is
// how the fault Delay works without ever losing one.
type event struct {
	Event   wireEvent
	Visible time.Time
}

// timer is something a session does at its time: "expire" or "pay".
type timer struct{ Session, Do string }

// delivery is a webhook on its way; Event is its id.
type delivery struct{ Event string }

// Delivery is what became of an event's webhook.
type Delivery struct {
	Event     string    `json:"event"`
	State     string    `json:"state"` // pending, delivered, dropped (a fault) or failed
	Attempts  int       `json:"attempts"`
	Delivered int       `json:"delivered"` // how often it was taken; more than once under the fault Repeat
	Status    int       `json:"status"`    // of the last answer, 0 without one
	Problem   string    `json:"problem"`
	At        time.Time `json:"at"`
	Body      []byte    `json:"body"` // what is signed and sent, the same bytes every time
}

// The states of a Delivery.
const (
	deliveryPending   = "pending"
	deliveryDelivered = "delivered"
	deliveryDropped   = "dropped"
	deliveryFailed    = "failed"
)

// books is everything in the company's file.
type books struct {
	sessions    *store.Collection[string, session]
	byKey       *store.Index[session]
	byReference *store.Index[session]
	payments    *store.Collection[string, Payment]
	refunds     *store.Collection[string, refund]
	refundByKey *store.Index[refund]
	events      *store.Log[event]
	timers      *store.Queue[timer]
	hooks       *store.Queue[delivery]
	deliveries  *store.Collection[string, Delivery]
}

func newBooks() *books {
	b := &books{
		byKey:       store.NewUnique("key", func(x *session) []string { return []string{x.Key} }),
		byReference: store.NewIndex("reference", func(x *session) []string { return []string{x.Reference} }),
		refundByKey: store.NewUnique("key", func(r *refund) []string {
			if r.Key == "" {
				return nil
			}
			return []string{r.Key}
		}),
		events: store.NewLog[event]("events"),
		timers: store.NewQueue[timer]("timers"),
		hooks:  store.NewQueue[delivery]("hooks"),
	}
	b.sessions = store.NewCollection("sessions", func(x *session) string { return x.ID }, b.byKey, b.byReference)
	b.payments = store.NewCollection("payments", func(p *Payment) string { return p.ID })
	b.refunds = store.NewCollection("refunds", func(r *refund) string { return r.ID }, b.refundByKey)
	b.deliveries = store.NewCollection("deliveries", func(d *Delivery) string { return d.Event })
	return b
}

func (b *books) kinds() []store.Kind {
	return []store.Kind{b.sessions, b.payments, b.refunds, b.events, b.timers, b.hooks, b.deliveries}
}
