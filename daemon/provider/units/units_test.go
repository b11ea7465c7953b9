package units_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"countersign/daemon/provider/units"
)

func table() units.Table {
	return units.Table{Codes: "EUR ISK MGA KWD", Hundredfold: "ISK", Hundredths: "MGA", LastZero: "KWD"}
}

// R19: an amount is written as the provider counts, or not at all.
func TestTable(t *testing.T) {
	for _, try := range []struct {
		code          string
		ours, written int64
		ok            bool
	}{
		{"EUR", 1010, 1010, true}, {"EUR", 0, 0, true}, {"EUR", -1, 0, false}, {"ISK", 5, 500, true},
		{"ISK", math.MaxInt64/100 + 1, 0, false}, {"MGA", 500, 5, true}, {"MGA", 501, 0, false},
		{"KWD", 1230, 1230, true}, {"KWD", 1235, 0, false}, {"USD", 1, 0, false}, {"R I", 1, 0, false}, {"", 1, 0, false}, {"eur", 1, 0, false},
	} {
		got, ok := table().To(try.ours, try.code)
		if ok != try.ok || ok && got != try.written {
			t.Errorf("%d %s: %d, %v", try.ours, try.code, got, ok)
		}
		back, ok := table().From(got, try.code)
		if try.ok && (!ok || back != try.ours) {
			t.Errorf("%d %s of the provider's: %d, %v", got, try.code, back, ok)
		}
	}
	if _, ok := table().From(501, "ISK"); ok {
		t.Error("a part of a króna is an amount")
	}
	if _, ok := table().From(math.MaxInt64, "MGA"); ok {
		t.Error("an amount that overflows is one")
	}
}

// R19: what is written as a decimal is read as the same amount, in any spelling.
func TestDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount, digits := rapid.Int64Range(0, 1e15).Draw(t, "amount"), rapid.IntRange(0, 3).Draw(t, "digits")
		text := units.Decimal(amount, digits)
		spellings := []string{text, text + "e0", strconv.FormatInt(amount, 10) + "E-" + strconv.Itoa(digits)}
		for _, s := range spellings {
			if got, ok := units.ParseDecimal(s, digits); !ok || got != amount {
				t.Fatalf("%s: %d, %v, want %d", s, got, ok, amount)
			}
		}
	})
	for _, s := range []string{"", "-1", "1.005", "1e99", "x", ".5", "1e", "9223372036854775808", "1.2.3", " 1"} {
		if got, ok := units.ParseDecimal(s, 2); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
	if got, ok := units.ParseDecimal("10.1000", 2); !ok || got != 1010 {
		t.Errorf("10.1000 is %d, %v", got, ok)
	}
}
