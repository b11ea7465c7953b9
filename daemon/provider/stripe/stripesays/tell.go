package stripesays

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// Types are what we read of the account's events; Stripe takes up to twenty.
func Types() []string {
	return []string{"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"checkout.session.expired", "refund.created", "refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.updated",
		"charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"}
}

var eventShape = regexp.MustCompile(`^evt_[A-Za-z0-9_]+$`)

// Sound says whether an event has what every one of Stripe's has.
func (w *Event) Sound() bool {
	return eventShape.MatchString(w.ID) && w.Type != "" && w.Created > 0 && w.Live != nil
}

// Of says whether an event is of an account, in a mode. Most events name none:
// they are of the account whose key asks.
func (w *Event) Of(account string, live bool) bool {
	return w.Live != nil && *w.Live == live && (w.Account == "" || w.Account == account)
}

// Tell reads a genuine event; known is false for one of no interest. ours says
// whether a payment is, for what carries no mark.
func (w *Event) Tell(ours func(payment string) (bool, error)) (e provider.Event, known bool, err error) {
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
func (w *Event) session(e *provider.Event) (bool, error) {
	s, err := w.picture()
	if err != nil {
		return false, err
	}
	name := strings.TrimPrefix(w.Type, "checkout.session.")
	if _, ours := s.Ours(); !ours || !slices.Contains([]string{"completed", "async_payment_succeeded", "async_payment_failed", "expired"}, name) {
		return false, nil // the web shop's, or a word of tomorrow
	}
	got, ok := s.Port(e.At)
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
func (w *Event) picture() (s Session, err error) {
	if json.Unmarshal(w.Data.Object, &s) != nil {
		var mark struct {
			ID       string            `json:"id"`
			Metadata map[string]string `json:"metadata"`
		}
		if json.Unmarshal(w.Data.Object, &mark) != nil {
			return s, nonsense()
		}
		s = Session{ID: mark.ID, Metadata: mark.Metadata}
	}
	if s.ID == "" {
		return s, nonsense()
	}
	return s, nil
}

func (w *Event) refund(e *provider.Event, ours func(string) (bool, error)) (bool, error) {
	var one Refund
	if json.Unmarshal(w.Data.Object, &one) != nil || one.ID == "" {
		return false, nonsense()
	}
	r, ok := one.Port()
	if r.Payment == "" {
		return false, nil // of a payment without an intent, which ours have
	}
	if r.Key == "" {
		if mine, err := ours(r.Payment); err != nil || !mine {
			return false, err
		}
	}
	if !ok { // a person has to look; those behind it needn't wait
		r.Amount = 0
	}
	e.Type, e.Refund, e.Session.ID = provider.EventRefund, &r, r.Session
	return true, nil
}

func (w *Event) dispute(e *provider.Event, ours func(string) (bool, error)) (bool, error) {
	var one Dispute
	if json.Unmarshal(w.Data.Object, &one) != nil || one.ID == "" {
		return false, nonsense()
	}
	d, ok := one.Port()
	if d.Payment == "" {
		return false, nil
	}
	if mine, err := ours(d.Payment); err != nil || !mine {
		return false, err
	}
	if !ok {
		d.Amount = 0
	}
	e.Type, e.Dispute = provider.EventDispute, &d
	return true, nil
}
