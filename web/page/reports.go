package page

// Reports is what was paid in a stretch of time, by every cut.
type Reports struct {
	Shell
	Span    Span
	In, Out string // "€1,234.00"; Out is "" when nothing was given back
	Net     string
	Held    string // of In, what was paid with balances and gift cards; "" for nothing
	Tests   string // of Net, what was paid where no money moves; "" for nothing
	Count   string // "1,214"
	Empty   bool   // nothing was paid or given back
	Chart   *Chart
	Cuts    []Cut
	Others  []Cut // what came in other currencies, by method
	Rows    []PaidRow
	More    string // the address of the next page of Rows, "" at the end
	Problem *Problem
}

// Compared is a stretch of time against the one before it.
type Compared struct {
	Trend   string // up, down, same, or none when there was nothing before
	Percent string // "12"
	Amount  string // what was taken before
	Heading string // when that was
}

// Span is the stretch of time that a report is about, and what else there is
// to choose from.
type Span struct {
	Heading  string // "November 2026"
	Period   string // today, yesterday, week, month, last_month, own; or drawer
	Periods  []string
	From, To string // 2026-11-01
	By       string // visit_date or received
	Query    string // what asks for the same again, for addresses that are made of it
	File     string // the payments as CSV
	Before   string // what was taken in the time before
}

// Cut is the sums under the keys of one kind.
type Cut struct {
	Kind string // methods, registers, staff, kinds, tax_systems; or foreign
	File string // its address as a file; "" for none
	Rows []CutRow
}

// CutRow is one line of a cut. Label is ready to read.
type CutRow struct {
	Label        string
	In, Out, Net string
	Part         int // of the largest, in percent: how long its bar is
}

// Chart is the money of every hour, day or month, stacked by method: Height
// pixels high, and as wide as there is room.
type Chart struct {
	Height int
	Margin int    // how wide the amounts beside it are, in pixels
	Floor  int    // where nothing is; what was given back goes below
	Grain  string // hour, day, month
	Said   string // what it shows, in words; "" when it shows too little
	Lines  []ChartLine
	Bars   []Bar
	Names  []ChartName
	Legend []string   // the kinds of bars that there are, as in a row of Rows
	Rows   []ChartRow // the same as a table
}

// Bar is a rectangle of the chart. X and W are parts of the width: "12.50%".
type Bar struct {
	X, W string
	Y, H int
	Kind string // link, card, cash, held, back
	Says string // "Sunday, 22 Nov · Cash · €120.00"
}

// ChartLine is a line to read amounts off.
type ChartLine struct {
	Y    int
	Says string
}

// ChartName stands below a bar, in the middle of it.
type ChartName struct {
	X     string
	Says  string
	Major bool // stays where there is room for few
}

// ChartRow is a bar in numbers: an amount for each of the legend, "" for none.
type ChartRow struct {
	Label   string
	Amounts []string
	Net     string
}

// PaidRow is one payment or refund of the list.
type PaidRow struct {
	At     string
	Visit  string // its id, "" for money without one
	Date   string // the day of the visit
	Client string
	Method string
	Refund bool
	By     string
	Amount string
	Flags  []string
}

// Drawer is the count of the cash drawer.
type Drawer struct {
	Shell
	Span               Span   // the times that reports offer beside it
	First              bool   // never counted before: what was in it is asked for
	Since              string // when it was counted last
	Opening, In, Out   string
	Expected           string
	Number, Seq        uint64 // of the drawer as it is shown
	Key                string
	Counted, Taken     string // as typed
	OpeningTyped, Note string
	Errors             map[string]string
	Problem            *Problem
	Saved              bool
	Sum                DrawerSum
	Closes             []CloseRow
}

// DrawerSum is what a count comes to, while it is typed.
type DrawerSum struct {
	Expected   string // of the first count, which what was in it is typed for; "" for others
	Known      bool   // something was counted
	Difference string // "−€0.50"; "" when it is right
	Short      bool   // too little is in it
	Left       string // what stays in it; "" when more is taken out than there is
}

// CloseRow is one count of the past.
type CloseRow struct {
	Number               uint64
	At, By               string
	Expected, Counted    string
	Difference           string // "−€0.50"; "" when it was right
	Short                bool   // too little was in it
	TakenOut, Left, Note string
}
