package sheet

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// plain writes a text with the letters that there are: accents joined with what carries them, and
// the narrow space of amounts as one that isn't.
func plain(s string) string {
	return strings.ReplaceAll(norm.NFC.String(s), "\u202f", "\u00a0")
}

// drawable tells whether every letter of a text is there. Right-to-left scripts, and those that
// join their letters, are not.
func drawable(s string) bool {
	font, err := face()
	return err == nil && covers(font, plain(s))
}
