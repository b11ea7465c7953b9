package page

// Shelf is the page of the catalogue: what is sold on one side, and what is open of it
// on the other: an item, the tax systems, or a file to be read in.
type Shelf struct {
	Shell
	List  ShelfList
	Item  *ItemForm
	Taxes *Taxes
	File  *File // all three nil: nothing is open
}

// ShelfList is the side of the catalogue: the items of one kind, or those a search found
// among all kinds.
type ShelfList struct {
	Kind     string // the kind that is shown, and that a new item would be of
	Q        string // what was searched for
	Rows     []ShelfRow
	More     bool   // there are more than Rows
	Selected string // the open item; "new" for a new one, "taxes" and "file" for those
	Problem  *Problem
}

// ShelfRow is an item in the list.
type ShelfRow struct {
	ID, Kind, Name, SKU string
	Tax                 string // the name of its tax system
	Price               string // "€45.00" or "€30.00–€50.00"
	Counted             bool   // OnHand is known
	OnHand              int64
	Active              bool
}

// ItemForm is an item as its form, as typed. What a kind has no field for is not shown.
type ItemForm struct {
	ID, Kind, Name, SKU string // ID "" for a new one
	Title               string // its name as it is kept
	Version             int64  // the version the edit is based on
	Price, Min, Max     string
	Uses, Days, Value   string
	TaxSystems          []Option
	Active              bool
	Currency            string // "€": beside the price fields
	Key                 string // makes a repeated form one item
	Saved               bool   // just now
	Stale               bool   // someone else saved in between: Version is theirs now
	Errors              map[string]string
	Problem             *Problem
	Stock               *Stock // of a product that is there already
}

// Stock is what there is of a product, how to change it, and what became of it.
type Stock struct {
	Item    string
	Counted bool // from the first movement on; before, it never runs out
	OnHand  int64
	Moved   bool // just now

	Cause, Quantity, Note string // as typed
	Key                   string // makes a repeated form one movement
	Errors                map[string]string
	Problem               *Problem

	Moves []Move
	Older string // the address that shows more of them, "" at the end
	Pages int    // how many pages of them were asked for, 0 for one
}

// Move is pieces that came or went.
type Move struct {
	Cause    string // receipt, sale, return, adjustment, write_off
	Quantity string // "+12", "−1"
	After    int64  // how many there were then
	At       string // "10:42", or with the day when it was another one
	By       string // who did it; "" when the client did, by paying
	Note     string
	Visit    string // the visit it was sold in, with its day and client
	Date     string
	Client   string
}

// Taxes are the tax systems that things can be sold under.
type Taxes struct {
	List    []TaxForm
	Open    string // the id of the one that is being edited; "new" for a new one
	New     TaxForm
	Saved   bool
	Errors  map[string]string
	Problem *Problem
}

// TaxForm is a tax system, as typed.
type TaxForm struct {
	ID, Name string
	Version  int64
	Rate     string // "19" or "8.1": percent
	Active   bool
}

// File is a file of items: to be taken out, to be looked through, or read in.
type File struct {
	Columns []string // that a file may have
	Example string   // an amount as it may be written
	Tried   *Trial   // nil: no file has been chosen yet
	Done    *Tally   // what the file that was just read in has changed
	Problem *Problem
}

// Trial is what reading a file in would do. Nothing has been changed by it.
type Trial struct {
	Name  string // the file's
	Data  string // the file itself, to be sent again
	Tally Tally
	Rows  []FileRow // the bad ones first
	More  int       // rows that are not shown
}

// Tally counts rows by what becomes of them.
type Tally struct{ Created, Changed, Unchanged, Bad int }

// FileRow is a row of a file.
type FileRow struct {
	Number                 int    // of its line
	Outcome                string // created, changed, unchanged, bad
	Kind, Name, SKU, Price string
	Faults                 []FileFault // of a bad one
	Changed                []string    // "price 10.00 → 12.00"
}

// FileFault is what is wrong in one column of a row.
type FileFault struct{ Column, What string }

// Found is what the search for a line offers.
type Found struct {
	Q, Kind string
	Items   []Choice
	More    bool // there are more than these
	Plain   bool // without script a choice sends the form
}
