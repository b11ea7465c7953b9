package sumup_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup"
	"countersign/daemon/provider/sumup/sumuptest"
)

// R34: "Test connection" says whose account it is, and whether money moves.
func TestR34Check(t *testing.T) {
	for _, live := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, nil, func(o *sumuptest.Options) { o.Live = live })
			got, err := h.client.Check(t.Context())
			if want := (provider.Holder{ID: merchant, Name: "Studio Lumen", Live: live, Currency: "EUR"}); err != nil || got != want {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// R34: what is wrong with the keys is said so that a person can mend it.
func TestR34CheckSaysWhatIsWrong(t *testing.T) {
	only := func(part string, s providertest.Storm) providertest.Storm {
		return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, part) {
				return s(base, r)
			}
			return base.RoundTrip(r)
		}
	}
	denied := providertest.Answer(http.StatusForbidden, "", `{"error_message":"not allowed","error_code":"FORBIDDEN","status_code":"403"}`)
	for name, try := range map[string]struct {
		config func(*sumup.Config)
		storm  providertest.Storm
		kind   provider.ErrorKind
		says   string
	}{
		"another key":      {config: func(c *sumup.Config) { c.Key = "sup_sk_other" }, kind: provider.Refused, says: "the key is wrong"},
		"another merchant": {config: func(c *sumup.Config) { c.Merchant = "MOTHER" }, kind: provider.Refused, says: "than merchant MOTHER"},
		"no merchant":      {config: func(c *sumup.Config) { c.Merchant = "" }, kind: provider.Refused, says: "merchant code"},
		"another currency": {config: func(c *sumup.Config) { c.Currency = "CHF" }, kind: provider.Refused, says: "is in EUR"},
		"no checkouts":     {storm: only("/checkouts", denied), kind: provider.Refused, says: "checkouts.read"},
		"no history":       {storm: only("/history", denied), kind: provider.Refused, says: "transactions.history"},
		"away":             {storm: providertest.Unreachable, kind: provider.Unavailable, says: "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				own := config(h.weather)
				if try.config != nil {
					try.config(&own)
				}
				h.weather.Set(try.storm)
				_, err := sumup.New(own).Check(t.Context())
				if kind(t, name, err, try.kind); err == nil || !strings.Contains(err.Error(), try.says) {
					t.Errorf("it says %v", err)
				}
			})
		})
	}
}
