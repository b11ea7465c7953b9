package stripe_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// heard is fair weather that notes the page's language.
func heard(locale *string) providertest.Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			body, _ := io.ReadAll(r.Body)
			f, _ := url.ParseQuery(string(body))
			*locale = f.Get("locale")
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		return base.RoundTrip(r)
	}
}

// R37: a key is tried out without anything being changed, and what it lacks is
// said by name.
func TestCheck(t *testing.T) {
	for lacks, want := range map[string]string{
		"": "", "rak_accounts_kyc_basic_read": "",
		"rak_checkout_session_read":  "Checkout Sessions, Payment Intents and Charges, read (rak_checkout_session_read)",
		"rak_checkout_session_write": "Checkout Sessions, write (rak_checkout_session_write)",
		"rak_payment_intent_read":    "Payment Intents, read (rak_payment_intent_read)",
		"rak_charge_read":            "Charges and Refunds, read (rak_charge_read)",
		"rak_charge_write":           "Charges and Refunds, write (rak_charge_write)",
		"rak_event_read":             "Events, read (rak_event_read)",
		"rak_payment_link_write":     "Payment Links, write (rak_payment_link_write)",
	} {
		inBubble(t, func(t *testing.T, h *house) {
			h.SetFaults(stripetest.Faults{Lacks: lacks})
			cfg := config(h.weather)
			cfg.Links = true
			got, err := stripe.New(cfg).Check(t.Context())
			if want == "" {
				holder := provider.Holder{ID: account, Name: "Salon Example"}
				if lacks != "" {
					holder.Name = ""
				}
				if err != nil || got != holder {
					t.Errorf("%s: %+v, %v", lacks, got, err)
				}
			} else if provider.KindOf(err) != provider.Refused || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", lacks, err)
			}
			h.SetFaults(stripetest.Faults{})
			if events, _ := h.all(t, "", 10); len(events)+len(h.Paid()) > 0 {
				t.Errorf("trying the key out did something: %+v", events)
			}
		})
	}
}

// R37: what is wrong with the settings is said in a person's words.
func TestCheckOfSettings(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for _, try := range []struct {
			change func(*stripe.Config)
			want   string
		}{
			{func(c *stripe.Config) { c.Key = "" }, "not a key of Stripe's"},
			{func(c *stripe.Config) { c.Key = "pk_test_abc" }, "publishable"},
			{func(c *stripe.Config) { c.Key = "sk_test_abc def" }, "not a key of Stripe's"},
			{func(c *stripe.Config) { c.Key = "sk_live_SomethingElse" }, "doesn't know this key"},
			{func(c *stripe.Config) { c.Secret = "whsec_a we_b" }, "whsec_"},
			{func(c *stripe.Config) { c.Account = "acct_Other" }, "is of the account acct_Salon"},
			{func(c *stripe.Config) { c.Key = " " + c.Key + "\n" }, ""},
		} {
			cfg := config(h.weather)
			try.change(&cfg)
			c := stripe.New(cfg)
			who, err := c.Check(t.Context())
			if try.want == "" && err != nil || try.want != "" && (provider.KindOf(err) != provider.Refused || !strings.Contains(err.Error(), try.want)) {
				t.Errorf("want %q: %v", try.want, err)
			}
			if who.Live != strings.Contains(cfg.Key, "_live_") {
				t.Errorf("%q is live: %v", cfg.Key, who.Live)
			}
		}
		h.weather.Set(providertest.Unreachable)
		if _, err := h.client.Check(t.Context()); provider.KindOf(err) != provider.Unavailable {
			t.Errorf("%v", err)
		}
	})
}
