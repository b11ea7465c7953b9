package desk

import (
	"cmp"
	"slices"
	"time"

	"countersign/daemon/id"
)

// feedPage is how many changes a subscriber's cursor moves past at once, and
// feedGlance how many are looked at after a commit to see whether it has to.
const (
	feedPage   = 200
	feedGlance = 50
)

// Outbound is a message and where it goes, handed out for one attempt.
type Outbound struct {
	Subscriber Subscriber
	Message    Message
	Body       []byte
}

// DueFeeds lists the subscribers that something may be sent to now, and when
// the next one will be (zero if nothing waits).
func (d *Desk) DueFeeds() (due []id.Subscriber, next time.Time, err error) {
	err = d.view(func(o *op) error {
		for s, err := range o.subscribers.All(o.tx) {
			if err != nil {
				return err
			}
			at, ok, err := o.feedDue(&s)
			switch {
			case err != nil:
				return err
			case !ok:
			case !at.After(o.now):
				due = append(due, s.ID)
			case next.IsZero() || at.Before(next):
				next = at
			}
		}
		return nil
	})
	return due, next, err
}

// feedDue is when a subscriber may be sent something next, false if nothing
// waits for it.
func (o *op) feedDue(s *Subscriber) (at time.Time, ok bool, err error) {
	if !s.On {
		return at, false, nil
	}
	if at, ok, err = o.feedWaits(s); ok && at.Before(s.Feed.Next) {
		at = s.Feed.Next
	}
	return at, ok, err
}

// feedWaits tells whether anything waits, and until when. A whole glance of what
// a subscriber doesn't want is something too: the cursor has to get past it, and
// doesn't for each alone, which would be a commit for every commit.
func (o *op) feedWaits(s *Subscriber) (at time.Time, ok bool, err error) {
	entries, err := o.changes.After(o.tx, s.Feed.Cursor, feedGlance)
	if err != nil {
		return at, false, err
	}
	if len(entries) == feedGlance {
		return at, true, nil
	}
	for _, e := range entries {
		if s.wants(e.Value.Type) {
			return at, true, nil
		}
	}
	for m, err := range o.messages.Prefix(o.tx, o.byFeed, feedKey(s.ID, MessageWaiting)) {
		return m.Due, err == nil, err
	}
	return at, false, nil
}

// TakeMessage hands out the next message of a subscriber for one attempt; that
// it is made, and when the next one may be, is stored before, so that a crash
// neither forgets it nor repeats it at once. ok is false when nothing is to be
// sent now. There is one attempt at a time for each subscriber.
func (d *Desk) TakeMessage(which id.Subscriber, retry time.Duration) (out Outbound, ok bool, err error) {
	err = d.update(func(o *op) error {
		s, known, err := o.subscribers.Get(o.tx, which)
		if err != nil {
			return err
		}
		if !known || !s.On || s.Feed.Next.After(o.now) {
			return errUnchanged
		}
		m, c, found, err := o.nextMessage(&s)
		if err != nil {
			return err
		}
		if ok = found; found {
			if out.Body, err = messageBody(m, c.Data); err != nil {
				return err
			}
			s.Feed.Trying, s.Feed.Seq, s.Feed.Next = m.ID, m.Seq, o.now.Add(retry)
		}
		out.Subscriber, out.Message = s, m
		return o.putSubscriber(&s)
	})
	return out, ok && err == nil, err
}

// nextMessage is the one to try next: the first that the subscriber wants after
// its cursor, and in turn with it one that is tried out of order, so that
// neither holds up the other. A test that staff wait for goes before both.
func (o *op) nextMessage(s *Subscriber) (Message, Change, bool, error) {
	if m, ok, err := o.testDue(s); ok || err != nil {
		return m, Change{Type: TestMessage, At: m.At}, ok, err
	}
	head, of, first, err := o.head(s)
	if err != nil {
		return Message{}, Change{}, false, err
	}
	if !first || !s.Feed.Aside {
		m, c, ok, err := o.asideDue(s)
		if err != nil {
			return Message{}, Change{}, false, err
		}
		if ok {
			s.Feed.Aside = true
			m.Attempts++
			return m, c, true, o.messages.Put(o.tx, m)
		}
	}
	if s.Feed.Aside = false; first {
		s.Feed.Tries++
		head.Attempts = s.Feed.Tries
	}
	return head, of, first, nil
}

// testDue is the test that wasn't tried yet. Whatever comes of this attempt, it
// waits its turn after it.
func (o *op) testDue(s *Subscriber) (Message, bool, error) {
	m, ok, err := o.messages.Get(o.tx, s.Feed.Test)
	if s.Feed.Test = ""; err != nil || !ok || m.State != MessageWaiting {
		return Message{}, false, err
	}
	m.Attempts++
	return m, true, o.messages.Put(o.tx, m)
}

// head moves a subscriber's cursor past what it doesn't want and what is too
// old to be sent, and finds the first message after that.
func (o *op) head(s *Subscriber) (m Message, c Change, ok bool, err error) {
	entries, err := o.changes.After(o.tx, s.Feed.Cursor, feedPage)
	if err != nil {
		return m, c, false, err
	}
	for _, e := range entries {
		if s.wants(e.Value.Type) {
			m = messageOf(s, e.Seq, e.Value)
			if o.now.Before(e.Value.At.Add(messageTime)) {
				return m, e.Value, true, nil
			}
			m.Outcome, m.Status, m.Attempts = OutcomeTooLate, 0, s.Feed.Tries
			if s.Feed.Problem != "" {
				m.Outcome, m.Status = s.Feed.Problem, s.Feed.Status
			}
			if err := o.giveUp(s, m); err != nil {
				return m, c, false, err
			}
		}
		s.Feed.Cursor, s.Feed.Tries = e.Seq, 0
	}
	return Message{}, Change{}, false, nil
}

// asideDue is the message out of order whose turn it is. Those that are too old
// are given up, and so are those whose events are no longer there.
func (o *op) asideDue(s *Subscriber) (Message, Change, bool, error) {
	for m, err := range o.messages.Prefix(o.tx, o.byFeed, feedKey(s.ID, MessageWaiting)) {
		if err != nil {
			return Message{}, Change{}, false, err
		}
		if m.Due.After(o.now) {
			break
		}
		c, there, err := o.changeOf(m)
		if err != nil {
			return Message{}, Change{}, false, err
		}
		if there && o.now.Before(m.Until) {
			return m, c, true, nil
		}
		if m.Outcome == "" {
			m.Outcome = OutcomeTooLate
		}
		if err := o.giveUp(s, m); err != nil {
			return Message{}, Change{}, false, err
		}
	}
	return Message{}, Change{}, false, nil
}

// giveUp keeps a message as failed for good. A test that fails is no loss:
// whoever sent it sees it.
func (o *op) giveUp(s *Subscriber, m Message) error {
	m.State, m.Ended, m.Due, m.Until = MessageFailed, o.now, time.Time{}, time.Time{}
	if m.Type != TestMessage {
		s.Feed.GivenUp++
	}
	if err := o.messages.Put(o.tx, m); err != nil {
		return err
	}
	return o.trim(s.ID, MessageFailed, keepFailed)
}

// trim drops the oldest messages in a state, so that most are left.
func (o *op) trim(of id.Subscriber, in MessageState, most int) error {
	var keys []string
	for k, err := range o.messages.Keys(o.tx, o.byFeed, feedKey(of, in)) {
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	for _, k := range keys[:max(0, len(keys)-most)] {
		if err := o.messages.Delete(o.tx, k); err != nil {
			return err
		}
	}
	return nil
}

// failed are the events that failed for good, in their order.
func (o *op) failed(of id.Subscriber) (found []Message, err error) {
	for m, err := range o.messages.Prefix(o.tx, o.byFeed, feedKey(of, MessageFailed)) {
		if err != nil {
			return nil, err
		}
		if m.Type != TestMessage {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	return found, nil
}

// looked ends the news of failed messages when none is left.
func (o *op) looked(s *Subscriber) error {
	failed, err := o.failed(s.ID)
	if len(failed) == 0 {
		s.Feed.GivenUp = 0
	}
	return err
}

// tidyMessages drops messages that failed long ago.
func (o *op) tidyMessages(limit int) (int, error) {
	n, err := drop(o, o.messages, limit, func(m Message) (string, bool) {
		return m.ID, m.State == MessageFailed && m.Ended.Before(o.now.Add(-keepFailedFor))
	})
	if err != nil || n == 0 {
		return n, err
	}
	all, err := o.allSubscribers()
	for i := range all {
		if err == nil {
			err = o.looked(&all[i])
		}
		if err == nil {
			err = o.putSubscriber(&all[i])
		}
	}
	return n, err
}

// told holds what subscribers were told against who they are (R41).
func (c *inspection) told() error {
	last, err := c.changes.Last(c.tx)
	if err != nil {
		return err
	}
	for s, err := range c.subscribers.All(c.tx) {
		if err != nil {
			return err
		}
		if s.Feed.Cursor > last {
			c.fail("R41", "receiver %s was told of change %d, and there are %d", s.ID, s.Feed.Cursor, last)
		}
	}
	for m, err := range c.messages.All(c.tx) {
		if err != nil {
			return err
		}
		if s, ok, err := c.subscribers.Get(c.tx, m.Subscriber); err != nil {
			return err
		} else if !ok || m.State == MessageWaiting && !s.On {
			c.fail("R41", "message %s is %s, and receiver %s is gone or off", m.ID, m.State, m.Subscriber)
		}
	}
	return nil
}
