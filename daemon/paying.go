package daemon

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/display"
)

// How long people wait: a phone for its checkout, staff for a cancellation,
// and the tablet for a display that has painted.
const (
	openTime   = 12 * time.Second
	cancelTime = 5 * time.Second
	showTime   = 2 * time.Second
)

// OpenLink leads a person who goes on to pay to the provider's page (R10). It
// waits for the provider as long as a person would.
func (d *Daemon) OpenLink(ctx context.Context, t id.Token) (redirect string, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	tried := id.Checkout("")
	for {
		changed := d.desk.Changed()
		if tried != "" && d.refused(tried) {
			// A second checkout isn't made behind the client's back.
			return "", unavailable()
		}
		o, err := d.desk.Begin(t)
		if err != nil || !o.Pending {
			return o.URL, err
		}
		tried = o.Checkout
		select {
		case <-ctx.Done():
			return "", unavailable()
		case <-changed:
		}
	}
}

func (d *Daemon) refused(which id.Checkout) bool {
	state, err := d.desk.CheckoutState(which)
	return err == nil && state == visit.Failed
}

func unavailable() error {
	return fault.New(fault.Unavailable, "provider_unavailable",
		"The payment page can't be reached right now. Please try again in a moment.").After(10 * time.Second)
}

// settle has the open checkout of a visit cancelled, with link its link at the
// provider closed as well, and waits for the provider's answer (R14, R15). It
// returns false when none came in time.
func (d *Daemon) settle(ctx context.Context, which id.Visit, link bool) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, cancelTime)
	defer cancel()
	for {
		changed := d.desk.Changed()
		settled, err := d.desk.Settled(which, link)
		if err != nil || settled {
			return settled, err
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-changed:
		}
	}
}

// Link returns the payment link of a visit (R6). Where the provider hosts it, it
// is made at the first call, which waits for it.
func (d *Daemon) Link(ctx context.Context, a access.Actor, which id.Visit) (desk.Link, error) {
	if err := d.desk.AskLink(a, which); err != nil {
		return desk.Link{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	for {
		changed := d.desk.Changed()
		l, err := d.desk.Link(a, which)
		if err != nil || l.Waits == "" {
			return l, err
		}
		if l.Waits == desk.WaitsForRefusal {
			return desk.Link{}, noLink()
		}
		select {
		case <-ctx.Done():
			return desk.Link{}, noLink()
		case <-changed:
		}
	}
}

func noLink() error {
	return fault.New(fault.Unavailable, "provider_unavailable",
		"The payment provider hasn't made the link yet. Please try again in a moment.").After(10 * time.Second)
}

// Show puts a visit's code on a desk's displays and waits until one has
// painted it, two seconds at most (R29).
func (d *Daemon) Show(ctx context.Context, a access.Actor, which id.Visit, at id.Desk, replace bool) ([]display.Presence, error) {
	if err := d.desk.Show(a, which, at, replace); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, showTime)
	defer cancel()
	return d.hub.AwaitShown(ctx, string(at), string(which)), nil
}

// TakePayment records a payment at the desk. If it would be taken, an open
// checkout is cancelled at the provider first; if that can't be reached the
// payment is taken all the same, and money that still comes is booked and
// raised (R15, R20). What is refused or was taken before cancels nothing.
func (d *Daemon) TakePayment(ctx context.Context, a access.Actor, which id.Visit, by desk.Taking, k desk.Key) (ledger.Entry, error) {
	if err := d.clear(ctx, which)(d.desk.WouldCancel(a, which, by, k)); err != nil {
		return ledger.Entry{}, err
	}
	return d.desk.TakePayment(a, which, by, k)
}

// clear has the open checkout cancelled for what was found to make it stale,
// and passes on why that would be refused.
func (d *Daemon) clear(ctx context.Context, which id.Visit) func(cancels bool, err error) error {
	return func(cancels bool, err error) error {
		if err == nil && cancels {
			_, err = d.settle(ctx, which, true)
		}
		return err
	}
}

// EditVisit changes a visit; a checkout whose amount the edit makes stale is
// cancelled first (R15). An edit that is refused cancels nothing.
func (d *Daemon) EditVisit(ctx context.Context, a access.Actor, which id.Visit, version int64, p visit.Patch) (visit.Visit, error) {
	if err := d.clear(ctx, which)(d.desk.WouldCancelByEdit(a, which, version, p)); err != nil {
		return visit.Visit{}, err
	}
	return d.desk.EditVisit(a, which, version, p)
}

// UseMembership has a membership pay for a line (R22), which an open checkout
// doesn't know: it is cancelled first (R15).
func (d *Daemon) UseMembership(ctx context.Context, a access.Actor, which id.Visit, by desk.Covering, k desk.Key) (visit.Visit, error) {
	if err := d.clear(ctx, which)(d.desk.WouldCancelByUse(a, which, by, k)); err != nil {
		return visit.Visit{}, err
	}
	return d.desk.UseMembership(a, which, by, k)
}

// ReleaseMembership takes a membership off a line again; an open checkout is
// cancelled first (R15).
func (d *Daemon) ReleaseMembership(ctx context.Context, a access.Actor, which id.Visit, line id.Line, version int64, k desk.Key) (visit.Visit, error) {
	if err := d.clear(ctx, which)(d.desk.WouldCancelByRelease(a, which, line, version, k)); err != nil {
		return visit.Visit{}, err
	}
	return d.desk.ReleaseMembership(a, which, line, version, k)
}

// Refund gives a payment back (R23) and waits a little for the provider, so
// that mostly staff see at once how it ended. It may still be pending.
func (d *Daemon) Refund(ctx context.Context, a access.Actor, which id.Payment, g desk.Giving, k desk.Key) (desk.Refund, error) {
	r, err := d.desk.RefundPayment(a, which, g, k)
	if err != nil {
		return desk.Refund{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, cancelTime)
	defer cancel()
	for r.State == desk.RefundAsked {
		changed := d.desk.Changed()
		if r, err = d.desk.RefundOf(r.ID); err != nil || r.State != desk.RefundAsked {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, nil
		case <-changed:
		}
	}
	return r, nil
}

// Unblock lifts a block early (R14): the open checkout is cancelled at the
// provider first, and if it was paid meanwhile, the payment wins.
func (d *Daemon) Unblock(ctx context.Context, a access.Actor, which id.Visit) (visit.Visit, error) {
	if err := a.Need(access.OnlinePayments); err != nil {
		return visit.Visit{}, err
	}
	v, err := d.desk.Visit(access.System(), which)
	if err != nil || !v.Blocked(time.Now()) {
		return v, err
	}
	if _, err := d.settle(ctx, which, false); err != nil {
		return visit.Visit{}, err
	}
	return d.desk.Lift(a, which)
}
