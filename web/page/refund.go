package page

// RefundForm gives a payment back, in the place of the pay block.
type RefundForm struct {
	Visit   string
	Payment string
	Method  string // how it was paid
	At      string // "10:42"
	Left    string // "€20.00": what can still be given back
	Input   string // what the amount field says
	Reason  string // as it was typed
	Key     string
	Ways    []string // the methods to give it back by, the first one chosen
	Chosen  string
	Goods   []Good
	Problem *Problem
}

// Good is a product that was sold and may come back on the shelf.
type Good struct {
	Line, Name string
	Quantity   int64
	Back       int64 // as it was chosen
}
