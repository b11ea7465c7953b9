package page

// Shell is what every page of the tablet carries around its own part.
type Shell struct {
	Location string // the name of the business
	Staff    string // who is signed in
	CanSell  bool   // the rail offers the catalogue
	CanCount bool   // the rail offers reports
	CanSetUp bool   // the rail offers Set up
	Sandbox  bool   // payments are made up: the strip says so
	After    uint64 // the last change the page has seen: its socket resumes after it
	Now      string // "10:42" in the location's zone, kept ticking by the page
	Zone     string // "Europe/Berlin", for that clock
	Notices  Notices
}

// Notices are what somebody has to deal with, on every page of the tablet: one is there whole,
// several are behind one line. As a fragment they bring the bell of the rail with them.
type Notices struct {
	List    []Attention
	Waiting int      // how many more there are than List has
	Problem *Problem // why something could not be done with one of them
	Sync    []SyncTrouble
}

// SyncTrouble is a payment provider whose confirmations don't come in, or other
// software that messages don't go out to.
type SyncTrouble struct {
	Kind     string // unreachable, keys, storage; receiver_failing, receiver_given_up, receiver_gone
	Provider string // as it writes itself
	At       string // when it was read last: "10:42"; "" when never
	CanFix   bool   // who looks may enter its keys
	Section  string // the section of Set up where that is done
}

// Problem is something that did not work, in words a person can act on.
type Problem struct {
	Kind string // one of the keys problem.* of the catalogue, or "" when Text is set
	Text string // ready text, when the catalogue has none for it
	Wait string // "30 s", for Kind "slow_down" and "locked"
	// Example is an amount as it may be typed, for Kind "amount_invalid".
	Example string
}

// SignIn is the page before all others: names first, then a PIN pad.
type SignIn struct {
	Location string
	Sandbox  bool
	Staff    []Person // those who may sign in
	Chosen   *Person  // nil: names are shown; else the PIN pad of this one
	Next     string   // where to go afterwards; a path of ours
	Problem  *Problem // "wrong_pin", "slow_down", "locked"
}

// Person is a staff member as a big button.
type Person struct {
	ID, Name, Role string // Role is the name of the role: "administrator", "receptionist", …
}

// Desk is the tablet's main page in three columns.
type Desk struct {
	Shell
	List  List
	Visit *Visit     // the open visit, or
	Form  *VisitForm // the visit being made or edited; both nil: nothing is selected
}

// Attention is a notice that stays until it has been dealt with.
type Attention struct {
	ID      string
	Kind    string // late, duplicate, amount_mismatch, currency_mismatch, unmatched, disputed, inquiry, dispute_lost, won_back, card_used_refunded, card_part_refunded, goods_refunded, refund_failed, refund_unclear, fiscal_failed, not_bookable, unknown_status, lost_checkout, long_away, refund_bounced, refund_after_all, unmatched_refund, refund_mismatch, or "" with Text
	Visit   string // the visit it is about; "" when unknown
	Date    string // the day of that visit, for its address
	Client  string // "" when unknown
	Amount  string
	At      string // "10:42"
	Text    string // ready text for other kinds
	Refund  string // "€12.00" can be given back by a tap; "" when not, or without the right
	Accept  bool   // it can be left as it is
	Retry   bool   // it can be tried again
	Settle  bool   // whether the money went back is for this person to say
	Code    string // of the card that is held, "" for none
	Release bool   // and this person may let it be used again
	Assign  string // the name of the open visit that it can be assigned to, "" when not
	Open    bool   // it waits for the visit to be opened that it can be assigned to
	To      string // the visit that is open, to come back to
	Day     string // and its day
}

// List is the middle column: a day's visits, or what a search found.
type List struct {
	Date           string // 2026-11-22
	Heading        string // "Sunday 22"
	Previous, Next string // dates, for the arrows
	Today          string // today's date when another day is shown, else ""
	Due            string // "€412.00", "" when nothing is
	Q              string // what was searched for
	Rows           []Row
	Count          int    // visits of the day or found; may be more than Rows
	Selected       string // the open visit
	CanCreate      bool
	Problem        *Problem
}

// Row is a visit in the list.
type Row struct {
	ID   string
	Date string // its own day, which differs from the list's when searching
	Time string // "10:30", when searching "22 Nov"
	Name string // the client; "" for a walk-in
	What string // "Haircut, shampoo"
	Chip Chip
}

// Chip says in a word how a visit stands.
type Chip struct {
	Kind   string // paid, on_screen, paying, part, overpaid, refunded, due, cancelled, no_show, failed, free
	Amount string // for part and due
	Ends   int64  // for paying: seconds until it is over
}
