package desk

import (
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

func (o *op) hostedBy(which id.Hosted) (visit.Hosted, error) {
	h, ok, err := o.hostings.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("link")
	}
	return h, err
}

// linkWork hands out what a job about a link needs. A link that nobody wants
// any more and the provider was never asked for needs no asking.
func (o *op) linkWork(w *Work) (ok bool, err error) {
	job := w.Task.Value
	if w.Hosted, err = o.hostedBy(job.Hosted); err != nil {
		return false, err
	}
	if job.Kind == JobUnlink {
		return w.Hosted.State == visit.Closing, nil
	}
	if job.Request != nil {
		w.Request = *job.Request
	}
	if w.Hosted.State == visit.Unwanted && w.Task.Attempts == 1 {
		w.Hosted.Apply(visit.HostedGone, o.now)
		return false, o.putHosted(w.Hosted)
	}
	return w.Hosted.State == visit.Making || w.Hosted.State == visit.Unwanted, nil
}

// LinkMade takes in the link that a provider made. One that nobody wants any
// more is closed at once.
func (d *Desk) LinkMade(job string, which id.Hosted, l provider.Link) error {
	return d.linkAnswered(job, which, func(o *op, h visit.Hosted) error {
		h.Link, h.URL, h.Trouble = l.ID, l.URL, ""
		if !h.Apply(visit.HostedMade, o.now) {
			return nil
		}
		if h.State == visit.Closing {
			if err := o.unlink(h); err != nil {
				return err
			}
		}
		return o.putHosted(h)
	})
}

// LinkRefused ends a link that its provider would not make. The tablet says so,
// and it is asked for again when somebody wants it again.
func (d *Desk) LinkRefused(job string, which id.Hosted, reason string) error {
	return d.linkAnswered(job, which, func(o *op, h visit.Hosted) error {
		h.Trouble = reason
		if !h.Apply(visit.HostedRefused, o.now) {
			return nil
		}
		return o.putHosted(h)
	})
}

func (d *Desk) linkAnswered(job string, which id.Hosted, do func(*op, visit.Hosted) error) error {
	return d.update(func(o *op) error {
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		h, err := o.hostedBy(which)
		if err != nil {
			return err
		}
		return do(o, h)
	})
}

// LinkTrouble stores why an attempt to make a link failed, which the tablet
// says, and when to try again.
func (d *Desk) LinkTrouble(job string, which id.Hosted, reason string, after time.Duration) error {
	return d.update(func(o *op) error {
		if err := o.jobs.Fail(o.tx, job, reason, o.now.Add(after)); err != nil {
			return err
		}
		h, err := o.hostedBy(which)
		if err != nil || h.Trouble != "" {
			return err
		}
		h.Trouble = reason
		return o.putHosted(h)
	})
}

// LinkClosed takes in the provider's answer to the closing of a link: the pages
// that were opened through it, as they are after that. One may be paid. A word
// that isn't known is raised, and it is asked again.
func (d *Desk) LinkClosed(job string, which id.Hosted, sessions []provider.Session) error {
	return d.update(func(o *op) error {
		h, err := o.hostedBy(which)
		if err != nil {
			return err
		}
		for _, s := range sessions {
			if err := o.absorb(h.Provider, s, o.now); err != nil {
				return err
			}
			if s.Status == provider.Unknown {
				return o.jobs.Fail(o.tx, job, "the provider's answer is not a state that we know", o.now.Add(unclearTime))
			}
		}
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
		return o.linkGone(which)
	})
}

// LinkLost ends a link that its provider doesn't know: it opens nothing.
func (d *Desk) LinkLost(which id.Hosted) error {
	return d.update(func(o *op) error { return o.linkGone(which) })
}

// linkGone ends a link. Its checkouts that weren't heard of are asked to be
// cancelled one by one; a visit that is on show has the next link made.
func (o *op) linkGone(which id.Hosted) error {
	h, err := o.hostedBy(which) // anew: a payment that was just booked changes it
	if err != nil || !h.Apply(visit.HostedGone, o.now) {
		return err
	}
	for _, job := range []string{string(h.JobID), unlinkJob(h.ID)} {
		if err := o.jobs.Done(o.tx, job); err != nil {
			return err
		}
	}
	if err := o.putHosted(h); err != nil {
		return err
	}
	open, err := o.openOf(h.Visit)
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Hosted != h.ID {
			continue
		}
		c.Apply(visit.StillOpen, o.now)
		if err := o.askCancel(c); err != nil {
			return err
		}
	}
	v, err := o.visit(h.Visit)
	if err != nil {
		return err
	}
	return o.relinkShown(v, remakeTime)
}

// LinkTold takes in what a provider said when it was asked about a link: whether
// it still opens pages, and those that were opened. One that was taken down over
// there is closed here, with the pages that live on.
func (d *Desk) LinkTold(which id.Hosted, active bool, sessions []provider.Session) error {
	return d.update(func(o *op) error {
		h, err := o.hostedBy(which)
		if err != nil {
			return err
		}
		changed := false
		for _, s := range sessions {
			if old, err := o.toldBefore(h.Provider, s); err != nil {
				return err
			} else if old {
				continue
			}
			changed = true
			if err := o.absorb(h.Provider, s, o.now); err != nil {
				return err
			}
		}
		if h, err = o.hostedBy(which); err != nil {
			return err
		}
		if !active && h.State == visit.Standing {
			return o.closeHosted(h)
		}
		if !changed {
			return errUnchanged
		}
		return nil
	})
}

// toldBefore tells whether a session says nothing new: links on show are asked
// about every other second, and mostly nothing has happened.
func (o *op) toldBefore(name string, s provider.Session) (bool, error) {
	c, known, err := o.checkoutOf(name, s)
	if err != nil || !known {
		return err == nil && s.Status.Closed() && s.Status != provider.Paid, err
	}
	if s.Status == provider.Paid {
		return c.State == visit.Paid && c.Payment == s.Payment, nil
	}
	after := c
	return s.Status != provider.Unknown && !after.Apply(factOf(s.Status), o.now), nil
}

// Watched is a link that its provider is asked about.
type Watched struct {
	visit.Hosted
	Up bool // it is on a display
}

// WatchedLinks lists the links of a provider through which somebody may still
// pay; all providers' for "".
func (d *Desk) WatchedLinks(name string) (open []Watched, err error) {
	err = d.view(func(o *op) error {
		up := map[id.Visit]bool{}
		for s, err := range o.scenes.All(o.tx) {
			if err != nil {
				return err
			}
			up[s.Visit] = up[s.Visit] || s.Up()
		}
		for h, err := range o.hostings.Prefix(o.tx, o.byHost, "") {
			if err != nil {
				return err
			}
			if h.Open() && (name == "" || h.Provider == name) {
				open = append(open, Watched{Hosted: h, Up: up[h.Visit]})
			}
		}
		return nil
	})
	return open, err
}

// linked walks the links at providers: one a visit that isn't on its way out,
// which asks for what is due, and a job for each that waits for an answer (R37).
func (c *inspection) linked() error {
	current := map[id.Visit]int{}
	for h, err := range c.hostings.Prefix(c.tx, c.byHost, "") {
		if err != nil {
			return err
		}
		v, ok, err := c.owner(h.Visit, "link "+string(h.ID))
		if err != nil {
			return err
		}
		if h.Current() {
			current[h.Visit]++
		}
		if ok && h.Current() && !h.Asks(v) {
			c.fail("R37", "link %s is %s and asks for %d %s, visit %s for %d", h.ID, h.State, h.Amount, h.Currency, v.ID, v.Due())
		}
		job := string(h.JobID)
		switch h.State {
		case visit.Standing, visit.Refusal:
			continue
		case visit.Closing:
			job = unlinkJob(h.ID)
		}
		if _, ok, err := c.jobs.Get(c.tx, job); err != nil || !ok {
			c.fail("R41", "link %s is %s, and no job is queued for it: %v", h.ID, h.State, err)
		}
	}
	for v, n := range current {
		if n > 1 {
			c.fail("R37", "visit %s has %d links", v, n)
		}
	}
	return nil
}
