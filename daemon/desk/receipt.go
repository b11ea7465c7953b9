package desk

import (
	"slices"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/notify"
	"countersign/daemon/visit"
)

// Sending is what staff send. Without channels it goes to every one that
// reaches the client; Again sends what was sent before.
type Sending struct {
	Channels []notify.Channel
	Again    bool
}

// SendReceipt sends the receipt of a payment by hand (R24). What waits in the
// outbox isn't queued twice, and what was sent, or may have been, goes out
// once more only if that is asked for.
func (d *Desk) SendReceipt(a access.Actor, which id.Payment, s Sending, k Key) (made []Delivery, err error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return nil, err
	}
	for _, by := range s.Channels {
		if !slices.Contains(notify.Channels(), by) {
			return nil, fault.Invalid(fault.Field{Location: "body.channels", Message: "must be email, sms or whatsapp"})
		}
	}
	err = d.once(a, k, func(o *op) (string, error) {
		made, err = o.sendReceipt(a, which, s)
		return deliveryNames(made), err
	}, func(o *op, before string) error {
		made, err = o.deliveriesNamed(before)
		return err
	})
	return made, err
}

func deliveryNames(list []Delivery) string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = string(x.ID)
	}
	return strings.Join(names, " ")
}

func (o *op) deliveriesNamed(names string) (list []Delivery, err error) {
	for name := range strings.FieldsSeq(names) {
		x, ok, err := o.deliveries.Get(o.tx, id.Delivery(name))
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, x)
		}
	}
	return list, nil
}

func (o *op) sendReceipt(a access.Actor, which id.Payment, s Sending) ([]Delivery, error) {
	e, err := o.entryOf(which)
	if err != nil {
		return nil, err
	}
	if e.Kind != ledger.KindPayment || e.Visit == "" {
		return nil, fault.New(fault.Unprocessable, "no_receipt", "Only a payment of a visit has a receipt.")
	}
	v, err := o.visit(e.Visit)
	if err != nil {
		return nil, err
	}
	var made []Delivery
	repeats := false
	for _, by := range o.wanted(s) {
		x, again, err := o.sendBy(by, v, e, a, s)
		if err != nil {
			return nil, err
		}
		repeats = repeats || again
		if x.ID != "" {
			made = append(made, x)
		}
	}
	switch {
	case len(made) > 0:
		return made, o.record(a, "receipt.send", map[string]string{"payment": string(e.ID), "deliveries": deliveryNames(made)})
	case repeats:
		return nil, fault.New(fault.Conflict, "receipt_sent", "This receipt was sent already. Send it again?")
	}
	return nil, fault.New(fault.Unprocessable, "client_not_reachable", "The client has no address that a receipt could be sent to.")
}

// wanted are the channels to send by, each once.
func (o *op) wanted(s Sending) []notify.Channel {
	if len(s.Channels) == 0 {
		return o.d.Channels()
	}
	by := slices.Sorted(slices.Values(s.Channels))
	return slices.Compact(by)
}

// sendBy queues a receipt for one channel. It returns the delivery that is
// queued already where there is one, and none where there is no address and
// nobody named the channel, or (repeats) where it was sent.
func (o *op) sendBy(by notify.Channel, v visit.Visit, e ledger.Entry, a access.Actor, s Sending) (x Delivery, repeats bool, err error) {
	to, why, err := o.address(v.Client, by)
	if err != nil {
		return Delivery{}, false, err
	}
	if o.d.cfg.Senders[by] == nil {
		why = WhyNotConfigured
	}
	if why == WhyNoAddress && len(s.Channels) == 0 {
		return Delivery{}, false, nil
	}
	for before, err := range o.deliveries.Where(o.tx, o.byReceipt, string(e.ID)) {
		if err != nil {
			return Delivery{}, false, err
		}
		if before.Channel != by || before.To != to {
			continue
		}
		if before.State == DeliveryQueued {
			return before, false, nil
		}
		repeats = repeats || before.State == DeliverySent || before.State == DeliveryUnclear
	}
	if why == "" && repeats && !s.Again {
		return Delivery{}, true, nil
	}
	x, err = o.queue(Delivery{Kind: ReceiptDelivery, Visit: v.ID, Payment: e.ID, Channel: by, To: to, Reason: why, Staff: a.Staff})
	return x, false, err
}
