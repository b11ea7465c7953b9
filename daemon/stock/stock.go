// Package stock holds the rules of what is on the shelf: which movements there are, and that what
// is on hand is always their sum.
//
// It is pure: it is given the time and the ids, returns new values and stores nothing.
package stock

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// Reason says why pieces came or went.
type Reason string

// The reasons for a movement. A return is a client's: what goes back to a supplier is an adjustment.
const (
	Receipt    Reason = "receipt"
	Sale       Reason = "sale"
	Return     Reason = "return"
	Adjustment Reason = "adjustment"
	WriteOff   Reason = "write_off"
)

// Most is the largest movement: more than any salon has, and far from the end of an int64.
const Most = 1_000_000

const maxNote = 200 // characters

// Movement is pieces of a product coming (above 0) or going. It is never changed: a mistake is put
// right by another movement.
type Movement struct {
	ID       id.Movement `json:"id"`
	Item     string      `json:"item"`
	Quantity int64       `json:"quantity"`
	Reason   Reason      `json:"reason"`
	Visit    id.Visit    `json:"visit"`   // of sales and returns
	Payment  id.Payment  `json:"payment"` // the one that the movement came with
	Staff    id.Staff    `json:"staff"`
	Note     string      `json:"note"`
	At       time.Time   `json:"at"`
}

// ByHand tells whether staff may enter a movement with this reason. Sales and returns come with the
// money that was paid or given back.
func (r Reason) ByHand() bool { return r == Receipt || r == Adjustment || r == WriteOff }

// counts tells whether the movement begins the counting of a product. A product that was never
// counted is sold without end, and its sale must not make it a counted one with less than nothing.
func (r Reason) counts() bool { return r != Sale && r != Return }

// sign is which way a reason moves: 0 where both do.
func (r Reason) sign() (sign int64, known bool) {
	switch r {
	case Receipt, Return:
		return 1, true
	case Sale, WriteOff:
		return -1, true
	case Adjustment:
		return 0, true
	}
	return 0, false
}

// Check says everything that is wrong with a movement.
func (m Movement) Check() error {
	var faults []fault.Field
	add := func(where, what string) {
		faults = append(faults, fault.Field{Location: "body." + where, Message: what})
	}
	sign, known := m.Reason.sign()
	if !known {
		add("reason", "must be receipt, sale, return, adjustment or write_off")
	}
	switch {
	case m.Quantity == 0 || m.Quantity > Most || m.Quantity < -Most:
		add("quantity", fmt.Sprintf("must not be 0, nor beyond %d", Most))
	case sign*m.Quantity < 0 && sign > 0:
		add("quantity", "must be above 0 for this reason")
	case sign*m.Quantity < 0:
		add("quantity", "must be below 0 for this reason")
	}
	if utf8.RuneCountInString(m.Note) > maxNote {
		add("note", fmt.Sprintf("is longer than %d characters", maxNote))
	} else if !utf8.ValidString(m.Note) || strings.ContainsFunc(m.Note, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		add("note", "has characters that can't be printed")
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// Level is how many pieces of a product are on hand: the sum of its movements. One that isn't
// counted never runs out. What was sold without being there makes it less than nothing.
type Level struct {
	Item    string `json:"item"`
	OnHand  int64  `json:"on_hand"`
	Counted bool   `json:"counted"`
}

// ErrUncounted says that a sale or a return of a product that isn't counted moves nothing.
var ErrUncounted = errors.New("the product isn't counted")

// After returns the level once a movement was made.
func (l Level) After(m Movement) (Level, error) {
	if !l.Counted && !m.Reason.counts() {
		return l, ErrUncounted
	}
	if err := m.Check(); err != nil {
		return l, err
	}
	return Level{Item: m.Item, OnHand: l.OnHand + m.Quantity, Counted: true}, nil
}

// Short is how many of the pieces wanted are missing: none of a product that isn't counted.
func (l Level) Short(wanted int64) int64 {
	if !l.Counted {
		return 0
	}
	return max(0, wanted-max(0, l.OnHand))
}
