package stripe_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
)

// R20: what was lost is asked for again with its key, which says what has
// become of it meanwhile.
func TestCreateAgainAfterPayment(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		q := request("1")
		s, err := h.client.Create(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Pay(s.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Minute)
		if again, err := h.client.Create(t.Context(), q); err != nil || again.ID != s.ID || again.Status != provider.Paid {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// R23: a refund may be repeated when Stripe has long forgotten its key, and
// two refunds in parts with one amount are two.
func TestRefundAgainMuchLater(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		q := provider.RefundRequest{Key: "a", Session: s.ID, Payment: s.Payment, Amount: 1000, Currency: "EUR"}
		h.weather.Set(providertest.LostAnswer)
		if _, err := h.client.Refund(t.Context(), q); provider.KindOf(err) != provider.Unclear {
			t.Fatal(err)
		}
		h.weather.Set(nil)
		var ids []string
		for _, after := range []time.Duration{0, time.Hour, 25 * time.Hour, 90 * 24 * time.Hour} {
			time.Sleep(after)
			r, err := h.client.Refund(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, r.ID)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("several refunds: %v", ids)
			}
		}
		q.Key = "b"
		if r, err := h.client.Refund(t.Context(), q); err != nil || r.ID == ids[0] || h.Back()[s.Payment] != 2000 {
			t.Errorf("%+v, %v; %v went back", r, err, h.Back())
		}
	})
}

// R23: a refund in other money than the payment's is never asked for.
func TestRefundInOtherMoney(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		_, err := h.client.Refund(t.Context(), provider.RefundRequest{Key: "a", Payment: s.Payment, Amount: 100, Currency: "USD"})
		if provider.KindOf(err) != provider.Refused || h.Back()[s.Payment] != 0 {
			t.Errorf("%v; %v went back", err, h.Back())
		}
	})
}

// R18: a call is made once: neither the library nor the transport repeats it by
// itself, and what comes back long after is no surprise.
func TestCallsAreMadeOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		calls := 0
		h.weather.Set(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
			if calls++; r.GetBody != nil {
				t.Error("the transport may send it again")
			}
			if r.UserAgent() != "Countersign" || r.Header.Get("X-Stripe-Client-User-Agent") != "" {
				t.Errorf("it tells of the computer: %v", r.Header)
			}
			return nil, errors.New("connection reset by peer")
		})
		if _, err := h.client.Create(t.Context(), request("1")); provider.KindOf(err) != provider.Unclear || calls != 1 {
			t.Errorf("%v, after %d calls", err, calls)
		}
	})
}

// R20: what isn't ours, or is of the other mode, makes no sense, and no word
// but "paid" is a payment.
func TestSessionsNotToBelieve(t *testing.T) {
	for _, change := range []providertest.Storm{
		providertest.Rewrite(`"countersign":"payment"`, `"shop":"payment"`), providertest.Rewrite(`"livemode":false`, `"livemode":true`),
		providertest.Rewrite(`"amount_total":2500`, `"amount_total":-2500`), providertest.Rewrite(`"eur"`, `"eu"`), providertest.Rewrite(`"eur"`, `"EUR"`),
		providertest.Rewrite(`"id":"cs_`, `"id":"xs_`), providertest.Rewrite("https://checkout.stripe.com", "javascript:"),
		providertest.Rewrite(`"amount_total":2500`, `"amount_total":"25.00"`), providertest.Rewrite(`"amount_total":2500`, `"amount_total":2500.5`),
	} {
		inBubble(t, func(t *testing.T, h *house) {
			s := h.create(t, "1")
			h.weather.Set(change)
			if got, err := h.client.Look(t.Context(), s.ID); provider.KindOf(err) != provider.Unavailable {
				t.Errorf("%+v, %v", got, err)
			}
			if got, err := h.client.Create(t.Context(), request("2")); provider.KindOf(err) != provider.Unclear && got.ID[:2] != "xs" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		for words, want := range map[string]provider.Status{
			`"no_payment_required"`: provider.Unknown, `null`: provider.Unknown, `"unpaid"`: provider.Processing, `"Paid"`: provider.Unknown,
		} {
			h.weather.Set(providertest.Rewrite(`"payment_status":"paid"`, `"payment_status":`+words))
			if got, err := h.client.Look(t.Context(), s.ID); err != nil || got.Status != want {
				t.Errorf("%s: %+v, %v, want %s", words, got, err, want)
			}
		}
		h.weather.Set(providertest.Rewrite(`"status":"complete"`, `"status":"settled"`))
		if got, err := h.client.Look(t.Context(), s.ID); err != nil || got.Status != provider.Unknown {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// R39: an id that is none leads to no other address.
func TestIDsThatAreNone(t *testing.T) {
	c := stripe.New(config(providertest.NewWeather(nil))) // which would panic
	for _, id := range []string{"", "..", "../refunds", "a/b", "a?b", "a b", "é", "a%2Fb"} {
		_, look := c.Look(t.Context(), id)
		_, cancel := c.Cancel(t.Context(), id)
		_, link := c.CloseLink(t.Context(), id)
		for _, err := range []error{look, cancel, link} {
			if provider.KindOf(err) != provider.NotFound {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}

// R31: a declined card leaves the page open, and is no event.
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
		if events, _ := h.all(t, "", 10); len(events) != 1 || events[0].Type != provider.EventPaid {
			t.Errorf("told %+v", events)
		}
	})
}

// R37: nothing that is printed has a key in it: errors of every weather,
// however they are printed, and the settings themselves.
func TestNothingPrintsKeys(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		c := h.client
		printed := []string{fmt.Sprintf("%v %+v %#v %s", config(nil), config(nil), config(nil), c), fmt.Sprintf("%+v %#v", c, c), asJSON(t, config(nil))}
		echo := `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: ` + key + ` ` + secret + `"}}`
		for _, storm := range []providertest.Storm{
			providertest.Unreachable, providertest.Silence, providertest.Endless, providertest.Stall, providertest.Answer(401, "", echo),
			providertest.Answer(500, "", echo), providertest.Answer(200, "", echo), providertest.Answer(302, "Location: https://x.example/?"+key, key),
			providertest.Answer(400, "", key), providertest.Answer(200, "", key), providertest.Answer(403, "", echo),
		} {
			h.weather.Set(storm)
			_, err1 := c.Create(t.Context(), request("2"))
			_, err2 := c.Look(t.Context(), s.ID)
			_, err3 := c.Refund(t.Context(), provider.RefundRequest{Key: "a", Payment: s.Payment, Amount: 1, Currency: "EUR"})
			_, err4 := c.Events(t.Context(), "", 10)
			_, err5 := c.Check(t.Context())
			for _, err := range []error{err1, err2, err3, err4, err5} {
				printed = append(printed, fmt.Sprintf("%v %+v %#v", err, err, err))
			}
		}
		all := strings.Join(printed, "\n")
		for _, secret := range secrets() {
			if i := strings.Index(all, secret); i >= 0 {
				t.Errorf("printed: …%s…", all[max(0, i-200):min(len(all), i+100)])
			}
		}
	})
}

// R35: every failure, by what it means for the money.
func TestWhatAnswersMean(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pay(t, "1")
		for _, try := range []struct {
			status      int
			header      string
			kind, code  string
			look, money provider.ErrorKind
		}{
			{400, "", "idempotency_error", "", provider.Refused, provider.Refused},
			{409, "", "idempotency_error", "", provider.Unavailable, provider.Unclear},
			{409, "", "invalid_request_error", "idempotency_key_in_use", provider.Unavailable, provider.Unclear},
			{409, "", "invalid_request_error", "lock_timeout", provider.Unavailable, provider.Unclear},
			{409, "", "invalid_request_error", "", provider.Refused, provider.Refused},
			{400, "Stripe-Should-Retry: true", "api_error", "", provider.Unavailable, provider.Unclear},
			{429, "Retry-After: 9", "invalid_request_error", "rate_limit", provider.Unavailable, provider.Unavailable},
			{402, "", "card_error", "card_declined", provider.Refused, provider.Refused},
			{404, "", "invalid_request_error", "resource_missing", provider.NotFound, provider.NotFound},
			{500, "Stripe-Should-Retry: false", "api_error", "", provider.Unavailable, provider.Unclear},
		} {
			h.weather.Set(providertest.Answer(try.status, try.header, `{"error":{"type":"`+try.kind+`","code":"`+try.code+`","message":"no"}}`))
			_, lookErr := h.client.Look(t.Context(), s.ID)
			_, moneyErr := h.client.Create(t.Context(), request("2"))
			if provider.KindOf(lookErr) != try.look || provider.KindOf(moneyErr) != try.money {
				t.Errorf("%+v: %v, %v", try, lookErr, moneyErr)
			}
		}
		h.weather.Set(providertest.Answer(404, "", "<html>"))
		if _, err := h.client.Look(t.Context(), s.ID); provider.KindOf(err) != provider.Unavailable {
			t.Errorf("a proxy's 404: %v", err)
		}
	})
}
