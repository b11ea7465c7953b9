package daemon_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/display"
)

// together is how many histories run at once.
const together = 10

// TestSimulation runs the whole daemon, with its real store and handlers,
// through random days, at the sandbox and at the stand-in of every vendor: clients pay, decline, leave and come back; staff edit,
// take money by every method, sell and issue, give back and lift blocks; the provider delays, drops, repeats, reorders and
// loses answers, leaves refunds pending and loses disputes; the mains fail at commit boundaries. After every step no
// display shows a code that isn't current (R30), and at the end of every day
// the ledger has each payment of the provider once, and nothing else (R18,
// R20, R25, R41), and the fiscal device each of the ledger's once (R24).
//
// COUNTERSIGN_SIM, a duration, runs as many days as fit into it, from a seed
// that it prints; COUNTERSIGN_SEED runs the day of one seed at each provider,
// with -run TestSimulation/stripe at one.
func TestSimulation(t *testing.T) {
	first, long := uint64(1), time.Duration(0)
	if given, err := time.ParseDuration(os.Getenv("COUNTERSIGN_SIM")); err == nil {
		first, long = uint64(time.Now().UnixNano()), given/time.Duration(len(companies()))
		t.Logf("first seed %d", first)
	}
	for _, at := range slices.Sorted(maps.Keys(companies())) {
		t.Run(at, func(t *testing.T) {
			if seed, err := strconv.ParseUint(os.Getenv("COUNTERSIGN_SEED"), 10, 64); err == nil {
				day(t, at, seed)
				return
			}
			days, until := uint64(histories), time.Now().Add(long)
			if at != "sandbox" {
				days = vendorHistories
			}
			for n := uint64(0); (n < days || time.Now().Before(until)) && !t.Failed(); n += together {
				// A group runs at once, one history a core; the next one waits for it.
				t.Run("group", func(t *testing.T) {
					for seed := first + n; seed < first+n+min(together, max(days-n, 1)); seed++ {
						day(t, at, seed)
					}
				})
			}
		})
	}
}

func day(t *testing.T, at string, seed uint64) {
	t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			w := newWorldAt(t, at, dir, seed)
			defer w.close()
			w.furnish()
			w.stockUp()
			w.admit(seed%5 == 1)
			w.glass = w.hang()
			w.pair()
			for range 60 {
				w.step()
				if w.failed() {
					return
				}
			}
			w.evening()
		})
	})
}

// failed reports what went wrong so far, with the story that led to it.
func (w *world) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wrong := range w.wrong {
		w.t.Errorf("%s", wrong)
	}
	if len(w.wrong) > 0 {
		for _, line := range w.log {
			w.t.Log(line)
		}
	}
	return len(w.wrong) > 0
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, time.Now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

// step does one thing, lets everything that follows from it happen, and looks
// at the display.
func (w *world) step() {
	actions := []struct {
		weight int
		do     func()
	}{
		{3, w.book}, {6, w.show}, {1, w.hide}, {8, w.open}, {6, w.pay}, {2, w.decline}, {2, w.payLater},
		{2, w.payAnyway}, {3, w.edit}, {3, w.cash}, {2, w.unblock}, {6, w.wait}, {3, w.misbehave},
		{3, w.cutPower}, {1, w.reboot}, {3, w.payWhileDown},
		{3, w.sell}, {5, w.takeAny}, {1, w.countDrawer}, {2, w.favour}, {4, w.giveBack}, {2, w.dashboard}, {2, w.attend},
		{2, w.contest}, {6, w.browse}, {1, w.tryAgain}, {1, func() { w.clear(false) }},
	}
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := w.rng.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			a.do()
			break
		}
	}
	synctest.Wait()
	if w.mains.out.Load() {
		w.note("the power was out; starting again")
		w.restart()
		time.Sleep(2 * time.Second)
		synctest.Wait()
	}
	w.look()
}

// look holds the display against the daemon: a code on the glass means that
// the daemon says so (R30).
func (w *world) look() {
	shown, connected := w.glass.now()
	if !connected || shown.Kind != display.QR {
		return
	}
	displays, err := w.d.Desk().Displays(access.System())
	if err != nil || len(displays) == 0 {
		return
	}
	truth, err := w.d.Desk().Screens().Scene(display.Device{ID: string(displays[0].ID), Desk: "front"})
	if err != nil {
		return
	}
	if truth.Kind != display.QR || truth.Visit != shown.Visit || truth.Amount != shown.Amount {
		w.fault("R30: the display shows the code of %s for %s, the daemon says %s %s %s",
			shown.Visit, shown.Amount, truth.Kind, truth.Visit, truth.Amount)
	}
}
