package sumup

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// merchant is the beginning of the paths that name the merchant.
func (c *Client) merchant(version string) string {
	return "/" + version + "/merchants/" + url.PathEscape(c.cfg.Merchant)
}

// Check asks for the merchant, for a checkout that doesn't exist and for one
// line of history. Whether the key may give money back is only told by doing so.
func (c *Client) Check(ctx context.Context) (provider.Holder, error) {
	var m struct {
		Code     string `json:"merchant_code"`
		Currency string `json:"default_currency"`
		Sandbox  bool   `json:"sandbox"`
		Alias    string `json:"alias"`
		Company  struct {
			Name string `json:"name"`
		} `json:"company"`
		Business struct {
			Name string `json:"name"`
		} `json:"business_profile"`
	}
	q := outcall.Call{Method: http.MethodGet, Path: c.merchant("v1")}
	if c.cfg.Merchant == "" {
		return provider.Holder{}, provider.Errorf(provider.Refused, "the merchant code is missing: it stands in SumUp's dashboard, at the top right")
	}
	if err := c.out.Do(ctx, q, &m); err != nil {
		return provider.Holder{}, lacks(err, "read the merchant profile: the key is wrong, or of another account than merchant "+c.cfg.Merchant)
	}
	h := provider.Holder{ID: m.Code, Name: cmp.Or(m.Business.Name, m.Company.Name, m.Alias), Live: !m.Sandbox, Currency: m.Currency}
	_, known := digits(m.Currency)
	switch {
	case m.Code != c.cfg.Merchant:
		return provider.Holder{}, q.Garbled("a merchant that makes no sense", nil)
	case !known || c.cfg.Currency != "" && c.cfg.Currency != m.Currency:
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
	var w struct {
		Type    string `json:"event_type"`
		ID      string `json:"id"`
		Payload struct {
			Checkout string `json:"checkout_id"`
		} `json:"payload"`
	}
	if len(body) > outcall.Limit || json.Unmarshal(body, &w) != nil || w.Type == "" || w.ID == "" || len(w.ID)+len(w.Payload.Checkout) > 200 {
		return nil, provider.Errorf(provider.Forged, "not a webhook of SumUp's")
	}
	id := w.ID
	switch w.Type {
	case "CHECKOUT_STATUS_CHANGED":
	case "checkout.status.updated": // the newer spelling, where the id is the event's
		id = w.Payload.Checkout
	default:
		return nil, nil
	}
	if id == "" {
		return nil, provider.Errorf(provider.Forged, "a webhook of no checkout")
	}
	return []provider.Event{{Type: provider.EventHint, Session: provider.Session{ID: id}}}, nil
}
