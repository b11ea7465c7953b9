package desk

import (
	"cmp"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/display/qr"
)

// Link is a visit's one payment link (R6). URL is sent and copied; ScanURL is
// what a code carries (R9), in capitals where the address allows it, since
// that makes the code coarser. Where the provider hosts links (R37) both are its
// own address, and empty while Waits says what for.
type Link struct {
	URL     string
	ScanURL string
	Token   id.Token
	State   visit.LinkState
	Waits   string // one of the below
}

// What a link at the provider waits for.
const (
	WaitsToBeAsked  = "not_asked"   // nobody has wanted one yet
	WaitsForAnswer  = "making"      // the provider is making it
	WaitsUnreached  = "unreachable" // it doesn't answer, and is asked again
	WaitsForRefusal = "refused"     // it said no: somebody has to see to that
)

// Link returns the payment link of a visit; the same at every call (R6). A link
// at the provider is asked for by AskLink.
func (d *Desk) Link(a access.Actor, which id.Visit) (l Link, err error) {
	if err := a.Need(access.OnlinePayments); err != nil {
		return Link{}, err
	}
	err = d.view(func(o *op) error {
		v, err := o.visit(which)
		if err != nil {
			return err
		}
		if clash := v.TaxClash(); len(clash) > 0 {
			return v.CanLink()
		}
		l, err = o.link(v)
		return err
	})
	return l, err
}

// AskLink has the payment link of a visit made, where the provider hosts it.
// Link tells when it is there.
func (d *Desk) AskLink(a access.Actor, which id.Visit) error {
	if err := a.Need(access.OnlinePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		v, err := o.visit(which)
		if err != nil {
			return err
		}
		l, err := o.link(v)
		switch {
		case err != nil:
			return err
		case l.Waits == "":
			return errUnchanged
		case v.CanLink() != nil:
			return v.CanLink()
		}
		_, err = o.give(v)
		return err
	})
}

// link is what is given out: the provider's own, if it is to be (R37), and
// otherwise ours. A link that was paid has a receipt here, and nothing there.
func (o *op) link(v visit.Visit) (Link, error) {
	l, err := o.ownLink(v)
	if err != nil || v.LinkState == visit.LinkCompleted {
		return l, err
	}
	if _, hosting, err := o.linker(); err != nil || !hosting {
		return l, err
	}
	h, ok, err := o.hosted(v.ID)
	l.URL, l.ScanURL, l.Waits = "", "", WaitsForAnswer
	switch {
	case err != nil:
		return Link{}, err
	case !ok:
		l.Waits = WaitsToBeAsked
	case h.State == visit.Standing && h.Asks(v):
		l.URL, l.ScanURL, l.Waits = h.URL, h.URL, ""
	case h.State == visit.Refusal:
		l.Waits = WaitsForRefusal
	case h.Trouble != "":
		l.Waits = WaitsUnreached
	}
	return l, nil
}

func (o *op) ownLink(v visit.Visit) (Link, error) {
	base, err := o.base()
	if err != nil {
		return Link{}, err
	}
	return Link{URL: base + "/p/" + string(v.Token), ScanURL: scanURL(base, "/s/"+string(v.Token)), Token: v.Token, State: v.LinkState}, nil
}

// base is the address that phones reach: the location's, else the daemon's own.
func (o *op) base() (string, error) {
	loc, err := o.location()
	if err != nil {
		return "", err
	}
	if loc.PublicURL != "" {
		return loc.PublicURL, nil
	}
	return strings.TrimRight(o.d.cfg.PublicURL(), "/"), nil
}

// PublicURL is the address that phones reach, without a final slash.
func (d *Desk) PublicURL() (base string, err error) {
	err = d.view(func(o *op) error {
		base, err = o.base()
		return err
	})
	return base, err
}

// scanURL puts an address in capitals, which alphanumeric mode needs, if all of
// base before the path is a host: paths of a proxy may mind the case.
func scanURL(base, path string) string {
	if strings.Contains(strings.TrimPrefix(strings.TrimPrefix(base, "https://"), "http://"), "/") {
		return base + path
	}
	return strings.ToUpper(base + path)
}

// DeskURL is what the printed code of a desk says (R32).
func (d *Desk) DeskURL(at id.Desk) (address string, err error) {
	err = d.view(func(o *op) error {
		if _, ok, err := o.places.Get(o.tx, at); err != nil || !ok {
			return cmp.Or(err, error(fault.NotFound("desk")))
		}
		base, err := o.base()
		address = scanURL(base, "/q/"+string(at))
		return err
	})
	return address, err
}

// FinestCode is the version of a code, as in qr.Code, that still scans well
// from two metres off a small display.
const FinestCode = 5

// CodeVersion is how fine the codes of payment links are at the public address.
func (d *Desk) CodeVersion() (int, error) {
	base, err := d.PublicURL()
	if err != nil {
		return 0, err
	}
	code, err := qr.Encode(scanURL(base, "/s/"+strings.Repeat("a", id.TokenLength)))
	return code.Version(), err
}

// Page is what a client's phone shows of a visit.
type Page struct {
	Visit    visit.Visit
	Location Location
	// State is active, in_progress, processing, paid (closed for good, with a
	// receipt), nothing_due or unavailable.
	State string
	// PayBy is the end of the block while a client is paying.
	PayBy    time.Time
	Provider string
	Payments []ledger.Entry
	// Cards are what was issued when the visit was paid: the buyer reads the
	// codes here.
	Cards   []Holding
	Fiscal  []Fiscal // the receipts of the payments that need one, in their order
	Sandbox bool
	company func(provider string) string
}

// Company is a provider's name as its company writes it, "" for "".
func (p Page) Company(provider string) string { return p.company(provider) }

// ByToken returns the page of a payment link. It changes nothing (R9).
func (d *Desk) ByToken(t id.Token) (p Page, err error) {
	err = d.view(func(o *op) error {
		v, ok, err := o.visits.First(o.tx, o.byToken, string(t))
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("link")
		}
		p, err = o.page(v)
		return err
	})
	return p, err
}

func (o *op) page(v visit.Visit) (p Page, err error) {
	at, err := o.preferred()
	if err != nil {
		return Page{}, err
	}
	p = Page{Visit: v, Provider: at, Sandbox: provider.IsTest(at), company: o.d.Company}
	if p.Location, err = o.location(); err != nil {
		return Page{}, err
	}
	if p.Payments, err = o.paymentsOf(v.ID); err != nil {
		return Page{}, err
	}
	if p.Fiscal, err = o.fiscalsOf(p.Payments); err != nil {
		return Page{}, err
	}
	if p.Cards, err = o.cardsOn(o.bySale, string(v.ID)); err != nil {
		return Page{}, err
	}
	if v.Blocked(o.now) {
		p.PayBy = v.BlockedUntil
	}
	p.State, err = o.linkState(v)
	return p, err
}

// linkState derives what a phone is told, from the visit and its checkout.
func (o *op) linkState(v visit.Visit) (string, error) {
	if v.LinkState == visit.LinkCompleted {
		return "paid", nil
	}
	if v.Checkout != "" {
		c, err := o.checkout(v.Checkout)
		if err != nil {
			return "", err
		}
		if c.State == visit.Processing {
			return "processing", nil
		}
		if v.Blocked(o.now) {
			return "in_progress", nil
		}
	}
	switch {
	case v.Due() == 0:
		return "nothing_due", nil
	case v.CanLink() != nil:
		return "unavailable", nil
	}
	return "active", nil
}

// Shown returns the payment link's token of the visit that is on a desk's
// displays now, "" if none is: where the desk's static QR leads (R32).
func (d *Desk) Shown(desk id.Desk) (t id.Token, err error) {
	err = d.view(func(o *op) error {
		if _, ok, err := o.places.Get(o.tx, desk); err != nil || !ok {
			if err == nil {
				err = fault.NotFound("desk")
			}
			return err
		}
		s, err := o.sceneOf(desk)
		if err != nil || !s.Up() {
			return err
		}
		v, err := o.visit(s.Visit)
		if err == nil && v.LinkState != visit.LinkCompleted && v.TaxClash() == nil && d.IsSynced() {
			t = v.Token
		}
		return err
	})
	return t, err
}
