package adyen_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest/contracttest"
)

// description is Adyen's, without the paths that nobody here takes; nil where
// the folder is absent.
var description = sync.OnceValues(func() (*contracttest.Description, error) {
	return contracttest.Read("adyen-checkout-v71.json", base,
		"/paymentLinks", "/paymentLinks/{linkId}", "/payments/{paymentPspReference}/refunds", "/paymentMethods")
})

// held is way, under contract where the description is at hand.
func held(t testing.TB, way http.RoundTripper) http.RoundTripper {
	t.Helper()
	d, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return d.Hold(t, way)
}

// TestContract holds that the description is there and that it objects: to a
// request and to an answer that Adyen would not know.
func TestContract(t *testing.T) {
	d, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		t.Skip("COUNTERSIGN_SPECS names no folder with adyen-checkout-v71.json: nothing is held against Adyen's description")
	}
	said := &errors{TB: t}
	answer := `{"id":"PL1","merchantAccount":"Salon","reference":"r","amount":{"value":1,"currency":"EUR"},"status":"opened","url":"https://x.example"}`
	c := d.Hold(said, static(answer))
	for _, body := range []string{
		`{"merchantAccount":"Salon","reference":"r","amount":{"value":1,"currency":"EUR"}}`, // the answer alone is wrong
		`{"merchantAccount":"Salon","reference":"r","amount":{"value":"1.00","currency":"EUR"}}`,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/paymentLinks", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if _, err := c.RoundTrip(r); err != nil {
			t.Fatal(err)
		}
	}
	if said.n != 3 {
		t.Errorf("%d objections, want 3", said.n)
	}
}

// errors counts what would fail a test.
type errors struct {
	testing.TB
	n int
}

// Errorf counts.
func (e *errors) Errorf(string, ...any) { e.n++ }

type static string

// RoundTrip answers the one thing it can.
func (s static) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

// R34, R36: what the suite doesn't ask for is in the description as well:
// lines, languages and every currency.
func TestRequestsOfAllKinds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for i, change := range []func(*provider.Request){
			func(r *provider.Request) { r.Title = strings.Repeat("ß", 400); r.Language = "de-CH" },
			func(r *provider.Request) { r.Lines = []provider.Line{{Name: "Cut", Quantity: 3, Amount: 2500}} },
			func(r *provider.Request) { r.Lines = append(r.Lines, r.Lines...) },
			func(r *provider.Request) { r.Currency, r.Amount, r.Language = "ISK", 2500, "xx" },
			func(r *provider.Request) { r.ExpiresAt = time.Time{} },
			func(r *provider.Request) { r.ExpiresAt = r.ExpiresAt.In(time.FixedZone("x", 5*3600+1800)) },
			func(r *provider.Request) { r.ReturnURL += "&a=" + url.QueryEscape("ü ") },
		} {
			q := request(string(rune('a' + i)))
			change(&q)
			if s, err := h.client.Create(t.Context(), q); err != nil || s.Amount != q.Amount {
				t.Errorf("%d: %+v, %v", i, s, err)
			}
		}
	})
}
