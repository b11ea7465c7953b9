// Package fiscaltest is the suite that every adapter of a fiscal device passes.
// A new adapter's test is one call of Run with a Rig around the device, or
// around a stand-in with its behaviour.
package fiscaltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/daemon/fiscal"
)

// Mood is how the device behaves towards the requests from now on.
type Mood string

// The moods of a device and of the way to it.
const (
	Fair    Mood = "fair"
	Away    Mood = "away"    // requests are lost before they arrive
	Deaf    Mood = "deaf"    // it registers, and its answers are lost
	Busy    Mood = "busy"    // it asks to come again later
	Garbled Mood = "garbled" // it registers, and answers what can't be read
	Strict  Mood = "strict"  // it refuses
)

// Rig is an adapter with the device behind it, and the hands on that.
type Rig struct {
	Device fiscal.Device
	Set    func(Mood)
	// Registered is the device's own list: the number that each key got.
	Registered func() map[string]string
}

// Run runs the suite. open is called once a test, and cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	for name, test := range map[string]func(*testing.T, Rig){
		"named": named, "sale": sale, "refund": refund, "numbers": numbers, "once": once, "another body": another,
		"away": away, "busy": busy, "lost answer": lost(Deaf), "garbled answer": lost(Garbled), "strict": strict,
		"cancelled": cancelled, "together": together,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Sample is a good receipt; n tells apart those of one test.
func Sample(n string) fiscal.Receipt {
	return fiscal.Receipt{Key: "fiscal-" + n, Kind: fiscal.Sale, Payment: "p_" + n, At: time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC),
		Location: "Studio Lumen", Method: "cash", Register: "cash", Currency: "EUR", Amount: 2500,
		Lines: []fiscal.Line{{Name: "Schnitt & Föhnen", Kind: "service", Quantity: 1, Amount: 1500, TaxSystem: "standard"},
			{Name: "Shampoo", Kind: "product", Quantity: 2, Amount: 1000, TaxSystem: "reduced"}}}
}

func named(t *testing.T, r Rig) {
	if name := r.Device.Name(); name == "" || strings.TrimSpace(name) != name {
		t.Errorf("called %q", name)
	}
}

func must(t *testing.T, r Rig, receipt fiscal.Receipt) fiscal.Record {
	t.Helper()
	got, err := r.Device.Register(t.Context(), receipt)
	if err != nil {
		t.Fatalf("Register: %v", err)
	}
	if got.Number == "" {
		t.Fatalf("registered as %+v", got)
	}
	return got
}

// has wants the device to have registered so many receipts, and that of a key
// under a number.
func has(t *testing.T, r Rig, n int, key, number string) {
	t.Helper()
	if list := r.Registered(); len(list) != n || list[key] != number {
		t.Errorf("the device has %v, want %d with %s as %q", list, n, key, number)
	}
}

func sale(t *testing.T, r Rig) {
	got := must(t, r, Sample("a"))
	has(t, r, 1, "fiscal-a", got.Number)
}

func refund(t *testing.T, r Rig) {
	sold := must(t, r, Sample("a"))
	back := Sample("b")
	back.Kind, back.Original, back.Amount, back.Lines = fiscal.Refund, sold.Number, 1000, back.Lines[1:]
	got := must(t, r, back)
	if got.Number == sold.Number {
		t.Errorf("both are %s", got.Number)
	}
	has(t, r, 2, "fiscal-b", got.Number)
}

// numbers: no two receipts get the same.
func numbers(t *testing.T, r Rig) {
	seen := map[string]bool{}
	for i := range 5 {
		seen[must(t, r, Sample(fmt.Sprint(i))).Number] = true
	}
	if len(seen) != 5 {
		t.Errorf("numbers %v", seen)
	}
}

// once: a receipt that is repeated is the one that was registered.
func once(t *testing.T, r Rig) {
	first := must(t, r, Sample("a"))
	must(t, r, Sample("b"))
	again := must(t, r, Sample("a"))
	if again.Number != first.Number || again.Code != first.Code || again.URL != first.URL || !again.At.Equal(first.At) {
		t.Errorf("first %+v, then %+v", first, again)
	}
	has(t, r, 2, "fiscal-a", first.Number)
}

// another: a key is of one receipt.
func another(t *testing.T, r Rig) {
	first := must(t, r, Sample("a"))
	other := Sample("a")
	other.Amount, other.Lines[0].Amount = other.Amount+1, other.Lines[0].Amount+1
	_, err := r.Device.Register(t.Context(), other)
	wantKind(t, err, fiscal.Refused)
	has(t, r, 1, "fiscal-a", first.Number)
}

func wantKind(t *testing.T, err error, want ...fiscal.ErrorKind) {
	t.Helper()
	var e *fiscal.Error
	if err != nil && !errors.As(err, &e) {
		t.Errorf("%v is no *fiscal.Error", err)
	}
	for _, k := range want {
		if fiscal.KindOf(err) == k {
			return
		}
	}
	t.Errorf("%v (%v), want %v", fiscal.KindOf(err), err, want)
}

// away: what never arrived is not registered, and is when it is tried again.
func away(t *testing.T, r Rig) {
	r.Set(Away)
	_, err := r.Device.Register(t.Context(), Sample("a"))
	wantKind(t, err, fiscal.Unavailable, fiscal.Unclear)
	has(t, r, 0, "fiscal-a", "")
	r.Set(Fair)
	has(t, r, 1, "fiscal-a", must(t, r, Sample("a")).Number)
}

func busy(t *testing.T, r Rig) {
	r.Set(Busy)
	_, err := r.Device.Register(t.Context(), Sample("a"))
	wantKind(t, err, fiscal.Unavailable)
	has(t, r, 0, "fiscal-a", "")
}

// lost: nobody knows what became of it, and it is registered once all the same.
func lost(mood Mood) func(*testing.T, Rig) {
	return func(t *testing.T, r Rig) {
		r.Set(mood)
		_, err := r.Device.Register(t.Context(), Sample("a"))
		wantKind(t, err, fiscal.Unclear)
		r.Set(Fair)
		has(t, r, 1, "fiscal-a", must(t, r, Sample("a")).Number)
	}
}

// strict: what was refused says why, and may be tried again with the same key.
func strict(t *testing.T, r Rig) {
	r.Set(Strict)
	_, err := r.Device.Register(t.Context(), Sample("a"))
	wantKind(t, err, fiscal.Refused)
	if fiscal.Reason(err) == "" {
		t.Error("refused without a reason")
	}
	r.Set(Fair)
	has(t, r, 1, "fiscal-a", must(t, r, Sample("a")).Number)
}

func cancelled(t *testing.T, r Rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Device.Register(ctx, Sample("a"))
	wantKind(t, err, fiscal.Unavailable, fiscal.Unclear)
}

// together: the same receipt many times at once is one.
func together(t *testing.T, r Rig) {
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			if _, err := r.Device.Register(t.Context(), Sample("a")); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if list := r.Registered(); len(list) != 1 {
		t.Errorf("the device has %v", list)
	}
}
