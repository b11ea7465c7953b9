package page

import "slices"

// VisitForm makes a visit or edits one.
type VisitForm struct {
	ID           string // "" for a new visit
	Version      int64  // the version the edit is based on
	Client       ClientFields
	Date, Time   string // 2026-11-22, 10:30
	Staff        []Option
	Statuses     []string // the statuses offered, in order
	Status       string
	Lines        []LineFields
	Found        Found // what can be added
	TaxSystems   []Option
	Currency     string                // "€": beside the price fields
	Sum          string                // what the lines come to; "" while one can't be read
	Base         string                // what the visit was when it was opened, for a merge: sent back as it is
	Theirs       map[string]*Elsewhere // what somebody else changed, by client, starts_at, staff and status
	Unpicked     bool                  // something is still to be chosen, and was to be saved
	Errors       map[string]string     // field name → what is wrong; lines: "line_price.0"
	OutsideRange []string              // names of lines priced outside their range: asks before saving
	Confirm      []string              // the prices asked about, sent again by who saves anyway
	Short        []Short               // products there are too few of: asks before saving
	AcceptShort  []string              // the numbers asked about, sent again by who saves anyway
	SellsShort   bool                  // the location sells what is not there, once asked
	Conflict     *Conflict             // someone else saved in between: Version is theirs now
	Blocked      string                // "10:57": the client opened the link meanwhile
	Problem      *Problem
}

// LineFields are one line of the form.
type LineFields struct {
	ID, Kind, Ref, Name, Quantity, Price, Discount, Tax string
	Range                                               string // "€30–€50": the usual price; "" when there is none
	Counted                                             bool   // OnHand is known
	OnHand                                              int64
	Ask                                                 string // "€55.00": a price outside Range, which is asked about
	Theirs                                              *Elsewhere
}

// Elsewhere is what somebody else made meanwhile of a part of a visit that is being edited (R4).
type Elsewhere struct {
	Name  string // of the part: client, starts_at, staff, status, or a line's id
	Value string // what they made of it, ready to read; "" where State says all
	State string // changed, added, asked, gone_asked, removed_asked
}

// Asks says whether the part is to be chosen: mine or theirs.
func (t Elsewhere) Asks() bool { return t.State != "changed" && t.State != "added" }

// Asks says whether anything in the form is to be chosen.
func (f VisitForm) Asks() bool {
	for _, t := range f.Theirs {
		if t.Asks() {
			return true
		}
	}
	return slices.ContainsFunc(f.Lines, func(l LineFields) bool { return l.Theirs != nil && l.Theirs.Asks() })
}

// Picks are the choices of a part, mine first: as typed, as they made it, or none of it.
func (t Elsewhere) Picks() []string {
	switch t.State {
	case "gone_asked":
		return []string{"mine", "drop"}
	case "removed_asked":
		return []string{"drop", "theirs"}
	}
	return []string{"mine", "theirs"}
}

// FormSum is what the lines of a form come to, while they are typed.
type FormSum struct {
	Sum string // "" while a line can't be read
}

// Short is a product that there is less of than is wanted.
type Short struct {
	Name           string
	Wanted, OnHand int64
}
