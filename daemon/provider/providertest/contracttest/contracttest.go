// Package contracttest holds what goes over the wire between an adapter and a
// company's stand-in against the company's own description of its API, in
// OpenAPI. The descriptions are read where COUNTERSIGN_SPECS says and are no
// part of this project.
package contracttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"countersign/daemon/provider/providertest"
)

// Description is a company's of its API. It is safe for concurrent use.
type Description struct {
	router routers.Router

	mu   sync.Mutex
	seen map[string]int
}

// Read reads a file of the folder with the companies' descriptions, for an API
// that is served at base. paths are those that matter, of a file in JSON that is
// long; none are all of them. Without the file the Description is nil.
func Read(file, base string, paths ...string) (*Description, error) {
	folder := os.Getenv("COUNTERSIGN_SPECS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "specs")
	}
	raw, err := os.ReadFile(filepath.Join(folder, file))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err == nil && len(paths) > 0 {
		raw, err = only(raw, paths)
	}
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	openapi3filter.RegisterBodyDecoder("application/hal+json", openapi3filter.JSONBodyDecoder)
	// Some say 3.0 and have words of 3.1, some have patterns that Go hasn't, and
	// examples are nobody's promise.
	router, err := legacy.NewRouter(doc, openapi3.IsOpenAPI31OrLater(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation())
	return &Description{router: router, seen: map[string]int{}}, err
}

// only leaves of a description the paths that matter.
func only(raw []byte, paths []string) ([]byte, error) {
	var all, described map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(all["paths"], &described); err != nil {
		return nil, err
	}
	kept := map[string]json.RawMessage{}
	for _, p := range paths {
		kept[p] = described[p]
	}
	var err error
	if all["paths"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// Hold is base, where every request and every answer that isn't as described
// fails the test. It stands behind the weather, where nothing is spoilt yet.
func (d *Description) Hold(t testing.TB, base http.RoundTripper) http.RoundTripper {
	if d == nil {
		return base
	}
	return &held{t, d, base}
}

// Seen is how often an operation was answered how: "CreateCheckout 201 Created".
func (d *Description) Seen(what string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[what]
}

type held struct {
	t    testing.TB
	d    *Description
	base http.RoundTripper
}

// RoundTrip checks the request, carries it out, and checks the answer.
func (h *held) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	checked := r.Clone(r.Context())
	checked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := h.d.router.FindRoute(checked)
	if err != nil {
		if !strings.Contains(r.URL.EscapedPath(), "%2F") { // such an id is nobody's
			h.t.Errorf("%s %s isn't described: %v", r.Method, r.URL.Path, err)
		}
		return h.base.RoundTrip(r)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: checked, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		h.t.Errorf("%s %s %s isn't described: %v", r.Method, r.URL, body, err)
	}
	res, err := h.base.RoundTrip(r)
	if err != nil {
		return res, err
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(answer))
	if err != nil || res.Header.Get(providertest.OddHeader) != "" {
		return res, err
	}
	h.d.mu.Lock()
	h.d.seen[route.Operation.OperationID+" "+res.Status]++
	h.d.mu.Unlock()
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Options: options}
	out.SetBodyBytes(answer)
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		h.t.Errorf("%s %s answered %d %s, which isn't described: %v", r.Method, r.URL, res.StatusCode, answer, err)
	}
	return res, nil
}
