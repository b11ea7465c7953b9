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

// R36: amounts go over the wire in Stripe's own minor units and come back in
// ours; what can't be counted so is refused before anybody is asked.
func TestMinorUnits(t *testing.T) {
	for _, try := range []struct {
		currency   string
		ours, wire int64
	}{
		{"EUR", 2500, 2500}, {"HUF", 100050, 100050}, {"JPY", 2500, 2500}, {"CLP", 9000, 9000}, {"KWD", 12340, 12340},
		{"ISK", 2500, 250000}, {"UGX", 9000, 900000}, {"MGA", 250000, 2500},
	} {
		inBubble(t, func(t *testing.T, h *house) {
			q := request("1")
			q.Amount, q.Currency, q.Lines = try.ours, try.currency, []provider.Line{{Name: "Cut", Quantity: 2, Amount: try.ours}}
			if !h.client.Can().Currency(try.currency) {
				t.Errorf("%s is not taken", try.currency)
			}
			s, err := h.client.Create(t.Context(), q)
			if err != nil || s.Amount != try.ours || s.Currency != try.currency {
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
			events, _ := h.all(t, "", 10)
			if len(events) != 1 || events[0].Session.Amount != try.ours || events[0].Session.Payment == "" {
				t.Fatalf("%+v", events)
			}
			r, err := h.client.Refund(t.Context(), provider.RefundRequest{Key: "r", Payment: events[0].Session.Payment, Amount: try.ours, Currency: try.currency})
			if err != nil || r.Amount != try.ours || r.Currency != try.currency {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	c := stripe.New(config(providertest.NewWeather(nil))) // which would panic
	for currency, amount := range map[string]int64{"KWD": 12345, "MGA": 2550, "BTC": 1, "": 1, "eur": 1, "R E": 1, "ISK": 1 << 61, "UGX": -5} {
		q := request("1")
		q.Amount, q.Currency = amount, currency
		_, err := c.Create(t.Context(), q)
		_, refundErr := c.Refund(t.Context(), provider.RefundRequest{Key: "r", Payment: "pi_a", Amount: amount, Currency: currency})
		if provider.KindOf(err) != provider.Refused || provider.KindOf(refundErr) != provider.Refused {
			t.Errorf("%d %s: %v, %v", amount, currency, err, refundErr)
		}
	}
}

// R10: Stripe's pages live for half an hour at least. One that is to end sooner
// lives longer there, and asking again, later, makes no second one.
func TestShortPages(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Second, 10 * time.Minute, 29 * time.Minute, 31 * time.Minute, 24 * time.Hour} {
		inBubble(t, func(t *testing.T, h *house) {
			q := request("1")
			q.ExpiresAt = time.Now().Add(ahead)
			s, err := h.client.Create(t.Context(), q)
			if err != nil || s.ExpiresAt.Before(q.ExpiresAt) || s.ExpiresAt.Sub(time.Now()) < 30*time.Minute || s.ExpiresAt.Sub(q.ExpiresAt) > 31*time.Minute {
				t.Fatalf("%v ahead: ends in %v, %v", ahead, time.Until(s.ExpiresAt), err)
			}
			if ahead > 30*time.Minute && !s.ExpiresAt.Equal(q.ExpiresAt) {
				t.Errorf("%v ahead: ends in %v", ahead, time.Until(s.ExpiresAt))
			}
			for range 5 {
				time.Sleep(time.Hour)
				if again, err := h.client.Create(t.Context(), q); err != nil || again.ID != s.ID {
					t.Errorf("again: %+v, %v", again, err)
				}
			}
			time.Sleep(30 * time.Hour) // and the key is forgotten
			if again, err := h.client.Create(t.Context(), q); provider.KindOf(err) != provider.Refused {
				t.Errorf("a second page, %+v, %v", again, err)
			}
		})
	}
	inBubble(t, func(t *testing.T, h *house) {
		q := request("1")
		q.ExpiresAt = time.Now().Add(25 * time.Hour)
		if _, err := h.client.Create(t.Context(), q); provider.KindOf(err) != provider.Refused {
			t.Errorf("a day and an hour: %v", err)
		}
	})
}

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

// R34: what the suite doesn't ask for is in Stripe's description as well, and
// what is taken is the request's amount, whatever its lines say.
func TestRequestsOfAllKinds(t *testing.T) {
	many := make([]provider.Line, 101)
	for i := range many {
		many[i] = provider.Line{Name: "Bead", Quantity: 1, Amount: 1}
	}
	inBubble(t, func(t *testing.T, h *house) {
		for i, change := range []func(*provider.Request){
			func(r *provider.Request) { r.Title, r.Lines = strings.Repeat("ß", 400), nil },
			func(r *provider.Request) { r.Title, r.Lines = " ", nil },
			func(r *provider.Request) { r.Lines = []provider.Line{{Name: "Cut", Quantity: 3, Amount: 2500}} },
			func(r *provider.Request) { r.Lines = append(r.Lines, r.Lines...) },
			func(r *provider.Request) { r.Lines[0].Amount, r.Lines[1].Amount = 4000, -1500 },
			func(r *provider.Request) { r.Lines[1].Quantity = 0 },
			func(r *provider.Request) { r.Lines, r.Amount = many, 101 },
			func(r *provider.Request) { r.Lines[0].Name = "" },
			func(r *provider.Request) { r.CancelURL = "" },
			func(r *provider.Request) { r.ReturnURL += "&a=%C3%BC" },
		} {
			q := request(string(rune('a' + i)))
			change(&q)
			if s, err := h.client.Create(t.Context(), q); err != nil || s.Amount != q.Amount {
				t.Errorf("%d: %+v, %v", i, s, err)
			}
		}
		for i, try := range []struct{ language, want string }{
			{"de", "de"}, {"de-CH", "de"}, {"en-GB", "en-GB"}, {"pt_BR", "pt-BR"}, {"no", "nb"}, {"nn-NO", "nb"}, {"uk", "auto"}, {"", "auto"}, {"de en", "auto"},
		} {
			q := request(fmt.Sprint("l", i))
			q.Language = try.language
			var locale string
			h.weather.Set(heard(&locale))
			if _, err := h.client.Create(t.Context(), q); err != nil || locale != try.want {
				t.Errorf("%s: asked for %q, %v", try.language, locale, err)
			}
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
