package money

import (
	"errors"
	"math"
	"math/bits"
)

// Max is the largest amount of a line, a visit or a manual payment: 999 999 999.99 in a currency
// of two digits. A hundred lines of it are far from the end of an int64.
const Max = 999_999_999_99

// ErrOverflow says that a sum does not fit. Wrapped-around money would be booked money.
var ErrOverflow = errors.New("amount too large")

// Add is a + b.
func Add(a, b int64) (int64, error) {
	s := a + b
	if (b > 0 && s < a) || (b < 0 && s > a) {
		return 0, ErrOverflow
	}
	return s, nil
}

// Sub is a − b.
func Sub(a, b int64) (int64, error) {
	d := a - b
	if (b > 0 && d > a) || (b < 0 && d < a) {
		return 0, ErrOverflow
	}
	return d, nil
}

// Mul is a times n.
func Mul(a, n int64) (int64, error) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(n))
	negative := (a < 0) != (n < 0)
	switch {
	case hi != 0:
		return 0, ErrOverflow
	case lo <= math.MaxInt64:
		return signed(lo, negative), nil
	case negative && lo == 1<<63:
		return math.MinInt64, nil
	}
	return 0, ErrOverflow
}

// Sum adds any number of amounts.
func Sum(amounts ...int64) (int64, error) {
	var total int64
	for _, a := range amounts {
		var err error
		if total, err = Add(total, a); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// magnitude is |a|, also of the smallest number, whose negation is no int64.
func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func signed(m uint64, negative bool) int64 {
	if negative {
		return int64(-m)
	}
	return int64(m)
}
