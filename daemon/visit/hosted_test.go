package visit_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/daemon/visit"
)

// R37: the whole table, one line for each state and fact: look at it when it changes.
func TestR37HostedTransitionsGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("# state + fact → state (. where it stays)\n")
	for _, s := range []visit.HostedState{visit.Making, visit.Unwanted, visit.Standing, visit.Closing, visit.Refusal, visit.Closed} {
		for _, f := range []visit.HostedFact{visit.HostedMade, visit.HostedRefused, visit.NotWanted, visit.HostedGone} {
			h, to := visit.Hosted{State: s}, "."
			if h.Apply(f, noon()) {
				to = string(h.State)
			}
			if h.ClosedAt.IsZero() == (to == string(visit.Closed)) {
				t.Errorf("%s + %s: closed at %s", s, f, h.ClosedAt)
			}
			if h.Current() && h.State == visit.Closing || h.Open() != (h.State == visit.Standing || h.State == visit.Closing) {
				t.Errorf("%s: current %t, open %t", h.State, h.Current(), h.Open())
			}
			fmt.Fprintf(&b, "%-9s + %-11s → %s\n", s, f, to)
		}
	}
	golden(t, "testdata/hosted.golden", b.String())
}

// R37, R11: a link asks for what is due, or it has to go.
func TestR37AsksForWhatIsDue(t *testing.T) {
	v := visit.Visit{Lines: []visit.Line{{Kind: visit.Service, Quantity: 1, UnitPrice: 2500}}, Currency: "EUR"}
	h := visit.Hosted{Amount: 2500, Currency: "EUR"}
	for name, change := range map[string]func(*visit.Visit){
		"":                 func(*visit.Visit) {},
		"a part is paid":   func(v *visit.Visit) { v.Paid = 100 },
		"all is paid":      func(v *visit.Visit) { v.Paid = 2500 },
		"paid by link":     func(v *visit.Visit) { v.PaidByLink = true },
		"another currency": func(v *visit.Visit) { v.Currency = "CHF" },
		"taxes clash":      func(v *visit.Visit) { v.Lines = append(v.Lines, visit.Line{TaxSystem: "other", Quantity: 1}) },
	} {
		now := v
		change(&now)
		if h.Asks(now) != (name == "") {
			t.Errorf("%q: asks %t", name, h.Asks(now))
		}
	}
}
