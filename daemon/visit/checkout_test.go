package visit_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func states() []visit.State {
	return []visit.State{visit.Creating, visit.CreateUnknown, visit.Open, visit.Cancelling, visit.Processing,
		visit.Failed, visit.Expired, visit.Cancelled, visit.Paid}
}

// told are the facts that come from a provider, in whatever order it pleases.
func told() []visit.Fact {
	return []visit.Fact{visit.Created, visit.StillOpen, visit.PaymentPending, visit.WasRefused, visit.WasFailed,
		visit.WasExpired, visit.WasCancelled, visit.WasPaid}
}

func facts() []visit.Fact {
	return append([]visit.Fact{visit.CreateUnclear, visit.CancelAsked}, told()...)
}

func after(s visit.State, facts ...visit.Fact) visit.State {
	c := visit.Checkout{State: s}
	for _, f := range facts {
		c.Apply(f, noon())
	}
	return c.State
}

// The whole table, one line for each state and fact: look at it when it changes.
func TestTransitionsGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("# state + fact → state (. where it stays)\n")
	for _, s := range states() {
		for _, f := range facts() {
			to := string(after(s, f))
			if to == string(s) {
				to = "."
			}
			fmt.Fprintf(&b, "%-14s + %-15s → %s\n", s, f, to)
		}
	}
	golden(t, "testdata/transitions.golden", b.String())
}

// R18, R20: any order and any repetition of what a provider says ends in the same state, wherever
// it began.
func TestR18AnyOrderOfFactsEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom(states()).Draw(t, "from")
		set := rapid.SliceOfDistinct(rapid.SampledFrom(told()), rapid.ID[visit.Fact]).Draw(t, "facts")
		again := append([]visit.Fact{}, set...)
		if len(set) > 0 {
			again = append(again, rapid.SliceOf(rapid.SampledFrom(set)).Draw(t, "repeated")...)
		}
		again = rapid.Permutation(again).Draw(t, "order")
		if once, other := after(from, set...), after(from, again...); once != other {
			t.Fatalf("%s, %v → %s, but %v → %s", from, set, once, again, other)
		}
	})
}

// R20: paid is never undone, and money makes any checkout paid, whatever came before or comes
// after, ours included.
func TestR20PaidIsNeverUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOf(rapid.SampledFrom(facts())).Draw(t, "before")
		later := rapid.SliceOf(rapid.SampledFrom(facts())).Draw(t, "after")
		from := rapid.SampledFrom(append(states(), "", "unheard of")).Draw(t, "from")
		if got := after(from, append(append(before, visit.WasPaid), later...)...); got != visit.Paid {
			t.Fatalf("%s", got)
		}
	})
}

// Our own asking and our own clock never close a checkout: only the provider's word does.
func TestR11OnlyTheProviderCloses(t *testing.T) {
	for _, s := range []visit.State{visit.Creating, visit.CreateUnknown, visit.Open, visit.Cancelling, visit.Processing} {
		got := visit.Checkout{State: after(s, visit.CancelAsked, visit.CreateUnclear, visit.CancelAsked)}
		if got.Final() {
			t.Errorf("%s became %s without the provider", s, got.State)
		}
	}
	c := visit.Checkout{State: visit.Open, URL: "https://pay", ExpiresAt: noon()}
	if c.Payable(noon()) || c.State != visit.Open || c.Final() {
		t.Errorf("an hour old: payable %t, %s", c.Payable(noon()), c.State)
	}
}

// R14: a cancel is a request; what the provider answers decides, and the asking may be repeated.
func TestR14CancelIsARequest(t *testing.T) {
	for answer, want := range map[visit.Fact]visit.State{
		visit.WasCancelled: visit.Cancelled, visit.WasExpired: visit.Expired, visit.WasPaid: visit.Paid,
		visit.PaymentPending: visit.Processing, visit.WasFailed: visit.Failed, visit.StillOpen: visit.Open,
		visit.Created: visit.Cancelling, // an old event: the answer is still to come
	} {
		if got := after(visit.Open, visit.CancelAsked, answer); got != want {
			t.Errorf("%s → %s, want %s", answer, got, want)
		}
	}
	if got := after(visit.Open, visit.CancelAsked, visit.StillOpen, visit.CancelAsked); got != visit.Cancelling {
		t.Errorf("asked again → %s", got)
	}
}

// A fact or a state that nobody knows is an alarm elsewhere, never a change here.
func TestUnknownFactChangesNothing(t *testing.T) {
	for _, s := range states() {
		c := visit.Checkout{State: s}
		if c.Apply("complete", noon()) || c.Apply("", noon()) || c.State != s {
			t.Errorf("%s became %s", s, c.State)
		}
	}
}

func TestApplyKeepsTheTimes(t *testing.T) {
	c := visit.Checkout{State: visit.Open}
	if !c.Apply(visit.WasExpired, noon()) || c.Apply(visit.WasExpired, noon().Add(time.Hour)) || !c.ClosedAt.Equal(noon()) {
		t.Errorf("closed at %s", c.ClosedAt)
	}
	if !c.Apply(visit.WasPaid, noon().Add(time.Hour)) || !c.ClosedAt.Equal(noon()) || !c.PaidAt.Equal(noon().Add(time.Hour)) {
		t.Errorf("closed at %s, paid at %s", c.ClosedAt, c.PaidAt)
	}
	said := visit.Checkout{State: visit.Open, PaidAt: noon().Add(-time.Minute)}
	if said.Apply(visit.WasPaid, noon()); !said.PaidAt.Equal(noon().Add(-time.Minute)) || !said.ClosedAt.Equal(noon()) {
		t.Errorf("the provider's time became %s", said.PaidAt)
	}
}

// R10: a page may be shown while it is open, known, and within its hour; another amount makes it
// stale.
func TestR10Payable(t *testing.T) {
	hour := noon().Add(time.Hour)
	for _, s := range states() {
		c := visit.Checkout{State: s, URL: "https://pay", ExpiresAt: hour, Amount: 2500}
		if got := c.Payable(hour.Add(-time.Second)); got != (s == visit.Open) {
			t.Errorf("%s: payable %t", s, got)
		}
		if c.Payable(hour) || c.Stale(2500) || !c.Stale(2499) {
			t.Errorf("%s: payable after its hour, or stale wrongly", s)
		}
		c.URL = ""
		if c.Payable(noon()) {
			t.Errorf("%s: payable nowhere", s)
		}
	}
}
