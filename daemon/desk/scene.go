package desk

import (
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/display/qr"
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
		return o.putScene(Scene{Desk: desk, Visit: v.ID, Revision: s.Revision + 1, Since: o.now})
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

// draw derives the scene of a desk as it is now.
func (o *op) draw(desk id.Desk, codes *qr.Cache) (display.Scene, error) {
	s, err := o.sceneOf(desk)
	if err != nil {
		return display.Scene{}, err
	}
	brand, err := o.brand()
	if err != nil {
		return display.Scene{}, err
	}
	at, err := o.preferred()
	if err != nil {
		return display.Scene{}, err
	}
	drawn := display.Scene{Kind: "idle", Sandbox: provider.IsTest(at), Brand: brand,
		Revision: strconv.FormatUint(s.Revision, 10)}
	if s.Visit == "" || !o.d.IsSynced() {
		return o.dress(drawn)
	}
	v, err := o.visit(s.Visit)
	if err != nil {
		return display.Scene{}, err
	}
	busy, err := o.busy(v)
	if err != nil {
		return display.Scene{}, err
	}
	drawn.Kind = o.kindOf(s, v, busy)
	return o.fill(drawn, s, v, codes)
}

// kindOf is the whole of R30 and R31: which scene the records call for. What
// was paid or closed never comes back by itself, whatever is added to it.
func (o *op) kindOf(s Scene, v visit.Visit, busy bool) string {
	fresh := o.now.Before(s.Ended.Add(outcomeTime))
	switch {
	case !s.Up() && fresh:
		return s.Outcome
	case !s.Up():
		return display.Idle
	case busy:
		return display.InProgress
	case v.CanLink() != nil:
		return display.Idle
	case s.failed() && fresh:
		return display.Failed
	}
	return display.QR
}

// busy tells whether somebody has the visit's checkout open now.
func (o *op) busy(v visit.Visit) (bool, error) {
	if v.Checkout == "" {
		return false, nil
	}
	c, err := o.checkout(v.Checkout)
	return v.Blocked(o.now) || c.State == visit.Processing || c.State == visit.Cancelling, err
}

func (o *op) fill(drawn display.Scene, s Scene, v visit.Visit, codes *qr.Cache) (display.Scene, error) {
	if drawn.Kind == display.Idle {
		return o.dress(drawn)
	}
	loc, err := o.location()
	if err != nil {
		return display.Scene{}, err
	}
	drawn.Visit = string(v.ID)
	drawn.Title = title(v, loc)
	drawn.Amount = money.Format(v.Due(), v.Currency, loc.Language)
	if drawn.Kind == display.Paid {
		drawn.Amount = money.Format(s.Amount, s.Currency, loc.Language)
	}
	if loc.ShowNames && drawn.Kind == "qr" {
		drawn.Greeting, _, _ = strings.Cut(v.Client.Name, " ")
	}
	if drawn.Kind == "failed" {
		// The code stays: it can be scanned again at once. Without a reason the
		// page says only that it failed.
		if s.Outcome == outcomeFailed {
			drawn.Reason = "declined"
		}
	} else if drawn.Kind != "qr" {
		return drawn, nil
	}
	l, err := o.link(v)
	if err != nil {
		return display.Scene{}, err
	}
	drawn.URL = l.ScanURL
	drawn.QRSVG, err = codes.SVG(l.ScanURL)
	return drawn, err
}

// title says what is paid for: services only where the location wants it
// (R31), else the short code, which staff and client can both read.
func title(v visit.Visit, loc Location) string {
	word, more := "Visit", "more"
	if loc.Language == "de" {
		word, more = "Besuch", "weitere"
	}
	if !loc.ShowServices || len(v.Lines) == 0 {
		return word + " " + v.Code
	}
	if n := len(v.Lines) - 1; n > 0 {
		return v.Lines[0].Name + " + " + strconv.Itoa(n) + " " + more
	}
	return v.Lines[0].Name
}

func (o *op) brand() (display.Brand, error) {
	loc, err := o.location()
	if err != nil {
		return display.Brand{}, err
	}
	at, err := o.preferred()
	return display.Brand{Name: loc.Name, Colour: loc.Colour, Language: loc.Language, Zone: loc.Zone, Sound: loc.Sound, Provider: properName(at)}, err
}

// properName is a provider's name as people write it.
func properName(name string) string {
	name = strings.TrimSuffix(name, provider.Testing)
	if name == "sumup" {
		return "SumUp"
	}
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}
