package stripe

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// Live says whether real money moves, which the key tells. It asks nobody.
func (c *Client) Live(context.Context) (bool, error) { return live(c.cfg.Key), nil }

var keyShape = regexp.MustCompile(`^[sr]k_(test|live)_[A-Za-z0-9_]+$`)

// need is a call that tells whether the key may do something. Those that would
// change something name what doesn't exist.
type need struct {
	may          string // as it is called where keys are made
	method, path string
	params       api.ParamsContainer
}

func (c *Client) needs() []need {
	one := api.ListParams{Limit: api.Int64(1)}
	all := []need{
		{"Checkout Sessions, Payment Intents and Charges, read", http.MethodGet, "/v1/checkout/sessions",
			&api.CheckoutSessionListParams{ListParams: one, Expand: []*string{api.String("data." + within)}}},
		{"Checkout Sessions, write", http.MethodPost, "/v1/checkout/sessions/cs_none/expire", &api.CheckoutSessionExpireParams{}},
		{"Payment Intents, read", http.MethodGet, "/v1/payment_intents/pi_none", &api.PaymentIntentRetrieveParams{}},
		{"Charges and Refunds, read", http.MethodGet, "/v1/refunds", &api.RefundListParams{ListParams: one}},
		{"Charges and Refunds, write", http.MethodPost, "/v1/refunds", &api.RefundCreateParams{PaymentIntent: api.String("pi_none")}},
		{"Events, read", http.MethodGet, "/v1/events", &api.EventListParams{ListParams: one, Types: api.StringSlice(types())}},
	}
	if c.cfg.Links {
		all = append(all, need{"Payment Links, write", http.MethodPost, "/v1/payment_links/plink_none",
			&api.PaymentLinkUpdateParams{Active: api.Bool(false)}})
	}
	return all
}

type wireAccount struct {
	api.APIResource
	ID       string `json:"id"`
	Currency string `json:"default_currency"`
	Profile  struct {
		Name string `json:"name"`
	} `json:"business_profile"`
	Charges *bool `json:"charges_enabled"`
}

type anything struct{ api.APIResource }

// Check tries everything that the adapter needs and changes nothing. It can't
// tell whether webhooks arrive.
func (c *Client) Check(ctx context.Context) (provider.Holder, error) {
	h := provider.Holder{Live: live(c.cfg.Key)}
	switch {
	case strings.HasPrefix(c.cfg.Key, "pk_"):
		return h, provider.Errorf(provider.Refused, "This is the publishable key. Stripe's secret or restricted key is needed: it begins with sk_ or rk_.")
	case !keyShape.MatchString(c.cfg.Key):
		return h, provider.Errorf(provider.Refused, "This is not a key of Stripe's: it begins with sk_test_, sk_live_, rk_test_ or rk_live_.")
	}
	for _, secret := range strings.Fields(c.cfg.Secret) {
		if !strings.HasPrefix(secret, "whsec_") {
			return h, provider.Errorf(provider.Refused, "The webhook's signing secret begins with whsec_: copy it from the webhook's page at Stripe.")
		}
	}
	if err := c.holder(ctx, &h); err != nil {
		return h, err
	}
	if c.cfg.Account != "" && h.ID != "" && h.ID != c.cfg.Account {
		return h, provider.Errorf(provider.Refused, "The key is of the account %s, and not of %s.", h.ID, c.cfg.Account)
	}
	for _, n := range c.needs() {
		err := c.ask(ctx, outcall.Call{Method: n.method, Path: n.path}, n.params, &anything{})
		if code, _ := refused(err); err == nil || provider.KindOf(err) == provider.NotFound || code == api.ErrorCodeResourceMissing {
			continue // it was let in
		}
		return h, c.explain(err, n.may)
	}
	return h, nil
}

// holder asks whose account it is. A restricted key that may not read it is
// told its id all the same, in the refusal.
func (c *Client) holder(ctx context.Context, h *provider.Holder) error {
	var w wireAccount
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/account"}
	err := c.ask(ctx, q, &api.AccountRetrieveParams{}, &w)
	if _, of := refused(err); of.permission != "" {
		h.ID = of.account
		return nil
	}
	if err != nil {
		return c.explain(err, "Accounts, read")
	}
	if !accountShape.MatchString(w.ID) {
		return q.Garbled("an account that makes no sense", nil)
	}
	if w.Charges != nil && !*w.Charges && h.Live {
		return provider.Errorf(provider.Refused, "Stripe takes no payments for this account yet: finish setting it up at Stripe.")
	}
	h.ID, h.Name, h.Currency = w.ID, w.Profile.Name, strings.ToUpper(w.Currency)
	return nil
}

// explain says in a person's words why a call was refused.
func (c *Client) explain(err error, may string) error {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || e.Kind != provider.Refused {
		return err
	}
	said, _ := outcall.Said(err)
	_, of := refused(err)
	text := "Stripe refused this: " + e.Text
	switch missing := of.permission; {
	case said.Status == http.StatusUnauthorized:
		text = "Stripe doesn't know this key, or it has expired."
	case missing != "":
		text = "The key is right, but lacks a permission: " + may + " (" + missing + "). Add it to the restricted key at Stripe, under Developers, API keys."
	case said.Status == http.StatusForbidden:
		text = "The key is right, but lacks a permission: " + may + "."
	}
	return &provider.Error{Kind: provider.Refused, Text: text, Cause: err}
}
