package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

// R14: a block isn't lifted while the provider is silent, and staff are told so
// where they tapped, in words that are theirs: a page of htmx takes in no 503.
func TestR14LiftingWhileTheProviderIsSilent(t *testing.T) {
	company := stripetest.New(stripetest.Options{Key: "rk_test_TheClinic", Account: "acct_Clinic"})
	server := httptest.NewServer(company.Handler())
	t.Cleanup(server.Close)
	weather, off := providertest.NewWeather(http.DefaultTransport), false
	p := stripe.New(stripe.Config{Base: server.URL, Key: "rk_test_TheClinic", Account: "acct_Clinic", HTTP: &http.Client{Transport: weather}})
	s := openAs(t, func(cfg *daemon.Config) {
		cfg.Sandbox, cfg.Providers = &off, map[string]provider.Provider{"stripe-test": p}
	})
	v := s.book()
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	weather.Set(providertest.Unreachable)
	c, block := s.tablet(access.Administrator), "/desk/visits/"+string(v.ID)
	s.htmx(c, http.MethodPost, block+"/unblock").wants(t, "silent", http.StatusConflict, "stays blocked", `data-test="lift-confirm"`)
	s.api(http.MethodPost, "/visits/"+string(v.ID)+"/unblock", "").wants(t, "the API's own words", http.StatusServiceUnavailable, "provider_unavailable")
}
