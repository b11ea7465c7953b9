package providertest

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

// Forms are the ways in which a secret may be written.
func Forms(secret string) []string {
	all := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret))}
	if bare, ok := strings.CutPrefix(secret, "whsec_"); ok {
		all = append(all, bare)
	}
	if raw, err := hex.DecodeString(secret); err == nil {
		all = append(all, strings.ToUpper(secret), base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw), string(raw))
	}
	return all
}

// number is what may be a card's; requests have ids of sixteen such characters.
var (
	number  = regexp.MustCompile(`(?:^|[^0-9A-Za-z_.])([3-6](?:[ -]?[0-9]){12,18})(?:$|[^0-9A-Za-z_])`)
	request = regexp.MustCompile(`"request":"[0-9a-f]{16}"`)
)

// cardIn is a card's number in a text, if there is one.
func cardIn(text string) (string, bool) {
	for _, m := range number.FindAllStringSubmatch(request.ReplaceAllString(text, ""), -1) {
		sum, digits := 0, strings.NewReplacer(" ", "", "-", "").Replace(m[1])
		for i := range digits {
			d := int(digits[len(digits)-1-i] - '0')
			if d += i % 2 * d; d > 9 {
				d -= 9
			}
			sum += d
		}
		if sum%10 == 0 {
			return m[1], true
		}
	}
	return "", false
}

// Leaks are the words of a text that may not be in it, and a card's number where
// there is one (R39).
func Leaks(text string, words []string) (found []string) {
	for _, word := range words {
		if word != "" && strings.Contains(text, word) {
			found = append(found, word)
		}
	}
	if card, ok := cardIn(text); ok {
		found = append(found, "a card's number: "+card)
	}
	return found
}
