package stripe_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/provider"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

// says answers everything with one body.
type says []byte

// RoundTrip answers the one thing it can.
func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(s)), Request: r}, nil
}

// sound fails on an event that tells of money without saying which.
func sound(t *testing.T, e provider.Event) {
	t.Helper()
	s := e.Session
	switch {
	case !provider.KnownEvent(e.Type) || e.ID == "" || e.At.IsZero():
		t.Fatalf("half an event: %+v", e)
	case (e.Type == provider.EventPaid) != (s.Status == provider.Paid):
		t.Fatalf("told %s of a session that is %s", e.Type, s.Status)
	case e.Refund != nil && (e.Refund.Amount < 0 || e.Refund.Payment == "" || e.Refund.Amount > 0 && len(e.Refund.Currency) != 3 || e.Refund.ID == ""):
		t.Fatalf("told %+v", e.Refund)
	case e.Dispute != nil && (e.Dispute.Amount < 0 || e.Dispute.Payment == "" || e.Dispute.Amount > 0 && len(e.Dispute.Currency) != 3 || e.Dispute.ID == ""):
		t.Fatalf("told %+v", e.Dispute)
	}
	if s.Status == provider.Paid {
		wantMoney(t, s)
	}
}

func wantMoney(t *testing.T, s provider.Session) {
	t.Helper()
	if s.ID == "" || s.Reference == "" || s.Payment == "" || s.Amount <= 0 || len(s.Currency) != 3 {
		t.Fatalf("paid: %+v", s)
	}
}

// FuzzParse: whatever comes, nothing panics, and nothing is told that isn't
// signed, or is nonsense.
func FuzzParse(f *testing.F) {
	good := letter("checkout.session.completed", paidSession())
	sign := stripetest.Sign(secret, now, good).Get("Stripe-Signature")
	f.Add(good, sign, true)
	f.Add(good, sign, false)
	f.Add(letter("refund.created", map[string]any{"id": "re_a", "amount": 1, "currency": "eur", "payment_intent": map[string]any{"id": "pi_a"},
		"metadata": map[string]string{"countersign": "refund", "key": "k"}}), "t=1,v1=00", true)
	f.Add(letter("charge.dispute.closed", map[string]any{"id": "dp_a", "amount": 1, "currency": "isk", "status": "won"}), "t=,v1=,,=", true)
	f.Add([]byte(`{"object":"event","livemode":false,"data":{"object":null}}`), "", true)
	c := stripe.New(config(says(`{"id":"pi_a"}`)))
	f.Fuzz(func(t *testing.T, body []byte, header string, seal bool) {
		h := http.Header{"Stripe-Signature": {header}}
		if seal {
			h = stripetest.Sign(secret, now, body)
		}
		events, err := c.Parse(h, body, now)
		if err != nil && len(events) > 0 {
			t.Fatalf("%v, and yet %+v", err, events)
		}
		if len(events) > 0 && !seal && (header != sign || !bytes.Equal(body, good)) {
			if again := stripetest.Sign(secret, now, body).Get("Stripe-Signature"); !strings.Contains(strings.ToLower(header), again[len(again)-60:len(again)-6]) {
				t.Fatalf("told without a signature: %q", header)
			}
		}
		for _, e := range events {
			sound(t, e)
		}
	})
}

// FuzzEvents: whatever Stripe lists, nothing panics, and reading goes on or
// fails.
func FuzzEvents(f *testing.F) {
	page := func(event []byte) []byte {
		return []byte(`{"object":"list","has_more":false,"data":[` + string(event) + `]}`)
	}
	f.Add(page(letter("checkout.session.completed", paidSession())), "")
	f.Add(page(letter("checkout.session.expired", paidSession())), "v1.5.9.2.20")
	f.Add(page(letter("refund.failed", map[string]any{"id": "re_a"})), "v1.0.0.0.0")
	f.Add([]byte(`{"object":"list","has_more":true,"data":[{"id":"evt_a","created":1,"livemode":false}]}`), "v1.1.1.1.1")
	f.Fuzz(func(t *testing.T, body []byte, cursor string) {
		p, err := stripe.New(config(says(body))).Events(t.Context(), cursor, 100)
		if err != nil && (len(p.Events) > 0 || p.Cursor != "") {
			t.Fatalf("%v, and yet %+v", err, p)
		}
		if err == nil && (p.Cursor == "" || p.More && p.Cursor == cursor) {
			t.Fatalf("the cursor stands still: %+v", p)
		}
		for _, e := range p.Events {
			sound(t, e)
		}
	})
}

// FuzzSession: whatever Stripe answers, nothing panics, and nonsense is no
// payment.
func FuzzSession(f *testing.F) {
	f.Add([]byte(asJSON(f, paidSession())), "cs_test_a")
	f.Add([]byte(`{"id":"cs_test_a","payment_intent":{"id":"pi_a","latest_charge":{"created":-1}},"last_payment_error":[]}`), "cs_test_a")
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		c := stripe.New(config(says(body)))
		s, err := c.Look(t.Context(), id)
		if err == nil && s.ID != id {
			t.Fatalf("asked for %q, got %+v", id, s)
		}
		if s.Status == provider.Paid {
			wantMoney(t, s)
		}
		if r, err := c.Refund(t.Context(), provider.RefundRequest{Key: "k", Payment: "pi_a", Amount: 5, Currency: "EUR"}); err == nil && (r.Amount != 5 || r.Key != "k") {
			t.Fatalf("given back: %+v", r)
		}
	})
}
