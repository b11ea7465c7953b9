package sumup

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/sumup/sumupapi"
)

// Check asks for the merchant, for a checkout that doesn't exist and for one
// line of history. Whether the key may give money back is only told by doing so.
func (c *Client) Check(ctx context.Context) (provider.Holder, error) {
	if c.cfg.Merchant == "" {
		return provider.Holder{}, provider.Errorf(provider.Refused, "the merchant code is missing: it stands in SumUp's dashboard, at the top right")
	}
	m, err := c.api.Merchant(ctx)
	if err != nil {
		return provider.Holder{}, lacks(err, "read the merchant profile: the key is wrong, or of another account than merchant "+c.cfg.Merchant)
	}
	h := provider.Holder{ID: m.Code, Name: cmp.Or(m.Business.Name, m.Company.Name, m.Alias), Live: !m.Sandbox, Currency: m.Currency}
	_, known := sumupapi.Digits(m.Currency)
	if !known || c.cfg.Currency != "" && c.cfg.Currency != m.Currency {
		return provider.Holder{}, provider.Errorf(provider.Refused, "the SumUp account is in %s, which isn't what visits are paid in", m.Currency)
	}
	if _, err := c.Find(ctx, "check"); err != nil && provider.KindOf(err) != provider.NotFound {
		return provider.Holder{}, lacks(err, "read checkouts (payments, or checkouts.read and checkouts.write)")
	}
	if _, err := c.Events(ctx, "", 1); err != nil {
		return provider.Holder{}, lacks(err, "read the transaction history (transactions.history)")
	}
	return h, nil
}

// lacks says in a person's words what a key can't do.
func lacks(err error, what string) error {
	if k := provider.KindOf(err); k != provider.Refused && k != provider.NotFound {
		return err
	}
	return &provider.Error{Kind: provider.Refused, Text: "SumUp doesn't let this key " + what, Cause: err}
}

// Parse reads a webhook. SumUp signs none, so that whatever it says, all it
// names is a checkout to ask after.
func (c *Client) Parse(_ http.Header, body []byte, _ time.Time) ([]provider.Event, error) {
	var w sumupapi.Hook
	if len(body) > outcall.Limit || json.Unmarshal(body, &w) != nil || w.Type == "" || w.ID == "" || len(w.ID)+len(w.Payload.Checkout) > 200 {
		return nil, provider.Errorf(provider.Forged, "not a webhook of SumUp's")
	}
	id, ok := w.Checkout()
	if !ok {
		return nil, nil
	}
	if id == "" {
		return nil, provider.Errorf(provider.Forged, "a webhook of no checkout")
	}
	return []provider.Event{{Type: provider.EventHint, Session: provider.Session{ID: id}}}, nil
}
