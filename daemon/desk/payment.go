package desk

import (
	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// entryOf returns an entry of the ledger by its id.
func (o *op) entryOf(which id.Payment) (ledger.Entry, error) {
	p, ok, err := o.payments.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("payment")
	}
	if err != nil {
		return ledger.Entry{}, err
	}
	return o.entry(p)
}

func (o *op) entry(p posting) (ledger.Entry, error) {
	found, err := o.ledger.After(o.tx, p.Seq-1, 1)
	if err != nil {
		return ledger.Entry{}, err
	}
	if len(found) == 0 || found[0].Value.ID != p.ID {
		return ledger.Entry{}, fault.NotFound("payment")
	}
	e := found[0].Value
	if e.Visit == "" && p.Visit != "" {
		// Staff found out whose it was, and the entry stays as it was booked.
		e.Visit, e.VisitDate = p.Visit, p.VisitDate
	}
	if e.ProviderPayment == "" {
		e.ProviderPayment = p.Payment // learnt after it was booked
	}
	e.Flags = append([]string{}, p.Flags...)
	return e, nil
}

// Taking is what staff take a payment by. Card is a gift card's code; without
// an amount it gives as much as is due and left on it.
type Taking struct {
	Method string
	Amount int64
	Card   string
}

// TakePayment records money taken at the desk (R16). It is refused while a
// client is paying (R13); nothing exceeds what is due. A checkout that is still
// open is asked to be cancelled: its amount is stale (R15).
func (d *Desk) TakePayment(a access.Actor, which id.Visit, by Taking, k Key) (e ledger.Entry, err error) {
	err = d.taking(a, by, func() error {
		return d.update(func(o *op) error {
			e, err = o.takeOnce(a, which, by, k)
			return err
		})
	})
	return e, err
}

// WouldCancel tells whether a payment at the desk would be taken, by the error
// that refuses it, and whether the visit's open checkout has to be cancelled
// first (R15). It changes nothing.
func (d *Desk) WouldCancel(a access.Actor, which id.Visit, by Taking, k Key) (cancels bool, err error) {
	err = d.taking(a, by, func() error {
		return d.rehearse(func(o *op) error {
			if _, err := o.takeOnce(a, which, by, k); err != nil {
				return err
			}
			cancels, err = o.cancelling(which)
			return err
		})
	})
	return cancels, err
}

// taking checks what can be checked before a transaction.
func (d *Desk) taking(a access.Actor, by Taking, do func() error) error {
	if err := a.Need(access.TakePayments); err != nil {
		return err
	}
	if err := by.check(); err != nil {
		return err
	}
	if err := d.mayTryCode(a, by.Card); err != nil {
		return err
	}
	return d.codeTried(a, by.Card, do())
}

func (o *op) takeOnce(a access.Actor, which id.Visit, by Taking, k Key) (ledger.Entry, error) {
	before, ok, err := o.repeated(a, k)
	if err != nil {
		return ledger.Entry{}, err
	}
	if ok {
		return o.entryOf(id.Payment(before))
	}
	e, err := o.take(a, which, by)
	if err != nil {
		return ledger.Entry{}, err
	}
	return e, o.remember(a, k, string(e.ID))
}

func (t Taking) check() error {
	var faults []fault.Field
	if !ledger.Manual(t.Method) {
		faults = append(faults, fault.Field{Location: "body.method", Message: "must be cash, card, loyalty, cashback, gift_card or deposit"})
	}
	if t.Amount < 0 || t.Amount > money.Max || t.Amount == 0 && t.Card == "" {
		faults = append(faults, fault.Field{Location: "body.amount", Message: "must be more than 0 and at most the largest amount"})
	}
	switch {
	case t.Method == ledger.GiftCard && t.Card == "":
		faults = append(faults, fault.Field{Location: "body.gift_card", Message: "must be the code of a gift card"})
	case t.Method != ledger.GiftCard && t.Card != "":
		faults = append(faults, fault.Field{Location: "body.gift_card", Message: "goes with the method gift_card only"})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

func (o *op) take(a access.Actor, which id.Visit, by Taking) (ledger.Entry, error) {
	v, err := o.visit(which)
	if err != nil {
		return ledger.Entry{}, err
	}
	switch {
	case v.Blocked(o.now):
		return ledger.Entry{}, v.BlockedFault(o.now)
	case v.Due() == 0:
		return ledger.Entry{}, fault.New(fault.Conflict, "nothing_due", "There is nothing left to pay.")
	case by.Amount > v.Due():
		return ledger.Entry{}, fault.New(fault.Unprocessable, "amount_exceeds_due", "That is more than what is due.").With("due", v.Due())
	}
	loc, err := o.location()
	if err != nil {
		return ledger.Entry{}, err
	}
	e := ledger.Entry{ID: o.d.ids.Payment(), Visit: v.ID, Method: by.Method, Amount: by.Amount, Currency: v.Currency,
		ReceivedAt: o.now, VisitDate: v.Day(loc.Clock()), Staff: a.Staff}
	if err := o.payer(&e, v, by); err != nil {
		return ledger.Entry{}, err
	}
	if e, err = o.post(e, &v); err != nil {
		return ledger.Entry{}, err
	}
	if err := o.record(a, "payment.take", e); err != nil {
		return ledger.Entry{}, err
	}
	return e, o.taken(v, e)
}

// taken is what a payment at the desk means for its visit: its checkout, if
// one is open, asks for too much now (R15), and what is paid up is handed out.
func (o *op) taken(v visit.Visit, e ledger.Entry) error {
	if v.Checkout != "" {
		if err := o.closeOther(v.Checkout); err != nil {
			return err
		}
	}
	if v.Due() == 0 {
		if err := o.fulfil(&v, e); err != nil {
			return err
		}
		if err := o.outcome(v.ID, outcomeClosed, e.Amount, v.Currency); err != nil {
			return err
		}
	}
	return o.put(v)
}

// Payment returns an entry of the ledger by its id.
func (d *Desk) Payment(a access.Actor, which id.Payment) (e ledger.Entry, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return ledger.Entry{}, err
	}
	err = d.view(func(o *op) error {
		e, err = o.entryOf(which)
		return err
	})
	return e, err
}

// PaymentQuery asks for entries of the ledger between two dates (both
// included, YYYY-MM-DD in the location's zone), by "visit_date" (as the
// transaction report goes, R21) or "received".
type PaymentQuery struct {
	From, To, By, Cursor string
	Limit                int
}

// Payments lists payments and refunds, and the cursor of the next page ("" at the end).
func (d *Desk) Payments(a access.Actor, q PaymentQuery) (found []ledger.Entry, next string, err error) {
	if err := a.Need(access.Reports); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 100
	}
	err = d.view(func(o *op) error {
		loc, err := o.location()
		if err != nil {
			return err
		}
		index, from, to, err := o.span(q, loc)
		if err != nil {
			return err
		}
		for p, err := range o.payments.Between(o.tx, index, from, to) {
			if err != nil {
				return err
			}
			if len(found) == q.Limit {
				return nil
			}
			e, err := o.entry(p)
			if err != nil {
				return err
			}
			found = append(found, e)
			next = orderKey(q.By, p) + "\x01"
		}
		next = ""
		return nil
	})
	return found, next, err
}

// orderKey is a posting's place in the order asked for.
func orderKey(by string, p posting) string {
	if by == "received" {
		return stamp(p.Received) + seqKey(p.Seq)
	}
	return p.VisitDate + seqKey(p.Seq)
}

// Refunded returns how much of a payment was refunded so far.
func (d *Desk) Refunded(which id.Payment) (amount int64, err error) {
	err = d.view(func(o *op) error {
		p, _, err := o.payments.Get(o.tx, which)
		amount = p.Refunded
		return err
	})
	return amount, err
}

// VisitPayments lists the payments and refunds of a visit, oldest first.
func (d *Desk) VisitPayments(a access.Actor, which id.Visit) (found []ledger.Entry, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		found, err = o.paymentsOf(which)
		return err
	})
	return found, err
}

func (o *op) paymentsOf(which id.Visit) (found []ledger.Entry, err error) {
	for p, err := range o.payments.Where(o.tx, o.byVisit, string(which)) {
		if err != nil {
			return nil, err
		}
		e, err := o.entry(p)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	sortByTime(found)
	return found, nil
}
