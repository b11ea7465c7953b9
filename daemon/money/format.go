package money

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// convention is how a language writes an amount. The libraries' own tables put the symbol wrongly
// in places, so both symbol and separators are ours.
type convention struct {
	decimal, group string
	after          bool // the symbol follows the number
	spaced         bool // a symbol before the number is set off even if it is a sign
}

// conventionOf looks at the language alone ("de-AT" is "de"). One that isn't listed is written
// as in English.
func conventionOf(lang string) convention {
	lang, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(lang, "_", "-")), "-")
	switch lang {
	case "de", "es", "it", "da", "el", "hr", "ro", "sl", "sr", "bs", "mk", "is", "id", "vi", "gl", "ca":
		return convention{decimal: ",", group: ".", after: true}
	case "fr", "pl", "cs", "sk", "hu", "ru", "uk", "be", "bg", "sv", "fi", "nb", "nn", "no", "lv",
		"lt", "et", "hy", "ka", "kk", "sq", "az", "uz":
		return convention{decimal: ",", group: nnbsp, after: true}
	case "nl", "pt":
		return convention{decimal: ",", group: ".", spaced: true}
	case "tr":
		return convention{decimal: ",", group: "."}
	}
	return convention{decimal: ".", group: ","}
}

// Format prints an amount for people: "€25.00" in English, "25,00 €" in German, "−€5.00" with a
// real minus. Space between number and symbol is narrow and does not break. Thousands are
// separated from five digits on: up to four read faster without, on a screen two metres away.
func Format(amount int64, c Currency, lang string) string {
	v := conventionOf(lang)
	whole, fraction := parts(amount, c)
	number := group(whole, v.group)
	if fraction != "" {
		number += v.decimal + fraction
	}
	sign := ""
	if amount < 0 {
		sign = minus
	}
	symbol := c.Symbol()
	if v.after {
		return sign + number + nnbsp + symbol
	}
	if v.spaced || wordy(symbol) {
		symbol += nnbsp
	}
	return sign + symbol + number
}

func group(whole, separator string) string {
	if len(whole) < 5 {
		return whole
	}
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// wordy reports whether the symbol ends in a letter, which would run into the digits: "KWD1.250".
func wordy(symbol string) bool {
	last, _ := utf8.DecodeLastRuneInString(symbol)
	return unicode.IsLetter(last)
}
