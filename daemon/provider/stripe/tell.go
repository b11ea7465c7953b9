package stripe

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// tell reads a genuine event; known is false for one of no interest. ours says
// whether a payment is, for what carries no mark.
func (c *Client) tell(w wireEvent, ours func(payment string) (bool, error)) (e provider.Event, known bool, err error) {
	e = provider.Event{ID: w.ID, At: time.Unix(w.Created, 0).UTC()}
	switch {
	case strings.HasPrefix(w.Type, "checkout.session."):
		known, err = w.session(&e)
	case w.Type == "refund.created", w.Type == "refund.updated", w.Type == "refund.failed":
		known, err = w.refund(&e, ours)
	case strings.HasPrefix(w.Type, "charge.dispute."):
		known, err = w.dispute(&e, ours)
	}
	return e, known, err
}

func nonsense() error {
	return provider.Errorf(provider.Unavailable, "an event that makes no sense")
}

// session reads an event of a page. It is a picture of that moment, and its
// payment an id alone: the event's name says what a word of the page doesn't.
func (w *wireEvent) session(e *provider.Event) (bool, error) {
	s, err := w.picture()
	if err != nil {
		return false, err
	}
	name := strings.TrimPrefix(w.Type, "checkout.session.")
	if _, ours := s.ourReference(); !ours || !slices.Contains([]string{"completed", "async_payment_succeeded", "async_payment_failed", "expired"}, name) {
		return false, nil // the web shop's, or a word of tomorrow
	}
	got, ok := s.port(e.At)
	e.Session = got
	switch {
	case name == "completed" && got.Status == provider.Processing:
		e.Type = provider.EventProcessing
	case (name == "completed" || name == "async_payment_succeeded") && got.Status == provider.Paid:
		e.Type, e.Session.PaidAt = provider.EventPaid, e.At
	case name == "async_payment_failed" && got.Status == provider.Processing:
		e.Type, e.Session.Status, e.Session.Reason = provider.EventFailed, provider.Failed, "the payment failed"
	case name == "expired" && got.Status == provider.Cancelled:
		e.Type = provider.EventCancelled
	case name == "expired" && got.Status == provider.Expired:
		e.Type = provider.EventExpired
	default:
		ok = false // its name and its words don't fit
	}
	if !ok { // a person has to look
		e.Type, e.Session.Status, e.Session.Payment, e.Session.PaidAt = provider.EventProcessing, provider.Unknown, "", time.Time{}
	}
	return true, nil
}

// picture is the page in an event. Of one that can't be read, the mark is: the
// web shop's must not stop ours behind it.
func (w *wireEvent) picture() (s wireSession, err error) {
	if json.Unmarshal(w.Data.Object, &s) != nil {
		var mark struct {
			ID       string            `json:"id"`
			Metadata map[string]string `json:"metadata"`
		}
		if json.Unmarshal(w.Data.Object, &mark) != nil {
			return s, nonsense()
		}
		s = wireSession{ID: mark.ID, Metadata: mark.Metadata}
	}
	if s.ID == "" {
		return s, nonsense()
	}
	return s, nil
}

func (w *wireEvent) refund(e *provider.Event, ours func(string) (bool, error)) (bool, error) {
	var one wireRefund
	if json.Unmarshal(w.Data.Object, &one) != nil || one.ID == "" {
		return false, nonsense()
	}
	r, ok := one.port()
	if r.Payment == "" {
		return false, nil // of a payment without an intent, which ours have
	}
	if r.Key == "" {
		if mine, err := ours(r.Payment); err != nil || !mine {
			return false, err
		}
	}
	if !ok {
		return false, nonsense()
	}
	e.Type, e.Refund, e.Session.ID = provider.EventRefund, &r, r.Session
	return true, nil
}

func (w *wireEvent) dispute(e *provider.Event, ours func(string) (bool, error)) (bool, error) {
	var one wireDispute
	if json.Unmarshal(w.Data.Object, &one) != nil || one.ID == "" {
		return false, nonsense()
	}
	d, ok := one.port()
	if d.Payment == "" {
		return false, nil
	}
	if mine, err := ours(d.Payment); err != nil || !mine {
		return false, err
	}
	if !ok {
		return false, nonsense()
	}
	e.Type, e.Dispute = provider.EventDispute, &d
	return true, nil
}
