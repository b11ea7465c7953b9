package stripe

import (
	"context"
	"net/http"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

type wireRefunds struct {
	api.APIResource
	Object string       `json:"object"`
	Data   []wireRefund `json:"data"`
	More   bool         `json:"has_more"`
}

// Refund gives money back, or returns the refund made with the same Key as it
// is now. Whatever fails before it is asked for is as unclear as what fails
// after, since it may have been asked for the last time.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	amount, ok := toStripe(r.Amount, r.Currency)
	switch {
	case r.Payment == "":
		return provider.Refund{}, provider.Errorf(provider.Refused, "this payment has no id at Stripe")
	case r.Amount <= 0 || !ok:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this amount can't be given back in %q", r.Currency)
	case r.Key == "" || len(r.Key) > longestKey || len(r.Session) > 500:
		return provider.Refund{}, provider.Errorf(provider.Refused, "the refund has no key, or a long one")
	}
	if err := c.countedIn(ctx, r); err != nil {
		return provider.Refund{}, err
	}
	done, found, err := c.refundMade(ctx, r)
	if err != nil {
		return provider.Refund{}, err
	}
	q := outcall.Call{Method: http.MethodPost, Path: "/v1/refunds", Money: true}
	if !found {
		p := &api.RefundCreateParams{PaymentIntent: &r.Payment, Amount: &amount,
			Metadata: map[string]string{markName: markRefund, keyName: r.Key, sessionName: r.Session}}
		p.IdempotencyKey = &r.Key
		if err := c.ask(ctx, q, p, &done); err != nil {
			return provider.Refund{}, err
		}
	}
	got, ok := done.port()
	switch {
	case !ok:
		return provider.Refund{}, q.Garbled("a refund that makes no sense", nil)
	case got.Amount != r.Amount || got.Currency != r.Currency || got.Payment != r.Payment || got.Key != r.Key:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was used for another refund already")
	}
	return got, nil
}

// countedIn refuses a refund in other money than the payment's, which Stripe
// isn't told.
func (c *Client) countedIn(ctx context.Context, r provider.RefundRequest) error {
	q := outcall.Call{Method: http.MethodGet, Path: api.FormatURLPath("/v1/payment_intents/%s", r.Payment), Money: true}
	var w wireIntent
	if err := c.ask(ctx, q, &api.PaymentIntentRetrieveParams{}, &w); err != nil {
		return err
	}
	_, currency, ok := fromStripe(0, w.Currency)
	switch {
	case !ok || w.ID != r.Payment:
		return q.Garbled("a payment that makes no sense", nil)
	case currency != r.Currency:
		return provider.Errorf(provider.Refused, "the payment was in %s", currency)
	}
	return nil
}

// refundMade looks for a refund by its key among those of its payment.
func (c *Client) refundMade(ctx context.Context, r provider.RefundRequest) (wireRefund, bool, error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/refunds", Money: true}
	p := &api.RefundListParams{PaymentIntent: &r.Payment}
	p.Limit = api.Int64(100)
	for range mostPages {
		var w wireRefunds
		if err := c.ask(ctx, q, p, &w); err != nil {
			return wireRefund{}, false, err
		}
		if w.Object != "list" || w.More && len(w.Data) == 0 {
			return wireRefund{}, false, q.Garbled("a list that is none", nil)
		}
		for _, one := range w.Data {
			if one.Metadata[markName] == markRefund && one.Metadata[keyName] == r.Key {
				return one, true, nil
			}
		}
		if !w.More {
			return wireRefund{}, false, nil
		}
		p.StartingAfter = &w.Data[len(w.Data)-1].ID
	}
	return wireRefund{}, false, q.Garbled("a list without an end", nil)
}
