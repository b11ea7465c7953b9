package desk

import (
	"encoding/json"
	"slices"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/webhook"
)

// Message is one event on its way to a subscriber, as far as more has to be
// known of it than the change log says: one that arrived, that failed for good,
// or that is tried out of order.
type Message struct {
	ID         string        `json:"id"` // the same at every attempt
	Subscriber id.Subscriber `json:"subscriber"`
	Seq        uint64        `json:"seq,omitempty"` // of the change; 0 for a test
	Type       string        `json:"type"`
	At         time.Time     `json:"at"` // of the event
	State      MessageState  `json:"state"`
	Attempts   int           `json:"attempts,omitempty"`
	// Due is when one that waits may be tried, and Until when it is given up.
	Due   time.Time `json:"due,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Ended is when it was last tried or given up, and what came of it.
	Ended   time.Time `json:"ended,omitzero"`
	Outcome Outcome   `json:"outcome,omitempty"`
	Status  int       `json:"status,omitempty"` // of the answer, for OutcomeStatus
}

// MessageState says how far a message is.
type MessageState string

// The states of a message.
const (
	MessageWaiting   MessageState = "waiting"
	MessageDelivered MessageState = "delivered"
	MessageFailed    MessageState = "failed"
)

// TestMessage is the type of a message that staff send to try a receiver. It
// is no event, and its seq is 0.
const TestMessage = "webhook.test"

// How much is kept of a subscriber's messages: those that failed for a month,
// so that they can be sent again as long as the change log has their events.
const (
	keepDelivered = 50
	keepFailed    = 200
	keepFailedFor = 30 * 24 * time.Hour
)

// messageTime is how long a message is tried: after its event, or after staff
// asked for it again.
const messageTime = 3 * 24 * time.Hour

// MostWaiting is how far Waiting counts.
const MostWaiting = 1000

func feedKey(of id.Subscriber, state MessageState) string {
	return string(of) + "/" + string(state) + "/"
}

// inFeed orders those that wait by when they are due, the others by their end.
func inFeed(m *Message) []string {
	at := m.Ended
	if m.State == MessageWaiting {
		at = m.Due
	}
	return []string{feedKey(m.Subscriber, m.State) + stamp(at)}
}

func messageOf(s *Subscriber, seq uint64, c Change) Message {
	return Message{ID: webhook.MessageID(string(s.ID), seq, c.At), Subscriber: s.ID, Seq: seq, Type: c.Type, At: c.At}
}

// messageBody is what a receiver reads: an event as the API gives it, in the
// form that the Standard Webhooks specification asks for.
func messageBody(m Message, d Detail) ([]byte, error) {
	var body struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Detail
			Seq uint64 `json:"seq"`
		} `json:"data"`
	}
	body.Type, body.Timestamp, body.Data.Detail, body.Data.Seq = m.Type, m.At, d, m.Seq
	return json.Marshal(&body)
}

// changeOf reads the event of a message; false when the log has it no longer.
func (o *op) changeOf(m Message) (Change, bool, error) {
	if m.Type == TestMessage {
		return Change{Type: TestMessage, At: m.At}, true, nil
	}
	if m.Seq == 0 {
		return Change{}, false, nil
	}
	found, err := o.changes.After(o.tx, m.Seq-1, 1)
	if err != nil || len(found) == 0 || found[0].Seq != m.Seq {
		return Change{}, false, err
	}
	return found[0].Value, true, nil
}

// Messages lists what is known of a subscriber's messages: the newest of those
// that ended first, and those that wait in the order in which they are due.
func (d *Desk) Messages(a access.Actor, which id.Subscriber, in MessageState, limit int) (found []Message, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for m, err := range o.messages.Prefix(o.tx, o.byFeed, feedKey(which, in)) {
			if err != nil {
				return err
			}
			found = append(found, m)
		}
		if in != MessageWaiting {
			slices.Reverse(found)
		}
		return nil
	})
	return found[:min(limit, len(found))], err
}

// MessageByID reads one message of a subscriber.
func (d *Desk) MessageByID(a access.Actor, message string) (m Message, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return Message{}, err
	}
	err = d.view(func(o *op) error {
		var ok bool
		if m, ok, err = o.messages.Get(o.tx, message); err == nil && !ok {
			err = fault.NotFound("message")
		}
		return err
	})
	return m, err
}

// Waiting counts the messages that a subscriber still has to be sent, up to a
// thousand.
func (d *Desk) Waiting(a access.Actor, which id.Subscriber) (n int, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return 0, err
	}
	return n, d.view(func(o *op) error {
		s, err := o.subscriber(which)
		if err != nil || !s.On {
			return err
		}
		entries, err := o.changes.After(o.tx, s.Feed.Cursor, MostWaiting)
		for _, e := range entries {
			if s.wants(e.Value.Type) {
				n++
			}
		}
		for _, err := range o.messages.Keys(o.tx, o.byFeed, feedKey(which, MessageWaiting)) {
			if err != nil {
				return err
			}
			n++
		}
		n = min(n, MostWaiting)
		return err
	})
}

// SendTest queues a message that tries a receiver, before all others.
func (d *Desk) SendTest(a access.Actor, which id.Subscriber) (m Message, err error) {
	return m, d.changing(a, which, "receiver.test", func(o *op, s *Subscriber) error {
		if !s.On {
			return receiverOff()
		}
		m = Message{ID: webhook.MessageID(string(s.ID), 0, o.now), Subscriber: s.ID, Type: TestMessage, At: o.now}
		s.Feed.Test = m.ID
		return o.sendAside(s, &m, 0)
	})
}

func receiverOff() error {
	return fault.New(fault.Conflict, "receiver_off", "This receiver is turned off. Please turn it on first.")
}

// sendAside has a message tried out of order, as soon as may be: after nth
// others that were asked for with it.
func (o *op) sendAside(s *Subscriber, m *Message, nth int) error {
	m.State, m.Attempts, m.Due, m.Until = MessageWaiting, 0, o.now.Add(time.Duration(nth)), o.now.Add(messageTime)
	m.Outcome, m.Status = "", 0
	if s.Feed.Trying == "" {
		s.Feed.Next = time.Time{}
	}
	s.Feed.Aside = false
	return o.messages.Put(o.tx, *m)
}

// SendAgain has one message sent once more, under its old id.
func (d *Desk) SendAgain(a access.Actor, which id.Subscriber, message string) error {
	return d.changing(a, which, "receiver.send_again", func(o *op, s *Subscriber) error {
		m, ok, err := o.messages.Get(o.tx, message)
		if err == nil && (!ok || m.Subscriber != which) {
			err = fault.NotFound("message")
		}
		if err != nil {
			return err
		}
		if !s.On {
			return receiverOff()
		}
		if _, ok, err := o.changeOf(m); err != nil {
			return err
		} else if !ok {
			return fault.New(fault.Conflict, "message_gone", "This event is too old to be sent again.")
		}
		if err := o.sendAside(s, &m, 0); err != nil {
			return err
		}
		return o.looked(s)
	})
}

// SendFailedAgain has every message sent once more that failed for good, in
// their order.
func (d *Desk) SendFailedAgain(a access.Actor, which id.Subscriber) error {
	return d.changing(a, which, "receiver.send_failed_again", func(o *op, s *Subscriber) error {
		if !s.On {
			return receiverOff()
		}
		failed, err := o.failed(which)
		if err != nil {
			return err
		}
		for i := range failed {
			if err := o.sendAside(s, &failed[i], i); err != nil {
				return err
			}
		}
		return o.looked(s)
	})
}

// ForgetFailed drops the messages that failed for good: nobody is told of them
// any more.
func (d *Desk) ForgetFailed(a access.Actor, which id.Subscriber) error {
	return d.changing(a, which, "receiver.forget_failed", func(o *op, s *Subscriber) error {
		failed, err := o.failed(which)
		if err != nil {
			return err
		}
		for _, m := range failed {
			if err := o.messages.Delete(o.tx, m.ID); err != nil {
				return err
			}
		}
		return o.looked(s)
	})
}
