package money_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"countersign/daemon/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDigitsOfCurrencies(t *testing.T) {
	for c, want := range map[money.Currency]int{
		"EUR": 2, "USD": 2, "HUF": 2, "MGA": 2, "MRU": 2, "XCG": 2, "JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "XOF": 0,
		"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	} {
		if got := c.Digits(); got != want || !c.Known() {
			t.Errorf("%s has %d digits, known %t, want %d", c, got, c.Known(), want)
		}
	}
}

func TestParseCurrency(t *testing.T) {
	for _, text := range []string{"eur", "EUR", "Eur"} {
		if c, err := money.ParseCurrency(text); c != "EUR" || err != nil {
			t.Errorf("ParseCurrency(%q) = %q, %v", text, c, err)
		}
	}
	// CLF has four digits, XAU none; BGN is withdrawn; the rest are no codes, some only nearly.
	for _, text := range []string{"", "E", "EURO", "CLF", "XAU", "XXX", "BGN", "R U", " EU", "€", "\u017fEK", "AED AFN"} {
		if c, err := money.ParseCurrency(text); !errors.Is(err, money.ErrCurrency) {
			t.Errorf("ParseCurrency(%q) = %q, %v", text, c, err)
		}
	}
}

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		want     int64
		err      error
	}{
		{"25", "EUR", 2500, nil},
		{"25.00", "EUR", 2500, nil},
		{"25,00", "EUR", 2500, nil},
		{"25,5", "EUR", 2550, nil},
		{" 25 ", "EUR", 2500, nil},
		{"1 234.50", "EUR", 123450, nil},
		{"1\u202f234,50", "EUR", 123450, nil},
		{"1.234,50", "EUR", 123450, nil},
		{"1,234.50", "EUR", 123450, nil},
		{"1'234.50", "CHF", 123450, nil},
		{"1,234,567", "EUR", 123456700, nil},
		{"−5", "EUR", -500, nil},
		{"-5.01", "EUR", -501, nil},
		{"0", "EUR", 0, nil},
		{"-0", "EUR", 0, nil},
		{"007", "EUR", 700, nil},
		{"2500", "JPY", 2500, nil},
		{"1.250", "KWD", 1250, nil},
		{"1,25", "KWD", 1250, nil},
		{"92233720368547758.07", "EUR", 9223372036854775807, nil},
		{"-92233720368547758.08", "EUR", -9223372036854775808, nil},

		{"1,234", "EUR", 0, money.ErrDecimals}, // 1.234 or 1234? Not for us to guess.
		{"25.001", "EUR", 0, money.ErrDecimals},
		{"25.000", "EUR", 0, money.ErrDecimals},
		{"25.0", "JPY", 0, money.ErrDecimals},
		{"92233720368547758.08", "EUR", 0, money.ErrOverflow},
		{"99999999999999999999", "EUR", 0, money.ErrOverflow},
		{"", "EUR", 0, money.ErrNotAmount},
		{"-", "EUR", 0, money.ErrNotAmount},
		{"--5", "EUR", 0, money.ErrNotAmount},
		{"+5", "EUR", 0, money.ErrNotAmount},
		{"5-", "EUR", 0, money.ErrNotAmount},
		{".5", "EUR", 0, money.ErrNotAmount},
		{"5.", "EUR", 0, money.ErrNotAmount},
		{"1e3", "EUR", 0, money.ErrNotAmount},
		{"0x10", "EUR", 0, money.ErrNotAmount},
		{"1_000", "EUR", 0, money.ErrNotAmount},
		{"1 2", "EUR", 0, money.ErrNotAmount},
		{"1234 567", "EUR", 0, money.ErrNotAmount},
		{"1 234,567.00", "EUR", 0, money.ErrNotAmount},
		{"1.234.56", "EUR", 0, money.ErrNotAmount},
		{"25 €", "EUR", 0, money.ErrNotAmount},
		{"٢٥", "EUR", 0, money.ErrNotAmount},
		{"NaN", "EUR", 0, money.ErrNotAmount},
	} {
		got, err := money.Parse(c.text, c.currency)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Parse(%q, %s) = %d, %v, want %d, %v", c.text, c.currency, got, err, c.want, c.err)
		}
	}
}

// Whatever is printed can be typed again, in every currency and to the last amount.
func TestParseReadsDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := interesting().Draw(t, "amount")
		c := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD", "USD", "XOF", "TND"}).Draw(t, "currency")
		text := money.Decimal(amount, c)
		if got, err := money.Parse(text, c); got != amount || err != nil {
			t.Fatalf("Parse(%q) = %d, %v, want %d", text, got, err, amount)
		}
	})
}

// Format shows the digits of Decimal, no more and no fewer, in any language.
func TestFormatShowsEveryDigit(t *testing.T) {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		amount := interesting().Draw(t, "amount")
		c := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD", "CHF"}).Draw(t, "currency")
		lang := rapid.SampledFrom([]string{"en", "de", "de-AT", "fr", "nl", "tr", "ja", "", "x"}).Draw(t, "lang")
		text := money.Format(amount, c, lang)
		if digits(text) != digits(money.Decimal(amount, c)) {
			t.Fatalf("%s is shown as %q", money.Decimal(amount, c), text)
		}
		if strings.HasPrefix(text, "−") != (amount < 0) {
			t.Fatalf("%d is shown as %q", amount, text)
		}
	})
}

// What people see, by language and currency: look at the file when it changes.
func TestFormatGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("# language, currency, minor units → text; _ stands for U+202F\n")
	for _, lang := range []string{"en", "de", "fr", "hu", "nl", "pt-BR", "tr", "ja", ""} {
		for _, c := range []money.Currency{"EUR", "USD", "JPY", "KWD", "CHF", "PLN", "BRL"} {
			for _, amount := range []int64{0, 5, 2500, 1234567, -500} {
				text := strings.ReplaceAll(money.Format(amount, c, lang), "\u202f", "_")
				fmt.Fprintf(&b, "%-6q %s %8d → %s\n", lang, c, amount, text)
			}
		}
	}
	golden(t, "testdata/format.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}
