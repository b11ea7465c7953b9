package stripe_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe/stripetest"
)

// R35: webhooks that come late, twice and in any order, and again where we had
// no time, are read as what the list says, by the same ids.
func TestDeliveries(t *testing.T) {
	if _, err := description(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		heard, calls := map[string]provider.Event{}, 0
		h := &house{}
		door := providertest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls%3 == 0 || err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			events, err := h.client.Parse(r.Header, body, time.Now())
			if err != nil {
				t.Errorf("%v\n%s", err, body)
			}
			for _, e := range events {
				heard[e.ID] = e
			}
		}))
		*h = house{Server: stripetest.New(stripetest.Options{Key: key, Secret: secret, Account: account, HookURL: "http://salon.test/hooks/stripe",
			HTTP: &http.Client{Transport: door}})}
		h.weather = providertest.NewWeather(held(t, providertest.Serve(t, h.Handler())))
		h.client = newClient(h)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		h.SetFaults(stripetest.Faults{Disorder: true, Odd: true})
		for _, n := range []string{"1", "2", "3", "4", "5"} {
			s := h.pay(t, n)
			if err := h.RefundByHand(s.Payment, 100); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(5 * time.Minute)
		stop()
		running.Wait()
		listed, _ := h.all(t, "", 7)
		mu.Lock()
		defer mu.Unlock()
		for _, e := range listed {
			got, ok := heard[e.ID]
			if !ok || got.Type != e.Type || got.Session != e.Session {
				t.Errorf("listed %+v, delivered %+v", e, got)
			}
		}
		if len(heard) != 10 {
			t.Errorf("%d events came of 5 payments and 5 refunds", len(heard))
		}
	})
}
