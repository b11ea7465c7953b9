package desk

import (
	"slices"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/webhook"
)

// mostSubscribers bounds how many there are: each is looked at after every commit.
const mostSubscribers = 20

// Subscriber is other software of the salon, which is sent every event of the
// types that it wants, in order. What it is sent is signed with a secret that
// is kept elsewhere, and in no backup of this file.
type Subscriber struct {
	ID  id.Subscriber `json:"id"`
	URL string        `json:"url"`
	// Types are those it wants; none means all.
	Types []string  `json:"types,omitempty"`
	On    bool      `json:"on"`
	Added time.Time `json:"added"`
	// Gone tells that it turned itself off, by answering that it is gone for good.
	Gone bool `json:"gone,omitempty"`
	Feed Feed `json:"feed"`
}

// Feed is how far a subscriber is, and how its last attempts went. The change
// log itself is the queue of what it waits for: nothing is copied, so one that
// is dead for days costs nothing.
type Feed struct {
	// Cursor is the last change that it is through with.
	Cursor uint64 `json:"cursor"`
	// Trying is the message of the attempt under way, Seq its change, and Next
	// when another may be made: both are stored before it is.
	Trying string    `json:"trying,omitempty"`
	Seq    uint64    `json:"seq,omitempty"`
	Next   time.Time `json:"next,omitzero"`
	// Tries counts the attempts at the first message after the cursor.
	Tries int `json:"tries,omitempty"`
	// Failures counts the attempts that failed in a row, since Since. Problem
	// and Status say what the last one came to.
	Failures int       `json:"failures,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Problem  Outcome   `json:"problem,omitempty"`
	Status   int       `json:"status,omitempty"`
	// Delivered is when a message last arrived.
	Delivered time.Time `json:"delivered,omitzero"`
	// GivenUp counts the messages that failed for good and that nobody has
	// looked at.
	GivenUp int `json:"given_up,omitempty"`
	// Aside tells that the last attempt was at a message out of order.
	Aside bool `json:"aside,omitempty"`
	// Test is a test message that staff wait for, and that wasn't tried yet: it
	// is next, however often others have failed.
	Test string `json:"test,omitempty"`
	// Told is the trouble that the screens were last woken for.
	Told Trouble `json:"told,omitempty"`
}

// Trouble is what staff are told of a subscriber, "" for nothing.
type Trouble string

// The troubles, the most lasting first.
const (
	TroubleGone    Trouble = "gone"     // it turned itself off
	TroubleGivenUp Trouble = "given_up" // messages failed for good
	TroubleFailing Trouble = "failing"  // nothing has arrived for an hour
)

// failingTime is how long nothing may arrive before staff are told: programs
// are restarted, and nobody has to know.
const failingTime = time.Hour

// Trouble is what staff should know of a subscriber now.
func (s Subscriber) Trouble(now time.Time) Trouble {
	switch f := s.Feed; {
	case !s.On && s.Gone:
		return TroubleGone
	case !s.On:
		return ""
	case f.GivenUp > 0:
		return TroubleGivenUp
	case !f.Since.IsZero() && now.Sub(f.Since) >= failingTime:
		return TroubleFailing
	}
	return ""
}

func (s *Subscriber) wants(kind string) bool {
	return len(s.Types) == 0 || slices.Contains(s.Types, kind)
}

// fresh forgets how earlier attempts went, as when the address was changed: the
// next may be made at once.
func (s *Subscriber) fresh() {
	f := &s.Feed
	f.Trying, f.Seq, f.Next, f.Tries, f.Failures, f.Since, f.Problem, f.Status = "", 0, time.Time{}, 0, 0, time.Time{}, "", 0
}

// Subscribers lists the other software that is told of events, oldest first.
func (d *Desk) Subscribers(a access.Actor) (all []Subscriber, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		all, err = o.allSubscribers()
		return err
	})
	return all, err
}

func (o *op) allSubscribers() (all []Subscriber, err error) {
	for s, err := range o.subscribers.All(o.tx) {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Subscriber) int { return a.Added.Compare(b.Added) })
	return all, nil
}

// NewSubscriber checks what a subscriber is to be made of, and gives it an id:
// its secret is kept under that before AddSubscriber is called.
func (d *Desk) NewSubscriber(a access.Actor, url string, types []string) (s Subscriber, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return Subscriber{}, err
	}
	s = Subscriber{ID: d.ids.Subscriber(), URL: strings.TrimSpace(url), Types: types}
	if err := d.checkSubscriber(&s); err != nil {
		return Subscriber{}, err
	}
	return s, d.view(func(o *op) error { return o.room(s) })
}

// checkSubscriber puts the types in order: all of them are the same as none.
func (d *Desk) checkSubscriber(s *Subscriber) error {
	var wrong []fault.Field
	if problem := webhook.CheckURL(s.URL, d.cfg.PrivateReceivers); problem != "" {
		wrong = append(wrong, fault.Field{Location: "body.url", Message: problem})
	}
	known := EventTypes()
	if slices.ContainsFunc(s.Types, func(t string) bool { return !slices.Contains(known, t) }) {
		wrong = append(wrong, fault.Field{Location: "body.types", Message: "has a type of event that there isn't"})
	}
	if len(wrong) > 0 {
		return fault.Invalid(wrong...)
	}
	picked := slices.DeleteFunc(known, func(t string) bool { return !slices.Contains(s.Types, t) })
	if s.Types = picked; len(picked) == 0 || len(picked) == len(EventTypes()) {
		s.Types = nil
	}
	return nil
}

// room refuses an address that is there already, which would be told
// everything twice, and more subscribers than the daemon can look after.
func (o *op) room(s Subscriber) error {
	all, err := o.allSubscribers()
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != s.ID && other.URL == s.URL {
			return fault.Invalid(fault.Field{Location: "body.url", Message: "is in the list already"})
		}
	}
	if len(all) >= mostSubscribers && !slices.ContainsFunc(all, func(o Subscriber) bool { return o.ID == s.ID }) {
		return fault.New(fault.Conflict, "too_many_receivers", "There are twenty receivers already. Please remove one first.")
	}
	return nil
}

// AddSubscriber saves a subscriber that NewSubscriber made. It is sent what
// happens from now on.
func (d *Desk) AddSubscriber(a access.Actor, s Subscriber) (Subscriber, error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return Subscriber{}, err
	}
	if err := d.checkSubscriber(&s); err != nil {
		return Subscriber{}, err
	}
	return s, d.update(func(o *op) error {
		if err := o.room(s); err != nil {
			return err
		}
		last, err := o.changes.Last(o.tx)
		if err != nil {
			return err
		}
		s.On, s.Added, s.Feed = true, o.now, Feed{Cursor: last}
		if err := o.subscribers.Put(o.tx, s); err != nil {
			return err
		}
		return o.record(a, "receiver.add", subscriberDetail(s))
	})
}

func subscriberDetail(s Subscriber) map[string]any {
	return map[string]any{"receiver": s.ID, "url": s.URL, "types": s.Types}
}

// changing is an operation on one subscriber: act changes it, and says what the
// audit log has of it; "" for what only the daemon did.
func (d *Desk) changing(a access.Actor, which id.Subscriber, act string, change func(*op, *Subscriber) error) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		s, err := o.subscriber(which)
		if err != nil {
			return err
		}
		if err := change(o, &s); err != nil {
			return err
		}
		if err := o.putSubscriber(&s); err != nil {
			return err
		}
		return o.record(a, act, subscriberDetail(s))
	})
}

func (o *op) subscriber(which id.Subscriber) (Subscriber, error) {
	s, ok, err := o.subscribers.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("receiver")
	}
	return s, err
}

// putSubscriber keeps a subscriber, and wakes the screens when there is other
// news of it. An event for each attempt would be an event to send: a receiver
// that fails every other time would be sent the news of itself for ever.
func (o *op) putSubscriber(s *Subscriber) error {
	now := s.Trouble(o.now)
	told := now == s.Feed.Told
	s.Feed.Told = now
	if err := o.subscribers.Put(o.tx, *s); err != nil || told {
		return err
	}
	return o.tell(SyncChanged, Detail{})
}

// ChangeSubscriber gives a subscriber another address or other types.
func (d *Desk) ChangeSubscriber(a access.Actor, which id.Subscriber, url string, types []string) error {
	return d.changing(a, which, "receiver.change", func(o *op, s *Subscriber) error {
		was := s.URL
		s.URL, s.Types = strings.TrimSpace(url), types
		if err := d.checkSubscriber(s); err != nil {
			return err
		}
		if s.URL != was {
			s.fresh()
		}
		return o.room(*s)
	})
}

// SwitchSubscriber turns a subscriber on or off. What happens while it is off
// isn't sent, and what waited when it was turned off is given up.
func (d *Desk) SwitchSubscriber(a access.Actor, which id.Subscriber, on bool) error {
	act := map[bool]string{true: "receiver.on", false: "receiver.off"}[on]
	return d.changing(a, which, act, func(o *op, s *Subscriber) (err error) {
		if s.On == on {
			s.Gone = false
			return nil
		}
		if !on {
			return o.turnOff(s, false)
		}
		s.fresh()
		s.On, s.Gone = true, false
		s.Feed.Cursor, err = o.changes.Last(o.tx)
		return err
	})
}

func (o *op) turnOff(s *Subscriber, gone bool) error {
	s.fresh()
	s.On, s.Gone = false, gone
	for m, err := range o.messages.Prefix(o.tx, o.byFeed, feedKey(s.ID, MessageWaiting)) {
		if err != nil {
			return err
		}
		m.Outcome, m.Status = OutcomeOff, 0
		if err := o.giveUp(s, m); err != nil {
			return err
		}
	}
	return nil
}

// CanRenew tells whether somebody may give a subscriber another secret.
func (d *Desk) CanRenew(a access.Actor, which id.Subscriber) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.view(func(o *op) error {
		_, err := o.subscriber(which)
		return err
	})
}

// SecretRenewed notes in the audit log that a subscriber has another secret.
// Its messages are tried again at once: the old one may have been the trouble.
func (d *Desk) SecretRenewed(a access.Actor, which id.Subscriber) error {
	return d.changing(a, which, "receiver.renew_secret", func(_ *op, s *Subscriber) error {
		if s.Feed.Trying == "" {
			s.Feed.Next = time.Time{}
		}
		return nil
	})
}

// RemoveSubscriber forgets a subscriber and its messages.
func (d *Desk) RemoveSubscriber(a access.Actor, which id.Subscriber) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		s, err := o.subscriber(which)
		if err != nil {
			return err
		}
		for m, err := range o.messages.Prefix(o.tx, o.byFeed, string(which)+"/") {
			if err == nil {
				err = o.messages.Delete(o.tx, m.ID)
			}
			if err != nil {
				return err
			}
		}
		if err := o.subscribers.Delete(o.tx, which); err != nil {
			return err
		}
		if err := o.record(a, "receiver.remove", subscriberDetail(s)); err != nil {
			return err
		}
		return o.tell(SyncChanged, Detail{})
	})
}
