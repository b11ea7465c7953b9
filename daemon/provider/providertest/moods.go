package providertest

import (
	"testing"

	"countersign/daemon/provider"
)

// moodTests are refunds that don't go as asked, and those that nobody asked for.
func moodTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R23 refund pending, then made":       refundPending,
		"R23 refund pending, then sent back":  refundSentBack,
		"R23 refund pending is not left":      refundReserved,
		"R23 refund refused, nothing changed": refundRefused,
		"R23 refund at the dashboard":         refundElsewhere,
	}
}

// mustPend pays a session and asks for a refund of it, which stays pending.
func mustPend(t *testing.T, r Rig, amount int64) (provider.Session, provider.Refund) {
	t.Helper()
	s := mustPay(t, r, "1")
	r.Pend(true)
	got, err := r.Provider.Refund(t.Context(), refundOf(s, "a", amount))
	if err != nil || got.Status != provider.RefundPending || got.Amount != amount {
		t.Fatalf("%+v, %v", got, err)
	}
	r.Pend(false)
	return s, got
}

// mustAgain asks with the same key, and wants the same refund in a state.
func mustAgain(t *testing.T, r Rig, s provider.Session, first provider.Refund, want string) {
	t.Helper()
	got, err := r.Provider.Refund(t.Context(), refundOf(s, "a", first.Amount))
	if r.RefundsLater { // asking again tells nothing new
		wantTold(t, r, "told", first.ID, want)
		want = provider.RefundPending
	}
	if err != nil || got.ID != first.ID || got.Status != want {
		t.Errorf("again: %+v, %v, want %s %s", got, err, first.ID, want)
	}
}

func refundPending(t *testing.T, r Rig) {
	if r.Pend == nil {
		return
	}
	s, first := mustPend(t, r, 1000)
	if !r.RefundsLater {
		mustAgain(t, r, s, first, provider.RefundPending)
	} else if got := told(t, r, first.ID); len(got) > 0 {
		t.Errorf("told %v of what is pending", got)
	}
	r.Settle(first.ID, true)
	mustAgain(t, r, s, first, provider.RefundSucceeded)
	if !hears(r) {
		return
	}
	if got := told(t, r, first.ID); len(got) == 0 || got[len(got)-1] != provider.RefundSucceeded {
		t.Errorf("told %v", got)
	}
}

func refundSentBack(t *testing.T, r Rig) {
	if r.Pend == nil {
		return
	}
	s, first := mustPend(t, r, 2500)
	r.Settle(first.ID, false)
	mustAgain(t, r, s, first, provider.RefundFailed)
	got, err := refunded(t, r, refundOf(s, "b", 2500))
	wantMade(t, r, "by another key", got, err)
	if !r.RefundsLater && got.Status != provider.RefundSucceeded {
		t.Errorf("by another key: %+v", got)
	}
	if !hears(r) {
		return
	}
	if got := told(t, r, first.ID); len(got) == 0 || got[len(got)-1] != provider.RefundFailed {
		t.Errorf("told %v", got)
	}
}

// refundReserved: what is on its way back can't be given back a second time.
func refundReserved(t *testing.T, r Rig) {
	if r.Pend == nil {
		return
	}
	s, _ := mustPend(t, r, 2000)
	wantNoRefund(t, r, "more than is left", refundOf(s, "b", 501))
	if _, err := r.Provider.Refund(t.Context(), refundOf(s, "c", 500)); err != nil {
		t.Errorf("what is left: %v", err)
	}
}

func refundRefused(t *testing.T, r Rig) {
	if r.Refuse == nil {
		return
	}
	s := mustPay(t, r, "1")
	r.Refuse(true)
	wantNoRefund(t, r, "an account that takes nothing", refundOf(s, "a", 2500))
	r.Refuse(false)
	if got, err := r.Provider.Refund(t.Context(), refundOf(s, "b", 2500)); err != nil || got.Amount != 2500 {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

func refundElsewhere(t *testing.T, r Rig) {
	if r.Dashboard == nil || !hears(r) {
		return
	}
	s := mustPay(t, r, "1")
	r.Dashboard(s.Payment, 700)
	for _, e := range heard(t, r) {
		if e.Type != provider.EventRefund {
			continue
		}
		if d := e.Refund; d.Key != "" || d.Amount != 700 || d.Currency != "EUR" || d.Payment != s.Payment || (d.Session != s.ID && d.Session != "") {
			t.Errorf("told %+v", d)
		}
		return
	}
	t.Error("nobody tells of it")
}
