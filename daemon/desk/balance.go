package desk

import (
	"strings"
	"unicode/utf8"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
)

// Balances are what a client holds with us, in minor units of the location's
// currency (R16). A point is worth one of them.
type Balances struct {
	Loyalty  int64 `json:"loyalty"`
	Cashback int64 `json:"cashback"`
	Deposit  int64 `json:"deposit"`
}

// Balances returns what a client holds.
func (d *Desk) Balances(a access.Actor, who id.Client) (b Balances, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return Balances{}, err
	}
	if who == "" {
		return Balances{}, nil
	}
	err = d.view(func(o *op) error {
		loc, err := o.location()
		if err != nil {
			return err
		}
		for method, into := range map[string]*int64{ledger.Loyalty: &b.Loyalty, ledger.Cashback: &b.Cashback, ledger.Deposit: &b.Deposit} {
			if *into, err = o.held(ledger.ClientAccount(who, method), loc.Currency); err != nil {
				return err
			}
		}
		return nil
	})
	return b, err
}

// Grant gives a client loyalty points or cashback, or takes some off again: a
// reason is always asked for, since nothing else explains it later.
type Grant struct {
	Method string
	Amount int64 // below 0 takes off
	Reason string
}

// GrantBalance changes what a client holds without money (R16).
func (d *Desk) GrantBalance(a access.Actor, who id.Client, g Grant, k Key) (e ledger.Entry, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return ledger.Entry{}, err
	}
	g.Reason = strings.TrimSpace(g.Reason)
	if err := g.check(); err != nil {
		return ledger.Entry{}, err
	}
	return d.balance(a, who, k, func(o *op, loc Location) (ledger.Entry, error) {
		e := ledger.Entry{Kind: ledger.KindGrant, Method: g.Method, Amount: g.Amount, Note: g.Reason}
		if g.Amount < 0 {
			e.Kind, e.Amount = ledger.KindWithdrawal, -g.Amount
		}
		return e, o.record(a, "balance.grant", map[string]any{"client": who, "method": g.Method, "amount": g.Amount, "reason": g.Reason})
	})
}

func (g Grant) check() error {
	var faults []fault.Field
	if g.Method != ledger.Loyalty && g.Method != ledger.Cashback {
		faults = append(faults, fault.Field{Location: "body.method", Message: "must be loyalty or cashback"})
	}
	if g.Amount == 0 || g.Amount > money.Max || g.Amount < -money.Max {
		faults = append(faults, fault.Field{Location: "body.amount", Message: "must not be 0, nor beyond the largest amount"})
	}
	if problem := checkReason(g.Reason); problem != "" {
		faults = append(faults, fault.Field{Location: "body.reason", Message: problem})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// checkReason says what is wrong with why something was done, "" if nothing is.
func checkReason(s string) string {
	switch {
	case s == "":
		return "is missing"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "has characters that can't be printed"
	case utf8.RuneCountInString(s) > 200:
		return "is longer than 200 characters"
	}
	return ""
}

// TopUp takes money in advance, as a client's deposit (R16). It is a payment
// without a visit, and is refunded like any other.
func (d *Desk) TopUp(a access.Actor, who id.Client, by Taking, k Key) (e ledger.Entry, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return ledger.Entry{}, err
	}
	if err := by.check(); err != nil {
		return ledger.Entry{}, err
	}
	if ledger.Stored(by.Method) {
		return ledger.Entry{}, fault.Invalid(fault.Field{Location: "body.method", Message: "must be cash or card"})
	}
	return d.balance(a, who, k, func(o *op, loc Location) (ledger.Entry, error) {
		e := ledger.Entry{Method: by.Method, Amount: by.Amount}
		return e, o.record(a, "deposit.top_up", map[string]any{"client": who, "method": by.Method, "amount": by.Amount})
	})
}

// balance books an entry about a client's balance, once for a key.
func (d *Desk) balance(a access.Actor, who id.Client, k Key, make func(*op, Location) (ledger.Entry, error)) (e ledger.Entry, err error) {
	err = d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			e, err = o.entryOf(id.Payment(before))
			return err
		}
		if _, err := o.client(who); err != nil {
			return err
		}
		loc, err := o.location()
		if err != nil {
			return err
		}
		if e, err = make(o, loc); err != nil {
			return err
		}
		e.ID, e.Client, e.Currency, e.Staff = o.d.ids.Payment(), who, loc.Currency, a.Staff
		e.ReceivedAt, e.VisitDate = o.now, loc.Today(o.now)
		if e, err = o.post(e, nil); err != nil {
			return err
		}
		return o.remember(a, k, string(e.ID))
	})
	return e, err
}
