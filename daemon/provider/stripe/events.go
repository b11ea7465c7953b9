package stripe

import (
	"context"
	"net/http"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/newest"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/stripe/stripeapi"
	"countersign/daemon/provider/stripe/stripesays"
)

// listed is for how long Stripe lists events, as its description says of them.
const listed = 30 * 24 * time.Hour

// In seconds: for how long Stripe lists events, and a little more; and what is
// read again, since one may be listed late.
const kept, overlap = 31 * 24 * 60 * 60, 5 * 60

// Events returns what happened after the cursor; "" is as far back as Stripe
// lists. Events of the last minutes are listed again, and after a backlog they
// are told again.
func (c *Client) Events(ctx context.Context, cursor string, limit int) (page provider.Page, err error) {
	history := newest.List[stripesays.Event]{Ask: c.history, Kept: kept, Overlap: overlap, Prefix: "evt_",
		ID: func(e stripesays.Event) string { return e.ID }, At: func(e stripesays.Event) int64 { return e.Created }}
	found, next, more, err := history.Read(ctx, cursor, min(max(limit, 1), 100))
	if err != nil {
		return page, err
	}
	page.Cursor, page.More = next, more
	for _, w := range found {
		e, known, err := w.Tell(c.isOurs(ctx))
		if err != nil {
			return provider.Page{}, err
		}
		if known {
			page.Events = append(page.Events, e)
		}
	}
	return page, nil
}

// history asks for one page of events, newest first.
func (c *Client) history(ctx context.Context, from, to int64, after string, limit int) ([]stripesays.Event, bool, error) {
	p := &api.EventListParams{Types: api.StringSlice(stripesays.Types())}
	if from > 0 || to > 0 {
		p.CreatedRange = &api.RangeQueryParams{GreaterThanOrEqual: from, LesserThan: to}
	}
	p.Limit = api.Int64(int64(limit))
	if after != "" {
		p.StartingAfter = &after
	}
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/events"}
	w, err := stripeapi.List[stripesays.Event](ctx, c.api, q, p)
	if err != nil {
		return nil, false, err
	}
	last := int64(1) << 62
	for _, e := range w.Data {
		if !e.Sound() || e.Created > last || e.Created < from || to > 0 && e.Created >= to || !e.Of(c.cfg.Account, c.api.Live()) {
			return nil, false, q.Garbled("a list of events that makes no sense", nil)
		}
		last = e.Created
	}
	return w.Data, w.More, nil
}

// isOurs asks whether a payment is, where that isn't known. What can't be told
// is ours: nothing of ours is left out.
func (c *Client) isOurs(ctx context.Context) func(payment string) (bool, error) {
	return func(payment string) (bool, error) {
		if ours, known := c.met(payment); known {
			return ours, nil
		}
		w, err := c.intent(ctx, payment, false)
		if kind := provider.KindOf(err); kind == provider.NotFound || kind == provider.Refused {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		ours := w.Metadata[stripesays.MarkName] == stripesays.MarkPayment
		c.meet(payment, ours)
		return ours, nil
	}
}

// intent reads a payment.
func (c *Client) intent(ctx context.Context, payment string, refunding bool) (w stripesays.Intent, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: api.FormatURLPath("/v1/payment_intents/%s", payment), Money: refunding}
	if err = c.api.Ask(ctx, q, &api.PaymentIntentRetrieveParams{}, &w); err == nil && w.ID != payment {
		err = q.Garbled("a payment that makes no sense", nil)
	}
	return w, err
}
