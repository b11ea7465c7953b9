package providertest

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/provider"
)

// disputeTests are payments that the client's bank wants back (R23).
func disputeTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R23 dispute, won":             disputeEnds(true, provider.DisputeWon),
		"R23 dispute, lost":            disputeEnds(false, provider.DisputeLost),
		"R23 dispute leaves it paid":   disputePaid,
		"R23 dispute told by webhook":  disputeHook,
		"R23 no refund beside dispute": disputeRefund,
	}
}

// disputes are what the events tell of disputes, oldest first.
func disputes(t *testing.T, r Rig) (all []provider.Dispute) {
	t.Helper()
	for _, e := range heard(t, r) {
		if e.Type != provider.EventDispute {
			continue
		}
		if e.Dispute == nil || e.Refund != nil {
			t.Fatalf("a dispute without one: %+v", e)
		}
		all = append(all, *e.Dispute)
	}
	return all
}

func disputeEnds(won bool, end string) func(*testing.T, Rig) {
	return func(t *testing.T, r Rig) {
		if r.Dispute == nil || !hears(r) {
			return
		}
		s := mustPay(t, r, "1")
		which := r.Dispute(s.Payment, 2000)
		var before []provider.Dispute
		if r.Latest {
			before = disputes(t, r)
		}
		r.Decide(which, won)
		want := provider.Dispute{ID: which, Payment: s.Payment, Session: s.ID, Amount: 2000, Currency: "EUR"}
		var states []string
		for _, d := range append(before, disputes(t, r)...) {
			states = append(states, d.Status)
			if d.Session == "" {
				d.Session = want.Session // known by its payment alone
			}
			if d.Status, d.Reason = "", ""; d != want {
				t.Errorf("told %+v, want %+v", d, want)
			}
		}
		wanted := []string{provider.DisputeOpened, end}
		if r.TakenFirst && won {
			wanted = []string{provider.DisputeOpened, provider.DisputeLost, provider.DisputeWon}
		}
		if r.Retold {
			states = slices.Compact(states)
		}
		if !slices.Equal(states, wanted) {
			t.Errorf("told %v", states)
		}
	}
}

// disputePaid: what is disputed was paid, and stays so (R19).
func disputePaid(t *testing.T, r Rig) {
	if r.Dispute == nil {
		return
	}
	s := mustPay(t, r, "1")
	r.Decide(r.Dispute(s.Payment, 2500), false)
	if got := mustBe(t, r, s.ID, provider.Paid); !r.same(got, s) {
		t.Errorf("paid changed from %+v to %+v", s, got)
	}
}

// disputeHook takes the newest webhook, and wants the poll's event by the poll's id.
func disputeHook(t *testing.T, r Rig) {
	if r.Dispute == nil || r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	s := mustPay(t, r, "1")
	time.Sleep(time.Second) // webhooks of one moment come in any order
	which := r.Dispute(s.Payment, 2500)
	head, body := r.Hook.seal(r.Hook.Secret, time.Now(), r.Hook.Body(s.ID))
	events, err := r.Provider.Parse(head, body, time.Now())
	if err != nil || len(events) != 1 || events[0].Dispute == nil || events[0].Dispute.ID != which {
		t.Fatalf("%+v, %v", events, err)
	}
	if !r.Provider.Can().Events {
		return
	}
	if polled, _ := drain(t, r, "", 50); polled[events[0].ID].Type != provider.EventDispute {
		t.Errorf("the webhook's event %v is none of the list's", events[0].ID)
	}
}

// disputeRefund: giving back what the bank takes would give it back twice.
func disputeRefund(t *testing.T, r Rig) {
	if r.Dispute == nil {
		return
	}
	s := mustPay(t, r, "1")
	which := r.Dispute(s.Payment, 2500)
	wantNoRefund(t, r, "while it is disputed", refundOf(s, "a", 2500))
	r.Decide(which, false)
	wantNoRefund(t, r, "after it was lost", refundOf(s, "b", 1))
}
