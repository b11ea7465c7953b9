package visit

import (
	"fmt"
	"slices"

	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// Given is what a line of a paid visit has handed out: pieces of a product
// that left the stock, cards that were issued (R22). It stays when the line is
// changed or taken out, since a refund may bring it back.
type Given struct {
	Line     id.Line  `json:"line"`
	Kind     LineKind `json:"kind"`
	Ref      string   `json:"ref"`
	Name     string   `json:"name"`
	Quantity int64    `json:"quantity"`
}

// Handed is how many pieces of a line were handed out.
func (v Visit) Handed(line id.Line) int64 {
	for _, g := range v.Given {
		if g.Line == line {
			return g.Quantity
		}
	}
	return 0
}

// HandOut notes that pieces of a line were handed out.
func (v *Visit) HandOut(l Line, quantity int64) {
	v.Given = slices.Clone(v.Given) // copies of the visit share what was there
	for i := range v.Given {
		if v.Given[i].Line == l.ID {
			v.Given[i].Quantity += quantity
			return
		}
	}
	v.Given = append(v.Given, Given{Line: l.ID, Kind: l.Kind, Ref: l.Ref, Name: l.Name, Quantity: quantity})
}

// renewed takes the id off a line that became another thing than was handed out
// under it: that one is still to be handed out, and what went may come back.
func (v Visit) renewed(lines []Line) []Line {
	lines = slices.Clone(lines)
	for i, l := range lines {
		if slices.ContainsFunc(v.Given, func(g Given) bool { return g.Line == l.ID && (g.Kind != l.Kind || g.Ref != l.Ref) }) {
			lines[i].ID = ""
		}
	}
	return lines
}

// keepsIssued refuses lines that leave out a card which was issued for them, or sell it for
// another price: it is in somebody's hands as it was paid for, and ends by a refund alone (R22).
// before are the lines that the edit found.
func (v Visit) keepsIssued(before []Line) error {
	var f faults
	for _, g := range v.Given {
		if g.Kind != GiftCard && g.Kind != Membership {
			continue
		}
		at := slices.IndexFunc(v.Lines, func(l Line) bool { return l.ID == g.Line && l.Kind == g.Kind })
		if at < 0 || v.Lines[at].Quantity < g.Quantity {
			f.add("lines", fmt.Sprintf("must keep %d of %q: what was issued ends by a refund", g.Quantity, g.Name))
			continue
		}
		if was := slices.IndexFunc(before, func(l Line) bool { return l.ID == g.Line }); was >= 0 {
			f.locked(at, before[was], v.Lines[at])
		}
	}
	if len(f) == 0 {
		return nil
	}
	e := fault.New(fault.Unprocessable, "line_issued", "A card of this visit was issued at the price of its line. It ends by a refund, not by an edit.")
	e.Fields = f
	return e
}

// locked marks what an edit would change of a line whose card is in somebody's hands.
func (f *faults) locked(at int, was, is Line) {
	for _, field := range []struct {
		name    string
		changed bool
	}{
		{"quantity", is.Quantity > was.Quantity}, // fewer: those whose cards have ended
		{"unit_price", was.UnitPrice != is.UnitPrice},
		{"discount", was.Discount != is.Discount},
	} {
		if field.changed {
			f.add(fmt.Sprintf("lines[%d].%s", at, field.name), fmt.Sprintf("can't change: the card of %q was issued", was.Name))
		}
	}
}

// TakeBack notes that pieces of a line came back, or that its cards were made void.
func (v *Visit) TakeBack(line id.Line, quantity int64) {
	given := slices.Clone(v.Given)
	for i := range given {
		if given[i].Line == line {
			given[i].Quantity -= quantity
		}
	}
	v.Given = slices.DeleteFunc(given, func(g Given) bool { return g.Quantity <= 0 })
}
