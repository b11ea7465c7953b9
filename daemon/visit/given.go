package visit

import (
	"slices"

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
