package daemon_test

import (
	"slices"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
)

// What has to hold at the end of every simulated day.

// evening ends the faults, lets every page expire, and holds the books against
// the provider's own.
func (w *world) evening() {
	w.at.misbehave(nil)
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
	if w.sandbox != nil {
		w.receiptsKept()
	}
	w.settled()
	w.linksKept()
	w.keptQuiet()
	w.failed()
}

// conserve: the acquiring register is the provider's list of payments, one to one.
func (w *world) conserve() {
	entries, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	taken := slices.DeleteFunc(entries, func(e ledger.Entry) bool {
		return e.Method != ledger.Link || e.Kind != ledger.KindPayment || e.Restores != ""
	})
	for _, p := range w.at.book().takings {
		times := 0
		taken = slices.DeleteFunc(taken, func(e ledger.Entry) bool {
			same := p.booked(e, w.at.name) && e.Amount == p.amount && e.Currency == "EUR"
			if same {
				times++
			}
			return same
		})
		if times != 1 {
			w.fault("R18: the provider has payment %s of %d on %s, the ledger has it %d times", p.id, p.amount, p.session, times)
		}
	}
	for _, e := range taken {
		w.fault("R18: the ledger has %s of %d at %s as %q on %q, the provider doesn't", e.ID, e.Amount, e.Provider, e.ProviderPayment, e.Session)
	}
}

// booked tells whether an entry is this payment: by the payment's name, or by
// its page's where no webhook named it.
func (t taking) booked(e ledger.Entry, at string) bool {
	named := e.ProviderPayment == t.id || e.ProviderPayment == "" && t.silent && e.Session == t.session
	return e.Provider == at && named
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
	p, ok := w.d.Desk().Provider(w.at.name)
	if !ok || !p.Can().Events {
		return
	}
	cursor, err := w.d.Desk().Cursor(w.at.name)
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := p.Events(w.t.Context(), cursor, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(page.Events) > 0 || page.More {
		w.fault("R35: the stored cursor %q leaves %d events unread", cursor, len(page.Events))
	}
}
