package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// Times of a checkout: a visit is blocked for 15 minutes (R13), a checkout can
// be paid for one hour (R10).
const (
	BlockTime    = 15 * time.Minute
	CheckoutTime = time.Hour
)

// Opening is the answer to a client who wants to pay.
type Opening struct {
	Checkout id.Checkout
	// URL is the provider's page, once it is known.
	URL string
	// Pending means that a provider is still being asked: wait for a change
	// and begin again.
	Pending bool
}

// Begin opens a visit's payment link for a person who goes on to pay (R10): it
// returns to the checkout that is open if its amount still holds, and makes a
// new one, with its block, when there is none.
func (d *Desk) Begin(t id.Token) (b Opening, err error) {
	err = d.update(func(o *op) error {
		v, ok, err := o.visits.First(o.tx, o.byToken, string(t))
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("link")
		}
		if v.Checkout != "" {
			b, err = o.resume(v)
			return err
		}
		if err := v.CanLink(); err != nil {
			return err
		}
		if b, ok, err = o.lead(v); err != nil || ok {
			return err
		}
		b, err = o.start(v)
		return err
	})
	return b, err
}

// resume answers for a visit that has a checkout which isn't final.
func (o *op) resume(v visit.Visit) (Opening, error) {
	c, err := o.checkout(v.Checkout)
	if err != nil {
		return Opening{}, err
	}
	b := Opening{Checkout: c.ID, Pending: true}
	switch {
	case c.State == visit.Processing:
		return Opening{}, fault.New(fault.Conflict, "payment_processing",
			"Your payment is being processed. There is nothing more to do.")
	case c.Payable(o.now) && c.Amount == v.Due():
		if err := v.CanLink(); err != nil {
			return Opening{}, err
		}
		return Opening{Checkout: c.ID, URL: c.URL}, errUnchanged
	case c.State == visit.Open:
		// Stale, or past its hour by our clock: only the provider's word
		// closes it, so it is asked before another one is made (R10, R15).
		return b, o.askCancel(c)
	}
	return b, errUnchanged
}

// start makes a new checkout: the intent and its key are stored before the
// provider is called.
func (o *op) start(v visit.Visit) (Opening, error) {
	at, err := o.preferred()
	if err != nil {
		return Opening{}, err
	}
	if _, ok := o.d.Provider(at); !ok {
		return Opening{}, noProvider()
	}
	job := string(o.d.ids.Job())
	c := visit.Checkout{
		ID: o.d.ids.Checkout(), Visit: v.ID, Provider: at, Amount: v.Due(), Currency: v.Currency,
		State: visit.Creating, VisitVersion: v.Version, Created: o.now,
		ExpiresAt: o.now.Add(CheckoutTime), BlockUntil: o.now.Add(BlockTime), JobID: id.Job(job),
	}
	v.Checkout, v.BlockedUntil = c.ID, c.BlockUntil
	request, err := o.request(c, v)
	if err != nil {
		return Opening{}, err
	}
	if err := o.jobs.Add(o.tx, job, o.now, Job{Kind: JobCreate, Checkout: c.ID, Provider: c.Provider, Request: &request}); err != nil {
		return Opening{}, err
	}
	if err := o.tell(LinkOpened, Detail{Visit: v.ID, Checkout: c.ID}); err != nil {
		return Opening{}, err
	}
	if err := o.putCheckout(c); err != nil {
		return Opening{}, err
	}
	return Opening{Checkout: c.ID, Pending: true}, o.put(v)
}

// noProvider is where keys are missing or can't be read: nobody is kept waiting.
func noProvider() error {
	return fault.New(fault.Unavailable, "provider_unavailable",
		"Payments online aren't set up at the moment. Please ask at the reception.").After(time.Minute)
}

func (o *op) checkout(which id.Checkout) (visit.Checkout, error) {
	c, ok, err := o.checkouts.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("checkout")
	}
	return c, err
}

func (o *op) putCheckout(c visit.Checkout) error {
	if err := o.checkouts.Put(o.tx, c); err != nil {
		return err
	}
	until := c.BlockUntil
	return o.tell(CheckoutChanged, Detail{Visit: c.Visit, Checkout: c.ID, State: string(c.State), Amount: c.Amount,
		Currency: string(c.Currency), Until: &until, Provider: c.Provider})
}

// cancelPause is how long a provider that keeps a checkout open is left alone
// before it is asked again: whoever waits for the end asks at every change.
const cancelPause = 3 * time.Second

// askCancel requests the cancellation of an open checkout. It is a request:
// the checkout is cancelling until the provider answers, and what was paid
// meanwhile is booked.
func (o *op) askCancel(c visit.Checkout) error {
	if c.Session == "" || !c.Apply(visit.CancelAsked, o.now) {
		return nil
	}
	job := Job{Kind: JobCancel, Checkout: c.ID, Provider: c.Provider}
	due := o.now
	if again := c.KeptOpen.Add(cancelPause); again.After(due) {
		due = again
	}
	if err := o.jobs.Add(o.tx, "cancel-"+string(c.ID), due, job); err != nil {
		return err
	}
	return o.putCheckout(c)
}

// Lift ends the block of a visit early (R14). It is refused while a checkout
// isn't final: that one is cancelled at the provider first.
func (d *Desk) Lift(a access.Actor, which id.Visit) (v visit.Visit, err error) {
	if err := a.Need(access.OnlinePayments); err != nil {
		return visit.Visit{}, err
	}
	err = d.update(func(o *op) error {
		if v, err = o.visit(which); err != nil || v.BlockedUntil.IsZero() {
			return err
		}
		if v.Checkout != "" {
			return fault.New(fault.Unavailable, "provider_unavailable",
				"The payment provider hasn't confirmed that the checkout is cancelled. Please try again in a moment.").After(10 * time.Second)
		}
		v.BlockedUntil = time.Time{}
		if err := o.record(a, "visit.unblock", Detail{Visit: v.ID}); err != nil {
			return err
		}
		return o.put(v)
	})
	return v, err
}

// request describes a checkout to its provider. The key is the create job's id.
func (o *op) request(c visit.Checkout, v visit.Visit) (provider.Request, error) {
	loc, err := o.location()
	if err != nil {
		return provider.Request{}, err
	}
	l, err := o.ownLink(v)
	if err != nil {
		return provider.Request{}, err
	}
	r := provider.Request{Key: string(c.JobID), Reference: string(c.ID), Amount: c.Amount, Currency: string(c.Currency), Title: title(v, loc),
		Language: loc.Language, ReturnURL: l.URL, CancelURL: l.URL, ExpiresAt: c.ExpiresAt}
	if v.Client.Language != "" {
		r.Language = v.Client.Language
	}
	if v.Total() == c.Amount {
		for _, line := range v.Lines {
			total, err := line.Total()
			if err != nil {
				return provider.Request{}, err
			}
			r.Lines = append(r.Lines, provider.Line{Name: line.Name, Quantity: line.Quantity, Amount: total})
		}
	}
	return r, nil
}

// CheckoutState returns the state of a checkout.
func (d *Desk) CheckoutState(which id.Checkout) (state visit.State, err error) {
	err = d.view(func(o *op) error {
		c, err := o.checkout(which)
		state = c.State
		return err
	})
	return state, err
}

// LastCheckout returns the newest checkout of a visit, in whatever state.
func (d *Desk) LastCheckout(which id.Visit) (last visit.Checkout, err error) {
	err = d.view(func(o *op) error {
		for c, err := range o.checkouts.Where(o.tx, o.byOwner, string(which)) {
			if err != nil {
				return err
			}
			if c.Created.After(last.Created) {
				last = c
			}
		}
		return nil
	})
	return last, err
}
