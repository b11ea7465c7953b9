package stripe

import (
	"encoding/json"
	"net/http"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/signed"
	"countersign/daemon/provider/stripe/stripesays"
)

// Parse verifies a webhook and reads it. A refund or dispute whose payment was
// not met yet is left to the list of events, which can ask whose it is.
func (c *Client) Parse(h http.Header, body []byte, now time.Time) ([]provider.Event, error) {
	if len(body) > outcall.Limit {
		return nil, provider.Errorf(provider.Forged, "the body is too long")
	}
	if err := signed.Check(h, "Stripe-Signature", c.cfg.Secret, body, now); err != nil {
		return nil, err
	}
	var w stripesays.Event
	if json.Unmarshal(body, &w) != nil || w.Object != "event" || !w.Sound() {
		return nil, provider.Errorf(provider.Refused, "signed, but it is no event")
	}
	if !w.Of(c.cfg.Account, c.api.Live()) {
		return nil, provider.Errorf(provider.Forged, "the event is another account's, or of Stripe's other mode")
	}
	e, known, err := w.Tell(func(payment string) (bool, error) { ours, _ := c.met(payment); return ours, nil })
	if err != nil {
		return nil, provider.Errorf(provider.Refused, "signed, but the event makes no sense")
	}
	if !known {
		return nil, nil
	}
	return []provider.Event{e}, nil
}
