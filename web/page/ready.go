package page

import (
	"slices"
	"unicode/utf8"
)

// What the templates ask of the structs beyond their fields: small choices that would
// be hard to read as template code.

// Count is how many notices wait, also those that aren't listed.
func (n Notices) Count() int { return len(n.List) + n.Waiting }

// Digits are the keys of the PIN pad above its last row.
func (SignIn) Digits() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} }

// LinkNamesClash says whether the payment block beside the visit names the clashing
// lines already; they are named once.
func (v Visit) LinkNamesClash() bool {
	return v.Pay != nil && v.Pay.Open() == "link" && len(v.Pay.Clash) > 0
}

// Tabs are the ways to pay that this person may take.
func (b PayBlock) Tabs() []string {
	var tabs []string
	if b.CanLink && !b.Completed { // R11: what is left after a paid link goes another way
		tabs = append(tabs, "link")
	}
	if b.CanTake {
		tabs = append(tabs, "cash", "card", "more")
	}
	return tabs
}

// Open is the tab that is shown: Tab where it is allowed, the first one otherwise.
func (b PayBlock) Open() string {
	tabs := b.Tabs()
	switch {
	case slices.Contains(tabs, b.Tab):
		return b.Tab
	case len(tabs) > 0:
		return tabs[0]
	default:
		return ""
	}
}

// Chosen is the desk that the code would be shown at: the selected one, else the
// first; nil when the location has none.
func (b PayBlock) Chosen() *DeskChoice {
	for i := range b.Desks {
		if b.Desks[i].Selected {
			return &b.Desks[i]
		}
	}
	if len(b.Desks) > 0 {
		return &b.Desks[0]
	}
	return nil
}

// Here says whether the chosen desk is the one that shows the visit already: then the
// way on is to hide it, not to show it again.
func (b PayBlock) Here() bool {
	chosen := b.Chosen()
	return b.Shown != nil && (chosen == nil || chosen.ID == b.Shown.ID)
}

// LiftAbove says whether the way to lift the block stands where money would be taken
// already; it is offered once.
func (b PayBlock) LiftAbove() bool {
	return !b.Empty && !b.NoDue && b.Open() != "" && b.Open() != "link"
}

// Size is a class that makes room for large amounts.
func (b PayBlock) Size() string { return size(b.Due) }

// Size is a class that makes room for large amounts.
func (r Reports) Size() string { return size(r.Net) }

// Size is a class that makes room for large amounts.
func (p PhonePay) Size() string { return size(p.Due) }

// Size is a class that makes room for large amounts.
func (p PhoneProgress) Size() string { return size(p.Due) }

// Size is a class that makes room for large amounts.
func (p PhoneReceipt) Size() string { return size(p.Amount) }

// Size is a class that makes room for large amounts.
func (p PhoneProcessing) Size() string { return size(p.Due) }

// Sold are the lines of a receipt that were sold; they stand above the total.
func (p PhoneReceipt) Sold() []BillLine { return linesThat(p.Lines, false) }

// Before are the payments among the lines of a receipt; they stand below the total.
func (p PhoneReceipt) Before() []BillLine { return linesThat(p.Lines, true) }

func linesThat(lines []BillLine, paid bool) []BillLine {
	var found []BillLine
	for _, line := range lines {
		if line.Paid == paid {
			found = append(found, line)
		}
	}
	return found
}

func size(amount string) string {
	switch n := utf8.RuneCountInString(amount); {
	case n > 12:
		return " huge"
	case n > 8:
		return " long"
	default:
		return ""
	}
}

// Tone is how a notice is coloured.
func (n Notice) Tone() string {
	switch n.Kind {
	case "not_painted", "display_offline", "no_display":
		return "warn"
	case "taken", "paid_meanwhile", "shown", "given":
		return "good"
	default:
		return "brand"
	}
}

// Drawing is the icon of a notice.
func (n Notice) Drawing() string {
	switch n.Kind {
	case "not_painted", "no_display":
		return "monitor"
	case "display_offline":
		return "wifi-off"
	case "hidden":
		return "eye-off"
	case "unblocked":
		return "lock-open"
	default:
		return "circle-check"
	}
}

// BlankLine is what the page copies when a line is added.
func (VisitForm) BlankLine() LineFields {
	return LineFields{Kind: "service", Quantity: "1"}
}

// TaxChoices are the tax systems to choose from, with the line's own among them even
// when the location has given it up.
func (f VisitForm) TaxChoices(own string) []Option {
	choices, known := slices.Clone(f.TaxSystems), own == ""
	for i := range choices {
		choices[i].Selected = choices[i].Value == own
		known = known || choices[i].Selected
	}
	if known {
		return choices
	}
	return append([]Option{{Value: own, Text: own, Selected: true}}, choices...)
}

// NewStaff is the form of someone who is not there yet.
func (Setup) NewStaff() StaffRow { return StaffRow{Role: "receptionist", Active: true} }

// Title is the text that names the problem.
func (p PhoneProblem) Title() string {
	switch {
	case p.Status == 403:
		return "phone.forbidden"
	case p.Status == 404:
		return "phone.not_found"
	case p.Status == 503:
		return "phone.unreachable"
	default:
		return "phone.problem"
	}
}

// Hint is the text that says what to do about it.
func (p PhoneProblem) Hint() string { return p.Title() + "_hint" }
