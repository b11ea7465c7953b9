package providertest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// R39: what is looked for is found, in every form in which it may be written.
func TestR39LeaksAreHeard(t *testing.T) {
	const key = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"
	raw, _ := hex.DecodeString(key)
	for _, text := range []string{key, strings.ToUpper(key), base64.StdEncoding.EncodeToString(raw), base64.StdEncoding.EncodeToString([]byte(key)),
		fmt.Sprintf("%x", key), string(raw)} {
		if len(Leaks("said "+text+" aloud", Forms(key))) == 0 {
			t.Errorf("not heard: %q", text)
		}
	}
	for text, want := range map[string]bool{`"4111111111111111"`: true, "4242 4242 4242 4242 was taken": true, `{"n":5555555555554444}`: true, "378282246310005": true,
		"4111111111111112": false, `{"request":"4111111111111111"}`: false, "k_4111111111111111": false, "2000-01-01T00:00:00": false} {
		if _, got := cardIn(text); got != want {
			t.Errorf("%s: a card's number: %v", text, got)
		}
	}
}
