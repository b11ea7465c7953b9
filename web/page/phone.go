package page

import "time"

// Phone is what every page on a client's phone carries. It asks for no cookie and
// works without script.
type Phone struct {
	Location string // the name of the business
	Sandbox  bool
}

// PhonePay is the page of a payment link: what is due, and one button.
type PhonePay struct {
	Phone
	Token    string
	Scanned  bool       // opened from a display: goes on by itself once it is seen
	When     string     // "today, 10:30"
	Due      string     // "€25.00"
	Lines    []BillLine // what was sold, what was paid before
	Provider string     // "Stripe"; "" when it has no name to show
	Until    string     // "10:57": the visit is kept until then; "" before it is opened
	Problem  *Problem   // provider_unavailable, open_failed, …
}

// BillLine is a line of a bill or a receipt.
type BillLine struct {
	Name, Amount string
	Paid         bool   // a payment made before: set back a little
	Method       string // for a payment without a name: cash, card, link, …
	Covered      bool   // a membership pays for it: Amount isn't asked for
}

// PhoneProgress is shown while a checkout is open, here or on another phone.
type PhoneProgress struct {
	Phone
	Token, Due, Until string
	Provider          string
}

// PhoneReceipt is what a paid link shows for ever.
type PhoneReceipt struct {
	Phone
	Token    string
	Amount   string // what this link paid; "" when it was paid otherwise and nothing is due
	Date     string // "22 November 2026, 10:44"
	Number   string // the payment's id, for questions
	Method   string // link, cash, card, …
	Provider string
	Code     string // the visit's short code
	Lines    []BillLine
	Total    string
	Left     string    // what is due besides: paid at the reception
	Refunded string    // what went back, "" when nothing
	At       time.Time // the same as Date
	File     string    // where it can be saved; "" where its letters can't be drawn
	Closed   bool      // paid by link: nothing can be paid here again
	Just     bool      // paid a moment ago: says thank you first
	Cards    []IssuedCard
	Fiscal   []FiscalPrint
	Follows  bool // a fiscal receipt is still to come
}

// FiscalPrint is what a fiscal device wants to be read on a receipt.
type FiscalPrint struct {
	Number string
	Refund bool
	Code   string // to verify it, "" for none
	URL    string // where, "" for nowhere
}

// PhoneProcessing is shown while the provider has not yet said whether it was paid.
type PhoneProcessing struct {
	Phone
	Token, Due string
}

// PhoneNothingDue is shown when there is nothing to pay, or the link can't be used.
type PhoneNothingDue struct {
	Phone
	Token       string
	Unavailable bool // it can't be paid by link: ask at the reception
}

// PhoneUnknown answers a link that leads nowhere; it gives nothing away, not even
// whose link it might have been. Its status is 404.
type PhoneUnknown struct {
	Desk bool // it is the code on paper of a desk, which is gone
}

// PhoneTooMany asks someone who guesses to wait. Its status is 429.
type PhoneTooMany struct {
	Wait string // "1 min"
}

// PhoneWaiting is the page of a desk's printed code while the desk shows no visit.
type PhoneWaiting struct {
	Phone
	Desk string // its id, to ask when it does
}

// PhoneProblem says that something went wrong on our side. It serves the tablet too.
type PhoneProblem struct {
	Status int
	Code   string // for those who look into it
	Back   string // a path to go back to; "" for none
}
