package sumup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup"
	"countersign/daemon/provider/sumup/sumuptest"
)

func kind(t *testing.T, what string, err error, want provider.ErrorKind) {
	t.Helper()
	if got := provider.KindOf(err); got != want {
		t.Errorf("%s: %v (%v), want %v", what, got, err, want)
	}
}

// R34: what SumUp can't take is refused before it is asked.
func TestRefusedUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h := newHouse(t, func(base http.RoundTripper) http.RoundTripper {
			return trip(func(r *http.Request) (*http.Response, error) { asked++; return base.RoundTrip(r) })
		})
		for _, currency := range []string{"JPY", "KWD", "ISK", "UGX", "BGN", "XXX", ""} {
			q := request("1")
			q.Currency = currency
			_, err := h.client.Create(t.Context(), q)
			kind(t, currency, err, provider.Refused)
			if h.client.Can().Currency(currency) {
				t.Errorf("says that it takes %q", currency)
			}
		}
		for _, currency := range []string{"EUR", "HUF", "CLP"} {
			if !h.client.Can().Currency(currency) {
				t.Errorf("says that it doesn't take %q", currency)
			}
		}
		q := request("1")
		q.Reference = strings.Repeat("k", 60)
		_, err := h.client.Create(t.Context(), q)
		kind(t, "a long reference", err, provider.Refused)
		own := config(nil)
		own.Currency = "CHF"
		if _, err := sumup.New(own).Create(t.Context(), request("1")); provider.KindOf(err) != provider.Refused {
			t.Errorf("euros in a Swiss account: %v", err)
		}
		if asked > 0 {
			t.Errorf("asked %d times", asked)
		}
	})
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// R11, R20: of a web shop in the same account nothing is ours to see or close.
func TestOthersStayOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		shop := h.shop(t)
		_, err := h.client.Look(t.Context(), shop)
		kind(t, "look", err, provider.NotFound)
		h.Pay(shop)
		h.Sell(450)
		page, err := h.client.Events(t.Context(), "", 50)
		if err != nil || len(page.Events) > 0 {
			t.Errorf("%+v, %v", page.Events, err)
		}
	})
}

// shop is a checkout that the salon's web shop made.
func (h *house) shop(t *testing.T) string {
	t.Helper()
	body := `{"checkout_reference":"order-7","amount":9.9,"currency":"EUR","merchant_code":"` + merchant + `","description":"Order 7","hosted_checkout":{"enabled":true}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v0.1/checkouts", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := h.weather.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.ID == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	return made.ID
}

// R10: SumUp may never say that a checkout has expired. It can't be paid, by
// SumUp's own description, and isn't open for ever.
func TestR10DeadWithoutAWord(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.Lazy(true)
		s := h.create(t, "1")
		time.Sleep(time.Hour + 30*time.Second)
		h.is(t, s.ID, provider.Open) // clocks differ
		time.Sleep(time.Minute)
		h.is(t, s.ID, provider.Expired)
	})
}

// R20: money that was on its way when the page died has not failed.
func TestR20UnderWayAtTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t, "1")
		time.Sleep(time.Hour - time.Second)
		h.PayLater(s.ID)
		time.Sleep(10 * time.Second)
		h.is(t, s.ID, provider.Processing)
		time.Sleep(sumuptest.Late)
		h.is(t, s.ID, provider.Paid)
	})
}

// R35: hints go where the configuration says, and are repeated until taken.
func TestR35Hints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := make(chan []provider.Event, 8)
		tries := 0
		var h *house
		door := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := make([]byte, 1000)
			n, _ := r.Body.Read(body)
			events, err := h.client.Parse(r.Header, body[:n], time.Now())
			if tries++; tries == 1 || err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			box <- events
		})
		out := &http.Client{Transport: providertest.Serve(t, door)}
		h = newHouse(t, nil, func(o *sumuptest.Options) { o.HTTP = out })
		own := config(h.weather)
		out.Transport = plain{out.Transport}
		h.client = sumup.New(own)
		h.client.HookAt(func() string { return "https://salon.example/hooks/sumup" })
		s := h.create(t, "1")
		h.Pay(s.ID)
		time.Sleep(2 * time.Minute)
		if events := <-box; len(events) != 1 || events[0].Session.ID != s.ID || events[0].Type != provider.EventHint || tries != 2 {
			t.Errorf("%+v after %d", events, tries)
		}
	})
}

// plain leaves TLS out, which a pipe has not.
type plain struct{ http.RoundTripper }

func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme = "http"
	return p.RoundTripper.RoundTrip(r)
}

// R39: the key is in nothing that is printed, stored or told.
func TestR39NoKeyAnywhere(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pays(t, "1")
		said := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", config(nil), config(nil), config(nil), config(nil), h.client, h.client, h.client)
		if b, err := json.Marshal(config(nil)); err == nil {
			said += string(b)
		}
		for _, storm := range []providertest.Storm{
			providertest.Unreachable, providertest.LostAnswer, providertest.Silence, providertest.Endless, providertest.Stall,
			providertest.Answer(302, "Location: https://hotel.example/", ""), providertest.Answer(200, "", "<html>"), providertest.Answer(429, "", ""),
			providertest.Answer(401, "", `{"title":"Unauthorized","detail":"`+key+` is no key"}`), providertest.Answer(500, "", key),
		} {
			h.weather.Set(storm)
			_, err := h.client.Create(t.Context(), request("2"))
			said += fmt.Sprintf("%v %+v %#v\n", err, err, err)
			_, err = h.client.Look(t.Context(), s.ID)
			said += fmt.Sprintf("%v %+v\n", err, err)
			_, err = h.client.Refund(t.Context(), provider.RefundRequest{Key: "a", Payment: s.Payment, Amount: 1, Currency: "EUR"})
			said += fmt.Sprintf("%v %+v\n", err, err)
			_, err = h.client.Events(t.Context(), "", 1)
			said += fmt.Sprintf("%v %+v\n", err, err)
			_, err = h.client.Check(t.Context())
			said += fmt.Sprintf("%v %+v\n", err, err)
		}
		if strings.Contains(said, key) {
			t.Errorf("the key is in it:\n%s", said)
		}
	})
}
