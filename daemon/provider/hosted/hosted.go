// Package hosted prepares what is asked of a provider's hosted page: rows that
// add up to what is taken, texts of a length, its language, and addresses.
package hosted

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"countersign/daemon/provider"
)

// Row is one row on the page, of pieces that cost the same.
type Row struct {
	Name     string
	Quantity int64
	Piece    int64 // in the provider's minor units
}

// Rows are a request's lines as rows, counted in the provider's minor units by
// count. There are none where they don't add up to what is taken.
func Rows(r provider.Request, count func(amount int64, currency string) (int64, bool)) (rows []Row) {
	left, ok := count(r.Amount, r.Currency)
	for _, l := range r.Lines {
		amount, counted := count(l.Amount, r.Currency)
		if !ok || !counted || l.Quantity <= 0 || amount > left {
			return nil
		}
		left -= amount
		row := Row{l.Name, l.Quantity, amount / l.Quantity}
		if row.Piece*row.Quantity != amount { // a discount that no piece can carry
			row.Quantity, row.Piece = 1, amount
		}
		rows = append(rows, row)
	}
	if left != 0 {
		return nil
	}
	return rows
}

// Cut shortens a text to so many characters.
func Cut(s string, most int) string {
	if s = strings.ToValidUTF8(s, ""); utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// Language is the page's language for a BCP 47 wish, among those that a provider
// has, with single spaces between and the usual of a language's first; "" where
// it has none.
func Language(wish, pages string) string {
	tag := strings.ReplaceAll(wish, "_", "-")
	base, _, _ := strings.Cut(tag, "-")
	bases := []string{base}
	if norwegian := []string{"nb", "no", "nn"}; slices.Contains(norwegian, base) {
		bases = norwegian
	}
	all := strings.Fields(pages)
	if slices.Contains(all, tag) {
		return tag
	}
	for _, b := range bases {
		for _, page := range all {
			if page == b || b != "" && strings.HasPrefix(page, b+"-") {
				return page
			}
		}
	}
	return ""
}

// IsPage says whether s is an address that a browser may be sent to.
func IsPage(s string) bool {
	const longest = 5000
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(s) <= longest
}
