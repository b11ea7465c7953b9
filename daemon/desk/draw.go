package desk

import (
	"strconv"
	"strings"

	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/display/qr"
)

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
	l, err := o.link(v)
	if err != nil {
		return display.Scene{}, err
	}
	drawn.Kind = o.kindOf(s, v, busy, l)
	return o.fill(drawn, s, v, l, codes)
}

// kindOf is the whole of R30 and R31: which scene the records call for. What
// was paid or closed never comes back by itself, whatever is added to it.
// Until a provider has made its link there is nothing to scan.
func (o *op) kindOf(s Scene, v visit.Visit, busy bool, l Link) string {
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
	case l.ScanURL == "":
		return display.Idle
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

func (o *op) fill(drawn display.Scene, s Scene, v visit.Visit, l Link, codes *qr.Cache) (display.Scene, error) {
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
	if l.ScanURL == "" {
		return drawn, nil
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
	return display.Brand{Name: loc.Name, Colour: loc.Colour, Language: loc.Language, Zone: loc.Zone, Sound: loc.Sound, Provider: o.d.Company(at)}, err
}

// Company is a provider's name as its company writes it, "" for "".
func (d *Desk) Company(name string) string {
	name = strings.TrimSuffix(name, provider.Testing)
	if title := d.cfg.Titles[name]; title != "" {
		return title
	}
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}
