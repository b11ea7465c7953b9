package daemon_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/store"
)

// together is how many histories run at once.
const together = 10

// TestSimulation runs the whole daemon, with its real store and handlers,
// through random days: clients pay, decline, leave and come back; staff edit,
// take money by every method, sell and issue, give back and lift blocks; the provider delays, drops, repeats, reorders and
// loses answers, leaves refunds pending and loses disputes; the mains fail at commit boundaries. After every step no
// display shows a code that isn't current (R30), and at the end of every day
// the ledger has each payment of the provider once, and nothing else (R18,
// R20, R25, R41), and the fiscal device each of the ledger's once (R24).
//
// COUNTERSIGN_SIM, a duration, runs as many days as fit into it, from a seed
// that it prints; COUNTERSIGN_SEED runs the day of one seed.
func TestSimulation(t *testing.T) {
	first, until := uint64(1), time.Time{}
	if long, err := time.ParseDuration(os.Getenv("COUNTERSIGN_SIM")); err == nil {
		first, until = uint64(time.Now().UnixNano()), time.Now().Add(long)
		t.Logf("first seed %d", first)
	}
	if seed, err := strconv.ParseUint(os.Getenv("COUNTERSIGN_SEED"), 10, 64); err == nil {
		day(t, seed)
		return
	}
	for n := uint64(0); n < histories || time.Now().Before(until); n += together {
		// A group runs at once, one history a core; the next one waits for it.
		t.Run("group", func(t *testing.T) {
			for seed := first + n; seed < first+n+together; seed++ {
				day(t, seed)
			}
		})
		if t.Failed() {
			return
		}
	}
}

func day(t *testing.T, seed uint64) {
	t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, dir, seed)
			defer w.close()
			w.furnish()
			w.stockUp()
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
		{2, w.contest}, {1, w.tryAgain}, {1, func() { w.clear(false) }},
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

func (w *world) any() (id.Visit, bool) {
	if len(w.visits) == 0 {
		return "", false
	}
	return w.visits[w.rng.IntN(len(w.visits))], true
}

func (w *world) book() {
	v, _, err := w.d.Desk().CreateVisit(access.System(), visit.Draft{
		Client: visit.Client{Name: "Anna Kovacs", Phone: "+36201112233"}, StartsAt: time.Now().Add(time.Hour), Currency: "EUR",
		Lines: []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 1000 + int64(w.rng.IntN(9000)), TaxSystem: "standard"}},
	}, desk.Key{})
	w.note("book %s: %v", v.ID, err)
	if err == nil {
		w.visits = append(w.visits, v.ID)
	}
}

func (w *world) show() {
	if v, ok := w.any(); ok {
		w.note("show %s: %v", v, w.d.Desk().Show(access.System(), v, "front", w.rng.IntN(2) == 0))
	}
}

func (w *world) hide() { w.note("hide: %v", w.d.Desk().Hide(access.System(), "front")) }

// open is a client who scans and goes on; impatient ones don't wait for the answer.
func (w *world) open() {
	v, ok := w.any()
	if !ok {
		return
	}
	l, err := w.d.Desk().Link(access.System(), v)
	if err != nil {
		return
	}
	before, _ := w.d.Desk().Visit(access.System(), v)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Duration(1+w.rng.IntN(13))*time.Second)
	defer cancel()
	url, err := w.d.OpenLink(ctx, l.Token)
	w.note("open %s: %s %v", v, url, err)
	calm := w.company.Faults() == sandbox.Faults{} && w.mains.armed.Load() == 0 && !w.mains.out.Load()
	if calm && before.Checkout == "" && fault.From(err) != nil && fault.From(err).Code == "provider_unavailable" {
		w.fault("R10: nothing was wrong, and the client of %s was not let through: %v", v, err)
	}
}

// session picks a page that some client may have open, also an old one.
func (w *world) session() (string, bool) {
	v, ok := w.any()
	if !ok {
		return "", false
	}
	c, err := w.d.Desk().LastCheckout(v)
	return c.Session, err == nil && c.Session != ""
}

func (w *world) at(what string, do func(session string) (provider.Session, error)) {
	if s, ok := w.session(); ok {
		got, err := do(s)
		w.note("%s %s: %s %v", what, s, got.Status, err)
	}
}

func (w *world) pay()      { w.at("pay", w.company.Pay) }
func (w *world) decline()  { w.at("decline", w.company.Decline) }
func (w *world) payLater() { w.at("pay later", w.company.PayLater) }

// payAnyway is money that arrives on a page whatever its state, of any amount:
// late, a second time, more or less than was asked (R19, R20).
func (w *world) payAnyway() {
	amount := int64(1 + w.rng.IntN(9999))
	w.at("pay anyway", func(s string) (provider.Session, error) { return w.company.PayAnyway(s, amount, "EUR") })
}

func (w *world) edit() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil {
		return
	}
	lines := v.Lines
	lines[0].UnitPrice = 1000 + int64(w.rng.IntN(9000))
	_, err = w.d.EditVisit(w.t.Context(), access.System(), which, v.Version, visit.Patch{Lines: &lines})
	w.note("edit %s: %v", which, err)
}

func (w *world) cash() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil || v.Due() == 0 {
		return
	}
	_, err = w.d.TakePayment(w.t.Context(), access.System(), which, desk.Taking{Method: "cash", Amount: 1 + w.rng.Int64N(v.Due())}, desk.Key{})
	w.note("cash %s: %v", which, err)
}

func (w *world) unblock() {
	if v, ok := w.any(); ok {
		_, err := w.d.Unblock(w.t.Context(), access.System(), v)
		w.note("unblock %s: %v", v, err)
	}
}

func (w *world) wait() {
	d := time.Duration(1+w.rng.IntN(60)) * time.Second
	if w.rng.IntN(2) == 0 {
		d = time.Duration(1+w.rng.IntN(20)) * time.Minute
	}
	w.note("wait %s", d)
	w.sleep(d)
}

// sleep lets time pass; for most long pauses the display is unplugged, and
// comes back to whatever is true by then.
func (w *world) sleep(d time.Duration) {
	if d < time.Minute || w.rng.IntN(4) == 0 {
		time.Sleep(d)
		return
	}
	w.glass.stop()
	time.Sleep(d)
	w.glass.plugIn()
	time.Sleep(time.Second)
}

func (w *world) misbehave() {
	f := sandbox.Faults{}
	if w.rng.IntN(3) > 0 {
		chance := func() float64 { return float64(w.rng.IntN(2)) * w.rng.Float64() * 0.5 }
		f = sandbox.Faults{Delay: time.Duration(w.rng.IntN(90)) * time.Second, Drop: chance(), Repeat: chance(), Reorder: chance(),
			TimeoutAfterSuccess: chance(), TimeoutBefore: chance(), Error500: chance(), RateLimit: chance(), OddEvents: chance(),
			PendRefunds: chance(), RefuseRefunds: chance(), RefuseReceipts: chance()}
	}
	w.note("faults %+v", f)
	w.company.SetFaults(f)
}

// cutPower arms the mains to fail at one of the next commits, before or after it.
func (w *world) cutPower() {
	w.mains.stage.Store([]int64{int64(store.BeforeCommit), int64(store.AfterCommit)}[w.rng.IntN(2)])
	w.mains.armed.Store(int64(1 + w.rng.IntN(6)))
	w.note("the power will fail")
}

func (w *world) reboot() {
	w.note("restart")
	w.restart()
}

// payWhileDown is a client who pays while the daemon is off: nothing of it may
// be lost, and its code may not come back.
func (w *world) payWhileDown() {
	v, ok := w.any()
	if !ok {
		return
	}
	if w.rng.IntN(2) == 0 {
		_ = w.d.Desk().Show(access.System(), v, "front", true)
		w.open()
		w.sleep(desk.BlockTime + time.Minute)
	}
	c, err := w.d.Desk().LastCheckout(v)
	if err != nil || c.Session == "" {
		return
	}
	w.halt()
	_, err = w.company.Pay(c.Session)
	w.note("pay %s of %s while the daemon is off: %v", c.Session, v, err)
	time.Sleep(time.Duration(w.rng.IntN(1200)) * time.Second)
	w.start(w.rng.Uint64())
	time.Sleep(2 * time.Second)
}

// evening ends the faults, lets every page expire, and holds the books against
// the provider's own.
func (w *world) evening() {
	w.company.SetFaults(sandbox.Faults{})
	w.clear(true)
	w.restart()
	w.tryAgain()
	time.Sleep(time.Minute)
	synctest.Wait()
	w.look()
	w.glass.stop()
	time.Sleep(3 * time.Hour)
	synctest.Wait()
	problems, err := w.d.Verify()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range problems {
		w.fault("verify %s: %s", p.Rule, p.Text)
	}
	w.conserve()
	w.refundsKept()
	w.receiptsKept()
	w.settled()
	w.failed()
}

// conserve: the acquiring register is the provider's list of payments, one to one.
func (w *world) conserve() {
	payments, err := w.company.Payments()
	if err != nil {
		w.t.Fatal(err)
	}
	entries, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	booked := map[string]int{}
	for _, e := range entries {
		if e.Provider == "sandbox" && e.Kind == ledger.KindPayment {
			booked[fmt.Sprintf("%s %d %s", e.ProviderPayment, e.Amount, e.Currency)]++
		}
	}
	for _, p := range payments {
		key := fmt.Sprintf("%s %d %s", p.ID, p.Amount, p.Currency)
		if booked[key] != 1 {
			w.fault("R18: the provider has payment %s of session %s, the ledger has it %d times", key, p.Session, booked[key])
		}
		delete(booked, key)
	}
	for key := range booked {
		w.fault("R18: the ledger has payment %s, the provider doesn't", key)
	}
}

// settled: nothing is left open, and the stored cursor is at the end of the
// provider's events.
func (w *world) settled() {
	open, err := w.d.Desk().Unsettled()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range open {
		w.fault("checkout %s is still %s three hours later", c.ID, c.State)
	}
	client := sandbox.New(sandbox.Config{Base: "http://sandbox", Key: w.keys[0], Secret: w.keys[1], HTTP: w.net.client()})
	cursor, err := w.d.Desk().Cursor("sandbox")
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := client.Events(w.t.Context(), cursor, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(page.Events) > 0 || page.More {
		w.fault("R35: the stored cursor %q leaves %d events unread", cursor, len(page.Events))
	}
}
