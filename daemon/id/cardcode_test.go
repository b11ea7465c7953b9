package id_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"countersign/daemon/id"
)

// R22: a card's code is read back however it is typed, and a slip of one character or of two that
// changed places is noticed.
func TestR22CardCode(t *testing.T) {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	source := id.NewSource(rand.Reader)
	for range 200 {
		code := source.CardCode()
		if len(code) != 9 || code[4] != '-' {
			t.Fatalf("%q is no code to be read aloud", code)
		}
		plain := strings.ReplaceAll(code, "-", "")
		for _, typed := range []string{code, plain, strings.ToLower(code), " " + plain[:2] + " " + plain[2:] + " "} {
			if got, ok := id.ParseCardCode(typed); !ok || got != code {
				t.Errorf("%q is read as %q, %t", typed, got, ok)
			}
		}
		for i := range plain {
			for _, c := range alphabet {
				if slip := plain[:i] + string(c) + plain[i+1:]; slip != plain {
					if _, ok := id.ParseCardCode(slip); ok {
						t.Errorf("%q passes for %q", slip, plain)
					}
				}
			}
			if i > 0 && plain[i] != plain[i-1] {
				if _, ok := id.ParseCardCode(plain[:i-1] + string(plain[i]) + string(plain[i-1]) + plain[i+1:]); ok {
					t.Errorf("%q passes with places %d and %d changed", plain, i-1, i)
				}
			}
		}
	}
	for _, typed := range []string{"", "K7Q2", "K7Q2-MX4PP", "OOOO-IIII", strings.Repeat("2", 1000)} {
		if _, ok := id.ParseCardCode(typed); ok {
			t.Errorf("%.20q passes", typed)
		}
	}
}
