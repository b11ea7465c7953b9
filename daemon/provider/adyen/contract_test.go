package adyen_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"countersign/daemon/provider"
)

// specs is the folder of the vendors' own descriptions.
func specs() string {
	if dir := os.Getenv("COUNTERSIGN_SPECS"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "..", "shared", "specs")
}

// description is Adyen's, without the paths that nobody here takes; nil where
// the folder is absent.
var description = sync.OnceValues(func() (routers.Router, error) {
	raw, err := os.ReadFile(filepath.Join(specs(), "adyen-checkout-v71.json"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	var paths, kept map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(all["paths"], &paths); err != nil {
		return nil, err
	}
	kept = map[string]json.RawMessage{}
	for _, p := range []string{"/paymentLinks", "/paymentLinks/{linkId}", "/payments/{paymentPspReference}/refunds", "/paymentMethods"} {
		kept[p] = paths[p]
	}
	if all["paths"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	all["servers"] = json.RawMessage(`[{"url": "` + base + `"}]`)
	if raw, err = json.Marshal(all); err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
})

// contract holds what goes over the wire against Adyen's description. It
// stands behind the weather, where nothing is spoilt yet.
type contract struct {
	t      testing.TB
	base   http.RoundTripper
	router routers.Router
}

// held is base, under contract where the description is at hand.
func held(t testing.TB, base http.RoundTripper) http.RoundTripper {
	t.Helper()
	router, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if router == nil {
		return base
	}
	return &contract{t, base, router}
}

// RoundTrip checks the request, carries it out, and checks the answer.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		if !strings.Contains(r.URL.EscapedPath(), "%2F") { // such an id is nobody's
			c.t.Errorf("%s %s is not in Adyen's description: %v", r.Method, r.URL.Path, err)
		}
		return c.base.RoundTrip(r)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		c.t.Errorf("the request is not in Adyen's description: %v", err)
	}
	res, err := c.base.RoundTrip(r)
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return res, err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Options: options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		c.t.Errorf("the answer is not in Adyen's description: %v", err)
	}
	return res, nil
}

// TestContract holds that the description is there and that it objects: to a
// request and to an answer that Adyen would not know.
func TestContract(t *testing.T) {
	router, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if router == nil {
		t.Skip("COUNTERSIGN_SPECS names no folder with adyen-checkout-v71.json: nothing is held against Adyen's description")
	}
	said := &errors{TB: t}
	answer := `{"id":"PL1","merchantAccount":"Salon","reference":"r","amount":{"value":1,"currency":"EUR"},"status":"opened","url":"https://x.example"}`
	c := &contract{said, static(answer), router}
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
