// Package gateway reaches a fiscal device through a small service beside it,
// by HTTP and JSON. The contract is all that such a service has to do:
//
//	POST <the configured address>
//	Authorization: Bearer <the configured token>, if there is one
//	Idempotency-Key: fiscal-p_…
//	Content-Type: application/json
//
//	{"kind": "sale", "original": "", "payment": "p_…", "at": "2026-11-22T10:30:00Z", "location": "Studio Lumen",
//	 "method": "cash", "register": "cash", "currency": "EUR", "amount": 2500,
//	 "lines": [{"name": "Haircut", "kind": "service", "quantity": 1, "amount": 2500, "tax_system": "standard"}]}
//
// Amounts are in the currency's minor unit. A refund's are above zero as well,
// and original is the number of its sale. The answer to what was registered is
//
//	200 {"number": "4711", "code": "what is printed to verify it", "url": "https://…", "at": "2026-11-22T10:30:01Z"}
//
// with code, url and at left out where there is none. The same key and body
// again are answered with the same number, and register nothing. 4xx with
// {"error": "why"} means that it was not registered and will not be; 408, 425,
// 429 and 503 that it was not, and may be later (Retry-After in seconds is
// heeded). After anything else it is sent again with the same key.
package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/fiscal"
)

// Name is the adapter's name.
const Name = "gateway"

// What is read of an answer, and the longest of its fields.
const (
	bodyLimit  = 64 << 10
	fieldLimit = 1000
)

// Config says where the service is.
type Config struct {
	URL     string
	Token   string        // the bearer token, "" for none
	HTTP    *http.Client  // http.DefaultClient when nil
	Timeout time.Duration // the longest a call may take; 10 s when zero
}

// Gateway is the adapter.
type Gateway struct {
	cfg  Config
	http *http.Client
}

var _ fiscal.Device = (*Gateway)(nil)

// New makes the adapter. It calls nothing; the error says what is wrong with
// the address.
func New(cfg Config) (*Gateway, error) {
	if !isAddress(cfg.URL) {
		return nil, errors.New("the fiscal device needs an address such as http://127.0.0.1:9001/receipts, without a password in it")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	hc := http.Client{}
	if cfg.HTTP != nil {
		hc = *cfg.HTTP
	}
	// Following a redirect would carry the token and the receipt elsewhere.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Gateway{cfg: cfg, http: &hc}, nil
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.Fragment == ""
}

// Name is "gateway".
func (g *Gateway) Name() string { return Name }

// body is the receipt on the wire: the key is in a header.
type body struct {
	fiscal.Receipt
	Key any `json:"key,omitempty"`
}

// Register sends the receipt, and reads what the device made of it.
func (g *Gateway) Register(ctx context.Context, r fiscal.Receipt) (fiscal.Record, error) {
	ctx, stop := context.WithTimeout(ctx, g.cfg.Timeout)
	defer stop()
	req, err := g.request(ctx, r)
	if err != nil {
		return fiscal.Record{}, &fiscal.Error{Kind: fiscal.Refused, Text: "the receipt can't be written", Cause: err}
	}
	res, err := g.http.Do(req)
	if err != nil {
		return fiscal.Record{}, lost(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	switch {
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated:
		return fiscal.Record{}, failed(res, text)
	case err != nil:
		return fiscal.Record{}, lost(err)
	}
	return read(text)
}

func (g *Gateway) request(ctx context.Context, r fiscal.Receipt) (*http.Request, error) {
	text, err := json.Marshal(body{Receipt: r})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.URL, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	// Without GetBody the transport can't send it a second time by itself.
	req.GetBody = nil
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Idempotency-Key", r.Key)
	if g.cfg.Token != "" {
		req.Header.Set("Authorization", "Bearer "+g.cfg.Token)
	}
	return req, nil
}

// lost is a call without an answer. Whether the request got through isn't
// asked: it is repeated with the same key either way.
func lost(err error) error {
	// The address in a *url.Error may hold what is nobody's business.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &fiscal.Error{Kind: fiscal.Unclear, Text: "the fiscal device didn't answer", Cause: err}
}

// read takes a record out of an answer. What can't be understood may still
// have been a success.
func read(text []byte) (fiscal.Record, error) {
	var r fiscal.Record
	if len(text) > bodyLimit {
		return fiscal.Record{}, fiscal.Errorf(fiscal.Unclear, "the fiscal device's answer is too long")
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return fiscal.Record{}, &fiscal.Error{Kind: fiscal.Unclear, Text: "the fiscal device's answer can't be read", Cause: err}
	}
	switch {
	case r.Number == "" || !printable(r.Number) || len(r.Number) > 100:
		return fiscal.Record{}, fiscal.Errorf(fiscal.Unclear, "the fiscal device's answer has no number")
	case !printable(r.Code) || len(r.Code) > fieldLimit:
		return fiscal.Record{}, fiscal.Errorf(fiscal.Unclear, "the fiscal device's answer has a code that can't be printed")
	case r.URL != "" && (!isAddress(r.URL) || len(r.URL) > fieldLimit):
		// It becomes a link on the client's phone.
		return fiscal.Record{}, fiscal.Errorf(fiscal.Unclear, "the fiscal device's answer has an address that isn't one")
	}
	return r, nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// failed is an answer that says no, or nothing.
func failed(res *http.Response, text []byte) error {
	e := fiscal.Errorf(fiscal.Unclear, "the fiscal device answered HTTP %d", res.StatusCode)
	switch code := res.StatusCode; {
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.Kind, e.RetryAfter = fiscal.Unavailable, retryAfter(res.Header.Get("Retry-After"))
	case code >= 400 && code < 500:
		e.Kind = fiscal.Refused
	}
	if why := reason(text); why != "" {
		e.Text = fmt.Sprintf("%s (HTTP %d)", why, res.StatusCode)
	}
	return e
}

// reason is the device's own sentence, if the body has one.
func reason(text []byte) string {
	var p struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &p) != nil || !printable(p.Error) || len(p.Error) > 300 {
		return ""
	}
	return p.Error
}

// retryAfter reads seconds, an hour at most: staff wait for the number.
func retryAfter(v string) time.Duration {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}
