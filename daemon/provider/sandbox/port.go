package sandbox

import (
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
)

// port turns the wire's session into the port's. It is false for what no
// sandbox would say; an unheard-of status is fine and becomes Unknown.
func (w *wireSession) port() (provider.Session, bool) {
	s := provider.Session{
		ID: w.ID, Reference: w.Reference, URL: w.URL, Payment: w.Payment,
		Status: provider.ParseStatus(w.Status), Amount: w.Amount, Currency: w.Currency,
		PaidAt: timeOf(w.PaidAt), ExpiresAt: w.ExpiresAt, Reason: w.Reason,
	}
	ok := w.ID != "" && w.Amount > 0 && isCurrency(w.Currency) && hosted.IsPage(w.URL)
	// Money without a payment's id could not be booked once, nor refunded.
	if s.Status == provider.Paid && (w.Payment == "" || w.PaidAt == nil) {
		ok = false
	}
	return s, ok
}

func (w *wireRefund) port() (provider.Refund, bool) {
	r := provider.Refund{
		ID: w.ID, Payment: w.Payment, Session: w.Session, Key: w.Key,
		Amount: w.Amount, Currency: w.Currency, Status: w.Status, Reason: w.Reason,
	}
	return r, w.ID != "" && w.Payment != "" && w.Amount > 0 && isCurrency(w.Currency)
}

func (w *wireDispute) port() (provider.Dispute, bool) {
	d := provider.Dispute{
		ID: w.ID, Payment: w.Payment, Session: w.Session,
		Amount: w.Amount, Currency: w.Currency, Status: w.Status, Reason: w.Reason,
	}
	return d, w.ID != "" && w.Payment != "" && w.Amount > 0 && isCurrency(w.Currency)
}

// port reads an event. A type we do not know is skipped before its content is
// looked at: what is in it is not ours to judge.
func (w *wireEvent) port() (e provider.Event, known, ok bool) {
	if !provider.KnownEvent(w.Type) {
		return provider.Event{}, false, w.ID != ""
	}
	if w.ID == "" || w.Session == nil {
		return provider.Event{}, true, false
	}
	s, ok := w.Session.port()
	e = provider.Event{ID: w.ID, Type: w.Type, At: w.At, Session: s}
	switch {
	case !ok:
		return e, true, false
	case w.Type == provider.EventRefund && w.Refund != nil:
		r, ok := w.Refund.port()
		e.Refund = &r
		return e, true, ok
	case w.Type == provider.EventDispute && w.Dispute != nil:
		d, ok := w.Dispute.port()
		e.Dispute = &d
		return e, true, ok
	}
	return e, true, w.Type != provider.EventRefund && w.Type != provider.EventDispute
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, c := range []byte(s) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

func timePtr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
