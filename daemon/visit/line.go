package visit

import (
	"slices"

	"countersign/daemon/id"
	"countersign/daemon/money"
)

// LineKind is what sort of thing a line sells (R2).
type LineKind string

// The kinds of R2.
const (
	Service    LineKind = "service"
	Product    LineKind = "product"
	Membership LineKind = "membership"
	GiftCard   LineKind = "gift_card"
)

// DefaultTaxSystem is that of a line which names none: lines without and with the ordinary one
// must not clash (R8).
const DefaultTaxSystem = "standard"

// Line is one thing sold in a visit. Prices are in minor units of the visit's currency; the
// discount is on the whole line.
type Line struct {
	ID        id.Line  `json:"id"`
	Kind      LineKind `json:"kind"`
	Ref       string   `json:"ref"` // the catalogue's item, or ""
	Name      string   `json:"name"`
	Quantity  int64    `json:"quantity"`
	UnitPrice int64    `json:"unit_price"`
	Discount  int64    `json:"discount"`
	TaxSystem string   `json:"tax_system"`
	// CoveredBy is the card of the membership that pays for the line, a use for
	// each of its quantity; "" when none does. Price and discount stay, since
	// the membership may be taken off again.
	CoveredBy id.Card `json:"covered_by,omitempty"`
}

// Total is quantity times price less the discount, never below 0; nothing for
// a line that a membership covers (R22).
func (l Line) Total() (int64, error) {
	if l.CoveredBy != "" {
		return 0, nil
	}
	return l.Price()
}

// Price is what the line costs where no membership covers it.
func (l Line) Price() (int64, error) {
	gross, err := money.Mul(l.Quantity, l.UnitPrice)
	if err != nil {
		return 0, err
	}
	net, err := money.Sub(gross, l.Discount)
	return max(0, net), err
}

// withIDs gives every line an id. A line that comes without one takes that of the line it stands
// for, the first of the same kind and name not taken yet: the booking system sends no line ids,
// and its repeating itself must change nothing (R5).
func withIDs(lines, before []Line, ids *id.Source) []Line {
	taken := map[id.Line]bool{}
	for _, l := range lines {
		taken[l.ID] = true
	}
	lines = append([]Line{}, lines...)
	for i := range lines {
		if lines[i].ID != "" {
			continue
		}
		at := slices.IndexFunc(before, func(b Line) bool { return !taken[b.ID] && b.sameThing(lines[i]) })
		if at < 0 {
			lines[i].ID = ids.Line()
		} else {
			lines[i].ID = before[at].ID
		}
		taken[lines[i].ID] = true
	}
	return lines
}

func (l Line) sameThing(other Line) bool {
	return l.Kind == other.Kind && l.Ref == other.Ref && l.Name == other.Name
}
