package stripe_test

import (
	"fmt"
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
			if err != nil || s.ExpiresAt.Before(q.ExpiresAt) || time.Until(s.ExpiresAt) < 30*time.Minute || s.ExpiresAt.Sub(q.ExpiresAt) > 31*time.Minute {
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
