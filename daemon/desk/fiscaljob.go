package desk

import (
	"time"

	"countersign/daemon/fiscal"
)

// FiscalDevice returns the configured fiscal device of a name, and false if
// there is none.
func (d *Desk) FiscalDevice(name string) (fiscal.Device, bool) {
	device := d.cfg.Fiscal
	return device, device != nil && device.Name() == name
}

// fiscalWork hands out a receipt; that it is tried is stored before it is sent.
func (o *op) fiscalWork(w *Work) (ok bool, err error) {
	f, found, err := o.fiscals.Get(o.tx, w.Task.Value.Payment)
	if err != nil || !found || f.State != FiscalQueued {
		return false, err
	}
	f.Attempts++
	w.Receipt = f.Receipt
	return true, o.fiscals.Put(o.tx, f)
}

// fiscalAnswer takes in what became of an attempt. An answer that comes late,
// to a record which isn't queued any more, changes nothing.
func (d *Desk) fiscalAnswer(job string, take func(*op, *Fiscal) error) error {
	return d.update(func(o *op) error {
		task, ok, err := o.jobs.Get(o.tx, job)
		if err != nil || !ok {
			return err
		}
		f, ok, err := o.fiscals.Get(o.tx, task.Value.Payment)
		if err != nil || !ok || f.State != FiscalQueued {
			return err
		}
		return take(o, &f)
	})
}

// Registered takes in the number that the device gave a receipt. The refunds
// that waited for it are sent now.
func (d *Desk) Registered(job string, r fiscal.Record) error {
	return d.fiscalAnswer(job, func(o *op, f *Fiscal) error {
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		if r.At.IsZero() {
			r.At = o.now
		}
		f.State, f.Record, f.Error = FiscalDone, r, ""
		if err := o.putFiscal(*f); err != nil {
			return err
		}
		return o.withRefunds(f.Payment, o.queueFiscal)
	})
}

// NotRegistered ends the attempts of a receipt that the device refused, and
// raises it: nothing but a person can help.
func (d *Desk) NotRegistered(job, why string) error {
	return d.fiscalAnswer(job, func(o *op, f *Fiscal) error {
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		f.State, f.Error = FiscalFailed, why
		if err := o.putFiscal(*f); err != nil {
			return err
		}
		p, _, err := o.payments.Get(o.tx, f.Payment)
		if err != nil {
			return err
		}
		return o.putAttention(Attention{Kind: FiscalNotMade, Visit: p.Visit, Payment: f.Payment, Amount: f.Receipt.Amount, Currency: p.Currency,
			Refund: f.Receipt.Kind == fiscal.Refund})
	})
}

// PostponeFiscal stores why a receipt could not be registered yet, for those
// who look at its payment, and when it is tried again.
func (d *Desk) PostponeFiscal(job, why string, after time.Duration) error {
	return d.fiscalAnswer(job, func(o *op, f *Fiscal) error {
		if err := o.jobs.Fail(o.tx, job, why, o.now.Add(after)); err != nil || f.Error == why {
			return err // the screens needn't hear the same again at every attempt
		}
		f.Error = why
		return o.putFiscal(*f)
	})
}
