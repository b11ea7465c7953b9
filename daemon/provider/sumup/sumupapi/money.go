package sumupapi

import (
	"encoding/json"

	"countersign/daemon/provider/units"
)

// Digits are how many decimals our minor units of a currency have; false for a
// currency that SumUp hasn't (its list also has BGN and HRK, which are gone).
func Digits(currency string) (int, bool) {
	switch currency {
	case "CLP":
		return 0, true
	case "BRL", "CHF", "COP", "CZK", "DKK", "EUR", "GBP", "HUF", "NOK", "PLN", "RON", "SEK", "USD":
		return 2, true
	}
	return 0, false
}

// Major writes minor units as SumUp's number: 1010 of EUR is 10.10.
func Major(amount int64, currency string) json.Number {
	d, _ := Digits(currency)
	return json.Number(units.Decimal(amount, d))
}

// Minor reads SumUp's number as minor units, and is false for another's currency.
func Minor(n json.Number, currency string) (int64, bool) {
	d, known := Digits(currency)
	if !known {
		return 0, false
	}
	return units.ParseDecimal(n.String(), d)
}
