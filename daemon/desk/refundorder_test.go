package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
)

// R18, R20, R23: that a refund failed is its last word, in whatever order the
// words come and however often: nothing stays booked that the client never got
// without somebody being told.
func TestR23FailedBeforeMade(t *testing.T) {
	for name, ask := range map[string]bool{"ours": true, "dashboard": false} {
		s := open(t)
		v, paid := s.paidByLink(2500)
		good := provider.Refund{ID: "re_1", Payment: paid.ProviderPayment, Session: paid.Session, Amount: 1000, Currency: "EUR", Status: provider.RefundSucceeded}
		if ask {
			s.givesBack(paid.ID, giving(1000, ""))
			good = made(s.refundJob(), provider.RefundSucceeded)
		}
		bad := good
		bad.Status = provider.RefundFailed
		for i, r := range []provider.Refund{bad, good, bad, good} {
			s.hears(provider.Event{ID: fmt.Sprint(name, i), Type: provider.EventRefund, At: time.Now(), Refund: &r})
		}
		if n := s.reread(v).Refunded; n != 0 {
			t.Errorf("%s: %d are booked as given back", name, n)
		}
		if got := s.raised(); ask && !slices.Equal(got, []string{desk.RefundNotMade}) || !ask && len(got) > 0 {
			t.Errorf("%s: raised %v", name, got)
		}
	}
}

// R23, R34: keys of another account aren't taken while a refund is asked for at
// the one before, where alone it is known.
func TestR23OtherAccountWhileRefunding(t *testing.T) {
	s := open(t)
	set := func(holder string) error {
		_, err := s.SetUp(boss, desk.Account{Name: "sandbox", Kind: "sandbox", Holder: holder})
		return err
	}
	s.must(set("a"))
	_, paid := s.paidByLink(2500)
	s.givesBack(paid.ID, giving(1000, ""))
	if err := set("b"); err == nil || fault.From(err).Code != "provider_in_use" {
		t.Errorf("another account: %v", err)
	}
	s.must(set("a"))
	w := s.refundJob()
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	s.must(set("b"))
}
