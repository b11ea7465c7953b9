package sumup_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup/sumuptest"
)

// description finds SumUp's description of its API; without it there is
// nothing to hold requests and answers to.
func description(t *testing.T) routers.Router {
	t.Helper()
	folder := os.Getenv("COUNTERSIGN_SPECS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "specs")
	}
	path := filepath.Join(folder, "sumup.json")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s: set COUNTERSIGN_SPECS to the folder with the vendors' descriptions", path)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	// It says 3.0 and has lists of examples in schemas, which are of 3.1.
	router, err := legacy.NewRouter(doc, openapi3.IsOpenAPI31OrLater(), openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// contract fails the test on every request and every answer that isn't as the
// description says.
type contract struct {
	t      *testing.T
	router routers.Router
	base   http.RoundTripper

	mu   *sync.Mutex
	seen map[string]int // how often each operation was answered how
}

func (c contract) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	checked := r.Clone(r.Context())
	checked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(checked)
	if err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return c.base.RoundTrip(r)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	in := &openapi3filter.RequestValidationInput{Request: checked, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		c.t.Errorf("%s %s %s: %v", r.Method, r.URL, body, err)
	}
	res, err := c.base.RoundTrip(r)
	if err != nil {
		return res, err
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(answer))
	if err != nil || res.Header.Get(sumuptest.OddHeader) != "" {
		return res, err
	}
	c.mu.Lock()
	c.seen[route.Operation.OperationID+" "+res.Status]++
	c.mu.Unlock()
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader(answer)), Options: options}
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		c.t.Errorf("%s %s answered %d %s: %v", r.Method, r.URL, res.StatusCode, answer, err)
	}
	return res, nil
}

// TestContract runs the suite once more, with the description listening (R34).
func TestContract(t *testing.T) {
	router := description(t)
	var mu sync.Mutex
	seen := map[string]int{}
	providertest.Run(t, func(t *testing.T) providertest.Rig {
		return newHouse(t, func(base http.RoundTripper) http.RoundTripper {
			return contract{t: t, router: router, base: base, mu: &mu, seen: seen}
		}).rig()
	})
	for _, want := range []string{
		"CreateCheckout 201 Created", "CreateCheckout 409 Conflict", "GetCheckout 200 OK", "GetCheckout 404 Not Found", "ListCheckouts 200 OK",
		"DeactivateCheckout 200 OK", "DeactivateCheckout 409 Conflict", "RefundTransaction 201 Created", "RefundTransaction 409 Conflict",
		"RefundTransaction 422 Unprocessable Entity", "GetTransactionV2.1 200 OK", "ListTransactionsV2.1 200 OK",
	} {
		if seen[want] == 0 {
			t.Errorf("never seen: %s", want)
		}
	}
}
