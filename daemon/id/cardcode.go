package id

import "strings"

// A card's code is read aloud and typed by hand: seven random characters, 34.7 bits, that can't be
// confused with each other, and one that is computed from them, so that a misheard code is told
// from an unknown one. Guessing is limited where codes are looked up (R39).
const (
	cardCodeLen   = 8
	cardCodeGroup = 4
)

// CardCode makes the code of a gift card or membership, "K7Q2-MX4P" (R22).
func (s *Source) CardCode() string {
	drawn := s.text(pairingAlphabet, cardCodeLen-1)
	return grouped(drawn + string(checkCharacter(drawn)))
}

// ParseCardCode reads a code as a person types it, in any case and with any spaces or dashes, and
// refuses one whose characters don't agree with each other.
func ParseCardCode(typed string) (code string, ok bool) {
	if len(typed) > 4*cardCodeLen {
		return "", false
	}
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	if len(plain) != cardCodeLen || strings.Trim(plain, pairingAlphabet) != "" {
		return "", false
	}
	if plain[cardCodeLen-1] != checkCharacter(plain[:cardCodeLen-1]) {
		return "", false
	}
	return grouped(plain), true
}

func grouped(plain string) string { return plain[:cardCodeGroup] + "-" + plain[cardCodeGroup:] }

// checkCharacter weighs every place by another number modulo 31, which is prime: it changes with
// any one character, and when any two change places.
func checkCharacter(drawn string) byte {
	sum := 0
	for place, c := range []byte(drawn) {
		sum += (place + 2) * strings.IndexByte(pairingAlphabet, c)
	}
	return pairingAlphabet[sum%len(pairingAlphabet)]
}
