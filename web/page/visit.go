package page

// Visit is the window of one visit: what was sold, what is due, and beside it how to
// pay.
type Visit struct {
	ID         string
	Version    int64
	Date       string   // 2026-11-22
	Client     string   // "" for a walk-in
	ClientID   string   // whom it is tied to, "" for nobody
	When       string   // "Today 10:30"
	Staff      string   // "Eva"; "" when nobody is set
	Status     string   // booked, confirmed, arrived, done, no-show, cancelled
	Code       string   // "4831"
	Contact    []string // phone, email: those that are known
	Lines      []Line
	Total      string
	Payments   []Movement // what has been paid and refunded, in order
	Paid       string     // "" when nothing has been paid
	Due        string
	Over       string // how much was paid too much, "" when not
	Cards      []IssuedCard
	Sent       []Sent   // messages to the client
	Key        string   // the idempotency key of what memberships are used for next
	ByCode     []Option // the lines that a membership's code could pay for
	MemberCode string   // such a code, as it was typed
	CanEdit    bool     // the right, and not blocked
	Blocked    string   // "10:57" while the block lasts: the client has opened the link
	Ends       int64    // seconds that the block still lasts: then the page asks again
	Clash      []string // the names of lines whose tax systems can't be sold together
	Conflict   *Conflict
	Problem    *Problem
	Pay        *PayBlock // nil: this person may take no money
}

// Line is a thing sold, ready to read.
type Line struct {
	Name, Detail string // Detail: "2 × €10.00 · Standard VAT"
	Total        string
	Clash        bool // its tax system does not go with the others
	ID           string
	Number       int         // its place among the visit's lines
	Covered      string      // the membership that pays for it, "" for none: Total isn't asked for
	Undo         bool        // it can be taken off again by this person
	Offer        *Membership // one of the client's that could pay for it
}

// Membership is one that could pay for a line.
type Membership struct {
	Card, Name string
	Left, Of   string // "3" and "10" visits; "" without end
}

// IssuedCard is a gift card or membership that was issued when the visit was paid.
type IssuedCard struct {
	Name  string
	Code  string // "K7Q2-MX4P"
	Left  string // "€30.00", or "10" visits; "" for a membership without end
	Uses  bool   // Left counts visits
	Until string // "22 November 2027"; "" for ever
	State string // active, held, stopped (its money went back) or void
}

// Movement is a payment or a refund of a visit.
type Movement struct {
	Method string   // link, cash, card, loyalty, cashback, gift_card, deposit
	Refund bool     // money that went back
	Amount string   // "€20.00", or "−€5.00" of a refund: how it changes what the salon has
	At     string   // "10:42", or with the day when it was another one
	By     string   // who took it; "" for a payment by link
	Flags  []string // late, duplicate, amount_mismatch, currency_mismatch, unmatched, disputed, test
	State  string   // pending or failed, of a refund that the provider was asked for; "" of what is booked
	Note   string   // why a refund was made, or failed
	// Send is the payment's id where this person may send its receipt; SendAgain says that it went
	// out before, SendKey keeps a second tap from being a second message.
	Send, SendKey string
	SendAgain     bool
	Give          string // the payment's id where something of it can be given back by this person, else ""
	Fiscal        *FiscalReceipt
}

// FiscalReceipt is a movement's receipt at the fiscal device.
type FiscalReceipt struct {
	State  string // queued, waiting (for that of its sale), done or failed
	Number string // of one that is done
	Reason string // why it waits or failed, in the device's words
	Retry  string // the payment's id where this person may have a failed one tried again, else ""
}

// Sent is a message to the client, and how far it is.
type Sent struct {
	Channel string // email, sms, whatsapp
	To      string // "a@example.com"
	State   string // queued, sent, failed, unclear, skipped
	At      string // "10:44"
	Why     string // a reason of ours: no_address, bad_number, interrupted, …
	Reason  string // one of the server's, as it said it
}

// Conflict says that another tablet was faster.
type Conflict struct {
	Changed []string // client, starts_at, staff, status, lines
	By      string   // who did it; "" when unknown
	Gone    []string // in a form: the names of lines that were taken off
	Ask     bool     // in a form: something was changed by both, and is to be chosen
}

// Option is an entry of a select.
type Option struct {
	Value, Text string
	Selected    bool
}

// Choice is a catalogue item to add to a visit.
type Choice struct {
	Ref, Kind, Name, SKU, Price, Tax, Range string // Price as typed: "45.00"
	Label                                   string // "€45.00", or the range, as read
	Counted                                 bool   // OnHand is known
	OnHand                                  int64
}
