package sumup

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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
	s := fmt.Sprintf("%0*d", d+1, amount)
	if d > 0 {
		s = s[:len(s)-d] + "." + s[len(s)-d:]
	}
	return json.Number(s)
}

// minor reads SumUp's number as minor units, digit by digit. It is false for
// parts of a minor unit, for what is below zero, and for another's currency.
func minor(n json.Number, currency string) (int64, bool) {
	shift, ok := digits(currency)
	mantissa, power, scaled := strings.Cut(strings.ToLower(n.String()), "e")
	if scaled {
		p, err := strconv.Atoi(power)
		if err != nil || p < -20 || p > 20 {
			return 0, false
		}
		shift += p
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	text := whole + part
	shift -= len(part)
	if !ok || whole == "" || len(text) > 40 || strings.HasPrefix(text, "-") {
		return 0, false
	}
	for ; shift < 0; shift++ {
		if !strings.HasSuffix(text, "0") {
			return 0, false
		}
		text = text[:len(text)-1]
	}
	amount, err := strconv.ParseInt(text+strings.Repeat("0", shift), 10, 64)
	return amount, err == nil
}
