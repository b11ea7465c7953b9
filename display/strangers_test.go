package display

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// R28: a stranger who asks for codes again and again pushes out their own, and
// no other display's.
func TestR28StrangersPushOutNobody(t *testing.T) {
	p := newPairings(rand.NewChaCha8([32]byte{3}))
	now := time.Now()
	real, err := p.issue("display", "192.0.2.10", now)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 10 * maxCodes {
		if _, err := p.issue(fmt.Sprint(n), "192.0.2.66", now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.byCode) > codesFrom+1 || len(p.byKey) > codesFrom+1 {
		t.Errorf("%d codes of %d keys are kept", len(p.byCode), len(p.byKey))
	}
	if key, ok := p.claim(real.Code, now.Add(time.Minute)); !ok || key != "display" {
		t.Errorf("the display's own code: %q, %v", key, ok)
	}
}
