package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
)

// earlyRefund is a refund whose payment hasn't been heard of yet: events come
// in any order. It is booked when the payment is.
type earlyRefund struct {
	ID        string          `json:"id"`
	Provider  string          `json:"provider"`
	Refund    provider.Refund `json:"refund"`
	At        time.Time       `json:"at"`
	Attention id.Attention    `json:"attention"`
}

// refunded books a refund that the provider made, by our request or at its own
// dashboard (R23). One that is pending or failed moved no money.
func (o *op) refunded(name string, r provider.Refund, at time.Time) error {
	if r.Status != provider.RefundSucceeded {
		return nil
	}
	fresh, err := o.once(name + "/refund/" + r.ID)
	if err != nil || !fresh {
		return err
	}
	if !bookable(r.Amount, r.Currency) {
		return o.setAside(name, r.Session, "")
	}
	p, ok, err := o.paidAt(name, r.Session, r.Payment)
	if err != nil {
		return err
	}
	if !ok {
		return o.keepEarly(name, r, at)
	}
	return o.giveBack(p, r, at)
}

// paidAt finds the payment that a provider speaks of: by its id of the payment
// where it gives one, since a session may have been paid twice.
func (o *op) paidAt(name, session, payment string) (posting, bool, error) {
	if payment != "" {
		p, ok, err := o.payments.First(o.tx, o.bySource, paymentKey(name, payment))
		if err != nil || ok || session == "" {
			return p, ok, err
		}
	}
	p, ok, err := o.payments.First(o.tx, o.bySource, source(name, session))
	return p, ok && (payment == "" || p.Payment == ""), err
}

// keepEarly keeps a refund until its payment is heard of, and raises it: it may
// be of a payment that never was ours.
func (o *op) keepEarly(name string, r provider.Refund, at time.Time) error {
	a := Attention{ID: o.d.ids.Attention(), Kind: ledger.Unmatched, Provider: name, Session: r.Session, Refund: true,
		Amount: r.Amount, Currency: money.Currency(r.Currency)}
	if err := o.putAttention(a); err != nil {
		return err
	}
	return o.early.Put(o.tx, earlyRefund{ID: name + "/" + r.ID, Provider: name, Refund: r, At: at, Attention: a.ID})
}

// refundedBefore books the refunds of a payment that were heard of first.
func (o *op) refundedBefore(name string, s provider.Session) error {
	waiting := map[string]earlyRefund{}
	for _, key := range sourcesOf(source(name, s.ID), name, s.Payment) {
		for e, err := range o.early.Where(o.tx, o.byRefunded, key) {
			if err != nil {
				return err
			}
			waiting[e.ID] = e
		}
	}
	for _, e := range waiting {
		p, ok, err := o.paidAt(name, e.Refund.Session, e.Refund.Payment)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := o.giveBack(p, e.Refund, e.At); err != nil {
			return err
		}
		if err := o.attention.Delete(o.tx, e.Attention); err != nil {
			return err
		}
		if err := o.early.Delete(o.tx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// giveBack books a refund of a payment as the provider made it. More than was
// left, or another currency, is booked all the same and raised (R19, R20).
func (o *op) giveBack(p posting, r provider.Refund, at time.Time) error {
	of, err := o.entry(p)
	if err != nil {
		return err
	}
	entry := of
	entry.ID, entry.Kind, entry.Refunds, entry.ReceivedAt, entry.Flags = o.d.ids.Payment(), ledger.KindRefund, of.ID, at, nil
	entry.Amount, entry.Currency = r.Amount, money.Currency(r.Currency)
	switch {
	case entry.Currency != of.Currency:
		entry.Flags = []string{ledger.CurrencyMismatch}
	case p.Refunded+r.Amount > of.Amount:
		entry.Flags = []string{ledger.AmountMismatch}
	}
	if entry.Currency == of.Currency {
		p.Refunded += r.Amount
		if err := o.payments.Put(o.tx, p); err != nil {
			return err
		}
	}
	if err := o.postRefund(entry); err != nil {
		return err
	}
	return o.raise(entry)
}

// postRefund books a refund, and tells its visit if it has one.
func (o *op) postRefund(entry ledger.Entry) error {
	if entry.Visit == "" {
		_, err := o.post(entry, nil)
		return err
	}
	v, err := o.visit(entry.Visit)
	if err != nil {
		return err
	}
	if _, err := o.post(entry, &v); err != nil {
		return err
	}
	return o.put(v)
}
