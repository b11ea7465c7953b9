// Package fiscal is the port to whatever registers receipts for the tax
// office: a payment provider that does so, or a fiscal device in the salon.
//
// An adapter implements Device and passes the suite in fiscal/fiscaltest. It
// translates and nothing more: which money needs a receipt, when one is tried
// again and in which order is decided by who asks (R24).
package fiscal

import (
	"context"
	"time"
)

// Kind tells a sale from money that went back.
type Kind string

// The kinds of a receipt.
const (
	Sale   Kind = "sale"
	Refund Kind = "refund"
)

// Line is one row of a receipt. Quantity is what was sold in it, Amount the
// part of its price, in minor units, that this receipt is about: a visit may be
// paid in parts. It is below zero where an earlier receipt of the same visit
// said more than is true since the visit was changed.
type Line struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"` // service, product, membership or gift_card; "" for money that bought nothing yet
	Quantity  int64  `json:"quantity"`
	Amount    int64  `json:"amount"`
	TaxSystem string `json:"tax_system"`
}

// Receipt asks for one movement of money to be registered. It is stored before
// it is sent, since repeating it with the same Key has to say the same.
type Receipt struct {
	Key      string    `json:"key"` // idempotency key: the same key never registers twice
	Kind     Kind      `json:"kind"`
	Original string    `json:"original"` // of a refund: the number of its sale, "" if that was never registered
	Payment  string    `json:"payment"`  // our id of the payment or refund
	At       time.Time `json:"at"`       // when the money moved
	Location string    `json:"location"`
	Method   string    `json:"method"`   // link, cash or card
	Register string    `json:"register"` // the account that the money landed in, or left
	Currency string    `json:"currency"` // ISO 4217
	Amount   int64     `json:"amount"`   // minor units, above zero for a refund too: the sum of the lines
	Lines    []Line    `json:"lines"`
}

// Record is what a device says of a receipt that it has registered.
type Record struct {
	Number string    `json:"number"` // the device's own, never empty
	Code   string    `json:"code"`   // its signature or verification text, as it is printed
	URL    string    `json:"url"`    // where the client can verify it, or ""
	At     time.Time `json:"at"`     // zero where the device doesn't say
}

// Device registers receipts. Every error is an *Error; calls honour ctx, bring
// their own upper limit of time and are safe to make concurrently.
type Device interface {
	// Name is the device's name, kept with what it has registered.
	Name() string
	// Register registers a receipt, or returns the record made with the same
	// Key. Unclear means that it may have been: repeat it with the same Key.
	Register(ctx context.Context, r Receipt) (Record, error)
}
