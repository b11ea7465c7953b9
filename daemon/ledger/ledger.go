// Package ledger is the double entry that every payment and refund is booked by (R25). An entry
// moves one amount from one account to another, so the books balance by construction; nothing is
// ever edited or deleted, a correction is another entry.
//
// A debit adds to an account and a credit takes from it. Money from a client is a debit of the
// register it lands in and a credit of the visit it is for: a register holds what it took, and a
// visit's account stands at minus what was paid for it.
package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/daemon/id"
	"countersign/daemon/money"
)

// Kind tells money in from money back, and from balances that are given without money.
type Kind string

// The kinds of an entry. A grant puts value on a client's balance or a card, a withdrawal takes it
// off: neither is a payment, and no register changes.
const (
	KindPayment    Kind = "payment"
	KindRefund     Kind = "refund"
	KindGrant      Kind = "grant"
	KindWithdrawal Kind = "withdrawal"
)

// The methods of payment. All but Link are recorded by staff, and land in the register of the
// same name. The last four pay with what a client or a card holds with us (R16).
const (
	Link     = "link"
	Cash     = "cash"
	Card     = "card"
	Loyalty  = "loyalty"
	Cashback = "cashback"
	GiftCard = "gift_card"
	Deposit  = "deposit"
)

// The flags of an entry: what was not as expected when it was booked, and was booked all the same
// (R19, R20).
const (
	Late             = "late"              // on a checkout that was closed
	Duplicate        = "duplicate"         // the visit was paid by link already
	AmountMismatch   = "amount_mismatch"   // another amount than the checkout's
	CurrencyMismatch = "currency_mismatch" // another currency than the checkout's
	Unmatched        = "unmatched"         // for no visit that we know
	Disputed         = "disputed"          // the client's bank takes it back
	WonBack          = "won_back"          // the bank had taken it, and gives it back
	Bounced          = "refund_bounced"    // it had gone back, and came to us again
)

// What is wrong with an entry that a constructor refuses. All of these are mistakes of the caller:
// what a provider confirms is always bookable.
var (
	ErrAmount   = errors.New("an entry moves more than nothing")
	ErrCurrency = errors.New("an entry has a currency")
	ErrMethod   = errors.New("an entry has a method of payment that we know")
	ErrID       = errors.New("an entry has an id")
	ErrRefunds  = errors.New("a refund names the payment it gives back, and a payment none but a refund that it makes good")
	ErrHolder   = errors.New("an entry names whose balance it changes, and whom it pays for")
	ErrTampered = errors.New("an entry's accounts are not those of its kind, method and visit")
)

// Entry is one payment or refund. It is stored as it is, and chained by its stored bytes.
type Entry struct {
	ID              id.Payment     `json:"id"`
	Kind            Kind           `json:"kind"`
	Visit           id.Visit       `json:"visit"` // "" while unmatched
	Method          string         `json:"method"`
	Provider        string         `json:"provider"`
	Register        string         `json:"register"` // as the API names it: "cash", "acquiring:sandbox"
	Amount          int64          `json:"amount"`   // always above 0
	Currency        money.Currency `json:"currency"`
	Debit           Account        `json:"debit"`
	Credit          Account        `json:"credit"`
	ReceivedAt      time.Time      `json:"received_at"` // when the money moved (R21)
	VisitDate       string         `json:"visit_date"`  // the date that reports go by (R21)
	Checkout        id.Checkout    `json:"checkout"`
	Session         string         `json:"session"`            // the provider's id of the checkout
	ProviderPayment string         `json:"provider_payment"`   // the provider's id of the payment
	Refunds         id.Payment     `json:"refunds"`            // the payment that a refund gives back
	Restores        id.Payment     `json:"restores,omitempty"` // the refund that a payment makes good again
	Client          id.Client      `json:"client,omitempty"`   // whose points, cashback or deposit
	Card            id.Card        `json:"card,omitempty"`     // the gift card
	Note            string         `json:"note,omitempty"`     // why, in the words of who did it
	Staff           id.Staff       `json:"staff"`
	Flags           []string       `json:"flags"`
}

// Payment completes an entry as money that came in: kind, register and accounts follow from its
// method, provider and visit. A provider's without a visit waits in its unmatched account for
// staff to assign it (R20); cash or card without a visit is a client's deposit.
func Payment(e Entry) (Entry, error) {
	e.Kind = KindPayment
	return complete(e)
}

// Refund completes an entry as money that went back, from the register it came in by. Start from
// a copy of the payment, with the refund's own id, amount and time, and Refunds set.
func Refund(e Entry) (Entry, error) {
	e.Kind = KindRefund
	return complete(e)
}

// Grant completes an entry as value given to a client or put on a card.
func Grant(e Entry) (Entry, error) {
	e.Kind = KindGrant
	return complete(e)
}

// Withdrawal completes an entry as value taken off a client's balance or a card.
func Withdrawal(e Entry) (Entry, error) {
	e.Kind = KindWithdrawal
	return complete(e)
}

// Assign moves an unmatched payment to the visit that staff found for it (R20). The money already
// is in its register, so only the unmatched account and the visit's change. The caller gives the
// id, time and staff member of the act.
func Assign(of Entry, visit id.Visit, visitDate string) (Entry, error) {
	if of.Kind != KindPayment || of.Visit != "" || visit == "" {
		return Entry{}, fmt.Errorf("assign %s: %w", of.ID, ErrTampered)
	}
	of.Register = string(UnmatchedAccount(of.Provider))
	of.Visit, of.VisitDate = visit, visitDate
	of.Flags = slices.DeleteFunc(slices.Clone(of.Flags), func(f string) bool { return f == Unmatched })
	return complete(of)
}

// complete derives what must never be typed by hand, and refuses what could not be booked.
func complete(e Entry) (Entry, error) {
	home, ok := homeRegister(e.Method, e.Provider)
	switch {
	case e.ID == "":
		return Entry{}, ErrID
	case e.Amount <= 0:
		return Entry{}, fmt.Errorf("%w: %d", ErrAmount, e.Amount)
	case e.Currency == "":
		return Entry{}, ErrCurrency
	case !ok:
		return Entry{}, fmt.Errorf("%w: %q", ErrMethod, e.Method)
	case (e.Kind == KindRefund) != (e.Refunds != ""), e.Kind != KindPayment && e.Restores != "":
		return Entry{}, ErrRefunds
	case !e.held():
		return Entry{}, fmt.Errorf("%w: %s by %s", ErrHolder, e.Kind, e.Method)
	}
	assigned := e.Kind == KindPayment && e.Visit != "" && e.Register == string(UnmatchedAccount(e.Provider))
	if !assigned {
		e.Register = home
	}
	e.Debit, e.Credit = accounts(e)
	e.Flags = tidy(e.Flags)
	return e, nil
}

// held reports whether an entry names the holder that its method needs, and what it pays for.
func (e Entry) held() bool {
	granted := e.Kind == KindGrant || e.Kind == KindWithdrawal
	switch {
	case e.Method == GiftCard:
		return e.Card != "" && (e.Visit != "" || granted)
	case e.Method == Loyalty, e.Method == Cashback:
		return e.Client != "" && (e.Visit != "" || granted)
	case granted:
		return false // money and deposits aren't given without money
	case e.Method == Deposit:
		return e.Client != "" && e.Visit != ""
	case e.Method == Link:
		return true
	}
	return e.Visit != "" || e.Client != ""
}

// accounts are the two sides of an entry: where value comes from and whom it is credited to, or
// the other way round for what goes back.
func accounts(e Entry) (debit, credit Account) {
	debit, credit = e.source(), e.target()
	if e.Kind == KindRefund || e.Kind == KindWithdrawal {
		return credit, debit
	}
	return debit, credit
}

func (e Entry) source() Account {
	switch {
	case e.Kind == KindGrant || e.Kind == KindWithdrawal:
		return GrantedAccount(e.Method)
	case strings.HasPrefix(e.Register, unmatchedPrefix):
		return Account(e.Register)
	case Stored(e.Method):
		return e.holder()
	}
	return RegisterAccount(e.Register)
}

func (e Entry) target() Account {
	switch {
	case e.Kind == KindGrant || e.Kind == KindWithdrawal:
		return e.holder()
	case e.Visit != "":
		return VisitAccount(e.Visit)
	case e.Method == Link:
		return UnmatchedAccount(e.Provider)
	}
	return ClientAccount(e.Client, Deposit)
}

func (e Entry) holder() Account {
	if e.Method == GiftCard {
		return CardAccount(e.Card)
	}
	return ClientAccount(e.Client, e.Method)
}

// Holding is the balance that an entry changes, and by how much; "" when it changes none. An entry
// changes at most one.
func (e Entry) Holding() (of Account, by int64) {
	switch {
	case e.Credit.Held():
		return e.Credit, e.Amount
	case e.Debit.Held():
		return e.Debit, -e.Amount
	}
	return "", 0
}

// tidy puts flags in one order, each once, and never nil: they are [] in the API.
func tidy(flags []string) []string {
	flags = append([]string{}, flags...)
	slices.Sort(flags)
	return slices.Compact(flags)
}

// Check proves that an entry read from a file is one that a constructor made.
func (e Entry) Check() error {
	switch e.Kind {
	case KindPayment, KindRefund, KindGrant, KindWithdrawal:
	default:
		return fmt.Errorf("entry %s: %w", e.ID, ErrTampered)
	}
	made, err := complete(e)
	if err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	if made.Debit != e.Debit || made.Credit != e.Credit || made.Register != e.Register {
		return fmt.Errorf("entry %s: %w", e.ID, ErrTampered)
	}
	return nil
}
