// Package units counts amounts of money as payment providers do, where that
// isn't in the minor units of ISO 4217.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Table is how one provider counts. Its lists are ISO 4217 codes with single
// spaces between.
type Table struct {
	Codes       string // the currencies that it takes
	Hundredfold string // of these, those it writes with two decimals more than they have
	Hundredths  string // and those it writes with two decimals less
	LastZero    string // and those of which it takes amounts that end in a zero only
}

// Takes says whether the provider takes a currency.
func (t Table) Takes(code string) bool { return has(t.Codes, code) }

// EndsInZero says whether the provider takes amounts in a currency only where
// the last digit is a zero.
func (t Table) EndsInZero(code string) bool { return has(t.LastZero, code) }

// To is an amount of ours as the provider writes it. It is false for what it
// can't write, or doesn't take.
func (t Table) To(amount int64, code string) (int64, bool) {
	switch {
	case !t.Takes(code) || amount < 0:
		return 0, false
	case has(t.Hundredfold, code):
		return amount * 100, amount <= math.MaxInt64/100
	case has(t.Hundredths, code):
		return amount / 100, amount%100 == 0
	case has(t.LastZero, code):
		return amount, amount%10 == 0
	}
	return amount, true
}

// From is an amount of the provider's in our minor units. It is false for what
// isn't a whole number of them.
func (t Table) From(value int64, code string) (int64, bool) {
	switch {
	case !t.Takes(code) || value < 0:
		return 0, false
	case has(t.Hundredfold, code):
		return value / 100, value%100 == 0
	case has(t.Hundredths, code):
		return value * 100, value <= math.MaxInt64/100
	}
	return value, true
}

func has(codes, code string) bool {
	return len(code) == 3 && !strings.Contains(code, " ") && strings.Contains(" "+codes+" ", " "+code+" ")
}

// Decimal writes minor units as a decimal number: 1010 with two digits is 10.10.
func Decimal(amount int64, digits int) string {
	s := fmt.Sprintf("%0*d", digits+1, amount)
	if digits > 0 {
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	return s
}

// ParseDecimal reads a decimal number, as JSON writes them, as minor units and
// digit by digit. It is false for parts of one, and for what is below zero.
func ParseDecimal(number string, digits int) (int64, bool) {
	mantissa, power, scaled := strings.Cut(strings.ToLower(number), "e")
	if scaled {
		p, err := strconv.Atoi(power)
		if err != nil || p < -20 || p > 20 {
			return 0, false
		}
		digits += p
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	text := whole + part
	digits -= len(part)
	if whole == "" || len(text) > 40 || strings.HasPrefix(text, "-") {
		return 0, false
	}
	for ; digits < 0; digits++ {
		if !strings.HasSuffix(text, "0") {
			return 0, false
		}
		text = text[:len(text)-1]
	}
	amount, err := strconv.ParseInt(text+strings.Repeat("0", digits), 10, 64)
	if err != nil {
		return 0, false
	}
	return amount, true
}
