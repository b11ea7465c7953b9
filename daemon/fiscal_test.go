package daemon_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
)

// tryAgain is somebody who has every receipt that the device refused sent
// again, the oldest first: sales come before what is given back of them.
func (w *world) tryAgain() {
	for _, e := range w.money() {
		f, ok, err := w.d.Desk().FiscalOf(e.ID)
		if err == nil && ok && f.State == desk.FiscalFailed {
			_, err = w.d.Desk().RetryFiscal(access.System(), e.ID)
			w.note("try the receipt of %s again: %v", e.ID, err)
		}
	}
}

// money are the entries of the ledger that a receipt is needed for, in the
// order in which they were received.
func (w *world) money() []ledger.Entry {
	entries, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{By: "received", Limit: 500})
	if err != nil {
		return nil // the power is out
	}
	return slices.DeleteFunc(entries, func(e ledger.Entry) bool { return ledger.Stored(e.Method) })
}

// receiptsKept: the fiscal device has each payment and refund of the ledger
// once, as much as was booked, every refund after its sale, and nothing else
// (R24).
func (w *world) receiptsKept() {
	all, err := w.sandbox.Receipts()
	if err != nil {
		w.t.Fatal(err)
	}
	registered, number := map[string]fiscal.Receipt{}, map[string]string{}
	for _, r := range all {
		if _, twice := registered[r.Receipt.Payment]; twice {
			w.fault("R24: %s is registered twice", r.Receipt.Payment)
		}
		registered[r.Receipt.Payment], number[r.Receipt.Payment] = r.Receipt, r.Number
	}
	for _, e := range w.money() {
		r, ok := registered[string(e.ID)]
		kind := map[ledger.Kind]fiscal.Kind{ledger.KindPayment: fiscal.Sale, ledger.KindRefund: fiscal.Refund}[e.Kind]
		if !ok || r.Kind != kind || r.Amount != e.Amount || r.Currency != string(e.Currency) || r.Original != number[string(e.Refunds)] {
			w.fault("R24: the ledger has %s %s of %d, the device %+v", e.Kind, e.ID, e.Amount, r)
		}
		if f, _, err := w.d.Desk().FiscalOf(e.ID); err != nil || f.State != desk.FiscalDone || f.Record.Number != number[string(e.ID)] {
			w.fault("R24: the receipt of %s is %s as %s: %v", e.ID, f.State, f.Record.Number, err)
		}
		delete(registered, string(e.ID))
	}
	for payment := range registered {
		w.fault("R24: the device has %s, the ledger doesn't", payment)
	}
}

// plain is a provider that registers no receipts.
type plain struct{ provider.Provider }

// R24: a fiscal device that can't be opened is said when the daemon starts, not
// when somebody has paid.
func TestR24Open(t *testing.T) {
	dir, off := t.TempDir(), false
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("token", "tk_1\n")
	for name, c := range map[string]struct {
		fiscal daemon.Fiscal
		want   string
	}{
		"none":        {daemon.Fiscal{}, ""},
		"gateway":     {daemon.Fiscal{Device: "gateway", URL: "http://127.0.0.1:1/", TokenFile: good}, ""},
		"no token":    {daemon.Fiscal{Device: "gateway", URL: "http://127.0.0.1:1/"}, ""},
		"no provider": {daemon.Fiscal{Device: "provider"}, "registers no fiscal receipts"},
		"no address":  {daemon.Fiscal{Device: "gateway"}, "needs an address"},
		"no file":     {daemon.Fiscal{Device: "gateway", URL: "http://a/", TokenFile: filepath.Join(dir, "none")}, "token of the fiscal device"},
		"two words":   {daemon.Fiscal{Device: "gateway", URL: "http://a/", TokenFile: file("bad", "a b")}, "must hold one word"},
		"unknown":     {daemon.Fiscal{Device: "till"}, `no fiscal device "till"`},
	} {
		d, err := daemon.Open(daemon.Config{Data: dir, Sandbox: &off, NoSync: true, Fiscal: c.fiscal,
			Providers: map[string]provider.Provider{"plain": plain{}}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
