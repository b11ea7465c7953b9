package daemon_test

import (
	"fmt"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider/sandbox"
)

// What has to hold at the end of every simulated day.

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
