package desk

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

type mute struct{}

func (mute) Name() string { return "mute" }
func (mute) Register(context.Context, fiscal.Receipt) (fiscal.Record, error) {
	return fiscal.Record{}, fiscal.Errorf(fiscal.Unavailable, "mute")
}

// R24: verify finds a fiscal record that doesn't say what the ledger says, and
// one that nothing drives.
func TestVerifyFindsAFiscalRecordThatIsNotSo(t *testing.T) {
	for name, try := range map[string]struct {
		rule   string
		change func(o *op, f *Fiscal) error
	}{
		"as it was":      {"", func(*op, *Fiscal) error { return nil }},
		"another amount": {"R24", func(_ *op, f *Fiscal) error { f.Receipt.Amount++; return nil }},
		"a refund":       {"R24", func(_ *op, f *Fiscal) error { f.Receipt.Kind = fiscal.Refund; return nil }},
		"missing lines":  {"R24", func(_ *op, f *Fiscal) error { f.Receipt.Lines = nil; return nil }},
		"another's key":  {"R24", func(_ *op, f *Fiscal) error { f.Receipt.Key = "fiscal-p_other"; return nil }},
		"of no entry":    {"R24", func(_ *op, f *Fiscal) error { f.Payment = "p_none"; return nil }},
		"no number":      {"R24", func(o *op, f *Fiscal) error { f.State = FiscalDone; return o.jobs.Done(o.tx, fiscalJob(f.Payment)) }},
		"no job":         {"R41", func(o *op, f *Fiscal) error { return o.jobs.Done(o.tx, fiscalJob(f.Payment)) }},
		"a job too many": {"R41", func(_ *op, f *Fiscal) error { f.State = FiscalFailed; return nil }},
		"another's number": {"R24", func(o *op, f *Fiscal) error {
			f.State, f.Record.Number = FiscalDone, "1"
			return o.jobs.Done(o.tx, fiscalJob(f.Payment))
		}},
	} {
		db := storetest.Open(t, store.Options{Program: "countersign", Kinds: Kinds()})
		d := New(Config{DB: db, IDs: id.NewSource(rand.Reader), Fiscal: mute{}})
		v, _, err := d.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 5000}}}, Key{})
		if err != nil {
			t.Fatal(err)
		}
		var paid ledger.Entry
		for range 2 {
			if paid, err = d.TakePayment(access.System(), v.ID, Taking{Method: ledger.Cash, Amount: 100}, Key{}); err != nil {
				t.Fatal(err)
			}
			if v, _ = d.Visit(access.System(), v.ID); v.Paid == 100 {
				if err := takeAndAnswer(d, paid.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		err = d.update(func(o *op) error {
			f, _, err := o.fiscals.Get(o.tx, paid.ID)
			if err != nil {
				return err
			}
			if err := try.change(o, &f); err != nil {
				return err
			}
			return o.fiscals.Put(o.tx, f)
		})
		if err != nil {
			t.Fatal(err)
		}
		if found := rules(t, d); try.rule == "" && len(found) > 0 || try.rule != "" && !slices.Contains(found, try.rule) {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

func takeAndAnswer(d *Desk, of id.Payment) error {
	if _, _, err := d.TakeJob(fiscalJob(of), 0); err != nil {
		return err
	}
	return d.Registered(fiscalJob(of), fiscal.Record{Number: "1"})
}
