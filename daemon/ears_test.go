package daemon_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
)

// ears hear all that a day writes and serves. Nothing of it may hold a key, a
// token or a card's number; the log holds nobody's name either (R39).
type ears struct {
	mu    sync.Mutex
	lines bytes.Buffer // the log, and what HTTP servers complain of
	pages []heard
}

// heard is something that was served.
type heard struct{ from, text string }

// Write takes a line of the log.
func (e *ears) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.lines.Write(b)
}

func (e *ears) log() zerolog.Logger { return zerolog.New(e).Level(zerolog.TraceLevel) }

func (e *ears) served(from, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pages = append(e.pages, heard{from, text})
}

// forms are the ways in which a secret may be written.
func forms(secret string) []string {
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

// leaks are the words of a text that may not be in it.
func leaks(text string, words []string) (found []string) {
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

// keptQuiet holds all that was heard to what may not be said.
func (w *world) keptQuiet() {
	var secret []string
	for _, s := range append(w.keys(), w.at.secrets...) {
		secret = append(secret, forms(s)...)
	}
	private := append([]string{"Kovacs", "201112233", "Szalai", "szalai.example", "201234567"}, secret...)
	for _, v := range w.visits {
		if l, err := w.d.Desk().Link(access.System(), v); err == nil {
			private = append(private, string(l.Token))
		}
	}
	w.ears.mu.Lock()
	defer w.ears.mu.Unlock()
	for line := range strings.Lines(w.ears.lines.String()) {
		if found := leaks(line, private); found != nil {
			w.fault("R39: the log says %q: %.300s", found, line)
		}
	}
	for _, page := range w.ears.pages {
		if found := leaks(page.text, secret); found != nil {
			w.fault("R39: %s says %q", page.from, found)
		}
	}
	if w.ears.lines.Len() == 0 || len(w.ears.pages) == 0 {
		w.fault("R39: nothing was heard, so nothing was held")
	}
}

// R39: what is looked for is found, in every form in which it may be written.
func TestR39LeaksAreHeard(t *testing.T) {
	const key = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"
	raw, _ := hex.DecodeString(key)
	for _, text := range []string{key, strings.ToUpper(key), base64.StdEncoding.EncodeToString(raw), base64.StdEncoding.EncodeToString([]byte(key)),
		fmt.Sprintf("%x", key), string(raw)} {
		if len(leaks("said "+text+" aloud", forms(key))) == 0 {
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
