package stripe_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

const (
	base    = "http://stripe.test"
	key     = "rk_test_KeyOfTheSalon"
	secret  = "whsec_WordOfTheWebhook"
	account = "acct_Salon"
)

// house is an account with an adapter over a pipe.
type house struct {
	*stripetest.Server
	client  *stripe.Client
	weather *providertest.Weather
}

func config(w http.RoundTripper) stripe.Config {
	return stripe.Config{Base: base, Key: key, Secret: secret, Account: account, HTTP: &http.Client{Transport: w}}
}

func open(t testing.TB) *house {
	t.Helper()
	s := stripetest.New(stripetest.Options{Key: key, Secret: secret, Account: account})
	w := providertest.NewWeather(held(t, providertest.Serve(t, s.Handler())))
	return &house{Server: s, weather: w, client: stripe.New(config(w))}
}

func inBubble(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	if _, err := description(); err != nil { // outside: it is kept for all tests
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { test(t, open(t)) })
}

func request(n string) provider.Request {
	return provider.Request{
		Key: "k" + n, Reference: "co_" + n, Amount: 2500, Currency: "EUR", Title: "Your visit today, 10:30", Language: "en",
		Lines:     []provider.Line{{Name: "Haircut", Quantity: 1, Amount: 1500}, {Name: "Shampoo", Quantity: 2, Amount: 1000}},
		ReturnURL: "https://salon.example/p/x?back", CancelURL: "https://salon.example/p/x",
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

// pay creates a session and pays it.
func (h *house) pay(t *testing.T, n string) provider.Session {
	t.Helper()
	s := h.create(t, n)
	if err := h.Pay(s.ID); err != nil {
		t.Fatal(err)
	}
	s, err := h.client.Look(t.Context(), s.ID)
	if err != nil || s.Status != provider.Paid {
		t.Fatalf("%+v, %v", s, err)
	}
	return s
}

// all are the events after a cursor, page by page, with the cursor after them.
func (h *house) all(t *testing.T, cursor string, limit int) (events []provider.Event, after string) {
	t.Helper()
	for {
		p, err := h.client.Events(t.Context(), cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		events, cursor = append(events, p.Events...), p.Cursor
		if !p.More {
			return events, cursor
		}
	}
}

// TestProvider holds the adapter to what every provider is held to (R34–R36).
func TestProvider(t *testing.T) {
	if _, err := description(); err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, func(t *testing.T) providertest.Rig {
		h := open(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		fault := func(f stripetest.Faults) func(bool) {
			return func(on bool) {
				if !on {
					f = stripetest.Faults{}
				}
				h.SetFaults(f)
			}
		}
		return providertest.Rig{
			Provider: h.client, Weather: h.weather, Late: 20 * time.Second,
			Pay:       func(s string) { must(h.Pay(s)) },
			PayLater:  func(s string) { must(h.PayLater(s)) },
			Decline:   func(s string) { must(h.Fail(s)) },
			Disorder:  fault(stripetest.Faults{Disorder: true}),
			Odd:       fault(stripetest.Faults{Odd: true}),
			Pend:      fault(stripetest.Faults{Pend: true}),
			Refuse:    fault(stripetest.Faults{Refuse: true}),
			Settle:    func(refund string, arrived bool) { must(h.Settle(refund, arrived)) },
			Dashboard: func(payment string, amount int64) { must(h.RefundByHand(payment, amount)) },
			Dispute: func(payment string, amount int64) string {
				which, err := h.Dispute(payment, amount)
				must(err)
				return which
			},
			Decide: func(dispute string, won bool) { must(h.Decide(dispute, won)) },
			Paid:   h.Paid, EndedAlike: true, Overlaps: true, Unopened: true, Retold: true,
			Hook: hook(h),
		}
	})
}

func hook(h *house) *providertest.Hook {
	return &providertest.Hook{
		Secret: secret, Sign: stripetest.Sign,
		Body: func(session string) []byte {
			all := h.Webhooks(session)
			return all[len(all)-1]
		},
		Elsewhere: func(body []byte) []byte {
			return bytes.Replace(body, []byte(`{`), []byte(`{"account":"acct_Elsewhere",`), 1)
		},
	}
}

// the adapter's own words for its keys, which nobody may read
func secrets() []string { return []string{key, secret, strings.TrimPrefix(secret, "whsec_")} }
