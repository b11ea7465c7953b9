package sumup

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/keyless"
	"countersign/daemon/provider/outcall"
)

// Refund gives money back, or returns the refund made with the same Key: SumUp
// takes none, so that keyless looks for it.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	if r.Amount <= 0 || r.Payment == "" {
		return provider.Refund{}, provider.Errorf(provider.Refused, "nothing to give back, or no payment to give it back of")
	}
	return c.refunds.Refund(ctx, till{c}, r)
}

// till is SumUp as keyless knows it.
type till struct{ *Client }

// Ask makes a refund.
func (t till) Ask(ctx context.Context, r provider.RefundRequest) error {
	path := t.merchant("v1.0") + "/payments/" + url.PathEscape(r.Payment) + "/refunds"
	body := map[string]any{"amount": major(r.Amount, r.Currency)}
	return t.out.Do(ctx, outcall.Call{Method: http.MethodPost, Path: path, Body: body, Money: true}, &struct{}{})
}

// Refunds lists those of a payment.
func (t till) Refunds(ctx context.Context, r provider.RefundRequest) ([]keyless.Made, error) {
	x, err := t.transaction(ctx, r.Payment, true)
	if err == nil && x.Currency != r.Currency {
		err = provider.Errorf(provider.Refused, "the payment was in %s", x.Currency)
	}
	if err != nil {
		return nil, err
	}
	return x.refunds(r.Session)
}

// Ahead is how far SumUp's clock is before ours.
func (t till) Ahead() time.Duration { return t.out.Ahead() }

// transaction reads one.
func (c *Client) transaction(ctx context.Context, id string, money bool) (transaction, error) {
	q := outcall.Call{Method: http.MethodGet, Path: c.merchant("v2.1") + "/transactions?" + url.Values{"id": {id}}.Encode(), Money: money}
	var t transaction
	err := c.out.Do(ctx, q, &t)
	if err == nil && (t.ID != id || t.Currency == "" || t.Status == "") {
		err = q.Garbled("a transaction that makes no sense", nil)
	}
	return t, err
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

// refunds are those of a transaction, as SumUp lists them. A state nobody knows
// is taken for one that isn't final.
func (t *transaction) refunds(session string) (all []keyless.Made, err error) {
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
		all = append(all, keyless.Made{Refund: r, At: e.At})
	}
	return all, nil
}
