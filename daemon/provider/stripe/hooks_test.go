package stripe_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newClient(h *house) *stripe.Client { return stripe.New(config(h.weather)) }

// counted is fair weather that counts calls.
func counted(n *int) providertest.Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		*n++
		return base.RoundTrip(r)
	}
}

// onPath lets a storm at some paths alone.
func onPath(prefix string, storm providertest.Storm) providertest.Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return storm(base, r)
		}
		return base.RoundTrip(r)
	}
}

// letter is a webhook of a paid session, changed.
func letter(kind string, object map[string]any) []byte {
	body, err := json.Marshal(map[string]any{"id": "evt_a", "object": "event", "type": kind, "created": now.Unix(), "livemode": false,
		"api_version": "2020-08-27", "data": map[string]any{"object": object}})
	if err != nil {
		panic(err) // maps of texts
	}
	return body
}

func paidSession() map[string]any {
	return map[string]any{"id": "cs_test_a", "object": "checkout.session", "status": "complete", "payment_status": "paid", "amount_total": 2500,
		"currency": "eur", "expires_at": now.Add(time.Hour).Unix(), "payment_intent": "pi_a", "livemode": false,
		"metadata": map[string]string{"countersign": "payment", "reference": "co_1"}, "payment_method_types": "a word of another version"}
}

func parse(t *testing.T, body []byte) ([]provider.Event, error) {
	t.Helper()
	return stripe.New(config(nil)).Parse(stripetest.Sign(secret, now, body), body, now)
}

// R35: an event of another version of the API is read all the same: only the
// fields that are needed are.
func TestWebhookOfAnotherVersion(t *testing.T) {
	events, err := parse(t, letter("checkout.session.completed", paidSession()))
	want := provider.Session{ID: "cs_test_a", Reference: "co_1", Payment: "pi_a", Status: provider.Paid, Amount: 2500, Currency: "EUR", PaidAt: now,
		ExpiresAt: now.Add(time.Hour)}
	if err != nil || len(events) != 1 || events[0].Session != want || events[0].Type != provider.EventPaid || events[0].ID != "evt_a" {
		t.Errorf("%+v, %v", events, err)
	}
}

// R39: what isn't Stripe's word for this account, in this mode, is forged.
func TestWebhooksNotToBelieve(t *testing.T) {
	good := letter("checkout.session.completed", paidSession())
	c := stripe.New(config(nil))
	for name, body := range map[string][]byte{
		"the other mode":    bytes.Replace(good, []byte(`"livemode":false,"object":"event"`), []byte(`"livemode":true,"object":"event"`), 1),
		"another account's": bytes.Replace(good, []byte(`{`), []byte(`{"account":"acct_Other",`), 1),
	} {
		if events, err := parse(t, body); provider.KindOf(err) != provider.Forged || len(events) > 0 {
			t.Errorf("%s: %+v, %v", name, events, err)
		}
	}
	ours := bytes.Replace(good, []byte(`{`), []byte(`{"account":"`+account+`",`), 1)
	if events, err := parse(t, ours); err != nil || len(events) != 1 {
		t.Errorf("by our account's name: %+v, %v", events, err)
	}
	h := stripetest.Sign(secret, now, good)
	sign := h.Get("Stripe-Signature")
	for name, header := range map[string]http.Header{
		"none": {}, "empty": {"Stripe-Signature": {""}}, "two": {"Stripe-Signature": {sign, sign}},
		"no time": {"Stripe-Signature": {sign[strings.Index(sign, "v1="):]}}, "two times": {"Stripe-Signature": {sign + ",t=1"}}, "two times, turned round": {"Stripe-Signature": {"t=1," + sign}},
		"the test scheme": {"Stripe-Signature": {strings.Replace(sign, "v1=", "v0=", 1)}}, "long": {"Stripe-Signature": {sign + strings.Repeat(",v1=00", 900)}},
		"another time": {"Stripe-Signature": {"t=" + strconv.FormatInt(now.Unix()+1, 10) + sign[strings.Index(sign, ","):]}},
	} {
		if events, err := c.Parse(header, good, now); provider.KindOf(err) != provider.Forged || len(events) > 0 {
			t.Errorf("%s: %+v, %v", name, events, err)
		}
	}
	for name, object := range map[string]map[string]any{"no object": nil, "a number": {"id": 7}} {
		if events, err := parse(t, letter("checkout.session.completed", object)); provider.KindOf(err) != provider.Refused || len(events) > 0 {
			t.Errorf("%s: %+v, %v", name, events, err)
		}
	}
}

// R39: while one secret takes over from another, Stripe signs with both, and we
// may know both.
func TestSecretsOfWebhooks(t *testing.T) {
	body := letter("checkout.session.completed", paidSession())
	first, second := stripetest.Sign("whsec_old", now, body), stripetest.Sign("whsec_new", now, body)
	_, mac, _ := strings.Cut(second.Get("Stripe-Signature"), ",")
	both := http.Header{"Stripe-Signature": {first.Get("Stripe-Signature") + "," + mac}}
	for known, good := range map[string]bool{"whsec_old": true, "whsec_new": true, "whsec_x whsec_new": true, "": false, " ": false, "whsec_x": false} {
		cfg := config(nil)
		cfg.Secret = known
		if _, err := stripe.New(cfg).Parse(both, body, now); good != (err == nil) {
			t.Errorf("%q: %v", known, err)
		}
	}
}

// R23: by webhook a refund of ours is known by its mark; whose a dispute is, is
// known only where its payment was met before. The rest is the list's to tell.
func TestWebhooksOfTheWebShop(t *testing.T) {
	refund := map[string]any{"id": "re_a", "amount": 100, "currency": "eur", "payment_intent": "pi_a", "status": "canceled",
		"metadata": map[string]string{"countersign": "refund", "key": "pay_1", "session": "cs_test_a"}}
	events, err := parse(t, letter("refund.updated", refund))
	want := provider.Refund{ID: "re_a", Payment: "pi_a", Key: "pay_1", Session: "cs_test_a", Amount: 100, Currency: "EUR", Status: provider.RefundFailed}
	if err != nil || len(events) != 1 || *events[0].Refund != want {
		t.Errorf("%+v, %v", events, err)
	}
	for status, want := range map[string]string{"pending": "pending", "requires_action": "pending", "succeeded": "succeeded", "failed": "failed", "": "pending", "odd": "pending"} {
		refund["status"] = status
		if events, err := parse(t, letter("refund.created", refund)); err != nil || len(events) != 1 || events[0].Refund.Status != want {
			t.Errorf("%s: %+v, %v", status, events, err)
		}
	}
	delete(refund, "metadata")
	for kind, object := range map[string]map[string]any{"refund.created": refund, "charge.dispute.created": {"id": "dp_a", "amount": 100,
		"currency": "eur", "payment_intent": "pi_a", "status": "needs_response"}, "plan.created": {"id": "plan_a"}} {
		if events, err := parse(t, letter(kind, object)); err != nil || len(events) > 0 {
			t.Errorf("%s: %+v, %v", kind, events, err)
		}
	}
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		for status, want := range map[string]string{"warning_needs_response": "inquiry", "warning_under_review": "inquiry", "under_review": "opened",
			"needs_response": "opened", "won": "won", "warning_closed": "won", "lost": "lost", "prevented": "prevented"} {
			body := letter("charge.dispute.updated", map[string]any{"id": "dp_a", "amount": 100, "currency": "eur", "payment_intent": s.Payment, "status": status})
			events, err := h.client.Parse(stripetest.Sign(secret, now, body), body, now)
			if err != nil || len(events) != 1 || events[0].Dispute.Status != want || events[0].Dispute.Payment != s.Payment {
				t.Errorf("%s: %+v, %v", status, events, err)
			}
		}
	})
}
