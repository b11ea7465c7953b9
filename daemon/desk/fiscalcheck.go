package desk

import (
	"countersign/daemon/fiscal"
	"countersign/daemon/ledger"
)

// registered holds the fiscal records against the ledger: each is of an entry
// that moved money and says the same, one number is one receipt, and what is
// under way has a job that drives it (R24). An entry without a record was
// booked while no device was configured.
func (c *inspection) registered() error {
	numbers := map[string]bool{}
	for f, err := range c.fiscals.All(c.tx) {
		if err != nil {
			return err
		}
		p, ok, err := c.payments.Get(c.tx, f.Payment)
		if err != nil {
			return err
		}
		if !ok || !p.receipted() {
			c.fail("R24", "fiscal record %s is of no money that moved", f.Payment)
			continue
		}
		c.receiptOf(f, p)
		if f.State == FiscalDone {
			number := f.Device + "/" + f.Record.Number
			if f.Record.Number == "" || numbers[number] {
				c.fail("R24", "the receipt of %s has the number %q, which is none or another's", f.Payment, f.Record.Number)
			}
			numbers[number] = true
		}
		if err := c.driven(f); err != nil {
			return err
		}
	}
	return nil
}

func (c *inspection) receiptOf(f Fiscal, p posting) {
	kind, sum := fiscal.Sale, int64(0)
	if p.Kind == ledger.KindRefund {
		kind = fiscal.Refund
	}
	for _, l := range f.Receipt.Lines {
		sum += l.Amount
	}
	r := f.Receipt
	if r.Kind != kind || r.Amount != p.Amount || r.Currency != string(p.Currency) || sum != p.Amount || r.Key != fiscalJob(f.Payment) {
		c.fail("R24", "the receipt of %s is a %s of %d in lines of %d, the ledger has a %s of %d", f.Payment, r.Kind, r.Amount, sum, p.Kind, p.Amount)
	}
}

// driven checks that a record has a job if it needs one, and none otherwise.
func (c *inspection) driven(f Fiscal) error {
	needs := f.State == FiscalQueued
	if needs && f.Sale != "" {
		sale, _, err := c.fiscals.Get(c.tx, f.Sale)
		if err != nil {
			return err
		}
		needs = sale.State == FiscalDone
	}
	_, has, err := c.jobs.Get(c.tx, fiscalJob(f.Payment))
	if err == nil && has != needs {
		c.fail("R41", "the receipt of %s is %s, and its job is queued: %v", f.Payment, f.State, has)
	}
	return err
}
