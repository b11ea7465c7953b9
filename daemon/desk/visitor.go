package desk

import (
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// hostOf finds the link of ours that a session was opened through: the session
// carries the link's reference.
func (o *op) hostOf(name string, s provider.Session) (visit.Hosted, bool, error) {
	h, ok, err := o.hostings.Get(o.tx, id.Hosted(s.Reference))
	return h, ok && h.Provider == name && s.ID != "", err
}

// visitor is the checkout of somebody who opened a link of the provider's, of
// which we learn now (R37). Nothing is stored yet. What is paid through a link
// that the provider said was closed is late, also when it takes its time.
func (o *op) visitor(h visit.Hosted, s provider.Session) visit.Checkout {
	c := visit.Checkout{ID: o.d.ids.Checkout(), Visit: h.Visit, Provider: h.Provider, Session: s.ID, URL: s.URL, Amount: h.Amount,
		Currency: h.Currency, State: visit.Creating, Created: o.now, ExpiresAt: o.now.Add(CheckoutTime), BlockUntil: o.now.Add(BlockTime), Hosted: h.ID}
	switch {
	case h.State == visit.Closed && s.Status == provider.Processing:
		c.ClosedAt = o.now
	case h.State == visit.Closed:
		c.Apply(visit.WasCancelled, o.now)
	}
	return c
}

// visited stores the checkout of somebody who has opened a link. It blocks the
// visit from now (R13), but not anew while it is blocked: who reloads a page
// makes another session, and returning prolongs nothing. A page of a link that
// is being closed is left to the answer to that.
func (o *op) visited(c visit.Checkout, h visit.Hosted, s provider.Session) error {
	if s.Status != provider.Processing && (s.Status != provider.Open || h.State != visit.Standing) {
		return nil
	}
	v, err := o.visit(c.Visit)
	if err != nil {
		return err
	}
	c.VisitVersion = v.Version
	c.Apply(factOf(s.Status), o.now)
	if c.State == visit.Open && !v.Blocked(o.now) {
		v.BlockedUntil = c.BlockUntil
		if err := o.tell(LinkOpened, Detail{Visit: v.ID, Checkout: c.ID}); err != nil {
			return err
		}
	}
	c.BlockUntil = v.BlockedUntil
	if v.Checkout == "" || c.State == visit.Processing {
		v.Checkout = c.ID
	}
	// The provider's page would live for a day; ours for an hour (R10).
	job := Job{Kind: JobCancel, Checkout: c.ID, Provider: c.Provider}
	if err := o.jobs.Add(o.tx, "end-"+string(c.ID), c.ExpiresAt, job); err != nil {
		return err
	}
	if err := o.putCheckout(c); err != nil {
		return err
	}
	return o.put(v)
}

// besides is what it means for a visit that a checkout moved which isn't the one
// it names: money that is on its way is what counts.
func (o *op) besides(v visit.Visit, c visit.Checkout) error {
	if c.Hosted == "" || c.State != visit.Processing {
		return o.spent(c)
	}
	v.Checkout = c.ID
	return o.put(v)
}

// spent closes the link whose payment was begun and failed: it opens no second page.
func (o *op) spent(c visit.Checkout) error {
	if c.Hosted == "" || c.State != visit.Failed {
		return nil
	}
	h, err := o.hostedBy(c.Hosted)
	if err != nil {
		return err
	}
	return o.closeHosted(h)
}

// next is the checkout that a visit names after one of its own is over: another
// that was opened through the same link, or "".
func (o *op) next(v visit.Visit) (id.Checkout, error) {
	open, err := o.openOf(v.ID)
	if err != nil || len(open) == 0 {
		return "", err
	}
	for _, c := range open {
		if c.State == visit.Processing {
			return c.ID, nil
		}
	}
	return open[0].ID, nil
}
