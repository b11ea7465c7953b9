// Package stripesays is what Stripe says of pages, payments, refunds and
// disputes, in answers and in events, and what that means in our words. It
// calls nobody.
package stripesays

import (
	"encoding/json"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
)

// The names of our metadata. The mark's value says what carries it.
const (
	MarkName      = "countersign"
	ReferenceName = "reference"
	KeyName       = "key"
	SessionName   = "session"

	MarkPayment = "payment"
	MarkRefund  = "refund"
)

// Marked is the metadata of what pays for something of ours.
func Marked(reference string) map[string]string {
	return map[string]string{MarkName: MarkPayment, ReferenceName: reference}
}

// Session is what is read of a checkout.session, in an answer or in an
// event. Only these fields are: an account may send events of another version.
type Session struct {
	api.APIResource
	ID       string            `json:"id"`
	Live     bool              `json:"livemode"`
	Status   string            `json:"status"`
	Payment  string            `json:"payment_status"`
	Amount   int64             `json:"amount_total"`
	Currency string            `json:"currency"`
	URL      string            `json:"url"`
	Expires  int64             `json:"expires_at"`
	Metadata map[string]string `json:"metadata"`
	Intent   Intent            `json:"payment_intent"`
}

// Intent is a payment: its id alone, unless it was asked for. The id alone
// leaves Status empty.
type Intent struct {
	api.APIResource
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	Currency string            `json:"currency"`
	Metadata map[string]string `json:"metadata"`
	Charge   Charge            `json:"latest_charge"`
	Error    struct {
		Message string `json:"message"`
	} `json:"last_payment_error"`
}

// Charge is what a payment took: its id alone, unless it was asked for.
type Charge struct {
	ID      string `json:"id"`
	Created int64  `json:"created"`
}

// UnmarshalJSON reads an object, or its id.
func (w *Intent) UnmarshalJSON(b []byte) error {
	type whole Intent
	return either(b, &w.ID, (*whole)(w))
}

// UnmarshalJSON reads an object, or its id.
func (w *Charge) UnmarshalJSON(b []byte) error {
	type whole Charge
	return either(b, &w.ID, (*whole)(w))
}

func either(b []byte, id *string, whole any) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, id)
	}
	return json.Unmarshal(b, whole)
}

// Ours is the reference of a session that we made, or a link of ours.
func (w *Session) Ours() (string, bool) {
	reference := w.Metadata[ReferenceName]
	return reference, w.Metadata[MarkName] == MarkPayment && reference != ""
}

// Port reads a session of ours. It is false for what Stripe would not say.
func (w *Session) Port(now time.Time) (provider.Session, bool) {
	reference, ours := w.Ours()
	amount, currency, ok := Received(w.Amount, w.Currency)
	s := provider.Session{ID: w.ID, Reference: reference, URL: w.URL, Amount: amount, Currency: currency, Status: w.status(now)}
	if w.Expires > 0 {
		s.ExpiresAt = time.Unix(w.Expires, 0).UTC()
	}
	switch s.Status {
	case provider.Paid:
		s.Payment = w.Intent.ID
		if w.Intent.Charge.Created > 0 {
			s.PaidAt = time.Unix(w.Intent.Charge.Created, 0).UTC()
		}
		ok = ok && s.Payment != ""
	case provider.Failed:
		s.Reason = w.Intent.Error.Message
		if s.Reason == "" {
			s.Reason = "the payment failed"
		}
	case provider.Open:
		ok = ok && hosted.IsPage(s.URL)
	}
	return s, ok && ours && w.ID != "" && amount > 0
}

// status is the session's: whether it was paid decides, and nothing else.
func (w *Session) status(now time.Time) provider.Status {
	known := w.Status == "open" || w.Status == "complete" || w.Status == "expired"
	switch {
	case known && w.Payment == "paid":
		return provider.Paid
	case !known || w.Payment != "unpaid": // "no_payment_required" is no money
		return provider.Unknown
	case w.Status == "open":
		return provider.Open
	case w.Status == "expired" && now.Unix() < w.Expires: // before its time: we asked for it
		return provider.Cancelled
	case w.Status == "expired":
		return provider.Expired
	}
	switch w.Intent.Status {
	case "", "processing", "requires_action", "requires_capture", "requires_confirmation", "succeeded":
		return provider.Processing // money that is on its way
	case "requires_payment_method", "canceled":
		return provider.Failed
	}
	return provider.Unknown
}

// Refund is what is read of a refund.
type Refund struct {
	api.APIResource
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Payment  Intent            `json:"payment_intent"`
	Status   string            `json:"status"`
	Failure  string            `json:"failure_reason"`
	Metadata map[string]string `json:"metadata"`
}

// Port reads a refund. It is false for what Stripe would not say.
func (w *Refund) Port() (provider.Refund, bool) {
	amount, currency, ok := Received(w.Amount, w.Currency)
	r := provider.Refund{ID: w.ID, Payment: w.Payment.ID, Amount: amount, Currency: currency, Status: provider.RefundPending, Reason: w.Failure}
	if w.Metadata[MarkName] == MarkRefund {
		r.Key, r.Session = w.Metadata[KeyName], w.Metadata[SessionName]
	}
	switch w.Status {
	case "succeeded":
		r.Status = provider.RefundSucceeded
	case "failed", "canceled":
		r.Status = provider.RefundFailed
	}
	return r, ok && amount > 0 && w.ID != "" && r.Payment != ""
}

// Dispute is what is read of a dispute.
type Dispute struct {
	ID       string `json:"id"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Payment  Intent `json:"payment_intent"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
}

// Port reads a dispute. What becomes of one that was "prevented" is nowhere
// written: it stays that word.
func (w *Dispute) Port() (provider.Dispute, bool) {
	amount, currency, ok := Received(w.Amount, w.Currency)
	d := provider.Dispute{ID: w.ID, Payment: w.Payment.ID, Amount: amount, Currency: currency, Status: w.Status, Reason: w.Reason}
	switch w.Status {
	case "warning_needs_response", "warning_under_review":
		d.Status = provider.DisputeInquiry
	case "needs_response", "under_review":
		d.Status = provider.DisputeOpened
	case "won", "warning_closed":
		d.Status = provider.DisputeWon
	case "lost":
		d.Status = provider.DisputeLost
	}
	return d, ok && w.ID != "" && d.Payment != "" && d.Status != ""
}

// Event is something that happened, and how the object looked then.
type Event struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Type    string `json:"type"`
	Account string `json:"account"`
	Created int64  `json:"created"`
	Live    *bool  `json:"livemode"`
	Data    struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// Link is a Payment Link.
type Link struct {
	api.APIResource
	ID       string            `json:"id"`
	Live     bool              `json:"livemode"`
	Active   bool              `json:"active"`
	URL      string            `json:"url"`
	Metadata map[string]string `json:"metadata"`
}
