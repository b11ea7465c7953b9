package stripe

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// tolerance is by how much a signature's time may differ from ours.
const tolerance = 5 * time.Minute

// Parse verifies a webhook and reads it. A refund or dispute whose payment was
// not met yet is left to the list of events, which can ask whose it is.
func (c *Client) Parse(h http.Header, body []byte, now time.Time) ([]provider.Event, error) {
	if len(body) > outcall.Limit {
		return nil, provider.Errorf(provider.Forged, "the body is too long")
	}
	if err := c.genuine(h.Values("Stripe-Signature"), body, now); err != nil {
		return nil, err
	}
	var w wireEvent
	if json.Unmarshal(body, &w) != nil || w.Object != "event" || w.ID == "" || w.Type == "" || w.Created <= 0 || w.Live == nil {
		return nil, provider.Errorf(provider.Refused, "signed, but it is no event")
	}
	if !c.same(w) {
		return nil, provider.Errorf(provider.Forged, "the event is another account's, or of Stripe's other mode")
	}
	e, known, err := c.tell(w, func(payment string) (bool, error) { ours, _ := c.met(payment); return ours, nil })
	if err != nil {
		return nil, provider.Errorf(provider.Refused, "signed, but the event makes no sense")
	}
	if !known {
		return nil, nil
	}
	return []provider.Event{e}, nil
}

// genuine checks the signature: t=…,v1=…, of which there may be several.
func (c *Client) genuine(headers []string, body []byte, now time.Time) error {
	if len(headers) != 1 || len(headers[0]) > 4096 {
		return provider.Errorf(provider.Forged, "it isn't signed")
	}
	var at time.Time
	var signed [][]byte
	for field := range strings.SplitSeq(headers[0], ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "t":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || !at.IsZero() {
				return provider.Errorf(provider.Forged, "the signature's time is none")
			}
			at = time.Unix(n, 0)
		case "v1":
			if mac, err := hex.DecodeString(value); err == nil {
				signed = append(signed, mac)
			}
		}
	}
	if at.IsZero() || now.Sub(at) > tolerance || at.Sub(now) > tolerance {
		return provider.Errorf(provider.Forged, "the signature is too old, or from the future: is this computer's clock right?")
	}
	for _, secret := range strings.Fields(c.cfg.Secret) {
		want := webhook.ComputeSignature(at, body, secret)
		for _, mac := range signed {
			if hmac.Equal(mac, want) {
				return nil
			}
		}
	}
	return provider.Errorf(provider.Forged, "the signature does not fit")
}
