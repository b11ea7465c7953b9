// Package catalogue holds the rules of what is sold: what a valid item and a valid tax system are,
// by which words an item is found, and how a whole catalogue is written to and read from CSV.
//
// It is pure: it returns new values and stores nothing.
package catalogue

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// The bounds of what may be stored. Text is counted in characters.
const (
	maxName = 120
	maxCode = 64 // SKU and tax system, as a visit's line has them
	maxUses = 10_000
	maxDays = 36_500 // a hundred years
	maxRate = 10_000 // basis points: the whole price

	maxStock = 1_000_000 // pieces: as many as one movement may be of
)

// Item is one thing of the catalogue. Amounts are in minor units of the location's currency.
type Item struct {
	ID        string         `json:"id"`
	Kind      visit.LineKind `json:"kind"`
	Name      string         `json:"name"`
	SKU       string         `json:"sku,omitempty"`
	Price     int64          `json:"price"`
	Min       int64          `json:"min,omitempty"` // the usual range of the price (R2)
	Max       int64          `json:"max,omitempty"` // 0: there is none
	TaxSystem string         `json:"tax_system"`
	Active    bool           `json:"active"`
	Uses      int64          `json:"uses,omitempty"`  // membership: visits that it holds, 0 for any number
	Days      int64          `json:"days,omitempty"`  // membership, gift card: how long it is good for, 0 for ever
	Value     int64          `json:"value,omitempty"` // gift card: what is on it when it is issued, 0 for its price
	Version   int64          `json:"version"`
}

// Kinds are those of R2, in the order in which lists name them.
func Kinds() []visit.LineKind {
	return []visit.LineKind{visit.Service, visit.Product, visit.Membership, visit.GiftCard}
}

// Outside tells whether a price is outside of the item's usual range, so that it is asked for once
// more (R2).
func (i Item) Outside(price int64) bool { return i.Max != 0 && (price < i.Min || price > i.Max) }

// Tidy returns the item without the spaces that typing and pasting leave at the ends, and with the
// ordinary tax system if it names none.
func (i Item) Tidy() Item {
	for _, s := range []*string{&i.Name, &i.SKU, &i.TaxSystem} {
		*s = strings.Trim(*s, " ")
	}
	if i.TaxSystem == "" {
		i.TaxSystem = visit.DefaultTaxSystem
	}
	return i
}

// faults collects everything that is wrong, so that a person corrects a form once.
type faults []fault.Field

func (f *faults) add(where, what string) {
	*f = append(*f, fault.Field{Location: "body." + where, Message: what})
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return fault.Invalid(f...)
}

// Check says everything that is wrong with an item.
func (i Item) Check() error {
	var f faults
	switch i.Kind {
	case visit.Service, visit.Product, visit.Membership, visit.GiftCard:
	default:
		f.add("kind", "must be service, product, membership or gift_card")
	}
	f.name(i.Name)
	f.text("sku", i.SKU, maxCode)
	f.text("tax_system", i.TaxSystem, maxCode)
	f.amount("price", i.Price)
	f.prices(i)
	f.kept("uses", i.Uses, maxUses, i.Kind == visit.Membership)
	f.kept("days", i.Days, maxDays, i.Kind == visit.Membership || i.Kind == visit.GiftCard)
	f.kept("value", i.Value, money.Max, i.Kind == visit.GiftCard)
	return f.err()
}

func (f *faults) prices(i Item) {
	f.amount("min", i.Min)
	f.amount("max", i.Max)
	switch {
	case i.Max == 0 && i.Min > 0:
		f.add("max", "is missing: a range has both ends")
	case i.Min > i.Max:
		f.add("min", "must not be above max")
	}
}

func (f *faults) amount(where string, amount int64) {
	if amount < 0 || amount > money.Max {
		f.add(where, "must be between 0 and the largest amount")
	}
}

// kept checks a number that only some kinds have.
func (f *faults) kept(where string, n, most int64, has bool) {
	switch {
	case n != 0 && !has:
		f.add(where, "is not for this kind")
	case n < 0 || n > most:
		f.add(where, fmt.Sprintf("must be from 0 to %d", most))
	}
}

func (f *faults) name(s string) {
	if strings.TrimSpace(s) == "" {
		f.add("name", "is missing")
		return
	}
	f.text("name", s, maxName)
}

func (f *faults) text(where, s string, most int) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		f.add(where, "has characters that can't be printed")
	case utf8.RuneCountInString(s) > most:
		f.add(where, fmt.Sprintf("is longer than %d characters", most))
	}
}

// TaxSystem is how some of what is sold is taxed (R8). Its id is what items and lines name.
type TaxSystem struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Rate    int64  `json:"rate"` // in basis points: 1900 is 19 %
	Active  bool   `json:"active"`
	Version int64  `json:"version"`
}

// Standard is the tax system that every catalogue has.
func Standard() TaxSystem {
	return TaxSystem{ID: visit.DefaultTaxSystem, Name: "Standard", Active: true, Version: 1}
}

// Check says everything that is wrong with a tax system.
func (s TaxSystem) Check() error {
	var f faults
	if s.ID == "" {
		f.add("id", "is missing")
	}
	f.text("id", s.ID, maxCode)
	f.name(s.Name)
	if s.Rate < 0 || s.Rate > maxRate {
		f.add("rate", fmt.Sprintf("must be from 0 to %d basis points", maxRate))
	}
	if s.ID == visit.DefaultTaxSystem && !s.Active {
		f.add("active", "must be so: it is that of everything which names no other")
	}
	return f.err()
}
