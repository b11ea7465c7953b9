package sumup_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup"
	"countersign/daemon/provider/sumup/sumuptest"
)

const (
	key      = "sup_sk_a1b2c3d4e5"
	merchant = "MH4H92C7"
	base     = "http://sumup.test"
)

// house is SumUp's stand-in with an adapter over a pipe.
type house struct {
	*sumuptest.Server
	client  *sumup.Client
	weather *providertest.Weather
}

func config(w http.RoundTripper) sumup.Config {
	return sumup.Config{Base: base, Key: key, Merchant: merchant, HTTP: &http.Client{Transport: w}}
}

// newHouse opens a company for the length of a test; between listens on the way to it.
func newHouse(t *testing.T, between func(http.RoundTripper) http.RoundTripper, options ...func(*sumuptest.Options)) *house {
	t.Helper()
	o := sumuptest.Options{Key: key, Merchant: merchant}
	for _, set := range options {
		set(&o)
	}
	s := sumuptest.New(o)
	t.Cleanup(s.Close)
	way := providertest.Serve(t, s)
	if between != nil {
		way = between(way)
	}
	w := providertest.NewWeather(way)
	return &house{Server: s, weather: w, client: sumup.New(config(w))}
}

func inBubble(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newHouse(t, nil)) })
}

func (h *house) rig() providertest.Rig {
	return providertest.Rig{
		Provider: h.client, Weather: h.weather, Late: sumuptest.Late,
		Pay: h.Pay, PayLater: h.PayLater, Decline: h.Decline,
		Disorder: h.Disorder, Odd: h.Odd, Pend: h.Pend, Refuse: h.Refuse, Settle: h.Settle,
		Dashboard: h.Dashboard, Dispute: h.Dispute, Decide: h.Decide, Paid: h.Payments,
		Hook:     &providertest.Hook{Body: sumuptest.Hint},
		PaidWord: "PAID", EndedAlike: true, Overlaps: true, Retries: true, Latest: true,
		Restart: func() provider.Provider { return sumup.New(config(h.weather)) },
	}
}

// TestProvider holds the adapter to what every provider is held to (R34–R36).
func TestProvider(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Rig { return newHouse(t, nil).rig() })
}

func request(n string) provider.Request {
	return provider.Request{
		Key: "key-" + n, Reference: "k_" + n, Amount: 2500, Currency: "EUR", Title: "Your visit today, 10:30", Language: "en",
		ReturnURL: "https://salon.example/p/x?paid", CancelURL: "https://salon.example/p/x",
		ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Second),
	}
}

func (h *house) create(t *testing.T, n string) provider.Session {
	t.Helper()
	s, err := h.client.Create(t.Context(), request(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pays creates a checkout and pays it.
func (h *house) pays(t *testing.T, n string) provider.Session {
	t.Helper()
	s := h.create(t, n)
	h.Pay(s.ID)
	return h.is(t, s.ID, provider.Paid)
}

func (h *house) is(t *testing.T, session string, want provider.Status) provider.Session {
	t.Helper()
	s, err := h.client.Look(t.Context(), session)
	if err != nil || s.Status != want {
		t.Fatalf("%+v, %v, want %s", s, err, want)
	}
	return s
}
