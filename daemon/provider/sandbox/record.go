package sandbox

import (
	"time"

	"countersign/daemon/provider"
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

// Payment is money the sandbox took. Amount is what was paid, Refunded what of
// it went back, Pending what is on its way back, and Disputed what the bank of
// whoever paid it took.
type Payment struct {
	ID        string    `json:"id"`
	Session   string    `json:"session"`
	Reference string    `json:"reference"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	PaidAt    time.Time `json:"paid_at"`
	Refunded  int64     `json:"refunded"`
	Pending   int64     `json:"pending"`
	Disputed  int64     `json:"disputed"`
}

// left is what can still be given back.
func (p *Payment) left() int64 { return max(p.Amount-p.Refunded-p.Pending-p.Disputed, 0) }

type refund struct {
	ID, Session, Payment string
	Key, Print           string // empty when made at the company's own dashboard
	Amount               int64
	Currency, Reason     string
	Status               string // as the port spells it; those of old files have none, and succeeded
	At                   time.Time
}

func (r *refund) wire() *wireRefund {
	return &wireRefund{
		ID: r.ID, Session: r.Session, Payment: r.Payment, Key: r.Key, Amount: r.Amount,
		Currency: r.Currency, Status: r.status(), Reason: r.Reason,
	}
}

func (r *refund) status() string {
	if r.Status == "" {
		return provider.RefundSucceeded
	}
	return r.Status
}

type dispute struct {
	ID, Session, Payment string
	Amount               int64
	Currency, Reason     string
	Status               string // as the port spells it
	At                   time.Time
}

func (d *dispute) wire() *wireDispute {
	return &wireDispute{
		ID: d.ID, Session: d.Session, Payment: d.Payment, Amount: d.Amount,
		Currency: d.Currency, Status: d.Status, Reason: d.Reason,
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
