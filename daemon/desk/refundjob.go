package desk

import (
	"slices"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
)

// refundWork describes a refund to its provider.
func (o *op) refundWork(w *Work) (ok bool, err error) {
	r, found, err := o.refunds.Get(o.tx, w.Task.Value.Refund)
	if err != nil || !found || r.State != RefundAsked {
		return false, err
	}
	p, err := o.origin(r.Payment)
	if err != nil {
		return false, err
	}
	w.Asked, w.Unsure = r.At, w.Task.Attempts-1 > r.Idle
	taken, err := o.othersRefunds(r.Payment, p.ID)
	w.Refund = provider.RefundRequest{Key: string(r.ID), Session: p.Session, Payment: p.ProviderPayment, Amount: r.Amount,
		Currency: string(r.Currency), Reason: r.Reason, Asked: r.At, Again: w.Unsure, Taken: taken}
	return true, err
}

// othersRefunds are the provider's ids of the refunds of a payment that were
// booked as some key's.
func (o *op) othersRefunds(of ...id.Payment) (ids []string, err error) {
	for _, payment := range slices.Compact(of) {
		for other, err := range o.refunds.Where(o.tx, o.byPayment, string(payment)) {
			if err != nil {
				return nil, err
			}
			if other.State == RefundMade && other.AtThem != "" {
				ids = append(ids, other.AtThem)
			}
		}
	}
	return ids, nil
}

// asked finds the refund of ours that a provider speaks of: by our key, or by
// its own id if it named that when it said that the refund is pending.
func (o *op) asked(name string, r provider.Refund) (Refund, bool, error) {
	if r.Key == "" {
		return o.pending(name, r)
	}
	ours, ok, err := o.refunds.Get(o.tx, id.Payment(r.Key))
	return ours, ok && ours.Provider == name && ours.State == RefundAsked, err
}

func (o *op) pending(name string, r provider.Refund) (Refund, bool, error) {
	p, ok, err := o.paidAt(name, r.Session, r.Payment)
	if err != nil || !ok || r.ID == "" {
		return Refund{}, false, err
	}
	for ours, err := range o.refunds.Where(o.tx, o.byPayment, string(p.ID)) {
		if err != nil || ours.State == RefundAsked && ours.AtThem == r.ID {
			return ours, err == nil, err
		}
	}
	return Refund{}, false, nil
}

// refundMade books a refund that was asked for, as the provider made it.
func (o *op) refundMade(r Refund, made provider.Refund, at time.Time) error {
	p, err := o.unreserve(r)
	if err != nil {
		return err
	}
	if err := o.madeAs(r, made.ID); err != nil {
		return err
	}
	return o.bookRefund(r, p, made, at)
}

// madeAs keeps that a refund was made, and the provider's id of it.
func (o *op) madeAs(r Refund, at string) error {
	if err := o.clearedUp(r); err != nil {
		return err
	}
	r.State, r.AtThem, r.Unclear = RefundMade, at, ""
	return o.refunds.Put(o.tx, r)
}

// refundKnown ends a refund that was booked already.
func (o *op) refundKnown(r Refund, at string) error {
	if _, err := o.unreserve(r); err != nil {
		return err
	}
	if err := o.madeAs(r, at); err != nil || r.Visit == "" {
		return err
	}
	v, err := o.visit(r.Visit)
	if err != nil {
		return err
	}
	if err := o.voidCards(&v, r.Cards); err != nil {
		return err
	}
	if err := o.stopCards(&v, ledger.Entry{ID: r.Payment, Visit: v.ID, Amount: r.Amount, Currency: r.Currency}); err != nil {
		return err
	}
	if err := o.takeBack(&v, r.Return, ledger.Entry{ID: r.ID, Staff: r.Staff}); err != nil {
		return err
	}
	return o.put(v)
}

// unreserve gives free what was kept of a payment for a refund.
func (o *op) unreserve(r Refund) (posting, error) {
	p, ok, err := o.payments.Get(o.tx, r.Payment)
	if err == nil && !ok {
		err = fault.NotFound("payment")
	}
	if err != nil {
		return posting{}, err
	}
	p.Reserved -= r.Amount
	return p, o.payments.Put(o.tx, p)
}

// refundFailed ends a refund that the provider did not make: staff are told,
// since the client expects the money.
func (o *op) refundFailed(r Refund, why string) error {
	if err := o.clearedUp(r); err != nil {
		return err
	}
	r.Unclear = ""
	if err := o.refundEnded(r, why); err != nil {
		return err
	}
	return o.putAttention(Attention{Kind: RefundNotMade, Visit: r.Visit, Payment: r.Payment, Amount: r.Amount, Currency: r.Currency,
		Provider: r.Provider, Refund: true})
}

// refundEnded makes the money of a refund that was not made free again.
func (o *op) refundEnded(r Refund, why string) error {
	if _, err := o.unreserve(r); err != nil {
		return err
	}
	if err := o.releaseCards(r); err != nil {
		return err
	}
	r.State, r.Why = RefundDenied, why
	if err := o.refunds.Put(o.tx, r); err != nil || r.Visit == "" {
		return err
	}
	return o.tell(VisitChanged, Detail{Visit: r.Visit})
}

// pendingTime is how long after a provider said that a refund is pending it is
// asked again, by the same key: its event may never come.
const pendingTime = 10 * time.Minute

// RefundAnswered takes in the provider's answer to the request for a refund. If
// it is pending, an event will say how it ends, or asking again will. It may
// answer while somebody settles the refund by what they saw.
func (d *Desk) RefundAnswered(job string, made provider.Refund) error {
	return d.update(func(o *op) error {
		task, ok, err := o.jobs.Get(o.tx, job)
		if err != nil {
			return err
		}
		if !ok {
			r, _, err := o.refunds.Get(o.tx, id.Payment(job))
			if err != nil || !r.Seen {
				return err
			}
			made.Key = job
			return o.refunded(r.Provider, made, o.now)
		}
		if made.Status == provider.RefundPending {
			if err := o.nameRefund(task.Value.Refund, made.ID); err != nil {
				return err
			}
			return o.jobs.Fail(o.tx, job, "the refund is pending at the provider", o.now.Add(pendingTime))
		}
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		made.Key = string(task.Value.Refund)
		return o.refunded(task.Value.Provider, made, o.now)
	})
}

// nameRefund keeps the provider's id of a refund that is pending there.
func (o *op) nameRefund(which id.Payment, at string) error {
	r, ok, err := o.refunds.Get(o.tx, which)
	if err != nil || !ok || r.AtThem == at {
		return err
	}
	r.AtThem = at
	return o.refunds.Put(o.tx, r)
}

// RefundIdle puts off a refund after an attempt that surely moved nothing.
func (d *Desk) RefundIdle(job, why string, after time.Duration) error {
	return d.update(func(o *op) error {
		r, ok, err := o.refundOf(job)
		if err != nil || !ok {
			return err
		}
		r.Idle++
		if err := o.refunds.Put(o.tx, r); err != nil {
			return err
		}
		return o.jobs.Fail(o.tx, job, why, o.now.Add(after))
	})
}

// RefundUnsure puts off a refund after an attempt that may have made it, or one
// that doesn't tell what became of those before. Staff are told after a while:
// the client may have the money or not, and only a look at the provider's
// dashboard says which.
func (d *Desk) RefundUnsure(job, why string, after time.Duration) error {
	return d.update(func(o *op) error {
		r, ok, err := o.refundOf(job)
		if err != nil || !ok {
			return err
		}
		if err := o.raiseUnclear(r); err != nil {
			return err
		}
		return o.jobs.Fail(o.tx, job, why, o.now.Add(after))
	})
}

// refundOf is the refund that a job asks for; false once it has ended.
func (o *op) refundOf(job string) (Refund, bool, error) {
	task, ok, err := o.jobs.Get(o.tx, job)
	if err != nil || !ok {
		return Refund{}, false, err
	}
	r, ok, err := o.refunds.Get(o.tx, task.Value.Refund)
	return r, ok && r.State == RefundAsked, err
}

// RefundRefused ends a refund that the provider would not make.
func (d *Desk) RefundRefused(job, why string) error {
	return d.update(func(o *op) error {
		task, ok, err := o.jobs.Get(o.tx, job)
		if err != nil || !ok {
			return err
		}
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		r, ok, err := o.refunds.Get(o.tx, task.Value.Refund)
		if err != nil || !ok || r.State != RefundAsked {
			return err
		}
		return o.refundFailed(r, why)
	})
}
