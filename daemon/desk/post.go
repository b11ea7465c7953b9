package desk

import (
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// post is the only way into the ledger (R25). It appends an entry, a payment
// unless its kind says otherwise, keeps in step what is derived from it (what
// its visit was paid, what a client or a card holds, what reports add up), and
// tells of it. v is the entry's visit, nil if it has none.
func (o *op) post(e ledger.Entry, v *visit.Visit) (ledger.Entry, error) {
	e, err := completed(e)
	if err != nil {
		return ledger.Entry{}, err
	}
	if err := o.hold(e); err != nil {
		return ledger.Entry{}, err
	}
	seq, err := o.ledger.Append(o.tx, e)
	if err != nil {
		return ledger.Entry{}, err
	}
	p := posting{ID: e.ID, Seq: seq, Kind: e.Kind, Visit: e.Visit, VisitDate: e.VisitDate, Received: e.ReceivedAt, Method: e.Method,
		Register: e.Register, Amount: e.Amount, Currency: e.Currency, Staff: e.Staff, Client: e.Client, Flags: e.Flags}
	if e.Kind == ledger.KindPayment && p.listed() {
		p.Source, p.Provider, p.Payment = source(e.Provider, e.Session), e.Provider, e.ProviderPayment
	}
	if p.listed() {
		if p.Shares, err = o.pays(e, v); err != nil {
			return ledger.Entry{}, err
		}
	}
	if err := o.payments.Put(o.tx, p); err != nil || !p.listed() {
		return e, err
	}
	if err := o.fiscalize(e, p, v); err != nil {
		return ledger.Entry{}, err
	}
	kind := PaymentBooked
	if e.Kind == ledger.KindRefund {
		kind = RefundBooked
	}
	return e, o.tell(kind, Detail{Visit: e.Visit, Checkout: e.Checkout, Payment: e.ID, Amount: e.Amount, Currency: string(e.Currency)})
}

func completed(e ledger.Entry) (ledger.Entry, error) {
	switch e.Kind {
	case ledger.KindRefund:
		return ledger.Refund(e)
	case ledger.KindGrant:
		return ledger.Grant(e)
	case ledger.KindWithdrawal:
		return ledger.Withdrawal(e)
	}
	return ledger.Payment(e)
}

// pays adds an entry to what its visit was paid, and returns how it splits over
// the visit's lines. Money in another currency pays for nothing (R19).
func (o *op) pays(e ledger.Entry, v *visit.Visit) ([]visit.Share, error) {
	amount := e.Amount
	if e.Kind == ledger.KindRefund {
		amount = -amount
	}
	if v == nil || e.Currency != v.Currency {
		return []visit.Share{{Amount: amount}}, nil
	}
	var before []visit.Share
	if v.Paid != 0 || v.Refunded != 0 {
		for p, err := range o.payments.Where(o.tx, o.byVisit, string(v.ID)) {
			if err != nil {
				return nil, err
			}
			if p.Currency == v.Currency {
				before = append(before, p.Shares...)
			}
		}
	}
	if e.Kind == ledger.KindRefund {
		v.Refunded += e.Amount
	} else {
		v.Paid += e.Amount
	}
	return visit.Less(v.Shares(v.Paid-v.Refunded), before), nil
}

// holding is what a client or a card holds with us: the balance of one of the
// ledger's accounts, kept in step with it.
type holding struct {
	Account  ledger.Account `json:"account"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"`
}

func holdingKey(of ledger.Account, in money.Currency) string { return string(of) + "/" + string(in) }

// hold carries an entry over to the balance that it changes, which never goes
// below zero (R16).
func (o *op) hold(e ledger.Entry) error {
	of, by := e.Holding()
	if of == "" {
		return nil
	}
	h, _, err := o.holdings.Get(o.tx, holdingKey(of, e.Currency))
	if err != nil {
		return err
	}
	h.Account, h.Currency = of, e.Currency
	if h.Amount+by < 0 {
		return fault.New(fault.Unprocessable, "insufficient_balance", "There is not that much left to pay with.").With("balance", h.Amount)
	}
	h.Amount += by
	return o.holdings.Put(o.tx, h)
}

// held is the balance of an account, 0 if nothing was ever on it.
func (o *op) held(of ledger.Account, in money.Currency) (int64, error) {
	h, _, err := o.holdings.Get(o.tx, holdingKey(of, in))
	return h.Amount, err
}

// payer names whose balance an entry takes from: the visit's client, or the
// gift card with a code.
func (o *op) payer(e *ledger.Entry, v visit.Visit, by Taking) error {
	switch {
	case e.Method == ledger.GiftCard:
		c, err := o.payingCard(by.Card, v)
		if err != nil {
			return err
		}
		e.Card = c.ID
		if by.Amount == 0 {
			e.Amount, err = o.spendable(c, v)
		}
		return err
	case !ledger.Stored(e.Method):
		return nil
	case v.Client.ID == "":
		return fault.Invalid(fault.Field{Location: "body.method", Message: "needs a client whose balance it takes from"})
	}
	e.Client = v.Client.ID
	return nil
}
