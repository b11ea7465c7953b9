package desk

import (
	"net/http"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/id"
)

// Outcome is what an attempt to send a message came to.
type Outcome string

// The outcomes. Only OutcomeDelivered is an arrival.
const (
	OutcomeDelivered   Outcome = "delivered"   // 2xx
	OutcomeStatus      Outcome = "status"      // another status
	OutcomeRedirect    Outcome = "redirect"    // 3xx, which isn't followed
	OutcomeGone        Outcome = "gone"        // 410: it wants no more
	OutcomeTimeout     Outcome = "timeout"     // no answer in time
	OutcomeUnreachable Outcome = "unreachable" // no connection, or it broke
	OutcomeUnknownHost Outcome = "unknown_host"
	OutcomeCertificate Outcome = "certificate"
	OutcomePrivate     Outcome = "private"   // the settings don't let it be dialled
	OutcomeNoSecret    Outcome = "no_secret" // what it would be signed with can't be read
	OutcomeTooLate     Outcome = "too_late"  // its time ran out before it was tried
	OutcomeOff         Outcome = "off"       // the receiver was turned off
)

// Answer is what a receiver said to a message.
type Answer struct {
	Outcome    Outcome
	Status     int           // of OutcomeStatus and OutcomeRedirect
	RetryAfter time.Duration // how long it wants to be left alone
}

// asideAfter is how many attempts in a row a receiver may refuse before its
// first message is tried out of order: the next may be one that it takes.
const asideAfter = 5

// refused tells whether it may be for this message that it didn't arrive: the
// receiver was there, had no trouble of its own, and said no.
func (a Answer) refused() bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return a.Outcome == OutcomeStatus && a.Status >= 400 && a.Status < 500
}

// MessageEnded stores what an attempt came to. pace says how long to wait after
// a number of failures in a row. An attempt that isn't the last one taken, as
// when the receiver was changed meanwhile, counts for nothing.
func (d *Desk) MessageEnded(which id.Subscriber, message string, a Answer, pace func(failures int) time.Duration) error {
	return d.update(func(o *op) error {
		s, ok, err := o.subscribers.Get(o.tx, which)
		if err != nil {
			return err
		}
		if !ok || s.Feed.Trying != message {
			return errUnchanged
		}
		m, aside, err := o.tried(&s)
		if err != nil {
			return err
		}
		m.Ended, m.Outcome, m.Status = o.now, a.Outcome, a.Status
		s.Feed.Trying, s.Feed.Seq, s.Feed.Next = "", 0, time.Time{}
		switch {
		case a.Outcome == OutcomeDelivered:
			err = o.arrived(&s, m, aside)
		case a.Outcome == OutcomeGone:
			err = o.gone(&s, m)
		case aside:
			err = o.asideFailed(&s, m, a, pace)
		default:
			err = o.headFailed(&s, m, a, pace)
		}
		if err != nil {
			return err
		}
		if s.Feed.Test != "" {
			s.Feed.Next = time.Time{} // it was sent while this attempt was under way
		}
		return o.putSubscriber(&s)
	})
}

// tried is the message of the attempt under way, and whether it was out of order.
func (o *op) tried(s *Subscriber) (m Message, aside bool, err error) {
	m, ok, err := o.messages.Get(o.tx, s.Feed.Trying)
	if err != nil || ok && m.State == MessageWaiting {
		return m, ok, err
	}
	found, err := o.changes.After(o.tx, s.Feed.Seq-1, 1)
	if err != nil || len(found) == 0 {
		return Message{ID: s.Feed.Trying, Subscriber: s.ID, Seq: s.Feed.Seq}, false, err
	}
	m = messageOf(s, found[0].Seq, found[0].Value)
	m.Attempts = s.Feed.Tries
	return m, false, nil
}

// passed moves the cursor past a message.
func (s *Subscriber) passed(m Message) { s.Feed.Cursor, s.Feed.Tries = max(s.Feed.Cursor, m.Seq), 0 }

func (o *op) arrived(s *Subscriber, m Message, aside bool) error {
	f := &s.Feed
	f.Failures, f.Since, f.Problem, f.Status, f.Delivered = 0, time.Time{}, "", 0, o.now
	if !aside {
		s.passed(m)
	}
	m.State, m.Outcome, m.Due, m.Until = MessageDelivered, "", time.Time{}, time.Time{}
	if err := o.messages.Put(o.tx, m); err != nil {
		return err
	}
	return o.trim(s.ID, MessageDelivered, keepDelivered)
}

// gone turns a subscriber off that wants no more messages. The one that it said
// so to is kept, as others that were on their way.
func (o *op) gone(s *Subscriber, m Message) error {
	if err := o.giveUp(s, m); err != nil {
		return err
	}
	s.passed(m)
	return o.turnOff(s, true)
}

// failing notes a failed attempt: nothing is tried before the pace allows it.
func (o *op) failing(s *Subscriber, a Answer, pace func(int) time.Duration) {
	f := &s.Feed
	if f.Failures++; f.Since.IsZero() {
		f.Since = o.now
	}
	f.Problem, f.Status = a.Outcome, a.Status
	f.Next = o.now.Add(max(pace(f.Failures), a.RetryAfter))
}

// headFailed is the first message that didn't arrive. All others wait behind
// it, unless it may be this one alone that the receiver refuses.
func (o *op) headFailed(s *Subscriber, m Message, a Answer, pace func(int) time.Duration) error {
	o.failing(s, a, pace)
	if !a.refused() || s.Feed.Failures < asideAfter {
		return nil
	}
	s.passed(m)
	m.State, m.Due, m.Until = MessageWaiting, o.now.Add(max(pace(s.Feed.Failures), a.RetryAfter)), m.At.Add(messageTime)
	return o.messages.Put(o.tx, m)
}

// asideFailed is a message out of order that didn't arrive. One that alone is
// refused slows nobody down but itself.
func (o *op) asideFailed(s *Subscriber, m Message, a Answer, pace func(int) time.Duration) error {
	switch {
	case m.Type == TestMessage:
		if s.Feed.Failures > 0 {
			s.Feed.Next = o.now.Add(pace(s.Feed.Failures))
		}
		return o.giveUp(s, m)
	case a.refused() && s.Feed.Failures == 0:
		m.Due = o.now.Add(max(pace(m.Attempts), a.RetryAfter))
	default:
		o.failing(s, a, pace)
		m.Due = s.Feed.Next
	}
	return o.messages.Put(o.tx, m)
}

// Troubled lists the subscribers that staff should know something of: it is on
// every page, for whoever may see visits.
func (d *Desk) Troubled(a access.Actor) (found []Subscriber, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		all, err := o.allSubscribers()
		for _, s := range all {
			if s.Trouble(o.now) != "" {
				found = append(found, s)
			}
		}
		return err
	})
	return found, err
}

// PrivateReceivers tells whether other software may be in the salon's own network.
func (d *Desk) PrivateReceivers() bool { return d.cfg.PrivateReceivers }
