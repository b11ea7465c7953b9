package visit

import (
	"fmt"
	"strings"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
)

// The bounds of what may be stored, in characters unless said otherwise.
const (
	maxName       = 200
	maxPhone      = 32
	maxEmail      = 254 // RFC 5321
	maxLanguage   = 35  // RFC 5646, 4.4.1
	maxExternalID = 200
	maxRef        = 100
	maxTaxSystem  = 64
	maxLines      = 100
	maxQuantity   = 10_000
	firstYear     = 2000
	lastYear      = 2100 // its first of January, excluded
)

// faults collects everything that is wrong, so that a person corrects a form once.
type faults []fault.Field

func (f *faults) add(location, message string) {
	*f = append(*f, fault.Field{Location: "body." + location, Message: message})
}

// check holds a visit, and the currency that was asked for, against the rules. A wrong currency
// has its own code, since it is a program's settings that are wrong and not one visit.
func check(v Visit, asked money.Currency) error {
	var f faults
	f.text("external_id", v.ExternalID, maxExternalID)
	f = append(f, v.Client.Check("client.")...)
	if v.StartsAt.Before(year(firstYear)) || !v.StartsAt.Before(year(lastYear)) {
		f.add("starts_at", fmt.Sprintf("must be from %d to %d", firstYear, lastYear-1))
	}
	if v.Staff != "" && !v.Staff.Valid() {
		f.add("staff", "must be the id of a staff member")
	}
	if !v.Status.known() {
		f.add("status", "must be booked, confirmed, arrived, done, no-show or cancelled")
	}
	f.lines(v.Lines)
	mismatch := asked != "" && asked != v.Currency
	if mismatch {
		f.add("currency", "must be "+string(v.Currency))
	}
	if len(f) == 0 {
		return nil
	}
	e := fault.Invalid(f...)
	if mismatch {
		e.Code, e.Text = "currency_mismatch", "This location takes "+string(v.Currency)+" only."
	}
	return e
}

func year(y int) time.Time { return time.Date(y, time.January, 1, 0, 0, 0, 0, time.UTC) }

func (s Status) known() bool {
	switch s {
	case Booked, Confirmed, Arrived, Done, NoShow, StatusCancelled:
		return true
	}
	return false
}

// Check says everything that is wrong with how somebody is named and reached. at comes before the
// names of the fields, where they are part of something larger.
func (c Client) Check(at string) []fault.Field {
	var f faults
	if c.ID != "" && !c.ID.Valid() {
		f.add(at+"id", "must be the id of a client")
	}
	f.text(at+"name", c.Name, maxName)
	if f.text(at+"phone", c.Phone, maxPhone) && c.Phone != "" && !phoneShaped(c.Phone) {
		f.add(at+"phone", "must be a telephone number")
	}
	if f.text(at+"email", c.Email, maxEmail) && c.Email != "" && !emailShaped(c.Email) {
		f.add(at+"email", "must be an email address")
	}
	if f.text(at+"language", c.Language, maxLanguage) && c.Language != "" && !languageShaped(c.Language) {
		f.add(at+"language", "must be a language tag such as en or pt-BR")
	}
	return f
}

func (f *faults) lines(lines []Line) {
	if len(lines) > maxLines {
		f.add("lines", fmt.Sprintf("must be at most %d", maxLines))
		return
	}
	seen := map[id.Line]bool{}
	var total int64
	for i, l := range lines {
		at := fmt.Sprintf("lines[%d].", i)
		before := len(*f)
		f.line(at, l)
		if l.ID != "" && seen[l.ID] {
			f.add(at+"id", "must not be that of another line")
		}
		seen[l.ID] = true
		if t, err := l.Total(); err == nil && len(*f) == before { // a line that is wrong was complained of
			total += min(t, money.Max+1) // enough to be too much, and a hundred of it can't overflow
		}
	}
	if total > money.Max {
		f.add("lines", "must not add up to more than can be paid")
	}
}

func (f *faults) line(at string, l Line) {
	if l.ID != "" && !l.ID.Valid() {
		f.add(at+"id", "must be the id of a line")
	}
	switch l.Kind {
	case Service, Product, Membership, GiftCard:
	default:
		f.add(at+"kind", "must be service, product, membership or gift_card")
	}
	f.text(at+"ref", l.Ref, maxRef)
	if f.text(at+"name", l.Name, maxName) && strings.TrimSpace(l.Name) == "" {
		f.add(at+"name", "must not be blank")
	}
	f.text(at+"tax_system", l.TaxSystem, maxTaxSystem)
	f.prices(at, l)
}

func (f *faults) prices(at string, l Line) {
	sound := true
	if l.Quantity < 1 || l.Quantity > maxQuantity {
		f.add(at+"quantity", fmt.Sprintf("must be from 1 to %d", maxQuantity))
		sound = false
	}
	if l.UnitPrice < 0 || l.UnitPrice > money.Max {
		f.add(at+"unit_price", fmt.Sprintf("must be from 0 to %d", money.Max))
		sound = false
	}
	if l.Discount < 0 {
		f.add(at+"discount", "must not be negative")
		return
	}
	if !sound {
		return // the price of the line isn't known, so nothing can be said about its discount
	}
	if gross := l.Quantity * l.UnitPrice; l.Discount > gross { // at most 10¹⁵ by the bounds above
		f.add(at+"discount", "must not be more than the price of the line")
	}
}
