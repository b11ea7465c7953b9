package page

// Reports is what was paid in a stretch of time, by every cut.
type Reports struct {
	Shell
	Span    Span
	In, Out string // "€1,234.00"
	Net     string
	Count   int
	Empty   bool // nothing was paid or given back
	Chart   *Chart
	Cuts    []Cut
	Others  []Cut // what came in other currencies, by method
	Rows    []PaidRow
	More    string // the address of the next page of Rows, "" at the end
	Problem *Problem
}

// Span is the stretch of time that a report is about, and what else there is
// to choose from.
type Span struct {
	Heading  string // "November 2026"
	Period   string // today, yesterday, week, month, last_month, own; or drawer
	Periods  []string
	From, To string // 2026-11-01
	By       string // visit_date or received
	Query    string // what asks for the same again, for the files
}

// Cut is the sums under the keys of one kind.
type Cut struct {
	Name string // days, registers, methods, staff, kinds, tax_systems; or a currency
	Rows []CutRow
}

// CutRow is one line of a cut. Label is ready to read.
type CutRow struct {
	Label        string
	In, Out, Net string
	Part         int // of the largest, in percent: how long its bar is
}

// Chart is the money of every day, stacked by method, as a drawing of Width by
// Height.
type Chart struct {
	Width, Height int
	Bars          []Bar
	Lines         []ChartLine
	Days          []ChartDay
	Legend        []Swatch
}

// Bar is a rectangle of the chart: what came in on a day by one method.
type Bar struct {
	X, Y, W, H int
	Method     string
	Says       string // "22 Nov · Cash · €120.00"
}

// ChartLine is a line to read amounts off.
type ChartLine struct {
	Y    int
	Says string
}

// ChartDay is a day's name below its bar.
type ChartDay struct {
	X    int
	Says string
}

// Swatch says what a colour of the chart is.
type Swatch struct{ Method, Says string }

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
	Span               Span
	First              bool // never counted before: what was in it is asked for
	Opening, In, Out   string
	Expected           string
	Key                string
	Counted, Taken     string // as typed
	OpeningTyped, Note string
	Problem            *Problem
	Saved              bool
	Closes             []CloseRow
}

// CloseRow is one count of the past.
type CloseRow struct {
	At, By               string
	Expected, Counted    string
	Difference           string // "−€0.50"; "" when it was right
	Short                bool   // too little was in it
	TakenOut, Left, Note string
}
