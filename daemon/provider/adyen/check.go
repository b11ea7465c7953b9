package adyen

import (
	"context"
	"errors"
	"net/http"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen/adyenapi"
	"countersign/daemon/provider/outcall"
)

// noLink is an id that no link has: asking for it tells whether one may ask.
const noLink = "PL0000000000000000"

// Check reads what harms nobody and says in a person's words what is wrong with
// the settings. It can't tell whether webhooks arrive.
func (c *Client) Check(ctx context.Context) (provider.Holder, error) {
	return provider.Holder{ID: c.cfg.Account, Name: c.cfg.Account, Live: c.cfg.Prefix != ""}, c.check(ctx)
}

func (c *Client) check(ctx context.Context) error {
	switch _, ok := c.api.Keys(); {
	case c.cfg.Key == "" || c.cfg.Account == "":
		return provider.Errorf(provider.Refused, "Adyen needs an API key and the name of a merchant account.")
	case !ok:
		return provider.Errorf(provider.Refused, "The HMAC key of the webhook is missing or isn't hexadecimal: copy it from Adyen's Customer Area, Developers, Webhooks.")
	}
	methods, err := c.api.Methods(ctx)
	if err != nil {
		return c.explain(err, "use the merchant account "+c.cfg.Account)
	}
	if methods == 0 {
		return provider.Errorf(provider.Refused, "The merchant account %s has no payment methods: switch one on in Adyen's Customer Area.", c.cfg.Account)
	}
	_, err = c.Look(ctx, noLink)
	switch provider.KindOf(err) {
	case 0, provider.NotFound:
		return nil
	}
	return c.explain(err, "use payment links: it needs the role Pay by Link")
}

// explain says in a person's words why a call was refused.
func (c *Client) explain(err error, may string) error {
	var e *provider.Error
	if !errors.As(err, &e) || e.Kind != provider.Refused {
		return err
	}
	system := "test"
	if c.cfg.Prefix != "" {
		system = "live"
	}
	text := "Adyen refused this: " + e.Text
	switch said, _ := outcall.Said(err); {
	case said.Status == http.StatusUnauthorized:
		text = "Adyen doesn't know this API key in its " + system + " system. A key is good for one of the two systems only."
	case said.Code == adyenapi.NoAccount:
		text = "The API key is right, but there is no merchant account " + c.cfg.Account + " for it."
	case said.Status == http.StatusForbidden:
		text = "The API key is right, but may not " + may + "."
	}
	return &provider.Error{Kind: provider.Refused, Text: text, Cause: err}
}
