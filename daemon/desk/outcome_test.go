package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
)

// R31: a display says that a payment was declined where the provider said so.
// Of a payment that the provider has lost it says only that it failed; the code
// stays up either way, and the word goes by itself.
func TestR31DeclinedIsTheProvidersWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		s.opened(v)
		v = s.reread(v)
		s.must(s.Lost("", v.Checkout))
		if got := s.scene("front"); got.Kind != "failed" || got.Reason != "" || got.QRSVG == "" {
			t.Errorf("lost: %s, reason %q", got.Kind, got.Reason)
		}
		time.Sleep(10 * time.Second)
		if got := s.scene("front"); got.Kind != "qr" {
			t.Errorf("later: %s", got.Kind)
		}
		s.says(s.opened(v), provider.Failed, "e1")
		if got := s.scene("front"); got.Kind != "failed" || got.Reason != "declined" {
			t.Errorf("declined: %s, reason %q", got.Kind, got.Reason)
		}
	})
}
