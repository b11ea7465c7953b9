package desk

import (
	"errors"
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// Confirm applies what a provider said, by webhook or by poll: the one
// function where both meet. One call is one transaction, the cursor included;
// every fact applies once, however often it comes (R18). An empty cursor
// leaves the stored one: a webhook says nothing about what was polled.
func (d *Desk) Confirm(name string, events []provider.Event, cursor string) error {
	return d.update(func(o *op) error {
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
	if e.Refund != nil {
		return o.refunded(name, *e.Refund, e.At)
	}
	return o.absorb(name, e.Session, e.At)
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
	if s.Status == provider.Paid {
		return o.paid(name, s, c, known, at)
	}
	if !known {
		return nil
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
// nothing here and is never a payment; the poller raises it.
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

func (o *op) checkoutOf(name string, s provider.Session) (visit.Checkout, bool, error) {
	c, ok, err := o.checkouts.First(o.tx, o.bySession, source(name, s.ID))
	if err != nil || ok {
		return c, ok, err
	}
	c, ok, err = o.checkouts.Get(o.tx, id.Checkout(s.Reference))
	return c, ok && c.Provider == name, err
}

// moved stores a checkout in its new state, and what follows for its visit.
func (o *op) moved(c visit.Checkout) error {
	if err := o.putCheckout(c); err != nil {
		return err
	}
	v, err := o.visit(c.Visit)
	if err != nil || v.Checkout != c.ID {
		return err
	}
	if c.Final() {
		v.Checkout = ""
		if c.State == visit.Failed {
			err = o.outcome(v.ID, "failed", 0, v.Currency)
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

// paid books money that a provider confirmed, as received (R19), whatever was
// hoped of it (R20): late, second, stale or of a checkout that nobody knows.
func (o *op) paid(name string, s provider.Session, c visit.Checkout, known bool, at time.Time) error {
	fresh, err := o.once(name + "/paid/" + s.ID + "/" + s.Payment)
	if err != nil || !fresh {
		return err
	}
	if !s.PaidAt.IsZero() {
		at = s.PaidAt
	}
	if !known {
		return o.unmatched(name, s, at)
	}
	v, err := o.visit(c.Visit)
	if err != nil {
		return err
	}
	flags := flagsOf(s, c, v)
	c.Session, c.Payment, c.PaidAt = s.ID, s.Payment, at
	c.Apply(visit.WasPaid, o.now)
	if err := o.putCheckout(c); err != nil {
		return err
	}
	entry, err := o.acquire(name, s, c, &v, flags, at)
	if err != nil {
		return err
	}
	return o.settle(v, c, entry)
}

// flagsOf names what is unexpected about a payment.
func flagsOf(s provider.Session, c visit.Checkout, v visit.Visit) []string {
	var flags []string
	if c.State == visit.Cancelled || c.State == visit.Expired || c.State == visit.Failed {
		flags = append(flags, ledger.Late)
	}
	if v.PaidByLink {
		flags = append(flags, ledger.Duplicate)
	}
	switch {
	case s.Currency != string(c.Currency):
		flags = append(flags, ledger.CurrencyMismatch)
	case s.Amount != c.Amount:
		flags = append(flags, ledger.AmountMismatch)
	}
	return flags
}

// acquire posts a confirmed payment to the acquiring register of its provider (R21).
func (o *op) acquire(name string, s provider.Session, c visit.Checkout, v *visit.Visit, flags []string, at time.Time) (ledger.Entry, error) {
	loc, err := o.location()
	if err != nil {
		return ledger.Entry{}, err
	}
	entry := ledger.Entry{ID: o.d.ids.Payment(), Visit: v.ID, Method: "link", Provider: name,
		Register: "acquiring:" + name, Amount: s.Amount, Currency: money.Currency(s.Currency), ReceivedAt: at,
		VisitDate: v.Day(loc.Clock()), Checkout: c.ID, Session: s.ID, ProviderPayment: s.Payment, Flags: flags}
	return o.post(entry, v)
}

// settle is what a link payment means for its visit: paid by link, closed for
// good, no block (R11, R14), and the screens told.
func (o *op) settle(v visit.Visit, c visit.Checkout, entry ledger.Entry) error {
	before := v.Checkout
	v.LinkState, v.PaidByLink = visit.LinkCompleted, true
	v.Checkout, v.BlockedUntil = "", time.Time{}
	if before != "" && before != c.ID {
		if err := o.closeOther(before); err != nil {
			return err
		}
		v.Checkout = before
	}
	if v.Due() == 0 {
		if err := o.fulfil(&v); err != nil {
			return err
		}
	}
	if err := o.put(v); err != nil {
		return err
	}
	if len(entry.Flags) > 0 {
		return o.raise(entry)
	}
	return o.outcome(v.ID, "paid", entry.Amount, entry.Currency)
}

// closeOther asks to cancel the checkout that is open beside one that was paid.
func (o *op) closeOther(which id.Checkout) error {
	c, err := o.checkout(which)
	if err != nil {
		return err
	}
	return o.askCancel(c)
}

// unmatched keeps money of a session that nobody here knows, for staff to
// assign (R20).
func (o *op) unmatched(name string, s provider.Session, at time.Time) error {
	loc, err := o.location()
	if err != nil {
		return err
	}
	entry, err := o.post(ledger.Entry{ID: o.d.ids.Payment(), Method: "link", Provider: name, Register: "acquiring:" + name,
		Amount: s.Amount, Currency: money.Currency(s.Currency), ReceivedAt: at, VisitDate: at.In(loc.Clock()).Format(time.DateOnly),
		Session: s.ID, ProviderPayment: s.Payment, Flags: []string{ledger.Unmatched}}, nil)
	if err != nil {
		return err
	}
	return o.raise(entry)
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
	p, ok, err := o.payments.First(o.tx, o.bySource, source(name, r.Session))
	if err != nil {
		return err
	}
	if !ok {
		return o.raise(ledger.Entry{Provider: name, Amount: r.Amount, Currency: money.Currency(r.Currency), Flags: []string{ledger.Unmatched}})
	}
	of, err := o.entry(p)
	if err != nil {
		return err
	}
	if p.Refunded += r.Amount; p.Refunded > of.Amount {
		return o.raise(ledger.Entry{ID: of.ID, Visit: of.Visit, Amount: r.Amount, Currency: of.Currency, Flags: []string{ledger.AmountMismatch}})
	}
	if err := o.payments.Put(o.tx, p); err != nil {
		return err
	}
	entry := of
	entry.ID, entry.Kind, entry.Amount, entry.Refunds, entry.ReceivedAt, entry.Flags = o.d.ids.Payment(), ledger.KindRefund, r.Amount, of.ID, at, nil
	if of.Visit == "" {
		_, err := o.post(entry, nil)
		return err
	}
	v, err := o.visit(of.Visit)
	if err != nil {
		return err
	}
	if _, err := o.post(entry, &v); err != nil {
		return err
	}
	return o.put(v)
}
