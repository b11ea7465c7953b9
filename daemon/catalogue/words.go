package catalogue

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Words are what an item is found by: the words of its name, the parts of its SKU and the SKU in
// one piece, so that "SH-250" is found as typed, without the hyphen, and by its beginning.
func (i Item) Words() []string {
	sku := Words(i.SKU)
	words := append(Words(i.Name), sku...)
	if len(sku) > 1 {
		words = append(words, strings.Join(sku, ""))
	}
	return words
}

// Words splits a text into what a search compares: without case and accents, since nobody types
// "Oréal" at a reception desk.
func Words(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// SortKey orders items by name as people expect it: without case and accents.
func (i Item) SortKey() string { return strings.Join(Words(i.Name), " ") }

// SKUKey is what no two items share: one SKU in any case is one thing to a person.
func SKUKey(sku string) string { return strings.ToLower(strings.Trim(sku, " ")) }

func fold(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
	return cases.Fold().String(plain)
}
