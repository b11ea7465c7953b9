package ledger

import (
	"errors"
	"fmt"

	"countersign/daemon/id"
	"countersign/daemon/money"
)

// ErrUnbalanced says that the accounts of a currency don't add up to nothing.
var ErrUnbalanced = errors.New("the accounts don't balance")

// Balances is what stands on every account, by currency. It is derived from the entries, never
// stored.
type Balances map[money.Currency]map[Account]int64

// Post adds an entry. One that is not as a constructor makes it, or would overflow an account,
// changes nothing.
func (b Balances) Post(e Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	accounts := b[e.Currency]
	debit, err := money.Add(accounts[e.Debit], e.Amount)
	if err != nil {
		return fmt.Errorf("entry %s, account %s: %w", e.ID, e.Debit, err)
	}
	credit, err := money.Sub(accounts[e.Credit], e.Amount)
	if err != nil {
		return fmt.Errorf("entry %s, account %s: %w", e.ID, e.Credit, err)
	}
	if accounts == nil {
		accounts = map[Account]int64{}
		b[e.Currency] = accounts
	}
	accounts[e.Debit], accounts[e.Credit] = debit, credit
	return nil
}

// Balanced proves that every currency's accounts add up to nothing. The debits are held against
// the credits, not summed in map order, so that it can't overflow by chance.
func (b Balances) Balanced() error {
	for currency, accounts := range b {
		var debits, credits int64
		for account, amount := range accounts {
			side := &debits
			if amount < 0 {
				side = &credits
			}
			sum, err := money.Add(*side, amount)
			if err != nil {
				return fmt.Errorf("%s, account %s: %w", currency, account, err)
			}
			*side = sum
		}
		if debits+credits != 0 {
			return fmt.Errorf("%w: %s is off by %d", ErrUnbalanced, currency, debits+credits)
		}
	}
	return nil
}

// Register is what a register holds.
func (b Balances) Register(c money.Currency, register string) int64 {
	return b[c][RegisterAccount(register)]
}

// Visit is what was paid for a visit less what was given back.
func (b Balances) Visit(c money.Currency, v id.Visit) int64 { return -b[c][VisitAccount(v)] }

// Balance is what a client or a card holds with us.
func (b Balances) Balance(c money.Currency, held Account) int64 { return -b[c][held] }

// SumVisit adds up what was paid and refunded for a visit in its currency: what the visit itself
// must say (R25). Money in another currency is booked, but pays for nothing until a person
// decides (R19).
func SumVisit(entries []Entry, v id.Visit, c money.Currency) (paid, refunded int64, err error) {
	for _, e := range entries {
		if e.Visit != v || e.Currency != c {
			continue
		}
		sum := &paid
		switch e.Kind {
		case KindRefund:
			sum = &refunded
		case KindGrant, KindWithdrawal:
			continue
		}
		if *sum, err = money.Add(*sum, e.Amount); err != nil {
			return 0, 0, fmt.Errorf("visit %s: %w", v, err)
		}
	}
	return paid, refunded, nil
}

// Refundable is what of a payment has not been given back by its refunds among the entries.
func Refundable(payment Entry, entries []Entry) int64 {
	left := payment.Amount
	for _, e := range entries {
		if e.Kind == KindRefund && e.Refunds == payment.ID {
			left -= e.Amount
		}
	}
	return max(0, left)
}
