package page

// Clients is the page of the clients: the list on one side, one of them on the other.
type Clients struct {
	Shell
	List   ClientList
	Client *Client     // the one that is open, or
	Form   *ClientForm // the one being added or edited; both nil: nothing is open
}

// ClientList is the side of the page: everybody in order, or those a search found.
type ClientList struct {
	Q        string // what was searched for
	Later    bool   // it begins further on than everybody
	Rows     ClientRows
	Selected string // the open client; "new" for a new one
	CanAdd   bool
}

// ClientRows are some clients of the list, and where it goes on.
type ClientRows struct {
	Selected string
	Rows     []ClientRow
	More     string // the address of the page with the next ones, "" at the end
	MoreRows string // and of these alone
}

// ClientRow is a client in the list.
type ClientRow struct {
	ID, Name string
	Contact  string // the number, else the address; "" for neither
	Address  string // of the window, with what was searched for
}

// Client is the window of one client: who they are, what they hold, what they had and paid.
type Client struct {
	ID       string
	Name     string // the number or address of who has no name
	Contact  []string
	Language string // "Deutsch"
	Note     string // for staff; with lines
	CanEdit  bool
	Saved    bool    // just now
	Notice   *Booked // what was just given or taken
	Past     ClientPast
	Grant    *GrantForm // nil: this person may not
	Deposit  *DepositForm
}

// Booked is what has just been changed about a balance.
type Booked struct {
	Cause  string // given, taken_off or paid_in
	Method string // loyalty, cashback, deposit
	Amount string
}

// ClientPast is the part of a client's window that changes while it is looked at.
type ClientPast struct {
	ID       string
	Query    string // what asks for the same part again: "?more=2"
	Balances []Balance
	Cards    []IssuedCard
	Visits   []Row
	Paid     []PaidRow
	Sum      string // of the money in Paid; "" for nothing
	Inside   bool   // Paid has payments with what had been given before, which are not in Sum
	Changes  []BalanceChange
	Older    string // the address that shows more of all this, "" at the end
}

// Balance is what a client has with us.
type Balance struct {
	Method string // loyalty, cashback, deposit
	Amount string
	Zero   bool
}

// BalanceChange is something that was given to a balance or taken from it.
type BalanceChange struct {
	Cause  string // given, taken_off, used, returned, paid_in, paid_out
	Method string
	Amount string // "+€7.00"
	At, By string
	Note   string
	Visit  string // the visit it was used for, with its day
	Date   string
}

// GrantForm gives points or cashback, or takes them off.
type GrantForm struct {
	Client, Key            string
	Open                   bool // it is unfolded
	Method                 string
	Off                    bool // takes off
	Amount, Reason, Symbol string
	Errors                 map[string]string
	Problem                *Problem
}

// DepositForm takes money in advance.
type DepositForm struct {
	Client, Key    string
	Open           bool
	Method         string // cash or card
	Amount, Symbol string
	Errors         map[string]string
	Problem        *Problem
}

// ClientForm adds a client or edits one, as typed.
type ClientForm struct {
	ID, Key   string // ID "" for a new one; Key makes a repeated form one client
	Title     string // the name as it is kept
	Version   int64  // the version the edit is based on
	Name      string
	Phone     string
	Email     string
	Languages []Option
	Note      string
	Taken     *ClientRow // whose the number is already
	Stale     bool       // somebody else saved in between: Version is theirs now
	Theirs    []Theirs   // what they changed, as it is now
	Errors    map[string]string
	Problem   *Problem
}

// Theirs is a field that somebody else changed meanwhile.
type Theirs struct {
	Kind string // name, phone, email, language, note
	Is   string // "" for emptied
}

// Who is the part of a visit's form that says whose it is.
type Who struct {
	Client ClientFields
	Errors map[string]string
	Focus  bool // the field to type in is to be ready
}

// ClientFields are the client's part of a visit's form.
type ClientFields struct {
	ID    string // the client that the visit is tied to, "" for none
	Known string // that client, as we call them

	Name, Phone, Email string
	Language           []Option
	Offers             Offers
}

// Offers are the known clients who may be meant by what is typed.
type Offers struct {
	By    string // phone when it is the number that was typed, else name
	Rows  []Offer
	More  bool // there are more than Rows
	Plain bool // without script: the buttons send the form
}

// Offer is a known client to choose.
type Offer struct {
	ID, Name string
	Ending   string // the last digits of the number, "4567"; "" for none
	Email    string // where there is no number
}
