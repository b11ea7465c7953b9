package desk

import (
	"fmt"
	"slices"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// ShortLine is a line for more of a product than is on hand. Index is its
// place in the visit; Wanted counts all of the visit's lines of the product.
type ShortLine struct {
	Index  int     `json:"index"`
	ID     id.Line `json:"id"`
	Ref    string  `json:"ref"`
	Name   string  `json:"name"`
	Wanted int64   `json:"wanted"`
	OnHand int64   `json:"on_hand"`
}

// inStock refuses a visit that grew beyond what is on hand of a product (R2),
// unless somebody accepted that and the location lets them. Lines that were
// there before are let be: what is promised is promised.
func (o *op) inStock(was, v visit.Visit, accepted bool) error {
	loc, err := o.location()
	if err != nil {
		return err
	}
	asks := loc.SellWithoutStock != RefuseWithoutStock
	if asks && accepted {
		return nil
	}
	short, err := o.shortLines(was, v)
	if err != nil || len(short) == 0 {
		return err
	}
	refusal := fault.New(fault.Unprocessable, "out_of_stock", "There isn't that much of "+short[0].Name+" on hand.").
		With("lines", short).With("acceptable", asks)
	for _, l := range short {
		refusal.Fields = append(refusal.Fields, fault.Field{Location: fmt.Sprintf("body.lines[%d].quantity", l.Index),
			Message: fmt.Sprintf("is more than the %d on hand", max(0, l.OnHand))})
	}
	return refusal
}

func (o *op) shortLines(was, v visit.Visit) (short []ShortLine, err error) {
	for at, l := range v.Lines {
		if l.Kind != visit.Product || l.Ref == "" {
			continue
		}
		wanted := toHandOut(v, l.Ref)
		if l.Quantity <= before(was, l) || wanted <= toHandOut(was, l.Ref) {
			continue
		}
		level, err := o.onHand(l.Ref)
		if err != nil {
			return nil, err
		}
		if level.Short(wanted) > 0 {
			short = append(short, ShortLine{Index: at, ID: l.ID, Ref: l.Ref, Name: l.Name, Wanted: wanted, OnHand: level.OnHand})
		}
	}
	return short, nil
}

// toHandOut is how many pieces of a product a visit still takes off the shelf.
func toHandOut(v visit.Visit, ref string) (pieces int64) {
	for _, l := range v.Lines {
		if l.Kind == visit.Product && l.Ref == ref {
			pieces += max(0, l.Quantity-v.Handed(l.ID))
		}
	}
	return pieces
}

// before is how many pieces of its product a line was for.
func before(was visit.Visit, l visit.Line) int64 {
	at := slices.IndexFunc(was.Lines, func(other visit.Line) bool { return other.ID == l.ID && other.Ref == l.Ref })
	if at < 0 {
		return 0
	}
	return was.Lines[at].Quantity
}
