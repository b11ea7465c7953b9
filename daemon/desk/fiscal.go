package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// FiscalState says how far the registration of a receipt is (R24).
type FiscalState string

// The states of a fiscal record. One that is queued is being tried, or waits
// for its sale; one that the device refused stays failed until staff try again.
const (
	FiscalQueued FiscalState = "queued"
	FiscalDone   FiscalState = "done"
	FiscalFailed FiscalState = "failed"
)

// Fiscal is the receipt of one entry of the ledger at the fiscal device. It is
// made with the entry (R18), and its Receipt never changes once it was sent:
// the device knows it by its key.
type Fiscal struct {
	Payment id.Payment `json:"payment"` // the entry
	Visit   id.Visit   `json:"visit,omitempty"`
	// Sale is the payment that a refund gives back, if it has a record: its
	// receipt comes first.
	Sale     id.Payment     `json:"sale,omitempty"`
	State    FiscalState    `json:"state"`
	Device   string         `json:"device"`
	Receipt  fiscal.Receipt `json:"receipt"`
	Record   fiscal.Record  `json:"record"` // of one that is done
	Attempts int            `json:"attempts"`
	Error    string         `json:"error,omitempty"` // why the last attempt failed, in the device's words
	At       time.Time      `json:"at"`              // when the state was last changed
	// Accepted tells that staff left a failed one as it is.
	Accepted bool `json:"accepted,omitempty"`
}

// notRegistered is what a refund says whose sale never got its receipt.
const notRegistered = "the sale was not registered"

func fiscalJob(of id.Payment) string { return "fiscal-" + string(of) }

// receipted tells whether an entry needs a receipt: money that came or went.
// Gift cards, deposits, points and cashback don't: what was paid for them had
// its receipt then, and what was given away is no money.
func (p *posting) receipted() bool { return p.listed() && !ledger.Stored(p.Method) }

// fiscalize asks for the receipt of an entry that was just posted, where a
// fiscal device is configured.
func (o *op) fiscalize(e ledger.Entry, p posting, v *visit.Visit) error {
	device := o.d.cfg.Fiscal
	if device == nil || !p.receipted() {
		return nil
	}
	loc, err := o.location()
	if err != nil {
		return err
	}
	r := fiscal.Receipt{Key: fiscalJob(e.ID), Kind: fiscal.Sale, Payment: string(e.ID), At: e.ReceivedAt.UTC().Round(0), Location: loc.Name,
		Method: e.Method, Register: e.Register, Currency: string(e.Currency), Amount: e.Amount, Lines: receiptLines(v, p, loc)}
	f := Fiscal{Payment: e.ID, Visit: e.Visit, Device: device.Name(), Receipt: r}
	if e.Kind == ledger.KindRefund {
		f.Receipt.Kind = fiscal.Refund
		// What was sold before there was a device has no number to go back to.
		if _, ok, err := o.fiscals.Get(o.tx, e.Refunds); err != nil {
			return err
		} else if ok {
			f.Sale = e.Refunds
		}
	}
	return o.queueFiscal(f)
}

// receiptLines splits an entry over what its visit sells, by the same shares
// as reports do, so that the device's sums by tax system are theirs.
func receiptLines(v *visit.Visit, p posting, loc Location) (lines []fiscal.Line) {
	sign := int64(1)
	if p.Kind == ledger.KindRefund {
		sign = -1
	}
	for _, s := range p.Shares {
		lines = append(lines, shareLines(v, s, sign, p, loc)...)
	}
	return lines
}

func shareLines(v *visit.Visit, s visit.Share, sign int64, p posting, loc Location) (lines []fiscal.Line) {
	var of []visit.Line
	var weights []int64
	if v != nil && s.Kind != "" {
		for _, l := range v.Lines {
			if total, err := l.Total(); err == nil && total > 0 && l.Kind == s.Kind && l.TaxSystem == s.TaxSystem {
				of, weights = append(of, l), append(weights, total)
			}
		}
	}
	if len(of) == 0 {
		return []fiscal.Line{{Name: nameless(p, loc), Kind: string(s.Kind), Quantity: 1, Amount: sign * s.Amount, TaxSystem: s.TaxSystem}}
	}
	for i, part := range money.Allocate(sign*s.Amount, weights) {
		if part != 0 {
			lines = append(lines, fiscal.Line{Name: of[i].Name, Kind: string(of[i].Kind), Quantity: of[i].Quantity, Amount: part, TaxSystem: of[i].TaxSystem})
		}
	}
	return lines
}

// nameless is what a receipt calls money that is for no line of a visit.
func nameless(p posting, loc Location) string {
	payment, advance := "Payment", "Payment in advance"
	if loc.Language == "de" {
		payment, advance = "Zahlung", "Anzahlung"
	}
	if p.Visit == "" && p.Client != "" {
		return advance
	}
	return payment
}

// queueFiscal keeps a record and queues its job. A refund waits until its sale
// has a number: the device has to know what is given back.
func (o *op) queueFiscal(f Fiscal) error {
	f.State, f.Error, f.Accepted = FiscalQueued, "", false
	ready, err := o.originalOf(&f)
	if err != nil {
		return err
	}
	if err := o.putFiscal(f); err != nil || !ready {
		return err
	}
	return o.jobs.Add(o.tx, fiscalJob(f.Payment), o.now, Job{Kind: JobFiscal, Payment: f.Payment, Provider: f.Device})
}

// originalOf fills in the number of a refund's sale, and tells whether the
// record can be sent. One whose sale was given up fails with it.
func (o *op) originalOf(f *Fiscal) (ready bool, err error) {
	if f.Sale == "" {
		return true, nil
	}
	sale, _, err := o.fiscals.Get(o.tx, f.Sale)
	switch {
	case err != nil:
		return false, err
	case sale.State == FiscalDone:
		f.Receipt.Original = sale.Record.Number
		return true, nil
	case sale.Accepted:
		f.State, f.Error, f.Accepted = FiscalFailed, notRegistered, true
	}
	return false, nil
}

// putFiscal stores a record, and tells the screens.
func (o *op) putFiscal(f Fiscal) error {
	f.At = o.now
	if err := o.fiscals.Put(o.tx, f); err != nil {
		return err
	}
	return o.tell(FiscalChanged, Detail{Visit: f.Visit, Payment: f.Payment, State: string(f.State)})
}

// withRefunds does something with every refund that waits for a sale, or that
// was given up with it.
func (o *op) withRefunds(sale id.Payment, do func(Fiscal) error) error {
	var waiting []Fiscal
	for f, err := range o.fiscals.Where(o.tx, o.byOriginal, string(sale)) {
		if err != nil {
			return err
		}
		if f.State == FiscalQueued || f.Accepted && f.Attempts == 0 {
			waiting = append(waiting, f)
		}
	}
	for _, f := range waiting {
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// FiscalOf returns the fiscal record of an entry of the ledger; false where
// there is none.
func (d *Desk) FiscalOf(which id.Payment) (f Fiscal, ok bool, err error) {
	err = d.view(func(o *op) error {
		f, ok, err = o.fiscals.Get(o.tx, which)
		return err
	})
	return f, ok, err
}

// fiscalsOf are the fiscal records of entries, of those that have one.
func (o *op) fiscalsOf(entries []ledger.Entry) (found []Fiscal, err error) {
	for _, e := range entries {
		f, ok, err := o.fiscals.Get(o.tx, e.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, f)
		}
	}
	return found, nil
}

// RetryFiscal has a receipt that the device refused sent again, with the same
// key, and ends what was raised about it. One that is queued or done stays so.
func (d *Desk) RetryFiscal(a access.Actor, which id.Payment) (f Fiscal, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return Fiscal{}, err
	}
	err = d.update(func(o *op) error {
		f, err = o.retryFiscal(a, which)
		return err
	})
	return f, err
}

// RetryAttention does the same for what an attention is about.
func (d *Desk) RetryAttention(a access.Actor, which id.Attention) error {
	if err := a.Need(access.TakePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		if x.Kind != FiscalNotMade {
			return fault.New(fault.Conflict, "nothing_to_retry", "There is nothing here that could be tried again.")
		}
		_, err = o.retryFiscal(a, x.Payment)
		return err
	})
}

func (o *op) retryFiscal(a access.Actor, which id.Payment) (Fiscal, error) {
	f, ok, err := o.fiscals.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("receipt")
	}
	if err != nil {
		return f, err
	}
	if f.State != FiscalFailed {
		return f, errUnchanged
	}
	if device := o.d.cfg.Fiscal; device != nil {
		f.Device = device.Name() // nothing was registered at the one before
	}
	if err := o.queueFiscal(f); err != nil {
		return f, err
	}
	if f, _, err = o.fiscals.Get(o.tx, which); err != nil {
		return f, err
	}
	if f.State == FiscalFailed {
		return f, fault.New(fault.Conflict, "sale_not_registered", "The payment that this gives back has no fiscal receipt. Try that one first.")
	}
	return f, o.settleFiscal(a, f)
}

// settleFiscal ends what was raised about a record that is tried again.
func (o *op) settleFiscal(a access.Actor, f Fiscal) error {
	for x, err := range o.attention.All(o.tx) {
		if err != nil {
			return err
		}
		if x.Kind == FiscalNotMade && x.Payment == f.Payment {
			return o.attended(a, x, "fiscal.retry", map[string]any{"payment": f.Payment})
		}
	}
	return o.record(a, "fiscal.retry", map[string]any{"payment": f.Payment})
}

// acceptFiscal leaves a receipt unregistered, and with it those of the refunds
// that waited for it.
func (o *op) acceptFiscal(which id.Payment) error {
	f, ok, err := o.fiscals.Get(o.tx, which)
	if err != nil || !ok || f.State != FiscalFailed {
		return err
	}
	f.Accepted = true
	if err := o.putFiscal(f); err != nil {
		return err
	}
	return o.withRefunds(which, func(back Fiscal) error {
		back.State, back.Error, back.Accepted = FiscalFailed, notRegistered, true
		return o.putFiscal(back)
	})
}
