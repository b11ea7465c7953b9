package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// unclearTime is how long after an answer that says nothing we ask again.
const unclearTime = 30 * time.Second

// Answered takes in the provider's answer to a job about a checkout: the
// session as it is now. The job is done, unless the answer is a word that we
// don't know: then a person is told, and it is asked again.
func (d *Desk) Answered(job string, which id.Checkout, s provider.Session) error {
	return d.hear(LookedUp, func(o *op) error {
		if s.Status == provider.Unknown {
			return o.unknown(job, which, s)
		}
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		c, err := o.checkout(which)
		if err != nil {
			return err
		}
		if c.State == visit.Cancelling && s.Status == provider.Open {
			// Asked to cancel and still open: the provider refused to.
			c.KeptOpen = o.now
			if c.Apply(visit.StillOpen, o.now) {
				return o.putCheckout(c)
			}
			return nil
		}
		return o.absorb(c.Provider, s, o.now)
	})
}

func (o *op) unknown(job string, which id.Checkout, s provider.Session) error {
	if err := o.jobs.Fail(o.tx, job, "the provider's answer is not a state that we know", o.now.Add(unclearTime)); err != nil {
		return err
	}
	c, err := o.checkout(which)
	if err != nil {
		return err
	}
	return o.alarm(c, s)
}

// alarm raises a status that we don't know: it may mean money, and is never
// taken for any.
func (o *op) alarm(c visit.Checkout, s provider.Session) error {
	fresh, err := o.once(c.Provider + "/unknown/" + s.ID)
	if err != nil || !fresh {
		return err
	}
	return o.putAttention(Attention{Kind: UnknownStatus, Visit: c.Visit, Provider: c.Provider, Session: s.ID, Amount: c.Amount, Currency: c.Currency})
}

// Lost ends a checkout that its provider no longer knows, neither by its own id
// nor by ours: nobody can pay it there. Money that comes all the same is booked.
func (d *Desk) Lost(job string, which id.Checkout) error {
	return d.update(func(o *op) error {
		if job != "" {
			if err := o.jobs.Done(o.tx, job); err != nil {
				return err
			}
		}
		c, err := o.checkout(which)
		if err != nil {
			return err
		}
		return o.lose(c, lostReason)
	})
}

// lose ends a checkout of which nothing more will be heard, and has staff told.
func (o *op) lose(c visit.Checkout, reason string) error {
	c.Reason = reason
	if !c.Apply(visit.WasFailed, o.now) {
		return nil
	}
	if err := o.putAttention(Attention{Kind: LostCheckout, Visit: c.Visit, Provider: c.Provider, Session: c.Session, Amount: c.Amount, Currency: c.Currency}); err != nil {
		return err
	}
	return o.moved(c)
}

// lostReason is why a checkout failed that its provider has forgotten.
const lostReason = "the provider doesn't know it"

// Looked takes in what a provider answered when it was asked about a session,
// as the start-up sync does.
func (d *Desk) Looked(name string, s provider.Session) error {
	return d.hear(LookedUp, func(o *op) error { return o.absorb(name, s, o.now) })
}

// NotCreated ends a checkout that its provider did not make: it refused, or it
// could not be reached at all. The block is lifted, since nobody can be paying.
func (d *Desk) NotCreated(job string, which id.Checkout, reason string) error {
	return d.update(func(o *op) error {
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		c, err := o.checkout(which)
		if err != nil {
			return err
		}
		c.Reason = reason
		if !c.Apply(visit.WasRefused, o.now) {
			return nil
		}
		if err := o.putCheckout(c); err != nil {
			return err
		}
		v, err := o.visit(c.Visit)
		if err != nil || v.Checkout != c.ID {
			return err
		}
		v.Checkout, v.BlockedUntil = "", time.Time{}
		return o.put(v)
	})
}

// Unclear notes that nobody knows whether a checkout was made: the call timed
// out. The job stays, to look it up by our reference.
func (d *Desk) Unclear(job string, which id.Checkout, reason string, retry time.Duration) error {
	return d.update(func(o *op) error {
		if err := o.jobs.Fail(o.tx, job, reason, o.now.Add(retry)); err != nil {
			return err
		}
		c, err := o.checkout(which)
		if err != nil || !c.Apply(visit.CreateUnclear, o.now) {
			return err
		}
		return o.putCheckout(c)
	})
}

// Unsettled lists the checkouts that aren't final: those a start-up sync asks about.
func (d *Desk) Unsettled() (open []visit.Checkout, err error) {
	err = d.view(func(o *op) error {
		for c, err := range o.checkouts.Prefix(o.tx, o.byOpen, "") {
			if err != nil {
				return err
			}
			open = append(open, c)
		}
		return nil
	})
	return open, err
}
