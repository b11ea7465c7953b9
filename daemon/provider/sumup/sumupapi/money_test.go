package sumupapi

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"countersign/daemon/money"
)

// R19: amounts are read and written to the last digit, and never guessed at.
func TestMinorUnits(t *testing.T) {
	for _, try := range []struct {
		currency, number string
		want             int64
		ok               bool
	}{
		{"EUR", "10.1", 1010, true}, {"EUR", "10.10", 1010, true}, {"EUR", "10.100", 1010, true}, {"EUR", "0.07", 7, true},
		{"EUR", "1e3", 100000, true}, {"EUR", "1.5E+1", 1500, true}, {"EUR", "2500e-2", 2500, true}, {"EUR", "0.29", 29, true},
		{"EUR", "90071992547409.93", 9007199254740993, true}, // 2^53 + 1, which no float64 is
		{"EUR", "10.105", 0, false}, {"EUR", "-1", 0, false}, {"EUR", "-0.01", 0, false}, {"EUR", "", 0, false}, {"EUR", "1e99", 0, false},
		{"EUR", "99999999999999999999", 0, false}, {"EUR", strings.Repeat("9", 99), 0, false}, {"EUR", "1e-3", 0, false},
		{"HUF", "4500", 450000, true}, {"HUF", "4500.50", 450050, true}, {"CLP", "4500", 4500, true}, {"CLP", "4500.0", 4500, true},
		{"CLP", "4500.5", 0, false}, {"JPY", "450", 0, false}, {"KWD", "4.500", 0, false}, {"ISK", "450", 0, false}, {"UGX", "450", 0, false},
		{"BGN", "1", 0, false}, {"eur", "1", 0, false}, {"", "1", 0, false},
	} {
		if got, ok := Minor(json.Number(try.number), try.currency); ok != try.ok || ok && got != try.want {
			t.Errorf("%s %q: %d, %v", try.currency, try.number, got, ok)
		}
	}
	for currency, want := range map[string]string{"EUR": "0.07", "CLP": "7", "HUF": "0.07"} {
		if got := Major(7, currency).String(); got != want {
			t.Errorf("7 of %s is %s", currency, got)
		}
	}
}

// The table is the one that the rest of the program counts by.
func TestDigitsAreOurs(t *testing.T) {
	for _, c := range strings.Fields("BRL CHF CLP COP CZK DKK EUR GBP HUF NOK PLN RON SEK USD JPY KWD ISK UGX BGN HRK") {
		if d, ok := Digits(c); ok && (d != money.Currency(c).Digits() || !money.Currency(c).Known()) {
			t.Errorf("%s has %d digits here", c, d)
		}
	}
}

// FuzzMinor: what is read is what was written, and nothing below zero is read.
func FuzzMinor(f *testing.F) {
	for _, s := range []string{"10.1", "1e3", "-1", "0.0000000000000000001", "1.5E+1", "..", "1e", "e1", "٣"} {
		f.Add(s, int64(1))
	}
	f.Fuzz(func(t *testing.T, text string, amount int64) {
		for _, c := range []string{"EUR", "CLP", "JPY"} {
			if got, ok := Minor(json.Number(text), c); ok && got < 0 {
				t.Fatalf("%q is %d %s", text, got, c)
			}
			if amount < 0 || amount == math.MaxInt64 || c == "JPY" {
				continue
			}
			if got, ok := Minor(Major(amount, c), c); !ok || got != amount {
				t.Fatalf("%d %s is written %s and read %d", amount, c, Major(amount, c), got)
			}
		}
	})
}
