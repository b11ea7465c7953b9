// Package keyless asks for refunds at vendors that take no idempotency key with
// them, so that the same Key never gives money back twice all the same.
//
// A lost answer leaves but one way to learn what happened: the refunds that the
// vendor lists of the payment. Refunds are asked for one at a time. Before a
// key's first request the payment's refunds are noted; a new one of its amount
// that is no other key's is the one asked for. If there is none, it is asked for
// again only when the vendor has had the time to list it.
//
// What was noted is lost with the program. Then a refund asked for Again is
// taken to have happened if one of its amount was made since it was Asked, by
// the vendor's clock, and isn't Taken. One made shortly before may be either, and
// stays Unclear: a person has to look, since nothing here gives money back on a
// guess.
package keyless

import (
	"context"
	"slices"
	"time"

	"countersign/daemon/provider"
)

const (
	// settle is how long a vendor may take to list a refund that it makes.
	settle = 10 * time.Minute
	// doubt is how far before Asked a refund may still be the one asked for.
	doubt = 30 * time.Second
	slack = 2 * time.Second // vendors say what time it is in whole seconds
	// most is how many keys are remembered before those that ended are forgotten.
	most = 1000
)

// Vendor is what can be asked of one. Its errors are *provider.Error.
type Vendor interface {
	// Refunds lists all of a payment's refunds, and Refused where they can't be
	// asked for as wanted. What isn't known is Unclear.
	Refunds(ctx context.Context, r provider.RefundRequest) ([]Made, error)
	// Ask makes a refund. Any kind but Unclear says that it did not.
	Ask(ctx context.Context, r provider.RefundRequest) error
	// Ahead is how far the vendor's clock is before ours.
	Ahead() time.Duration
}

// Made is a refund that a vendor lists, with its time by the vendor's clock.
type Made struct {
	provider.Refund
	At time.Time
}

// Refunds are what is known of those asked for at one account.
type Refunds struct {
	turn  chan struct{}     // who holds it may look at the rest, and ask
	since time.Time         // when this began to remember
	all   map[string]*asked // by key
}

// asked is what is known of one key's refund.
type asked struct {
	provider.RefundRequest
	before []string  // refunds that can't be it; nil: not looked yet
	posted time.Time // the last request that may have been carried out; zero: none
	sure   bool      // the vendor said that it made it
	id     string    // it is this one
}

// New is for an account of which nothing is remembered.
func New(now time.Time) *Refunds {
	return &Refunds{turn: make(chan struct{}, 1), since: now, all: map[string]*asked{}}
}

// Refund asks for a refund, or returns the one made with the same Key.
func (r *Refunds) Refund(ctx context.Context, v Vendor, q provider.RefundRequest) (provider.Refund, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return provider.Refund{}, &provider.Error{Kind: provider.Unavailable, Text: "the refunds before it take too long", Cause: ctx.Err()}
	}
	a := r.of(q)
	if a.Amount != q.Amount || a.Payment != q.Payment || a.Currency != q.Currency {
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was for another refund")
	}
	made, err := r.look(ctx, v, a)
	if made.ID != "" || err != nil {
		return made, err
	}
	was := a.posted
	a.posted = time.Now()
	if err := v.Ask(ctx, q); err != nil {
		if provider.KindOf(err) != provider.Unclear {
			a.posted = was
		}
		return provider.Refund{}, err
	}
	a.sure = true
	return r.look(ctx, v, a)
}

// of is what is known of a key. Of one that was asked for before this began to
// remember, the last request may have gone out just then.
func (r *Refunds) of(q provider.RefundRequest) *asked {
	if a := r.all[q.Key]; a != nil {
		return a
	}
	for key, a := range r.all {
		if len(r.all) >= most && a.id != "" {
			delete(r.all, key)
		}
	}
	a := &asked{RefundRequest: q}
	if q.Again {
		a.posted = r.since
	}
	r.all[q.Key] = a
	return a
}

// look looks for a key's refund; where it finds none and has no error, it may
// be asked for.
func (r *Refunds) look(ctx context.Context, v Vendor, a *asked) (provider.Refund, error) {
	all, err := v.Refunds(ctx, a.RefundRequest)
	if err == nil && a.before == nil {
		err = a.note(all, v.Ahead())
	}
	if kind := provider.KindOf(err); !a.posted.IsZero() && (kind == provider.Refused || kind == provider.NotFound) {
		// Not to be read as the answer to a request that went before.
		err = &provider.Error{Kind: provider.Unclear, Text: "the refund may have happened", Cause: err}
	}
	if err != nil {
		return provider.Refund{}, err
	}
	// Keys that surely have one come first: another may not take it for its own.
	for _, o := range r.all {
		if o.sure && o.Payment == a.Payment {
			r.claim(o, all)
		}
	}
	if m, ok := r.claim(a, all); ok {
		return m.Refund, nil
	}
	if a.sure || a.id != "" || !a.posted.IsZero() && time.Since(a.posted) < settle {
		return provider.Refund{}, provider.Errorf(provider.Unclear, "the refund may have happened, and isn't listed")
	}
	return provider.Refund{}, nil
}

// claim finds a key's refund among all of its payment.
func (r *Refunds) claim(a *asked, all []Made) (Made, bool) {
	for _, m := range all {
		if m.ID == a.id || a.id == "" && m.Amount == a.Amount && !slices.Contains(a.before, m.ID) && !r.has(m.ID) {
			a.id = m.ID
			return m, true
		}
	}
	return Made{}, false
}

// has tells whether a refund is known to be some key's.
func (r *Refunds) has(id string) bool {
	for _, a := range r.all {
		if a.id == id {
			return true
		}
	}
	return false
}

// note notes which refunds can't be the one asked for: all there are before the
// first request, or those that are older than it.
func (a *asked) note(all []Made, ahead time.Duration) error {
	before, since := []string{}, a.Asked.Add(ahead)
	for _, m := range all {
		switch {
		case slices.Contains(a.Taken, m.ID), !a.Again || m.Amount != a.Amount || !m.At.IsZero() && m.At.Before(since.Add(-doubt)):
			before = append(before, m.ID)
		case m.At.Before(since.Add(-slack)):
			return provider.Errorf(provider.Unclear, "this amount was given back shortly before: please look at the provider's dashboard")
		}
	}
	a.before = before
	return nil
}
