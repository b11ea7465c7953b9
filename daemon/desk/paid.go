package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// paid books money that a provider confirmed, as received (R19), whatever was
// hoped of it (R20): late, second, stale or of a checkout that nobody knows.
func (o *op) paid(name string, s provider.Session, c visit.Checkout, known bool, at time.Time) error {
	if s.ID == "" {
		s.ID = c.Session
	}
	if s.ID == "" && known && !c.Final() {
		// Booked without its session it would be booked again with it. The
		// provider repeats this once the answer to Create has been heard.
		return provider.Errorf(provider.Unavailable, "a payment of a checkout whose session isn't known yet")
	}
	if s.ID == "" {
		s.ID = s.Payment // which is all that anybody will ever call it
	}
	before, told, err := o.paidAt(name, s.ID, s.Payment)
	if err != nil {
		return err
	}
	if told {
		return o.paidAgain(name, before, s, c, known)
	}
	fresh, err := o.once(name + "/paid/" + s.ID + "/" + s.Payment)
	if err != nil || !fresh {
		return err
	}
	if !bookable(s.Amount, s.Currency) {
		return o.setAside(name, s.ID, c.Visit)
	}
	o.booked = append(o.booked, name)
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
	if err := o.settle(v, c, entry); err != nil {
		return err
	}
	if err := o.sendReceipts(v, entry); err != nil {
		return err
	}
	return o.takenBackBefore(name, s)
}

// paidAgain takes in another word of a payment that is booked. Where a look-up
// tells that it was paid, and only the webhook by which payment, the two come
// in any order: the later one says what the first one couldn't, and books
// nothing (R18).
func (o *op) paidAgain(name string, p posting, s provider.Session, c visit.Checkout, known bool) error {
	if p.Payment != "" || s.Payment == "" {
		return nil
	}
	p.Payment = s.Payment
	if err := o.payments.Put(o.tx, p); err != nil {
		return err
	}
	if known && c.Session == s.ID && c.Payment == "" {
		c.Payment = s.Payment
		if err := o.checkouts.Put(o.tx, c); err != nil {
			return err
		}
	}
	if s.Amount != p.Amount || s.Currency != string(p.Currency) {
		if err := o.putAttention(Attention{Kind: ledger.AmountMismatch, Visit: p.Visit, Payment: p.ID, Provider: name, Session: s.ID,
			Amount: s.Amount, Currency: money.Currency(s.Currency)}); err != nil {
			return err
		}
	}
	return o.takenBackBefore(name, s)
}

// bookable tells whether an amount can be an entry of the ledger at all.
func bookable(amount int64, currency string) bool {
	_, err := money.ParseCurrency(currency)
	return amount > 0 && err == nil
}

// setAside raises what a provider said and the ledger can't hold, such as a
// payment of nothing. The events behind it must not wait for a person.
func (o *op) setAside(name, session string, v id.Visit) error {
	return o.putAttention(Attention{Kind: NotBookable, Visit: v, Provider: name, Session: session})
}

// flagsOf names what is unexpected about a payment: that its checkout was
// closed, that there was nothing left to pay, or that it isn't what was asked
// for or is due now (R15, R19, R20).
func flagsOf(s provider.Session, c visit.Checkout, v visit.Visit) []string {
	var flags []string
	if c.Closed() {
		flags = append(flags, ledger.Late)
	}
	if v.PaidByLink || v.Due() == 0 {
		flags = append(flags, ledger.Duplicate)
	}
	switch {
	case s.Currency != string(c.Currency):
		flags = append(flags, ledger.CurrencyMismatch)
	case s.Amount != c.Amount || s.Amount != v.Due() && !v.PaidByLink && v.Due() > 0:
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
	entry := ledger.Entry{ID: o.d.ids.Payment(), Visit: v.ID, Method: ledger.Link, Provider: name,
		Register: ledger.Acquiring(name), Amount: s.Amount, Currency: money.Currency(s.Currency), ReceivedAt: at,
		VisitDate: v.Day(loc.Clock()), Checkout: c.ID, Session: s.ID, ProviderPayment: s.Payment, Flags: flags}
	return o.post(entry, v)
}

// settle is what a link payment means for its visit: paid by link, closed for
// good, no block (R11, R14), what it bought handed out, and the screens told.
func (o *op) settle(v visit.Visit, c visit.Checkout, entry ledger.Entry) error {
	before := v.Checkout
	v.LinkState, v.PaidByLink, v.BlockedUntil = visit.LinkCompleted, true, time.Time{}
	beside, err := o.openOf(v.ID)
	if err != nil {
		return err
	}
	for _, other := range beside {
		if err := o.askCancel(other); err != nil {
			return err
		}
	}
	if v.Checkout, err = o.next(v); err != nil {
		return err
	}
	if v.Due() == 0 {
		if err := o.fulfil(&v, entry); err != nil {
			return err
		}
	}
	if err := o.put(v); err != nil {
		return err
	}
	if err := o.raise(entry); err != nil {
		return err
	}
	if !expected(entry, before == c.ID) {
		return nil
	}
	return o.outcome(v.ID, outcomePaid, entry.Amount, entry.Currency)
}

// expected tells whether the client at the display has just paid: not when the
// money is late, or came a second time. Another amount than asked is raised,
// and was paid all the same (R19).
func expected(e ledger.Entry, open bool) bool {
	for _, flag := range e.Flags {
		mismatch := flag == ledger.AmountMismatch || flag == ledger.CurrencyMismatch
		if !mismatch || !open {
			return false
		}
	}
	return true
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
	entry, err := o.post(ledger.Entry{ID: o.d.ids.Payment(), Method: ledger.Link, Provider: name, Register: ledger.Acquiring(name),
		Amount: s.Amount, Currency: money.Currency(s.Currency), ReceivedAt: at, VisitDate: at.In(loc.Clock()).Format(time.DateOnly),
		Session: s.ID, ProviderPayment: s.Payment, Flags: []string{ledger.Unmatched}}, nil)
	if err != nil {
		return err
	}
	if err := o.raise(entry); err != nil {
		return err
	}
	if err := o.hideLikely(s); err != nil {
		return err
	}
	return o.takenBackBefore(name, s)
}
