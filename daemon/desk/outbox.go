package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
)

// tryTime is how long a message is tried to be sent, from when it was queued.
// Longer would surprise whoever gets it.
const tryTime = 24 * time.Hour

// DueDeliveries lists what is due in the outbox, and when the next will be
// (zero if nothing is queued). It is a queue of its own, so that a slow mail
// server holds up no payment.
func (d *Desk) DueDeliveries(limit int) (due []store.Task[Parcel], next time.Time, err error) {
	err = d.view(func(o *op) error {
		if due, err = o.outbox.Due(o.tx, limit); err != nil {
			return err
		}
		next, _, err = o.outbox.Next(o.tx)
		return err
	})
	return due, next, err
}

// Outgoing is a delivery handed out for one attempt.
type Outgoing struct {
	Task     store.Task[Parcel]
	Delivery Delivery
	Message  notify.Message
}

// TakeDelivery hands out a message for one attempt, which is stored before it
// is made. ok is false when nothing is to be done: also when an earlier attempt
// never said how it ended, since that message may be with its reader (R26).
func (d *Desk) TakeDelivery(task string, retry time.Duration) (out Outgoing, ok bool, err error) {
	err = d.update(func(o *op) error {
		if out.Task, ok, err = o.outbox.Take(o.tx, task, o.now.Add(retry)); err != nil || !ok {
			return err
		}
		x, found, err := o.deliveries.Get(o.tx, id.Delivery(task))
		if err != nil {
			return err
		}
		ok = found && x.State == DeliveryQueued && !x.Begun
		if !ok {
			if found && x.State == DeliveryQueued {
				return o.ended(&x, DeliveryUnclear, WhyInterrupted)
			}
			return o.outbox.Done(o.tx, task)
		}
		if out.Message, err = o.message(x); err != nil {
			ok = false
			return o.ended(&x, DeliveryFailed, WhyNotWritten)
		}
		x.Begun = true
		out.Delivery = x
		return o.deliveries.Put(o.tx, x)
	})
	return out, ok, err
}

// ended takes a delivery out of the outbox in its last state.
func (o *op) ended(x *Delivery, state DeliveryState, why string) error {
	x.State, x.Reason, x.Begun = state, why, false
	if err := o.outbox.Done(o.tx, string(x.ID)); err != nil {
		return err
	}
	return o.putDelivery(x)
}

// DeliveryEnded stores how an attempt ended: sent if outcome is nil. A message
// that certainly wasn't sent is due again after a while, for a day. An answer
// that comes after the attempt was given up for lost still says the truth.
func (d *Desk) DeliveryEnded(which id.Delivery, outcome error, after time.Duration) error {
	return d.update(func(o *op) error {
		x, ok, err := o.deliveries.Get(o.tx, which)
		if err != nil || !ok {
			return err
		}
		lost := x.State == DeliveryUnclear && x.Reason == WhyInterrupted
		if !lost && !x.Begun {
			return errUnchanged
		}
		switch notify.KindOf(outcome) {
		case 0:
			return o.ended(&x, DeliverySent, "")
		case notify.Unclear:
			return o.ended(&x, DeliveryUnclear, notify.Reason(outcome))
		case notify.Unavailable:
			if !lost && o.now.Sub(x.Added) < tryTime {
				return o.tryAgain(x, notify.Reason(outcome), after)
			}
		}
		return o.ended(&x, DeliveryFailed, notify.Reason(outcome))
	})
}

// tryAgain leaves a delivery queued. It is told once for each reason: a mail
// server that is down all night is one piece of news.
func (o *op) tryAgain(x Delivery, why string, after time.Duration) error {
	news := x.Reason != why
	x.Begun, x.Reason = false, why
	if err := o.outbox.Fail(o.tx, string(x.ID), why, o.now.Add(after)); err != nil {
		return err
	}
	if news {
		return o.putDelivery(&x)
	}
	return o.deliveries.Put(o.tx, x)
}

// message writes what a delivery brings, as things are now.
func (o *op) message(x Delivery) (notify.Message, error) {
	v, err := o.visit(x.Visit)
	if err != nil {
		return notify.Message{}, err
	}
	loc, err := o.location()
	if err != nil {
		return notify.Message{}, err
	}
	e, err := o.entryOf(x.Payment)
	if err != nil {
		return notify.Message{}, err
	}
	link, err := o.ownLink(v) // where the receipt is
	if err != nil {
		return notify.Message{}, err
	}
	r := notify.Receipt{Location: loc.Name, Amount: e.Amount, Currency: e.Currency, Method: e.Method, At: e.ReceivedAt.In(loc.Clock()),
		Number: string(e.ID), Code: v.Code, Link: link.URL, Total: v.Total(), LinesIn: v.Currency, Lines: soldLines(v),
		Sandbox: provider.IsTest(e.Provider)}
	if e.Provider == "" {
		at, err := o.preferred()
		if err != nil {
			return notify.Message{}, err
		}
		r.Sandbox = provider.IsTest(at)
	}
	lang := v.Client.Language
	if lang == "" {
		lang = loc.Language
	}
	return r.Message(x.Channel, string(x.ID), x.To, lang)
}

func soldLines(v visit.Visit) (lines []notify.Line) {
	for _, l := range v.Lines {
		total, err := l.Total()
		if err != nil {
			continue // such a line can't be stored; a damaged one shows no wrong amount
		}
		lines = append(lines, notify.Line{Name: l.Name, Quantity: l.Quantity, Amount: total})
	}
	return lines
}

// outgoing holds the outbox against what is queued (R41): each has the other.
func (c *inspection) outgoing() error {
	for x, err := range c.deliveries.All(c.tx) {
		if err != nil {
			return err
		}
		_, ok, err := c.outbox.Get(c.tx, string(x.ID))
		if err != nil {
			return err
		}
		if queued := x.State == DeliveryQueued; queued != ok {
			c.fail("R41", "delivery %s is %s, and in the outbox: %t", x.ID, x.State, ok)
		}
	}
	return nil
}
