package desk

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// Settled tells whether a visit has no checkout that money could still arrive
// through, and asks for the cancellation of those that there are. With link set
// that holds for the visit's links at the provider, too: somebody may have opened
// a page through one that we haven't heard of.
func (d *Desk) Settled(which id.Visit, link bool) (settled bool, err error) {
	err = d.update(func(o *op) error {
		var links []visit.Hosted
		if link {
			if links, err = o.openLinks(which); err != nil {
				return err
			}
		}
		asked := false
		for _, h := range links {
			asked = asked || h.State == visit.Standing
			if err := o.closeHosted(h); err != nil {
				return err
			}
		}
		open, err := o.openOf(which) // after that: those of the links are being closed with them
		if err != nil {
			return err
		}
		for _, c := range open {
			if c.State != visit.Open || c.Session == "" {
				continue
			}
			asked = true
			if err := o.askCancel(c); err != nil {
				return err
			}
		}
		if settled = len(links)+len(open) == 0; !asked {
			return errUnchanged
		}
		return nil
	})
	return settled, err
}

// openLinks lists the links of a visit at its provider that may still be paid through.
func (o *op) openLinks(which id.Visit) (open []visit.Hosted, err error) {
	for h, err := range o.hostings.Where(o.tx, o.byHost, string(which)) {
		if err != nil {
			return nil, err
		}
		if h.Open() {
			open = append(open, h)
		}
	}
	return open, nil
}

// cancelling tells whether a visit's checkout, or its link, waits for its end.
func (o *op) cancelling(which id.Visit) (bool, error) {
	links, err := o.openLinks(which)
	if err != nil {
		return false, err
	}
	for _, h := range links {
		if h.State == visit.Closing {
			return true, nil
		}
	}
	open, err := o.openOf(which)
	for _, c := range open {
		if c.State == visit.Cancelling {
			return true, err
		}
	}
	return false, err
}

// refusedTime is how long clients are told that a provider made no link, before
// it is asked for another.
const refusedTime = time.Minute

// lead answers who opens our own address of a visit that has a link at its
// provider, or is to have one: it leads there, since two ways to pay could both
// be taken (R10). false: there is none, and none is wanted.
func (o *op) lead(v visit.Visit) (Opening, bool, error) {
	h, ok, err := o.hosted(v.ID)
	if err != nil {
		return Opening{}, false, err
	}
	if ok && h.State == visit.Standing && h.Asks(v) {
		return Opening{URL: h.URL}, true, errUnchanged
	}
	_, hosting, err := o.linker()
	switch {
	case err != nil:
		return Opening{}, false, err
	case !hosting && !ok:
		return Opening{}, false, nil
	case !hosting: // nobody was given that one
		return Opening{}, false, o.closeHosted(h)
	case ok && h.State == visit.Making:
		return Opening{Pending: true}, true, errUnchanged
	case ok && o.now.Before(h.Created.Add(refusedTime)):
		return Opening{}, false, noProvider()
	}
	_, err = o.give(v)
	return Opening{Pending: true}, true, err
}
