package stripe

import (
	"context"
	"net/http"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/stripe/stripeapi"
	"countersign/daemon/provider/stripe/stripesays"
)

// needs are calls like those of the adapter. Those that would change something
// name what doesn't exist.
func (c *Client) needs() []stripeapi.Need {
	one := api.ListParams{Limit: api.Int64(1)}
	all := []stripeapi.Need{
		{May: "Checkout Sessions, Payment Intents and Charges, read", Method: http.MethodGet, Path: "/v1/checkout/sessions",
			Params: &api.CheckoutSessionListParams{ListParams: one, Expand: []*string{api.String("data." + within)}}},
		{May: "Checkout Sessions, write", Method: http.MethodPost, Path: "/v1/checkout/sessions/cs_none/expire",
			Params: &api.CheckoutSessionExpireParams{}},
		{May: "Payment Intents, read", Method: http.MethodGet, Path: "/v1/payment_intents/pi_none", Params: &api.PaymentIntentRetrieveParams{}},
		{May: "Charges and Refunds, read", Method: http.MethodGet, Path: "/v1/refunds", Params: &api.RefundListParams{ListParams: one}},
		{May: "Charges and Refunds, write", Method: http.MethodPost, Path: "/v1/refunds",
			Params: &api.RefundCreateParams{PaymentIntent: api.String("pi_none")}},
		{May: "Events, read", Method: http.MethodGet, Path: "/v1/events", Params: &api.EventListParams{ListParams: one, Types: api.StringSlice(stripesays.Types())}},
	}
	if c.cfg.Links {
		all = append(all, stripeapi.Need{May: "Payment Links, write", Method: http.MethodPost, Path: "/v1/payment_links/plink_none",
			Params: &api.PaymentLinkUpdateParams{Active: api.Bool(false)}})
	}
	return all
}

// Check tries everything that the adapter needs and changes nothing. It can't
// tell whether webhooks arrive.
func (c *Client) Check(ctx context.Context) (provider.Holder, error) {
	h := provider.Holder{Live: c.api.Live()}
	if err := c.api.Shape(); err != nil {
		return h, err
	}
	for _, secret := range strings.Fields(c.cfg.Secret) {
		if !strings.HasPrefix(secret, "whsec_") {
			return h, provider.Errorf(provider.Refused, "The webhook's signing secret begins with whsec_: copy it from the webhook's page at Stripe.")
		}
	}
	who, err := c.api.Holder(ctx)
	if err != nil {
		return h, err
	}
	h.ID, h.Name = who.ID, who.Profile.Name
	if c.cfg.Account != "" && h.ID != "" && h.ID != c.cfg.Account {
		return h, provider.Errorf(provider.Refused, "The key is of the account %s, and not of %s.", h.ID, c.cfg.Account)
	}
	return h, c.api.Try(ctx, c.needs())
}
