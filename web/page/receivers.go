package page

// Receivers is the part of Set up for other software that is told of events.
type Receivers struct {
	List []ReceiverRow
	Form *ReceiverForm // for a new one, or the one that is open; nil: none
	// Secret is shown this once; nil: none was made a moment ago.
	Secret *ReceiverSecret
}

// ReceiverRow is other software that is told of events.
type ReceiverRow struct {
	ID, URL, Host string
	State         string // new, good, failing, off, gone
	Last          string // when a message last arrived: "10:42"; "" when never
	Since         string // since when none arrives
	Why           string // what the last attempt came to, for failing: its text is receiver_why.<why>
	Code          int    // the status that it answered
	Waiting       int    // messages that it still has to be sent
	Many          bool   // there are more of them than are counted
	Failed        int    // messages that were given up
	Picked        int    // how many types of events it wants; 0: all
	Tested        *MessageRow
	Open          bool // its messages are shown
	Messages      []MessageRow
}

// MessageRow is one message to other software.
type MessageRow struct {
	ID    string // to send it again by; "" when that can't be
	Kind  string // of the event: its text is event.<kind>, "payment_booked"
	At    string // when it happened
	State string // waiting, delivered, failed
	Why   string // what the last attempt came to; "" when all was well
	Code  int    // the status that was answered
	Tries int    // attempts that were made
}

// ReceiverForm is where a receiver is entered or changed.
type ReceiverForm struct {
	ID, URL string // the id of the one that is changed; "" for a new one
	Private bool   // it may be in the salon's own network
	Events  []EventPick
}

// EventPick is a type of event that a receiver may want.
type EventPick struct {
	Kind     string // its text is event.<kind>
	Name     string // as programs know it: "payment.booked"
	Selected bool
}

// ReceiverSecret is what a receiver checks signatures with.
type ReceiverSecret struct {
	Host, Value string
	Renewed     bool // the one before is good for another day
}
