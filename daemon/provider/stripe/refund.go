package stripe

import (
	"context"
	"net/http"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/stripe/stripeapi"
	"countersign/daemon/provider/stripe/stripesays"
)

// Refund gives money back, or returns the refund made with the same Key as it
// is now. Whatever fails before it is asked for is as unclear as what fails
// after, since it may have been asked for the last time.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	amount, ok := stripesays.Money().To(r.Amount, r.Currency)
	switch {
	case r.Payment == "":
		return provider.Refund{}, provider.Errorf(provider.Refused, "this payment has no id at Stripe")
	case r.Amount <= 0 || !ok:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this amount can't be given back in %q", r.Currency)
	case r.Key == "" || len(r.Key) > longestKey || len(r.Session) > 500:
		return provider.Refund{}, provider.Errorf(provider.Refused, "the refund has no key, or a long one")
	}
	done, err := c.refundMade(ctx, r)
	if err != nil {
		return provider.Refund{}, err
	}
	q := outcall.Call{Method: http.MethodPost, Path: "/v1/refunds", Money: true}
	if done.ID == "" {
		p := &api.RefundCreateParams{PaymentIntent: &r.Payment, Amount: &amount,
			Metadata: map[string]string{stripesays.MarkName: stripesays.MarkRefund, stripesays.KeyName: r.Key, stripesays.SessionName: r.Session}}
		p.IdempotencyKey = &r.Key
		if err := c.api.Ask(ctx, q, p, &done); err != nil {
			return provider.Refund{}, err
		}
	}
	got, ok := done.Port()
	switch {
	case !ok:
		return provider.Refund{}, q.Garbled("a refund that makes no sense", nil)
	case got.Amount != r.Amount || got.Currency != r.Currency || got.Payment != r.Payment || got.Key != r.Key:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was used for another refund already")
	}
	return got, nil
}

// refundMade looks for a refund by its key among those of its payment. One in
// other money than the payment's is refused, since Stripe isn't told it.
func (c *Client) refundMade(ctx context.Context, r provider.RefundRequest) (made stripesays.Refund, err error) {
	w, err := c.intent(ctx, r.Payment, true)
	if err != nil {
		return made, err
	}
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/refunds", Money: true}
	switch _, currency, ok := stripesays.Received(0, w.Currency); {
	case !ok:
		return made, q.Garbled("a payment that makes no sense", nil)
	case currency != r.Currency:
		return made, provider.Errorf(provider.Refused, "the payment was in %s", currency)
	}
	err = stripeapi.All(ctx, c.api, q, &api.RefundListParams{PaymentIntent: &r.Payment}, func(one stripesays.Refund) string { return one.ID },
		func(one stripesays.Refund) (bool, error) {
			found := one.Metadata[stripesays.MarkName] == stripesays.MarkRefund && one.Metadata[stripesays.KeyName] == r.Key
			if found {
				made = one
			}
			return found, nil
		})
	return made, err
}
