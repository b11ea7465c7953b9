package page

import "slices"

// What the catalogue's templates ask of their structs beyond the fields.

func itemKinds() []string { return []string{"service", "product", "membership", "gift_card"} }

// Nothing says that nothing of the catalogue is open.
func (s Shelf) Nothing() bool { return s.Item == nil && s.Taxes == nil && s.File == nil }

// Kinds are the kinds of items.
func (ShelfList) Kinds() []string { return itemKinds() }

// Kinds are the kinds of items.
func (Found) Kinds() []string { return itemKinds() }

// Has says whether a kind of item has a field: the others are not shown.
func (f ItemForm) Has(field string) bool {
	switch field {
	case "sku":
		return f.Kind == "product" || f.SKU != ""
	case "range":
		return f.Kind == "service" || f.Min != "" || f.Max != ""
	case "uses":
		return f.Kind == "membership"
	case "value":
		return f.Kind == "gift_card"
	case "days":
		return slices.Contains([]string{"membership", "gift_card"}, f.Kind)
	default:
		return false
	}
}

// Causes are those that a person may enter: sales and returns come with the money.
func (Stock) Causes() []string { return []string{"receipt", "adjustment", "write_off"} }

// Button is the type of the buttons that choose: without script they send the form.
func (f Found) Button() string {
	if f.Plain {
		return "submit"
	}
	return "button"
}

// TallyCount is how many rows have an outcome.
type TallyCount struct {
	Kind  string
	Count int
}

// Counts are the outcomes in the order in which they matter.
func (t Trial) Counts() []TallyCount {
	return []TallyCount{{"bad", t.Tally.Bad}, {"created", t.Tally.Created}, {"changed", t.Tally.Changed}, {"unchanged", t.Tally.Unchanged}}
}

// Idle says that reading the file in would change nothing.
func (t Trial) Idle() bool { return t.Tally.Created+t.Tally.Changed == 0 }
