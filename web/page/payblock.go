package page

// PayBlock is the right column of a visit: how it is paid, and what is happening.
type PayBlock struct {
	Visit   string
	Tab     string // link, cash, card, more; one that is not allowed becomes the first that is
	CanLink bool   // right finance.online_payments: without it there is no Link
	CanTake bool   // right finance.take_payments: without it neither Cash nor Card

	Due       string // "€25.00"
	DueInput  string // "25.00": what the amount field starts with
	Key       string // the idempotency key of the next manual payment
	Held      []Held // what the client has with us and could pay with
	Code      string // a gift card's code, as it was typed
	NoDue     bool   // nothing is left to pay
	Empty     bool   // the visit has no lines yet
	Back      string // "€25.00": all that was paid was given back; "" when it wasn't
	Completed bool   // it has been paid by link: the link is closed for good
	Clash     []string

	Blocked    string // "10:57" while the block lasts: the client has opened the link
	Ends       int64  // seconds that it still lasts: then the page asks again
	Declined   bool   // the last try of the block was declined
	Paying     bool   // the client's checkout is open
	CanUnblock bool

	Link string // the address that Copy link copies
	// Waits is why there is none: not_asked, making, unreachable or refused, where
	// the provider hosts it; LinkAt is that provider: "Stripe".
	Waits, LinkAt string
	Desks         []DeskChoice
	Shown         *DeskChoice // the desk that shows this visit now; nil: none

	Steps   []Step
	Notice  *Notice
	Busy    *Busy
	Problem *Problem
}

// Held is a balance of the client's that this visit could be paid with.
type Held struct {
	Method  string // loyalty, cashback, deposit
	Balance string // "€7.00"
	Input   string // "7.00": as much of it as is due
}

// DeskChoice is a desk the code can be shown at.
type DeskChoice struct {
	ID, Name string
	Selected bool
	Screens  int    // displays paired
	Online   int    // of them connected
	Painted  bool   // a display has painted this visit
	Other    bool   // another visit's code is up there
	Client   string // whose that is; "" when this person may not see it
}

// Step is a thing that happened on the way to being paid, with its time.
type Step struct {
	Kind   string // shown, hidden, opened, paying, processing, paid, failed, refused, expired, cancelled, next (what is awaited, only Time empty)
	Where  string // the display's name, for shown
	Until  string // "10:57", for paying
	Amount string // for paid
	Why    string // for refused, in the provider's words; "" when it said none
	Time   string // "10:42:07"; "" for now
	Now    bool   // the step that is going on
}

// Notice is a word about what was just done.
type Notice struct {
	Kind string // shown, hidden, taken, given, giving, unblocked, not_painted, display_offline, no_display, paid_meanwhile
	Name string // the desk or display it is about
	Text string // an amount, for taken and paid_meanwhile
}

// Busy asks before a desk is taken from a client who is paying.
type Busy struct {
	Desk, Name string // id and name of the desk
	Client     string // whose visit it shows; "" when this person may not see it
}
