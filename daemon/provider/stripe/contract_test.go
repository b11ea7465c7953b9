package stripe_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
)

// vendor is Stripe's own description: read by its own stand-in, which knows the
// form of requests, and by one that knows the form of answers.
type vendor struct {
	doc    *openapi3.T
	router routers.Router

	mu      sync.Mutex
	asked   chan *http.Request // to the stand-in, which works by the real clock, outside of bubbles
	answers chan *httptest.ResponseRecorder
}

// ask is what the stand-in says of a request.
func (v *vendor) ask(r *http.Request) *httptest.ResponseRecorder {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked <- r
	return <-v.answers
}

// description is Stripe's, without the paths that nobody here takes and what
// only those need.
var description = sync.OnceValues(func() (*vendor, error) {
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		return nil, err
	}
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	stub, err := server.NewStubServer(fixtures, spec, false, false)
	if err != nil {
		return nil, err
	}
	v := &vendor{asked: make(chan *http.Request), answers: make(chan *httptest.ResponseRecorder)}
	go func() {
		for r := range v.asked {
			w := httptest.NewRecorder()
			stub.HandleRequest(w, r)
			v.answers <- w
		}
	}()
	raw, err := pruned(embedded.OpenAPISpec)
	if err != nil {
		return nil, err
	}
	if v.doc, err = openapi3.NewLoader().LoadFromData(raw); err != nil {
		return nil, err
	}
	v.router, err = legacy.NewRouter(v.doc, openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation())
	return v, err
})

func pruned(raw []byte) ([]byte, error) {
	var all, components, schemas map[string]json.RawMessage
	var paths, kept map[string]json.RawMessage
	for _, step := range []struct {
		from *json.RawMessage
		into any
	}{{nil, &all}, {nil, &paths}, {nil, &components}, {nil, &schemas}} {
		part := raw
		switch step.into {
		case &paths:
			part = all["paths"]
		case &components:
			part = all["components"]
		case &schemas:
			part = components["schemas"]
		}
		if err := json.Unmarshal(part, step.into); err != nil {
			return nil, err
		}
	}
	kept = map[string]json.RawMessage{}
	var todo []json.RawMessage
	for _, p := range []string{"/v1/checkout/sessions", "/v1/checkout/sessions/{session}", "/v1/checkout/sessions/{session}/expire", "/v1/refunds",
		"/v1/events", "/v1/payment_intents/{intent}", "/v1/account", "/v1/payment_links", "/v1/payment_links/{payment_link}"} {
		kept[p] = paths[p]
		todo = append(todo, paths[p])
	}
	todo = append(todo, json.RawMessage(`"#/components/schemas/dispute"`))
	needed := map[string]json.RawMessage{}
	for reference := regexp.MustCompile(`"#/components/schemas/([^"]+)"`); len(todo) > 0; todo = todo[1:] {
		for _, m := range reference.FindAllSubmatch(todo[0], -1) {
			if name := string(m[1]); needed[name] == nil {
				needed[name] = schemas[name]
				todo = append(todo, schemas[name])
			}
		}
	}
	var err error
	if components["schemas"], err = json.Marshal(needed); err != nil {
		return nil, err
	}
	if all["components"], err = json.Marshal(components); err != nil {
		return nil, err
	}
	if all["paths"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	all["servers"] = json.RawMessage(`[{"url": "` + base + `"}]`)
	return json.Marshal(all)
}

// contract holds what goes over the wire against Stripe's description. It
// stands behind the weather, where nothing is spoilt yet.
type contract struct {
	t    testing.TB
	base http.RoundTripper
	v    *vendor
}

func held(t testing.TB, base http.RoundTripper) http.RoundTripper {
	t.Helper()
	v, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return &contract{t, base, v}
}

// RoundTrip checks the request, carries it out, and checks the answer.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked []byte
	if r.Body != nil {
		asked, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	if r.Header.Get("Authorization") == "Bearer "+key {
		c.request(r, asked)
	}
	res, err := c.base.RoundTrip(r)
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	if err == nil {
		c.answer(r, res, body)
	}
	return res, err
}

func (c *contract) request(r *http.Request, body []byte) {
	again := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	again.Header = r.Header
	if w := c.v.ask(again); w.Code != http.StatusOK {
		c.t.Errorf("%s %s %s is not in Stripe's description: %s", r.Method, r.URL, body, w.Body)
	}
}

func (c *contract) answer(r *http.Request, res *http.Response, body []byte) {
	route, params, err := c.v.router.FindRoute(r)
	if err != nil {
		c.t.Errorf("%s %s is not in Stripe's description: %v", r.Method, r.URL.Path, err)
		return
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Options: options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		c.t.Errorf("%s: the answer is not in Stripe's description: %v", r.URL, err)
	}
	var list struct {
		Data []struct {
			Data struct {
				Object map[string]any `json:"object"`
			} `json:"data"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &list) != nil || r.URL.Path != "/v1/events" {
		return
	}
	for _, e := range list.Data {
		kind, _ := e.Data.Object["object"].(string)
		if err := c.v.doc.Components.Schemas[kind].Value.VisitJSON(e.Data.Object); err != nil {
			c.t.Errorf("an event's %s is not in Stripe's description: %v", kind, err)
		}
	}
}

// TestContract holds that the description objects: to a request and to an
// answer that Stripe would not know.
func TestContract(t *testing.T) {
	v, err := description()
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]int{
		"amount=100": 0, "amount=much": 1, "amount=100&currency_of_old=1": 1, "reason=whim": 1,
	} {
		said := &objections{TB: t}
		c := &contract{said, static(`{"id":"re_a","object":"refund","amount":100,"created":1,"currency":"eur"}`), v}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/refunds", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Bearer " + key}}
		if _, err := c.RoundTrip(r); err != nil || said.n != want {
			t.Errorf("%s: %d objections, want %d; %v", form, said.n, want, err)
		}
		said.n, c.base = 0, static(`{"id":"re_a","object":"refund","amount":"1.00","created":1,"currency":"eur"}`)
		r.Body = io.NopCloser(strings.NewReader(form))
		if _, err := c.RoundTrip(r); err != nil || said.n != want+1 {
			t.Errorf("%s, and an amount in words: %d objections; %v", form, said.n, err)
		}
	}
}

// objections counts what would fail a test.
type objections struct {
	testing.TB
	n int
}

// Errorf counts.
func (o *objections) Errorf(string, ...any) { o.n++ }

type static string

// RoundTrip answers the one thing it can.
func (s static) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}
