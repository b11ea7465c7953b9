package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// How a visit's payment ended, as displays show it.
const (
	outcomePaid   = "paid"
	outcomeClosed = "closed" // paid at the desk
	outcomeFailed = "failed" // the provider said that it was declined
	outcomeLost   = "lost"   // it failed, and nobody declined it
)

// outcomeTime is how long paid, failed and closed stay on a display.
const outcomeTime = 8 * time.Second

// Scene is the record behind what a desk's displays show: which visit is up,
// and how the last payment of it ended. What is drawn is derived from it, the
// visit and its checkout at every look, so it can't be out of date.
type Scene struct {
	Desk     id.Desk        `json:"desk"`
	Visit    id.Visit       `json:"visit"`
	Revision uint64         `json:"revision"`
	Since    time.Time      `json:"since"`
	Outcome  string         `json:"outcome,omitempty"`
	Ended    time.Time      `json:"ended"`
	Amount   int64          `json:"amount,omitempty"`
	Currency money.Currency `json:"currency,omitempty"`
}

// Up tells whether the visit's code belongs on the desk's displays: it was not
// paid or closed since it was put there. After a failed payment it can be
// scanned again.
func (s Scene) Up() bool { return s.Visit != "" && (s.Outcome == "" || s.failed()) }

func (s Scene) failed() bool { return s.Outcome == outcomeFailed || s.Outcome == outcomeLost }

// Show puts a visit's code on a desk's displays (R29). Another visit's code is
// replaced, but one whose client is paying only with replace.
func (d *Desk) Show(a access.Actor, which id.Visit, desk id.Desk, replace bool) error {
	if err := a.Need(access.OnlinePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		v, err := o.visit(which)
		if err != nil {
			return err
		}
		if err := v.CanLink(); err != nil {
			return err
		}
		if _, ok, err := o.places.Get(o.tx, desk); err != nil || !ok {
			if err == nil {
				err = fault.NotFound("desk")
			}
			return err
		}
		s, err := o.sceneOf(desk)
		if err != nil {
			return err
		}
		if err := o.mayReplace(s, v.ID, replace); err != nil {
			return err
		}
		if err := o.hideElsewhere(v.ID, desk); err != nil {
			return err
		}
		if err := o.putScene(Scene{Desk: desk, Visit: v.ID, Revision: s.Revision + 1, Since: o.now}); err != nil {
			return err
		}
		_, err = o.give(v)
		return err
	})
}

func (o *op) sceneOf(desk id.Desk) (Scene, error) {
	s, _, err := o.scenes.Get(o.tx, desk)
	s.Desk = desk
	return s, err
}

func (o *op) putScene(s Scene) error {
	if err := o.scenes.Put(o.tx, s); err != nil {
		return err
	}
	return o.tell(DisplayChanged, Detail{Desk: s.Desk, Visit: s.Visit})
}

// mayReplace refuses to take a code away from a client who is paying.
func (o *op) mayReplace(s Scene, next id.Visit, replace bool) error {
	if !s.Up() || s.Visit == next || replace {
		return nil
	}
	v, err := o.visit(s.Visit)
	if err != nil || v.Checkout == "" {
		return err
	}
	c, err := o.checkout(v.Checkout)
	if err != nil {
		return err
	}
	if v.Blocked(o.now) || c.State == visit.Processing {
		return fault.New(fault.Conflict, "desk_busy", "A client is paying at this desk. Show this visit anyway?").
			With("visit", v.ID).With("desk", s.Desk)
	}
	return nil
}

// hideElsewhere takes a visit's code off every other desk: two clients must
// never scan the same one.
func (o *op) hideElsewhere(which id.Visit, keep id.Desk) error {
	scenes, err := o.showing(which)
	if err != nil {
		return err
	}
	for _, s := range scenes {
		if s.Desk == keep {
			continue
		}
		if err := o.putScene(Scene{Desk: s.Desk, Revision: s.Revision + 1, Since: o.now}); err != nil {
			return err
		}
	}
	return nil
}

// hideLikely takes down every code that money of an unknown session may have
// paid: the file may come from a backup that is older than the session, and a
// code that was paid must not be up again (R30). If it was for another visit,
// showing the code again costs a tap.
func (o *op) hideLikely(s provider.Session) error {
	for up, err := range o.scenes.All(o.tx) {
		if err != nil {
			return err
		}
		if !up.Up() {
			continue
		}
		v, err := o.visit(up.Visit)
		if err != nil {
			return err
		}
		if v.Due() != s.Amount || string(v.Currency) != s.Currency {
			continue
		}
		if err := o.putScene(Scene{Desk: up.Desk, Revision: up.Revision + 1, Since: o.now}); err != nil {
			return err
		}
	}
	return nil
}

func (o *op) showing(which id.Visit) (found []Scene, err error) {
	for s, err := range o.scenes.All(o.tx) {
		if err != nil {
			return nil, err
		}
		if s.Visit == which {
			found = append(found, s)
		}
	}
	return found, nil
}

// Hide clears a desk's displays.
func (d *Desk) Hide(a access.Actor, desk id.Desk) error {
	if err := a.Need(access.OnlinePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		if _, ok, err := o.places.Get(o.tx, desk); err != nil || !ok {
			if err == nil {
				err = fault.NotFound("desk")
			}
			return err
		}
		s, err := o.sceneOf(desk)
		if err != nil || s.Visit == "" {
			return err
		}
		return o.putScene(Scene{Desk: desk, Revision: s.Revision + 1, Since: o.now})
	})
}

// outcome ends the scene of a visit on every desk that shows it.
func (o *op) outcome(which id.Visit, how string, amount int64, currency money.Currency) error {
	scenes, err := o.showing(which)
	if err != nil {
		return err
	}
	for _, s := range scenes {
		s.Outcome, s.Ended, s.Amount, s.Currency = how, o.now, amount, currency
		if err := o.putScene(s); err != nil {
			return err
		}
	}
	return nil
}

// SceneOf returns the record of what a desk shows.
func (d *Desk) SceneOf(desk id.Desk) (s Scene, err error) {
	err = d.view(func(o *op) error {
		s, err = o.sceneOf(desk)
		return err
	})
	return s, err
}
