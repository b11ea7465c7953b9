// Package visit holds the rules of visits and of the checkouts that try to pay them: what a valid
// one is, what is due, what an edit may do, and which state follows which.
//
// It is pure: it is given the time and the ids, returns new values and stores nothing. What was
// paid is told to it by whoever posts to the ledger.
package visit

import (
	"maps"
	"slices"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
)

// Status is where an appointment stands. It says nothing of money: a visit in any status can be
// paid (R6).
type Status string

// The statuses of R1.
const (
	Booked          Status = "booked"
	Confirmed       Status = "confirmed"
	Arrived         Status = "arrived"
	Done            Status = "done"
	NoShow          Status = "no-show"
	StatusCancelled Status = "cancelled"
)

// PaymentState says how far a visit is paid. It is derived, never stored (R1).
type PaymentState string

// The payment states of R1.
const (
	Unpaid        PaymentState = "unpaid"
	PartiallyPaid PaymentState = "partially_paid"
	FullyPaid     PaymentState = "paid"
	Overpaid      PaymentState = "overpaid"
	Refunded      PaymentState = "refunded"
)

// LinkState says whether a visit can be paid by its link.
type LinkState string

// The states of a payment link. Completed is for good (R11).
const (
	LinkNone      LinkState = "none"
	LinkActive    LinkState = "active"
	LinkCompleted LinkState = "completed"
)

// Client is who a visit is for. All of it may be blank: a walk-in sale has no name.
type Client struct {
	ID       id.Client `json:"id"`
	Name     string    `json:"name"`
	Phone    string    `json:"phone"`
	Email    string    `json:"email"`
	Language string    `json:"language"`
}

// Visit is an appointment or a walk-in sale. Paid and Refunded repeat what the ledger holds for
// it in its currency, and Verify proves that they do (R25).
type Visit struct {
	ID           id.Visit       `json:"id"`
	ExternalID   string         `json:"external_id"`
	Version      int64          `json:"version"`
	Code         string         `json:"code"`
	Client       Client         `json:"client"`
	StartsAt     time.Time      `json:"starts_at"`
	Staff        id.Staff       `json:"staff"`
	Status       Status         `json:"status"`
	Lines        []Line         `json:"lines"`
	Currency     money.Currency `json:"currency"`
	Paid         int64          `json:"paid"`
	Refunded     int64          `json:"refunded"`
	Token        id.Token       `json:"token"`
	LinkState    LinkState      `json:"link_state"`
	PaidByLink   bool           `json:"paid_by_link"`
	BlockedUntil time.Time      `json:"blocked_until"`
	Checkout     id.Checkout    `json:"checkout"` // the one that is not final yet, or ""
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`

	// Given is what was handed out when the visit was paid (R22).
	Given []Given `json:"given,omitempty"`
	// Touched holds, by field, the version that last changed it, so that a stale edit is told
	// what changed since and not merely that something did (R4).
	Touched map[string]int64 `json:"touched"`
}

// Total is the sum of the lines. What New and Edit let through can't overflow; a visit from a
// damaged file that does has a total of 0, since asking nothing beats asking a wrong amount.
func (v Visit) Total() int64 {
	var total int64
	for _, l := range v.Lines {
		t, err := l.Total()
		if err != nil {
			return 0
		}
		if total, err = money.Add(total, t); err != nil {
			return 0
		}
	}
	return total
}

// Balance is what is due with its sign: below 0 the client has paid too much.
func (v Visit) Balance() int64 { return v.Total() - v.Paid + v.Refunded }

// Due is what may be asked for: the total less what was paid, refunds added back, never below 0.
func (v Visit) Due() int64 { return max(0, v.Balance()) }

// PaymentState derives how far the visit is paid (R1). A visit that costs nothing is paid.
func (v Visit) PaymentState() PaymentState {
	net, total := v.Paid-v.Refunded, v.Total()
	switch {
	case net <= 0 && v.Refunded > 0:
		return Refunded
	case net == total:
		return FullyPaid
	case net <= 0:
		return Unpaid
	case net < total:
		return PartiallyPaid
	}
	return Overpaid
}

// Day is the visit's date in the location's zone: what lists and reports go by (R1, R21).
func (v Visit) Day(loc *time.Location) string { return v.StartsAt.In(loc).Format(time.DateOnly) }

// Blocked reports whether a client is paying, so that no edit and no other method is let through
// (R13).
func (v Visit) Blocked(now time.Time) bool { return now.Before(v.BlockedUntil) }

// BlockedFault is the answer while the visit is blocked; it says until when.
func (v Visit) BlockedFault(now time.Time) *fault.Error {
	return fault.New(fault.Conflict, "visit_blocked",
		"A client is paying for this visit just now. It can be changed when that is done or the block ends.").
		With("blocked_until", v.BlockedUntil.Format(time.RFC3339)).
		After(max(0, v.BlockedUntil.Sub(now)))
}

// TaxClash returns the lines that can't be sold together by link (R8): every line, when there is
// more than one tax system, since any of them may be the one to take out.
func (v Visit) TaxClash() []Line {
	for _, l := range v.Lines {
		if l.TaxSystem != v.Lines[0].TaxSystem {
			return slices.Clone(v.Lines)
		}
	}
	return nil
}

// CanLink refuses a visit that can't be paid by link: it was already (R11), its lines are of
// different tax systems (R8), or nothing is due.
func (v Visit) CanLink() error {
	if v.LinkState == LinkCompleted || v.PaidByLink {
		return fault.New(fault.Conflict, "link_completed",
			"This visit was paid by its link already. Take the rest by another method or in a new visit.")
	}
	if clash := v.TaxClash(); clash != nil {
		return fault.New(fault.Unprocessable, "mixed_tax_systems",
			"These lines are of different tax systems and can't be paid by one link.").With("lines", clash)
	}
	if v.Due() == 0 {
		return fault.New(fault.Conflict, "nothing_due", "There is nothing left to pay.")
	}
	return nil
}

// clone shares nothing with the original that an edit writes to.
func (v Visit) clone() Visit {
	v.Lines = slices.Clone(v.Lines)
	v.Touched = maps.Clone(v.Touched)
	if v.Touched == nil {
		v.Touched = map[string]int64{}
	}
	return v
}
