package adyen_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/adyen/adyentest"
	"countersign/daemon/provider/providertest"
)

// R36: amounts go over the wire in Adyen's own minor units and come back in
// ours; what can't be counted so is refused before anybody is asked.
func TestMinorUnits(t *testing.T) {
	for _, try := range []struct {
		currency   string
		ours, wire int64
	}{
		{"EUR", 2500, 2500}, {"HUF", 100000, 100000}, {"JPY", 2500, 2500}, {"KWD", 12345, 12345}, {"UGX", 9000, 9000},
		{"ISK", 2500, 250000}, {"CLP", 2500, 250000}, {"IDR", 250000, 2500}, {"CVE", 250000, 2500},
	} {
		inBubble(t, func(t *testing.T, h *house) {
			q := request("1")
			q.Amount, q.Currency, q.Lines = try.ours, try.currency, []provider.Line{{Name: "Cut", Quantity: 1, Amount: try.ours}}
			if !h.client.Can().Currency(try.currency) {
				t.Errorf("%s is not taken", try.currency)
			}
			s, err := h.client.Create(t.Context(), q)
			if err != nil || s.Amount != try.ours {
				t.Fatalf("%+v, %v", s, err)
			}
			if err := h.Pay(s.ID); err != nil {
				t.Fatal(err)
			}
			for _, amount := range h.Paid() {
				if amount != try.wire {
					t.Errorf("%s: %d went over the wire, want %d", try.currency, amount, try.wire)
				}
			}
			events, err := h.client.Parse(header(), h.Webhooks(s.ID)[0], time.Now())
			if err != nil || len(events) != 1 || events[0].Session.Amount != try.ours {
				t.Fatalf("%+v, %v", events, err)
			}
			r, err := h.client.Refund(t.Context(), provider.RefundRequest{Key: "r", Payment: events[0].Session.Payment, Amount: try.ours, Currency: try.currency})
			if err != nil || r.Amount != try.ours {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	h := adyen.New(config(providertest.NewWeather(nil))) // which would panic
	for currency, amount := range map[string]int64{"MGA": 2500, "": 2500, "eur": 2500, "R E": 1, "IDR": 250001, "CVE": 50, "ISK": 1 << 61} {
		q := request("1")
		q.Amount, q.Currency = amount, currency
		if _, err := h.Create(t.Context(), q); provider.KindOf(err) != provider.Refused {
			t.Errorf("%d %s: %v", amount, currency, err)
		}
	}
}

// R15: a key that was used for another link or refund does nothing new, though
// Adyen answers it as if it had.
func TestKeysThatWereUsed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.create(t, "1")
		q := request("1")
		q.Reference = "co_9"
		if _, err := h.client.Create(t.Context(), q); provider.KindOf(err) != provider.Refused {
			t.Errorf("%v", err)
		}
	})
}

// R31: a declined card leaves the link open, and is no event: the client takes
// another one.
func TestDeclined(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t, "1")
		for _, do := range []func(string) error{h.Decline, h.Decline, h.Pay} {
			if got, err := h.client.Look(t.Context(), s.ID); err != nil || got != s {
				t.Fatalf("%+v, %v", got, err)
			}
			if err := do(s.ID); err != nil {
				t.Fatal(err)
			}
		}
		var told []string
		for _, body := range h.Webhooks("") {
			events, err := h.client.Parse(header(), body, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				told = append(told, e.Type)
			}
		}
		if fmt.Sprint(told) != "["+provider.EventPaid+"]" {
			t.Errorf("told %v", told)
		}
	})
}

// R20: a link that isn't ours, or is of another account, makes no sense.
func TestLinksOfOthers(t *testing.T) {
	for _, change := range []providertest.Storm{
		providertest.Rewrite("countersign.pay.", "shop."), providertest.Rewrite(account, "Elsewhere"),
		providertest.Rewrite(`"value":2500`, `"value":-2500`), providertest.Rewrite(`"EUR"`, `"EU"`),
		providertest.Rewrite(`"id":"PL`, `"id":"XL`), providertest.Rewrite("https://test.adyen.link", "javascript:"),
	} {
		inBubble(t, func(t *testing.T, h *house) {
			s := h.create(t, "1")
			h.weather.Set(change)
			if got, err := h.client.Look(t.Context(), s.ID); provider.KindOf(err) != provider.Unavailable {
				t.Errorf("%+v, %v", got, err)
			}
			if got, err := h.client.Create(t.Context(), request("2")); provider.KindOf(err) != provider.Unclear && got.ID[:2] != "XL" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// R37: what is wrong with the settings is said in a person's words.
func TestCheck(t *testing.T) {
	for name, try := range map[string]struct {
		change func(*adyen.Config)
		faults adyentest.Faults
		want   string
	}{
		"good":        {func(*adyen.Config) {}, adyentest.Faults{}, ""},
		"no key":      {func(c *adyen.Config) { c.Key = "" }, adyentest.Faults{}, "needs an API key"},
		"other key":   {func(c *adyen.Config) { c.Key = "other" }, adyentest.Faults{}, "doesn't know this API key in its test system"},
		"account":     {func(c *adyen.Config) { c.Account = "Shop" }, adyentest.Faults{}, "no merchant account Shop"},
		"role":        {func(*adyen.Config) {}, adyentest.Faults{NoRole: true}, "role Pay by Link"},
		"HMAC":        {func(c *adyen.Config) { c.HMAC = "abc" }, adyentest.Faults{}, "HMAC key"},
		"second HMAC": {func(c *adyen.Config) { c.HMAC += " abc" }, adyentest.Faults{}, "HMAC key"},
		"prefix":      {func(c *adyen.Config) { c.Prefix = "evil.example/" }, adyentest.Faults{}, "prefix"},
	} {
		inBubble(t, func(t *testing.T, h *house) {
			h.SetFaults(try.faults)
			cfg := config(h.weather)
			try.change(&cfg)
			_, err := adyen.New(cfg).Check(t.Context())
			if (err == nil) != (try.want == "") || err != nil && (!strings.Contains(err.Error(), try.want) || provider.KindOf(err) != provider.Refused) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// asked is the address of a request that goes nowhere.
type asked struct{ url string }

// RoundTrip notes where it should go.
func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	a.url = r.URL.String()
	return nil, io.ErrUnexpectedEOF
}

// R34: the live system is reached by the company's prefix alone.
func TestWhereItIs(t *testing.T) {
	for prefix, want := range map[string]string{
		"":                       "https://checkout-test.adyen.com/v71/paymentLinks/PL1",
		"1797a841fbb37ca7-Salon": "https://1797a841fbb37ca7-Salon-checkout-live.adyenpayments.com/checkout/v71/paymentLinks/PL1",
		"a.evil.example/#":       "",
	} {
		a := &asked{}
		cfg := config(a)
		cfg.Base, cfg.Prefix = "", prefix
		c := adyen.New(cfg)
		_, _ = c.Look(t.Context(), "PL1")
		if a.url != want {
			t.Errorf("%q asks %s", prefix, a.url)
		}
		if who, _ := c.Check(t.Context()); who.Live != (prefix != "") {
			t.Errorf("%q is live: %v", prefix, who.Live)
		}
	}
}

// R39: no key is in anything that may be printed, whatever went wrong.
func TestNoSecretIsPrinted(t *testing.T) {
	cfg := config(nil)
	cfg.Prefix = "1797a841fbb37ca7-Salon"
	c := adyen.New(cfg)
	j, _ := json.Marshal(map[string]any{"c": cfg, "p": &cfg, "client": c})
	all := fmt.Sprint(string(j), cfg, &cfg, c) + fmt.Sprintf("%v %+v %#v %s %q %+v %#v %v", cfg, cfg, cfg, cfg, cfg, c, c, []any{cfg, c})
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t, "1")
		for _, storm := range []providertest.Storm{
			providertest.Unreachable, providertest.LostAnswer, providertest.Silence, providertest.Endless, providertest.Stall,
			providertest.Answer(401, "", `{"errorCode":"000","message":"the key `+key+` of `+hmacKey+" "+pass+` is wrong"}`),
			providertest.Answer(500, "", `{"errorCode":"`+key+`","message":"`+key+`"}`), providertest.Answer(200, "", `{"id":"`+key),
			providertest.Answer(302, "Location: https://hotel.example/?"+key, ""),
		} {
			h.weather.Set(storm)
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			_, a := h.client.Create(ctx, request("2"))
			_, b := h.client.Look(ctx, s.ID)
			_, r := h.client.Refund(ctx, provider.RefundRequest{Key: "r", Payment: "P", Amount: 1, Currency: "EUR"})
			stop()
			holder, err := h.client.Check(t.Context())
			all += fmt.Sprintf("\n%v %+v %v %+v %v %v %v", a, a, b, b, r, holder, err)
		}
	})
	for _, secret := range []string{key, hmacKey, pass, hmacKey[:16]} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("printed: %s", all[max(0, i-80):i+20])
		}
	}
}

// FuzzLink: whatever a link looks like, nothing panics, and nothing but
// Adyen's words for it is a payment.
func FuzzLink(f *testing.F) {
	f.Add([]byte(`{"id":"PL1","merchantAccount":"SalonECOM","reference":"countersign.pay.co_1","amount":{"value":2500,"currency":"EUR"},"status":"completed","url":"https://x.example/","updatedAt":"2026-11-23T10:00:00Z"}`))
	f.Add([]byte(`{"status":"paid"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := adyen.New(config(providertest.NewWeather(answers(body))))
		s, err := c.Look(context.Background(), "PL1")
		if err != nil && s != (provider.Session{}) {
			t.Fatalf("%v, and yet %+v", err, s)
		}
		var said struct {
			Status string `json:"status"`
		}
		_ = json.Unmarshal(body, &said)
		if err == nil && (s.ID != "PL1" || s.Amount <= 0 || (s.Status == provider.Paid) != (said.Status == "completed" || said.Status == "paid")) {
			t.Fatalf("%+v", s)
		}
		r, err := c.Refund(context.Background(), provider.RefundRequest{Key: "k", Payment: "P", Amount: 1, Currency: "EUR"})
		if err == nil && (r.Status != provider.RefundPending || r.ID == "") {
			t.Fatalf("%+v", r)
		}
	})
}

type answers []byte

// RoundTrip answers the same to everybody.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a))), Request: r}, nil
}
