package adyen_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/adyen/adyentest"
	"countersign/daemon/provider/providertest"
)

const (
	base    = "http://adyen.test/v71"
	key     = "AQEkey_of_the_salon"
	account = "SalonECOM"
	hmacKey = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"
	user    = "countersign"
	pass    = "word of the webhook"
)

// house is a company with an adapter over a pipe.
type house struct {
	*adyentest.Server
	client  *adyen.Client
	weather *providertest.Weather
}

func config(w http.RoundTripper) adyen.Config {
	return adyen.Config{Base: base, Key: key, Account: account, HMAC: hmacKey, User: user, Password: pass, HTTP: &http.Client{Transport: w}}
}

func open(t testing.TB) *house {
	t.Helper()
	s := adyentest.New(adyentest.Options{Key: key, Account: account, HMAC: hmacKey, User: user, Password: pass})
	w := providertest.NewWeather(held(t, providertest.Serve(t, s.Handler())))
	return &house{Server: s, weather: w, client: adyen.New(config(w))}
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

// header is what a webhook of the company comes with.
func header() http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+pass))}}
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
		fault := func(f adyentest.Faults) func(bool) {
			return func(on bool) {
				if !on {
					f = adyentest.Faults{}
				}
				h.SetFaults(f)
			}
		}
		return providertest.Rig{
			Provider: h.client, Weather: h.weather, Late: 20 * time.Second,
			Pay:       func(s string) { must(h.Pay(s)) },
			PayLater:  func(s string) { must(h.PayLater(s)) },
			Pend:      fault(adyentest.Faults{Pend: true}),
			Refuse:    fault(adyentest.Faults{Refuse: true}),
			Settle:    func(refund string, arrived bool) { must(h.Settle(refund, arrived)) },
			Dashboard: func(payment string, amount int64) { must(h.RefundByHand(payment, amount)) },
			Dispute: func(payment string, amount int64) string {
				which, err := h.Dispute(payment, amount)
				must(err)
				return which
			},
			Decide: func(dispute string, won bool) { must(h.Decide(dispute, won)) },
			Paid:   h.Paid, Back: h.Back,
			PaidWord: "completed", EndedAlike: true, Unnamed: true, TakenFirst: true, RefundsLater: true,
			Hook: hook(h),
		}
	})
}

func hook(h *house) *providertest.Hook {
	return &providertest.Hook{
		Secret: hmacKey, Timeless: true, Fields: true, Seal: adyentest.Seal, Bare: adyentest.Bare,
		Body: func(link string) []byte {
			all := h.Webhooks(link)
			return all[len(all)-1]
		},
		Sent: func() [][]byte { return h.Webhooks("") },
		Sign: func(string, time.Time, []byte) http.Header { return header() },
		Elsewhere: func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(account), []byte("SalonElsewhere"))
		},
	}
}
