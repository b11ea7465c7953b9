package display

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// R28: a stranger who asks for codes again and again pushes out no code that
// is on a screen, from wherever they ask: not from the display's own address,
// nor from hundreds of others.
func TestR28StrangersPushOutNobody(t *testing.T) {
	const beat = 2 * time.Second
	for name, from := range map[string]func(n int) string{
		"from one address":         func(int) string { return "192.0.2.66" },
		"from the display's own":   func(int) string { return "192.0.2.10" },
		"from hundreds of others'": func(n int) string { return fmt.Sprint("192.0.2.", n%700) },
	} {
		p := newPairings(rand.NewChaCha8([32]byte{3}))
		now := time.Now()
		real, err := p.issue("display", "192.0.2.10", now)
		if err != nil {
			t.Fatal(err)
		}
		crowded := 0
		for n := range 10 * maxCodes {
			if n%200 == 0 {
				now = now.Add(beat)
				if again, err := p.issue("display", "192.0.2.10", now); err != nil || again.Code != real.Code {
					t.Fatalf("%s: the display shows %q, then %q (%v)", name, real.Code, again.Code, err)
				}
			}
			if _, err := p.issue(fmt.Sprint(n), from(n), now); errors.Is(err, errCrowded) {
				crowded++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if crowded == 0 || len(p.byCode) > maxCodes || len(p.byKey) > maxCodes {
			t.Errorf("%s: %d were refused, %d codes of %d keys are kept", name, crowded, len(p.byCode), len(p.byKey))
		}
		if key, ok := p.claim(real.Code, now); !ok || key != "display" {
			t.Errorf("%s: the display's own code: %q, %v", name, key, ok)
		}
	}
}

// R28: what strangers asked for and left makes room at once, and a display
// among a crowd gets its next code when the first is nearly over.
func TestR28RoomAfterACrowd(t *testing.T) {
	p := newPairings(rand.NewChaCha8([32]byte{4}))
	now := time.Now()
	first, err := p.issue("display", "here", now)
	if err != nil {
		t.Fatal(err)
	}
	for n := range codesFrom {
		_, _ = p.issue(fmt.Sprint(n), "here", now)
	}
	if _, err := p.issue("another", "here", now); !errors.Is(err, errCrowded) {
		t.Fatalf("one more: %v", err)
	}
	if _, err := p.issue("another", "here", now.Add(askedWithin)); err != nil {
		t.Errorf("one more, when the others are gone: %v", err)
	}
	late := now.Add(codeLife - codeMargin)
	for at := now; at.Before(late); at = at.Add(askedWithin / 2) { // as a screen does
		if _, err := p.issue("display", "here", at); err != nil {
			t.Fatal(err)
		}
	}
	for n := range codesFrom {
		_, _ = p.issue(fmt.Sprint("late", n), "here", late)
	}
	if next, err := p.issue("display", "here", late); err != nil || next.Code == first.Code {
		t.Errorf("its next code: %+v, %v", next, err)
	}
}

// R39: over HTTP they are told to come back later, nothing is logged as our own
// failure, and the display that waits can still be paired.
func TestR39StrangersWhoPollAreToldToWait(t *testing.T) {
	h := open(t)
	poll := func(key string) *http.Response { got, _ := h.get(t, "/display/state", key); return got }
	waits := strings.Repeat("A", 43)
	_, body := h.get(t, "/display/state", waits)
	var shown struct{ Code string }
	if err := json.Unmarshal([]byte(body), &shown); err != nil || shown.Code == "" {
		t.Fatalf("%s: %v", body, err)
	}
	refused := 0
	for n := range 3 * codesFrom {
		got := poll(base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%032d", n)))
		if got.StatusCode == http.StatusTooManyRequests && got.Header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused != 2*codesFrom+1 {
		t.Errorf("%d were told to wait", refused)
	}
	if _, ok := h.Claim(shown.Code, time.Now()); !ok {
		t.Error("the display's code is gone")
	}
}
