package sumup

import (
	"encoding/json"

	"countersign/daemon/provider/units"
)

// digits are how many decimals our minor units of a currency have; false for a
// currency that SumUp hasn't (its list also has BGN and HRK, which are gone).
func digits(currency string) (int, bool) {
	switch currency {
	case "CLP":
		return 0, true
	case "BRL", "CHF", "COP", "CZK", "DKK", "EUR", "GBP", "HUF", "NOK", "PLN", "RON", "SEK", "USD":
		return 2, true
	}
	return 0, false
}

// major writes minor units as SumUp's number: 1010 of EUR is 10.10.
func major(amount int64, currency string) json.Number {
	d, _ := digits(currency)
	return json.Number(units.Decimal(amount, d))
}

// minor reads SumUp's number as minor units, and is false for another's currency.
func minor(n json.Number, currency string) (int64, bool) {
	d, known := digits(currency)
	amount, ok := units.ParseDecimal(n.String(), d)
	return amount, ok && known
}
