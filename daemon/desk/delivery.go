package desk

import (
	"cmp"
	"slices"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/notify"
	"countersign/daemon/visit"
)

// DeliveryKind names what a delivery brings.
type DeliveryKind string

// ReceiptDelivery brings the receipt of a payment (R24).
const ReceiptDelivery DeliveryKind = "receipt"

// DeliveryState says how far a message is.
type DeliveryState string

// The states of a delivery. Queued alone is not the last one. Unclear means
// that it may have been sent: it is never repeated by itself.
const (
	DeliveryQueued  DeliveryState = "queued"
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed"
	DeliveryUnclear DeliveryState = "unclear"
	DeliverySkipped DeliveryState = "skipped"
)

// The reasons that are ours to give. Any other reason is what the sender said.
const (
	WhyNoAddress     = "no_address"     // the client has none for the channel
	WhyBadNumber     = "bad_number"     // it is no number that could be dialled
	WhyNotConfigured = "not_configured" // the channel isn't
	WhyInterrupted   = "interrupted"    // the daemon ended while it was sending
	WhyNotWritten    = "not_written"    // what it is about is damaged
)

// Delivery is one message to a client by one channel. At is when it came into
// its state. Begun says that an attempt is under way whose end isn't known:
// one that is found so later may have been sent.
type Delivery struct {
	ID      id.Delivery    `json:"id"`
	Kind    DeliveryKind   `json:"kind"`
	Visit   id.Visit       `json:"visit"`
	Payment id.Payment     `json:"payment,omitempty"`
	Channel notify.Channel `json:"channel"`
	To      string         `json:"to"`
	State   DeliveryState  `json:"state"`
	Reason  string         `json:"reason,omitempty"`
	At      time.Time      `json:"at"`
	Added   time.Time      `json:"added"`
	Begun   bool           `json:"begun,omitempty"`
	Staff   id.Staff       `json:"staff,omitempty"` // who asked for it; empty when it went by itself
}

// Parcel is a delivery in the outbox.
type Parcel struct {
	Delivery id.Delivery `json:"delivery"`
}

// Channels lists the channels that are configured, in the order they are shown.
func (d *Desk) Channels() (on []notify.Channel) {
	for _, c := range notify.Channels() {
		if d.cfg.Senders[c] != nil {
			on = append(on, c)
		}
	}
	return on
}

// Sender returns what sends by a channel, and false if nothing does.
func (d *Desk) Sender(by notify.Channel) (notify.Sender, bool) {
	s := d.cfg.Senders[by]
	return s, s != nil
}

// Deliveries lists the messages about a visit, oldest first.
func (d *Desk) Deliveries(a access.Actor, which id.Visit) (found []Delivery, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		if _, err := o.visit(which); err != nil {
			return err
		}
		for x, err := range o.deliveries.Where(o.tx, o.bySubject, string(which)) {
			if err != nil {
				return err
			}
			found = append(found, x)
		}
		slices.SortFunc(found, func(a, b Delivery) int {
			return cmp.Or(a.Added.Compare(b.Added), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.ID, b.ID))
		})
		return nil
	})
	return found, err
}

// Reachable lists the channels by which a visit's client could be sent
// something now.
func (d *Desk) Reachable(a access.Actor, which id.Visit) (by []notify.Channel, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		v, err := o.visit(which)
		if err != nil {
			return err
		}
		for _, c := range d.Channels() {
			if _, why, err := o.address(v.Client, c); err != nil {
				return err
			} else if why == "" {
				by = append(by, c)
			}
		}
		return nil
	})
	return by, err
}

// address is where a client is reached by a channel, or why they are not.
func (o *op) address(c visit.Client, by notify.Channel) (to, why string, err error) {
	if by == notify.Email {
		if c.Email == "" {
			return "", WhyNoAddress, nil
		}
		return c.Email, "", nil
	}
	if c.Phone == "" {
		return "", WhyNoAddress, nil
	}
	loc, err := o.location()
	if err != nil {
		return "", "", err
	}
	to, ok := client.Phone(c.Phone, loc.Region())
	if !ok {
		return c.Phone, WhyBadNumber, nil
	}
	return to, "", nil
}

// sendReceipts queues the receipt of a confirmed payment to every channel of
// its client, in the transaction that books it (R18). What can't be reached
// for want of an address is nothing to tell anybody of.
func (o *op) sendReceipts(v visit.Visit, e ledger.Entry) error {
	on := o.d.Channels()
	if len(on) == 0 {
		return nil
	}
	loc, err := o.location()
	if err != nil || loc.ReceiptsByHand {
		return err
	}
	for _, by := range on {
		to, why, err := o.address(v.Client, by)
		if err != nil {
			return err
		}
		if why == WhyNoAddress {
			continue
		}
		if _, err := o.queue(Delivery{Kind: ReceiptDelivery, Visit: v.ID, Payment: e.ID, Channel: by, To: to, Reason: why}); err != nil {
			return err
		}
	}
	return nil
}

// queue makes a delivery and, unless there is a reason to skip it, puts it in
// the outbox.
func (o *op) queue(x Delivery) (Delivery, error) {
	x.ID, x.Added, x.State = o.d.ids.Delivery(), o.now, DeliveryQueued
	if x.Reason != "" {
		x.State = DeliverySkipped
	} else if err := o.outbox.Add(o.tx, string(x.ID), o.now, Parcel{Delivery: x.ID}); err != nil {
		return Delivery{}, err
	}
	return x, o.putDelivery(&x)
}

// putDelivery keeps a delivery in its new state, and tells of it.
func (o *op) putDelivery(x *Delivery) error {
	x.At = o.now
	if err := o.deliveries.Put(o.tx, *x); err != nil {
		return err
	}
	return o.tell(DeliveryChanged, Detail{Visit: x.Visit, Payment: x.Payment, Delivery: x.ID, Channel: string(x.Channel), State: string(x.State)})
}
