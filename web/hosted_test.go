package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

// withLinks opens a salon whose codes carry Stripe's links, which its stand-in makes.
func withLinks(t *testing.T) (*salon, *providertest.Weather) {
	t.Helper()
	company := stripetest.New(stripetest.Options{Key: "rk_test_TheClinic", Account: "acct_Clinic"})
	server := httptest.NewServer(company.Handler())
	t.Cleanup(server.Close)
	weather, off := providertest.NewWeather(http.DefaultTransport), false
	p := stripe.New(stripe.Config{Base: server.URL, Key: "rk_test_TheClinic", Account: "acct_Clinic", HTTP: &http.Client{Transport: weather}})
	return openAs(t, func(cfg *daemon.Config) {
		cfg.Sandbox, cfg.ProviderLinks, cfg.Providers = &off, true, map[string]provider.Provider{"stripe-test": p}
	}), weather
}

// R37, R7: the API's link and its pictures are Stripe's link, which the tablet
// asks for with a tap and can then copy; it says what is awaited until then.
func TestR37LinkOnTheTabletAndTheAPI(t *testing.T) {
	s, weather := withLinks(t)
	c := s.tablet(access.Receptionist)
	v, at := s.visitOf(`{"kind": "service", "name": "Check-up", "quantity": 1, "unit_price": 2500}`)
	block := "/desk/visits/" + string(v.ID)
	s.do(c, http.MethodGet, block, "", "Accept", "text/html").wants(t, "nobody asked", http.StatusOK, `data-test="make-link"`, `data-test="show-qr"`)
	weather.Set(providertest.Unreachable)
	s.post(c, block+"/link").wants(t, "asked for", http.StatusOK, `data-kind="link_`)
	s.await("the tablet says that Stripe is away", func() bool {
		return strings.Contains(s.do(c, http.MethodGet, block+"/pay", "", "HX-Request", "true").text, `data-kind="link_unreachable"`)
	})
	s.post(c, block+"/show", "desk", "front").wants(t, "shown", http.StatusOK, `data-kind="link_unreachable"`, "Cash and card work meanwhile")
	weather.Set(nil)
	s.await("the link is there", func() bool {
		return strings.Contains(s.do(c, http.MethodGet, block+"/pay", "", "HX-Request", "true").text, `data-copy="https://buy.stripe.com/`)
	})
	got := s.api(http.MethodGet, at+"/link", "")
	got.wants(t, "the API's link", http.StatusOK, "https://buy.stripe.com/")
	s.api(http.MethodGet, at+"/qr.svg", "").wants(t, "the picture", http.StatusOK, "<svg")
	s.api(http.MethodGet, at+"/qr.png", "").wants(t, "the other picture", http.StatusOK)
	s.do(s.tablet(access.Administrator), http.MethodGet, "/desk/setup?section=payments", "", "Accept", "text/html").wants(t, "Set up", http.StatusOK, `data-kind="links_hosted"`)
}
