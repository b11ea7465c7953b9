package id

import (
	"encoding/base32"
	"strings"
)

// Token opens a payment link, /p/{token}: whoever has it may see and pay the visit (R6). It is
// 128 random bits in 26 characters of lower-case base32: short, and in upper case within the
// alphanumeric mode of a QR code.
type Token string

const (
	tokenBytes = 16
	// TokenLength is how many characters a Token has.
	TokenLength = 26
	lower32     = "abcdefghijklmnopqrstuvwxyz234567"
)

// ParseToken reads a token in either case (a scanned code is upper case, a link lower). It is
// strict otherwise: 26 characters of the alphabet, and the two bits that are left over zero, so
// that one link has one spelling and nothing else reaches the store.
func ParseToken(s string) (Token, bool) {
	if len(s) != TokenLength {
		return "", false
	}
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '2' && c <= '7' {
			continue
		}
		return "", false // ASCII only: ToLower would fold a Kelvin sign into k
	}
	s = strings.ToLower(s)
	if strings.IndexByte(lower32, s[TokenLength-1])&3 != 0 {
		return "", false // 26 × 5 bits are 130
	}
	return Token(s), true
}

// Upper is the token as a display's QR carries it, in the alphanumeric alphabet.
func (t Token) Upper() string { return strings.ToUpper(string(t)) }

func base32Lower(b []byte) string {
	return base32.NewEncoding(lower32).WithPadding(base32.NoPadding).EncodeToString(b)
}
