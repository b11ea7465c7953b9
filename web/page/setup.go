package page

// Setup is the second page of the tablet: the location, its desks, displays and
// staff.
type Setup struct {
	Shell
	Section  string   // the one that is open
	Sections []string // those this person may see: location, payments, desks, displays, slides, staff, software
	Board    bool     // payments are made up, and this person may try out what becomes of them
	Saved    bool     // the last form was saved
	Problem  *Problem
	Errors   map[string]string // field name → what is wrong

	Location Settings
	Desks    []DeskRow
	Print    *PrintForm // of the desk whose sheet is being chosen; nil: none
	Displays Displays
	Idle     Idle
	Staff    []StaffRow
	Payments Companies
	Software Receivers
	Roles    []string // for staff
	Open     string   // the id of the desk or staff that is being edited; "new" for a new one
	Typed    string   // what was typed for its name and refused
}

// Settings is the location's form, as typed.
type Settings struct {
	Name, Currency, Zone, Colour, PublicURL string
	Language                                []Option
	Countries                               []Option // "" for that of the time zone
	ZoneCountry                             string   // the name of the time zone's; "" when it isn't plain
	ShowNames, ShowServices                 bool
	Receipts                                bool // are sent by themselves
	Channels                                bool // there is one that they could be sent by
	Sound                                   bool // displays play two notes when paid
	SellsShort                              bool // products that are not there, once asked
	Fine                                    bool // the public address makes codes too fine to scan from afar
	Logo                                    bool // there is one
}

// DeskRow is a desk in Set up.
type DeskRow struct {
	ID, Name string
	Displays int
	Print    string // the static code's address: "https://…/q/front"
}

// PrintForm is the choice of a sheet with a desk's code, and how it looks.
type PrintForm struct {
	Desk, Name        string // the desk's id and name
	Templates, Papers []Pick
	Language          []Option
	Paper             string
	PDF, Preview, SVG string // where they are
	Local             bool   // no phone can open the address
	Fine              bool   // the address makes the code too fine to scan from afar
	Nameless          bool   // the fonts lack letters of the location's name, and no logo stands for it
}

// Pick is one of a few things to choose from.
type Pick struct {
	Kind     string // its text is sheet.<kind>
	Selected bool
}

// Displays is the part of Set up that follows the displays as they come and go.
type Displays struct {
	List   []DisplayRow
	Pair   PairForm
	Open   string            // the id of the display that is being edited
	Errors map[string]string // of its form
}

// PairForm gives a display that shows a code its desk and name.
type PairForm struct {
	Code, Name string
	Desks      []Option
	Problem    *Problem // "bad_code", "slow_down"
	Errors     map[string]string
	Address    string // what to open on the new display: "https://…/display"
}

// DisplayRow is a paired display.
type DisplayRow struct {
	ID, Name string
	Desk     string // the desk's name
	Desks    []Option
	Online   bool
	LastSeen string // "10:42" or "21 Nov, 18:05"; "" when never
	Shows    string // idle, qr, in_progress, paid, failed, closed; "" when offline
	Client   string // whose visit it shows, when it shows one
	Flashed  bool   // it has just been told to show its name
	Twice    bool   // it was found open in two places a moment ago
	Size     string // of its screen: "1920 × 1080"; "" when not known
	Since    string // since when it shows that: "10:42:07"; "" when it shows nothing
	Version  string // of its page; "" when not known
	Outdated bool   // its page is of an earlier version, and reloads when it is idle
}

// Idle is what displays do while no visit is up.
type Idle struct {
	Slides                []SlideRow
	QuietFrom, QuietUntil string // "22:00"; "" for never
}

// SlideRow is a picture that displays show.
type SlideRow struct {
	ID, Name    string
	Size        string // "1920 × 1080"
	Number      int    // in the order in which they are shown, from 1
	Seconds     int
	First, Last bool
}

// StaffRow is a staff member in Set up.
type StaffRow struct {
	ID, Name, Role string
	Active         bool
	HasPIN         bool
}
