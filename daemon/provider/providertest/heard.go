package providertest

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/provider"
)

// hears tells whether what happens can be heard of: by a list of events, or by
// the webhooks that were sent.
func hears(r Rig) bool {
	return r.Provider.Can().Events || r.Hook != nil && r.Hook.Sent != nil
}

// heard is what happened so far, oldest first: from the list of events, or from
// the webhooks, once those that are on their way have come.
func heard(t *testing.T, r Rig) (all []provider.Event) {
	t.Helper()
	if r.Provider.Can().Events {
		page, err := r.Provider.Events(t.Context(), "", 50)
		if err != nil {
			t.Fatal(err)
		}
		return page.Events
	}
	time.Sleep(time.Minute)
	seen := map[string]bool{}
	for _, body := range r.Hook.Sent() {
		head, body := r.Hook.seal(r.Hook.Secret, time.Now(), body)
		events, err := r.Provider.Parse(head, body, time.Now())
		if err != nil {
			t.Fatalf("a webhook of the provider's: %v\n%s", err, body)
		}
		for _, e := range events {
			if e.ID == "" || !provider.KnownEvent(e.Type) {
				t.Errorf("half an event: %+v", e)
			}
			if !seen[e.ID] {
				all = append(all, e)
			}
			seen[e.ID] = true
		}
	}
	return all
}

// named is the payment of a session, as webhooks name it.
func named(t *testing.T, r Rig, session string) string {
	t.Helper()
	for _, e := range heard(t, r) {
		if e.Type == provider.EventPaid && e.Session.ID == session && e.Session.Payment != "" {
			return e.Session.Payment
		}
	}
	t.Fatalf("nothing names the payment of %s", session)
	return ""
}

// wantNoRefund asks for a refund that must not be made: it is refused at once,
// or, where refunds are taken in unseen, told to have failed; and the
// provider's own list says that no money moved.
func wantNoRefund(t *testing.T, r Rig, what string, q provider.RefundRequest) {
	t.Helper()
	var before int64
	if r.RefundsLater {
		time.Sleep(time.Minute) // for those that were asked for before
		before = r.Back()[q.Payment]
	}
	got, err := r.Provider.Refund(t.Context(), q)
	if err != nil || !r.RefundsLater {
		wantKind(t, what, err, provider.Refused)
		return
	}
	if got.Status != provider.RefundPending || got.ID == "" {
		t.Fatalf("%s: taken in as %+v", what, got)
	}
	wantTold(t, r, what, got.ID, provider.RefundFailed)
	for _, e := range heard(t, r) {
		if e.Refund != nil && e.Refund.ID == got.ID && e.Refund.Key != q.Key {
			t.Errorf("%s: told of as %+v, asked for with key %s", what, e.Refund, q.Key)
		}
	}
	if after := r.Back()[q.Payment]; after != before {
		t.Errorf("%s: failed, and yet %d went back", what, after-before)
	}
}

// wantTold wants the last word of a refund.
func wantTold(t *testing.T, r Rig, what, refund, want string) {
	t.Helper()
	if got := told(t, r, refund); len(got) == 0 || got[len(got)-1] != want {
		t.Errorf("%s: told %v, want %s", what, got, want)
	}
}

// wantMade wants a refund to be made, now or as is told later.
func wantMade(t *testing.T, r Rig, what string, got provider.Refund, err error) {
	t.Helper()
	if err != nil || got.ID == "" {
		t.Fatalf("%s: %+v, %v", what, got, err)
	}
	if r.RefundsLater {
		wantTold(t, r, what, got.ID, provider.RefundSucceeded)
	}
}

// told are the states that events tell of a refund, oldest first.
func told(t *testing.T, r Rig, refund string) (states []string) {
	t.Helper()
	for _, e := range heard(t, r) {
		if e.Refund != nil && e.Refund.ID == refund {
			states = append(states, e.Refund.Status)
		}
	}
	return slices.Clip(states)
}
