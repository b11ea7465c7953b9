package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/daemon/provider"
)

// call is one request to the sandbox.
type call struct {
	method, path string
	query        url.Values
	key          string // Idempotency-Key
	body         any
	money        bool // makes a session or a refund: a lost answer is Unclear
}

// do makes the call and decodes its answer into out. Every error is a
// *provider.Error.
func (c *Client) do(ctx context.Context, q call, out any) error {
	ctx, stop := context.WithTimeout(ctx, c.cfg.Timeout)
	defer stop()
	req, err := c.request(ctx, q)
	if err != nil {
		return &provider.Error{Kind: provider.Refused, Text: "the request can't be written", Cause: err}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return q.lost(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		return q.failed(res, body, time.Now())
	case err != nil:
		return q.lost(err)
	case len(body) > bodyLimit:
		return q.garbled("an answer that is too long", nil)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return q.garbled("an answer that is not JSON", err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, q call) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	address := c.cfg.Base + "/sandbox/v1" + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, q.method, address, body)
	if err != nil {
		return nil, err
	}
	// Without GetBody the transport can't send the request a second time by
	// itself. An answer that got lost is for the daemon to look up.
	req.GetBody = nil
	req.Header.Set("Authorization", "Bearer "+c.cfg.Key)
	req.Header.Set("Accept", "application/json")
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if q.key != "" {
		req.Header.Set("Idempotency-Key", q.key)
	}
	return req, nil
}

// lost is a call without an answer.
func (q call) lost(err error) error {
	// The URL in a *url.Error is ours and long; the reason is what helps.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if q.money {
		return &provider.Error{Kind: provider.Unclear, Text: "no answer, it may have happened", Cause: err}
	}
	return &provider.Error{Kind: provider.Unavailable, Text: "no answer", Cause: err}
}

// garbled is an answer that can't be read. A 200 nobody can read may still
// have been a success.
func (q call) garbled(what string, cause error) error {
	kind := provider.Unavailable
	if q.money {
		kind = provider.Unclear
	}
	return &provider.Error{Kind: kind, Text: what, Cause: cause}
}

// failed is an answer that says no.
func (q call) failed(res *http.Response, body []byte, now time.Time) error {
	e := provider.Errorf(provider.Unavailable, "HTTP %d%s", res.StatusCode, reason(body))
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(res.Header.Get("Retry-After"), now)
	case code == http.StatusNotFound:
		e.Kind = provider.NotFound
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly:
		// 4xx in number only: the request is as good as it was.
	case code >= 400 && code < 500:
		e.Kind = provider.Refused
	case q.money:
		// A server that fell over may have done so after the work.
		e.Kind = provider.Unclear
	}
	return e
}

// reason is the sandbox's own sentence, if the body has one.
func reason(body []byte) string {
	var p wireProblem
	if json.Unmarshal(body, &p) != nil || p.Error.Text == "" || len(p.Error.Text) > 300 {
		return ""
	}
	return ": " + p.Error.Text
}

// retryAfter reads seconds or a date, and never more than a day of it.
func retryAfter(v string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return min(max(time.Duration(min(n, 86400))*time.Second, 0), most)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), most)
	}
	return 0
}
