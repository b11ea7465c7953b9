package daemon_test

import (
	"bytes"
	"cmp"
	"encoding/json"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
)

// refundsKept: what the provider gave back, or lost to a bank, is in the acquiring register, no
// more and no less, each is one that somebody asked for, and nothing that was
// asked for is left undecided.
func (w *world) refundsKept() {
	entries, _, err := w.d.Desk().Payments(access.System(), desk.PaymentQuery{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	by := map[id.Payment]ledger.Entry{}
	for _, e := range entries {
		by[e.ID] = e
	}
	made := w.made()
	for _, p := range w.at.book().takings {
		var back, asked int64
		for _, r := range made {
			if p.booked(firstOf(by, by[r.Payment]), w.at.name) {
				asked += r.Amount
			}
		}
		if p.back > asked+w.byHand[p.id] {
			w.fault("R23: of payment %s staff gave back %d here and %d there, the provider %d", p.id, asked, w.byHand[p.id], p.back)
		}
		for _, e := range entries {
			first := firstOf(by, e)
			switch {
			case !p.booked(first, w.at.name) || e.Method != ledger.Link: // staff may also give it back by hand
			case e.Kind == ledger.KindRefund:
				back += e.Amount
			case e.Restores != "":
				back -= e.Amount
			}
		}
		if back != p.back+p.lost {
			w.fault("R23: of payment %s the provider gave back %d and lost %d, the ledger has %d", p.id, p.back, p.lost, back)
		}
	}
	for _, v := range w.visits {
		w.handedOnce(v)
		open, err := w.d.Desk().VisitRefunds(access.System(), v)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range open {
			if r.State == desk.RefundAsked {
				w.fault("R23: refund %s of %s is still %s in the evening", r.ID, v, r.State)
			}
		}
	}
}

// firstOf is the payment that an entry goes back to: money that a bank gave back
// may be refunded in turn.
func firstOf(by map[id.Payment]ledger.Entry, e ledger.Entry) ledger.Entry {
	for e.Refunds != "" || e.Restores != "" {
		e = by[cmp.Or(e.Refunds, e.Restores)]
	}
	return e
}

// made are the refunds that staff asked the provider for, and that it made.
func (w *world) made() (all []desk.Refund) {
	var dump bytes.Buffer
	if err := w.d.Dump(&dump); err != nil {
		w.t.Fatal(err)
	}
	for line := range bytes.Lines(dump.Bytes()) {
		var record struct {
			Kind  string
			Value json.RawMessage
		}
		var r desk.Refund
		if err := json.Unmarshal(line, &record); err != nil {
			w.t.Fatal(err)
		}
		if record.Kind != "refunds" {
			continue
		}
		if err := json.Unmarshal(record.Value, &r); err != nil {
			w.t.Fatal(err)
		}
		if r.Provider == w.at.name && r.State == desk.RefundMade {
			all = append(all, r)
		}
	}
	return all
}
