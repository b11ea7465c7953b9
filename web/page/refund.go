package page

// RefundForm gives a payment back, in the place of the pay block.
type RefundForm struct {
	Visit   string
	Payment string
	Method  string // how it was paid
	At      string // "10:42"
	Left    string // "€20.00": what can still be given back
	Whole   string // "€300.00": what was paid, where cards that were used hold some of it; "" when none do
	Codes   string // "KWJR-83JV": those cards
	Input   string // what the amount field says
	Reason  string // as it was typed
	Key     string
	Ways    []string // the methods to give it back by, the first one chosen
	Chosen  string
	Goods   []Good
	Ends    []EndingCard // the cards that end with it: asked about before
	Wrong   string       // the name of the field that is wrong; "" for none
	Problem *Problem
}

// Good is a product that was sold and may come back on the shelf.
type Good struct {
	Line, Name string
	Quantity   int64
	Back       int64 // as it was chosen
}

// EndingCard is a card that ends when money is given back.
type EndingCard struct {
	ID, Name, Code string
	Price          string // "€300.00": what was paid for it
}
