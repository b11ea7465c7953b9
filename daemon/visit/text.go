package visit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text refuses what no field may hold: more than limit characters, bytes that aren't UTF-8,
// control characters. Anything else is somebody's name; markup is escaped where it is shown. It
// reports whether the text passed, so that its shape is only complained of if it did.
func (f *faults) text(location, s string, limit int) bool {
	switch {
	case !utf8.ValidString(s):
		f.add(location, "must be valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		f.add(location, fmt.Sprintf("must be at most %d characters", limit))
	case strings.ContainsFunc(s, steers):
		f.add(location, "must not contain control characters")
	default:
		return true
	}
	return false
}

// steers reports control characters, and with them those that break lines or turn the writing
// direction of what follows: on a public screen they would rearrange text that isn't the
// client's. The marks that Arabic and Hebrew names need are not among them.
func steers(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// phoneShaped lets through what people write telephone numbers with. Whether one can be reached
// is for the message channel to find out.
func phoneShaped(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0:
		case strings.ContainsRune(" -./()\u00a0", r):
		default:
			return false
		}
	}
	return digits >= 3
}

// emailShaped wants one @ with something plausible on both sides, and nothing that could end an
// address within a message's header.
func emailShaped(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || strings.ContainsFunc(s, unicode.IsSpace) ||
		strings.ContainsAny(s, `<>(),;:"\`) {
		return false
	}
	labels := strings.Split(domain, ".")
	for _, l := range labels {
		if l == "" || strings.Contains(l, "@") || l[0] == '-' {
			return false
		}
	}
	return len(labels) > 1
}

// languageShaped is the outline of a BCP 47 tag: letters, then groups of letters and digits.
func languageShaped(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if part == "" || len(part) > 8 || i == 0 && len(part) < 2 {
			return false
		}
		for _, r := range part {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if !letter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}
