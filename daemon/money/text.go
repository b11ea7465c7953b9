package money

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// What can be wrong with a typed amount.
var (
	ErrNotAmount = errors.New("not an amount")
	ErrDecimals  = errors.New("more decimals than the currency has")
)

const (
	minus = "−"      // U+2212, as wide as a digit
	nnbsp = "\u202f" // narrow, and no line break between number and sign
)

// Parse reads an amount as people type it: "25", "25.00", "25,00", "1 234.50", "1.234,50", "−5".
// A single comma or point is always the decimal one, so "1,234" in euros is refused for its three
// decimals rather than guessed at: a guess would be wrong a thousandfold.
func Parse(text string, c Currency) (int64, error) {
	whole, fraction, negative, err := split(strings.TrimSpace(text))
	if err != nil {
		return 0, err
	}
	if len(fraction) > c.Digits() {
		return 0, ErrDecimals
	}
	digits := whole + fraction + strings.Repeat("0", c.Digits()-len(fraction))
	m, err := strconv.ParseUint(digits, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, ErrOverflow
	case err != nil:
		return 0, ErrNotAmount
	case m > math.MaxInt64 && !(negative && m == 1<<63):
		return 0, ErrOverflow
	}
	return signed(m, negative), nil
}

// split takes a typed amount apart into digits before and after the decimal separator.
func split(text string) (whole, fraction string, negative bool, err error) {
	for _, sign := range []string{"-", minus} {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			text, negative = strings.TrimSpace(rest), true
			break
		}
	}
	spaces := strings.NewReplacer("\u00a0", " ", nnbsp, " ", "\u2009", " ", "'", " ", "’", " ")
	whole = spaces.Replace(text)
	if at := decimalAt(whole); at >= 0 {
		whole, fraction = whole[:at], whole[at+1:]
		if !digitsOnly(fraction) {
			return "", "", false, ErrNotAmount
		}
	}
	if whole, err = ungroup(whole); err != nil {
		return "", "", false, err
	}
	return whole, fraction, negative, nil
}

// decimalAt finds the decimal separator: the last comma or point, unless that one occurs twice,
// which only a separator of thousands does.
func decimalAt(s string) int {
	at := strings.LastIndexAny(s, ".,")
	if at >= 0 && strings.Count(s, s[at:at+1]) > 1 {
		return -1
	}
	return at
}

// ungroup removes separators of thousands: one kind, and three digits after each.
func ungroup(s string) (string, error) {
	at := strings.IndexAny(s, " .,")
	if at < 0 {
		if !digitsOnly(s) {
			return "", ErrNotAmount
		}
		return s, nil
	}
	groups := strings.Split(s, s[at:at+1])
	for i, g := range groups {
		if !digitsOnly(g) || i > 0 && len(g) != 3 || len(g) > 3 {
			return "", ErrNotAmount
		}
	}
	return strings.Join(groups, ""), nil
}

func digitsOnly(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Decimal prints an amount plainly, for programs and forms: "1234.50", "-5.00". Parse reads it
// back.
func Decimal(amount int64, c Currency) string {
	sign := ""
	if amount < 0 {
		sign = "-"
	}
	whole, fraction := parts(amount, c)
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// parts gives the digits before and after the decimal separator, without the sign.
func parts(amount int64, c Currency) (whole, fraction string) {
	n := c.Digits()
	s := strconv.FormatUint(magnitude(amount), 10)
	if len(s) <= n {
		s = strings.Repeat("0", n-len(s)+1) + s
	}
	return s[:len(s)-n], s[len(s)-n:]
}
