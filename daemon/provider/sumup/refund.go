package sumup

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"countersign/daemon/provider"
)

// SumUp takes no key with a refund, so a lost answer leaves but one way to
// learn what happened: the refunds that the transaction lists. Refunds are
// asked for one at a time. Before the first request the transaction's refunds
// are noted; a new one of the same amount that no other key has is the one
// asked for. If there is none, it is asked for again only when SumUp has had
// settle to list it. What was noted is lost with the program: then a refund
// asked for Again is taken to have happened if one of its amount was made since
// it was Asked, by SumUp's clock. One made shortly before may be either, and
// stays Unclear: a person has to look, since nothing here refunds on a guess.
const (
	settle   = 10 * time.Minute
	doubtful = 30 * time.Second
	blind    = 5 * time.Minute // where SumUp doesn't say what time it is
	slack    = 2 * time.Second // it says so in whole seconds
)

// refunds are what is known of the refunds asked for.
type refunds struct {
	turn  chan struct{}     // who holds it may look at the rest, and ask for a refund
	since time.Time         // when this began to remember
	all   map[string]*asked // by key
}

// mostAsked is when those that have ended are forgotten.
const mostAsked = 1000

// asked is what is known of one key's refund.
type asked struct {
	provider.RefundRequest
	before []string  // refunds that can't be it; nil: not looked yet
	posted time.Time // the last request that may have been carried out; zero: none
	sure   bool      // SumUp said that it made it
	id     string    // it is this one
}

// made is a refund that SumUp lists.
type made struct {
	provider.Refund
	at time.Time
}

func newRefunds(now time.Time) refunds {
	return refunds{turn: make(chan struct{}, 1), since: now, all: map[string]*asked{}}
}

// Refund gives money back, or returns the refund made with the same Key.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	if r.Amount <= 0 || r.Payment == "" {
		return provider.Refund{}, provider.Errorf(provider.Refused, "nothing to give back, or no payment to give it back of")
	}
	select {
	case c.refunds.turn <- struct{}{}:
		defer func() { <-c.refunds.turn }()
	case <-ctx.Done():
		return provider.Refund{}, &provider.Error{Kind: provider.Unavailable, Text: "other refunds take too long", Cause: ctx.Err()}
	}
	a := c.refunds.of(r)
	if a.Amount != r.Amount || a.Payment != r.Payment {
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was for another refund")
	}
	found, err := c.refunded(ctx, a)
	if found.ID != "" || err != nil {
		return found, err
	}
	q := call{method: http.MethodPost, path: c.merchant("v1.0") + "/payments/" + url.PathEscape(r.Payment) + "/refunds",
		body: map[string]any{"amount": major(r.Amount, r.Currency)}, money: true}
	was := a.posted
	a.posted = time.Now()
	if _, err := c.do(ctx, q, &struct{}{}); err != nil {
		if provider.KindOf(err) != provider.Unclear {
			a.posted = was
		}
		return provider.Refund{}, err
	}
	a.sure = true
	if found, err = c.refunded(ctx, a); err == nil && found.ID == "" {
		err = provider.Errorf(provider.Unclear, "SumUp made the refund, and doesn't list it yet")
	}
	return found, err
}

// of is what is known of a key. Of one that was asked for before this began to
// remember, the last request may have gone out just then.
func (r *refunds) of(q provider.RefundRequest) *asked {
	if a := r.all[q.Key]; a != nil {
		return a
	}
	for key, a := range r.all {
		if len(r.all) >= mostAsked && a.id != "" {
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

// refunded looks for a key's refund; if it finds none, it may be asked for.
func (c *Client) refunded(ctx context.Context, a *asked) (provider.Refund, error) {
	t, date, err := c.transaction(ctx, a.Payment, true)
	if err == nil && t.Currency != a.Currency {
		err = provider.Errorf(provider.Refused, "the payment was in %s", t.Currency)
	}
	var all []made
	if err == nil {
		all, err = t.refunds(a.Session)
	}
	if err == nil && a.before == nil {
		err = a.note(all, date, time.Now())
	}
	if kind := provider.KindOf(err); !a.posted.IsZero() && (kind == provider.Refused || kind == provider.NotFound) {
		// Not to be read as the answer to a request that went before.
		err = &provider.Error{Kind: provider.Unclear, Text: "the refund may have happened", Cause: err}
	}
	if err != nil {
		return provider.Refund{}, err
	}
	for _, m := range all {
		if m.ID == a.id || a.id == "" && m.Amount == a.Amount && !slices.Contains(a.before, m.ID) && !c.refunds.has(m.ID) {
			a.id = m.ID
			return m.Refund, nil
		}
	}
	if a.sure || a.id != "" || !a.posted.IsZero() && time.Since(a.posted) < settle {
		return provider.Refund{}, provider.Errorf(provider.Unclear, "the refund may have happened; SumUp doesn't list it")
	}
	return provider.Refund{}, nil
}

// has tells whether a refund is known to be some key's.
func (r *refunds) has(id string) bool {
	for _, a := range r.all {
		if a.id == id {
			return true
		}
	}
	return false
}

// note notes which refunds can't be the one asked for: all there are before the
// first request, or those that are older than it. date is SumUp's clock.
func (a *asked) note(all []made, date, now time.Time) error {
	before, since, doubt := []string{}, a.Asked, blind
	if !date.IsZero() {
		since, doubt = since.Add(date.Sub(now)), doubtful
	}
	for _, m := range all {
		switch {
		case !a.Again || m.Amount != a.Amount || !m.at.IsZero() && m.at.Before(since.Add(-doubt)):
			before = append(before, m.ID)
		case m.at.Before(since.Add(-slack)):
			return provider.Errorf(provider.Unclear, "this amount was given back shortly before: please look at SumUp's dashboard")
		}
	}
	a.before = before
	return nil
}

// transaction reads one, and what SumUp's clock says.
func (c *Client) transaction(ctx context.Context, id string, money bool) (transaction, time.Time, error) {
	q := call{method: http.MethodGet, path: c.merchant("v2.1") + "/transactions", query: url.Values{"id": {id}}, money: money}
	var t transaction
	a, err := c.do(ctx, q, &t)
	if err == nil && (t.ID != id || t.Currency == "" || t.Status == "") {
		err = q.garbled("a transaction that makes no sense", nil)
	}
	return t, a.date, err
}

// happened are a transaction's events of a type, in whichever of its lists.
func (t *transaction) happened(kind string) (all []happening) {
	for _, e := range slices.Concat(t.Events, t.Details) {
		if (e.Type == kind || e.Kind == kind) && !slices.ContainsFunc(all, func(o happening) bool { return o.ID == e.ID }) {
			all = append(all, e)
		}
	}
	return all
}

// refunds are those of a transaction, as SumUp lists them.
func (t *transaction) refunds(session string) (all []made, err error) {
	for _, e := range t.happened("REFUND") {
		amount, ok := minor(e.Amount, t.Currency)
		if !ok || amount <= 0 || e.ID == "" {
			return nil, provider.Errorf(provider.Unclear, "a refund that makes no sense")
		}
		r := provider.Refund{ID: e.ID.String(), Payment: t.ID, Session: session, Amount: amount, Currency: t.Currency, Status: provider.RefundPending}
		switch e.Status {
		case "REFUNDED", "SUCCESSFUL", "RECONCILED", "PAID_OUT":
			r.Status = provider.RefundSucceeded
		case "FAILED":
			r.Status = provider.RefundFailed
		}
		all = append(all, made{r, e.At})
	}
	return all, nil
}
