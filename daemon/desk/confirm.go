package desk

import (
	"cmp"
	"errors"
	"time"

	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// Confirm applies what a provider said, by webhook or by poll: the one
// function where both meet. One call is one transaction, the cursor included;
// every fact applies once, however often it comes (R18). An empty cursor
// leaves the stored one: a webhook says nothing about what was polled.
func (d *Desk) Confirm(name string, events []provider.Event, cursor string) error {
	way := Polled
	if cursor == "" {
		way = Hooked
	}
	return d.hear(way, func(o *op) error {
		for _, e := range events {
			if err := o.event(name, e); err != nil {
				return err
			}
		}
		if cursor == "" {
			return nil
		}
		return o.cursors.Set(o.tx, name, cursor)
	})
}

// Cursor returns how far a provider's events were read.
func (d *Desk) Cursor(name string) (cursor string, err error) {
	err = d.view(func(o *op) error {
		cursor, err = o.cursors.Get(o.tx, name)
		return err
	})
	return cursor, err
}

func (o *op) event(name string, e provider.Event) error {
	fresh, err := o.once(name + "/event/" + e.ID)
	if err != nil || !fresh {
		return err
	}
	session, err := o.sessionOf(name, e.Session)
	if err != nil {
		return err
	}
	if r := e.Refund; r != nil {
		told := *r
		told.Session = cmp.Or(r.Session, session)
		return o.refunded(name, told, e.At)
	}
	if d := e.Dispute; d != nil {
		told := *d
		told.Session = cmp.Or(d.Session, session)
		return o.disputed(name, told, e.At)
	}
	return o.absorb(name, e.Session, e.At)
}

// sessionOf is the session that a provider names by our reference alone. What
// it says of a payment is heard by that even where no word ever came that tells
// the payment's name.
func (o *op) sessionOf(name string, s provider.Session) (string, error) {
	if s.ID != "" || s.Reference == "" {
		return "", nil
	}
	c, ok, err := o.checkouts.Get(o.tx, id.Checkout(s.Reference))
	if err != nil || !ok || c.Provider != name {
		return "", err
	}
	return c.Session, nil
}

// once tells whether a fact is new, and notes it in the inbox. It is noted in
// the transaction that applies it: a crash before the commit forgets both.
func (o *op) once(key string) (bool, error) {
	_, seen, err := o.inbox.Get(o.tx, key)
	if err != nil || seen {
		return false, err
	}
	return true, o.inbox.Put(o.tx, receipt{Key: key, At: o.now})
}

// absorb takes in what a provider says of one session.
func (o *op) absorb(name string, s provider.Session, at time.Time) error {
	c, known, err := o.checkoutOf(name, s)
	if err != nil {
		return err
	}
	var through visit.Hosted
	if !known {
		if through, known, err = o.hostOf(name, s); err != nil {
			return err
		}
		if known {
			c = o.visitor(through, s)
		}
	}
	switch {
	case s.Status == provider.Paid:
		return o.paid(name, s, c, known, at)
	case !known:
		return nil
	case s.Status == provider.Unknown:
		return o.alarm(c, s)
	case through.ID != "":
		return o.visited(c, through, s)
	}
	if c.Session == "" {
		c.Session, c.URL = s.ID, s.URL
	}
	c.Reason = s.Reason
	if !c.Apply(factOf(s.Status), o.now) {
		return o.checkouts.Put(o.tx, c)
	}
	return o.moved(c)
}

// factOf translates a provider's status. A word that isn't known changes
// nothing and is never a payment.
func factOf(s provider.Status) visit.Fact {
	switch s {
	case provider.Open:
		return visit.Created
	case provider.Processing:
		return visit.PaymentPending
	case provider.Cancelled:
		return visit.WasCancelled
	case provider.Expired:
		return visit.WasExpired
	case provider.Failed:
		return visit.WasFailed
	}
	return ""
}

// checkoutOf finds the checkout that a session is of: by our own reference
// first. Some providers sign that and not the session's id.
func (o *op) checkoutOf(name string, s provider.Session) (visit.Checkout, bool, error) {
	c, ok, err := o.checkouts.Get(o.tx, id.Checkout(s.Reference))
	if err != nil || ok && c.Provider == name {
		return c, ok, err
	}
	return o.checkouts.First(o.tx, o.bySession, source(name, s.ID))
}

// moved stores a checkout in its new state, and what follows for its visit.
func (o *op) moved(c visit.Checkout) error {
	if err := o.putCheckout(c); err != nil {
		return err
	}
	v, err := o.visit(c.Visit)
	if err != nil {
		return err
	}
	if v.Checkout != c.ID {
		return o.besides(v, c)
	}
	if c.Final() {
		if v.Checkout, err = o.next(v); err != nil {
			return err
		}
		if err := o.spent(c); err != nil {
			return err
		}
		if how := outcomeFailed; c.State == visit.Failed {
			if c.Reason == lostReason {
				how = outcomeLost
			}
			err = o.outcome(v.ID, how, 0, v.Currency)
		}
	} else if c.State == visit.Open && c.Amount != v.Due() {
		// The visit changed while the provider was asked: this checkout is
		// stale before anybody saw it (R15).
		if err := o.put(v); err != nil {
			return err
		}
		return o.askCancel(c)
	}
	return errors.Join(err, o.put(v))
}
