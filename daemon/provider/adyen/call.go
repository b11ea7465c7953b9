package adyen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// bodyLimit is the longest body that is read.
const bodyLimit = 1 << 20

// call is one request to Adyen.
type call struct {
	method, path string
	key          string // Idempotency-Key
	body         any
	money        bool // makes a link or a refund: a lost answer is Unclear
}

// do makes the call and decodes its answer into out. Every error is a
// *provider.Error.
func (c *Client) do(ctx context.Context, q call, out any) error {
	if c.base == "" {
		return provider.Errorf(provider.Refused, "the live URL prefix is not one: letters, digits and dashes, as under API URLs in Adyen's Customer Area")
	}
	ctx, stop := context.WithTimeout(ctx, c.cfg.Timeout)
	defer stop()
	req, err := c.request(ctx, q)
	if err != nil {
		return provider.Errorf(provider.Refused, "the request can't be written")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return q.lost(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		return c.failed(q, res, body, time.Now())
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
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, body)
	if err != nil {
		return nil, err
	}
	// Without GetBody the transport can't send the request a second time by
	// itself. An answer that got lost is for the daemon to ask for again.
	req.GetBody = nil
	req.Header.Set("X-API-Key", c.cfg.Key)
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
	// The URL in a *url.Error is ours, and a live one names the company.
	for {
		next := errors.Unwrap(err)
		if next == nil || !strings.Contains(err.Error(), "://") {
			break
		}
		err = next
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
func (c *Client) failed(q call, res *http.Response, body []byte, now time.Time) error {
	var p wireProblem
	if json.Unmarshal(body, &p) != nil {
		p = wireProblem{}
	}
	e := provider.Errorf(provider.Unavailable, "HTTP %d%s", res.StatusCode, c.reason(p))
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(res.Header.Get("Retry-After"), now)
	case p.Code == inProgress && q.money:
		e.Kind = provider.Unclear // the same key is being worked on right now
	case code == http.StatusNotFound:
		e.Kind = provider.NotFound
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || p.Code == inProgress:
		// 4xx in number only: the request is as good as it was.
	case code >= 400 && code < 500:
		e.Kind = provider.Refused
	case q.money:
		// A server that fell over may have done so after the work.
		e.Kind = provider.Unclear
	}
	return e
}

// reason is Adyen's own sentence, if the body has one, without what nobody may
// read in a log.
func (c *Client) reason(p wireProblem) string {
	if p.Message == "" || len(p.Message) > 300 {
		return ""
	}
	text := ": " + p.Message
	if p.Code != "" && len(p.Code) <= 20 {
		text += " (" + p.Code + ")"
	}
	for _, secret := range append(strings.Fields(c.cfg.HMAC), c.cfg.Key, c.cfg.Password) {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
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
