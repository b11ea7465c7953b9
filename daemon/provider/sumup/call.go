package sumup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// bodyLimit is the longest body that is read, of an answer or a webhook.
const bodyLimit = 4 << 20

// call is one request to SumUp.
type call struct {
	method, path string
	query        url.Values
	body         any
	money        bool // makes something: a lost answer is Unclear
}

// answer is what an answer says besides its content.
type answer struct {
	Code    string    `json:"error_code"`
	Message string    `json:"message"`
	Denied  string    `json:"error_message"`
	Title   string    `json:"title"`
	Detail  string    `json:"detail"`
	date    time.Time // SumUp's own clock, zero if it doesn't say
}

// do makes the call and decodes its answer into out. Every error is a
// *provider.Error.
func (c *Client) do(ctx context.Context, q call, out any) (a answer, err error) {
	ctx, stop := context.WithTimeout(ctx, c.cfg.Timeout)
	defer stop()
	req, err := c.request(ctx, q)
	if err != nil {
		return a, &provider.Error{Kind: provider.Refused, Text: "the request can't be written", Cause: err}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return a, q.lost(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	a.date, _ = http.ParseTime(res.Header.Get("Date"))
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		_ = json.Unmarshal(body, &a) // what can't be read says nothing
		return a, q.failed(res, strings.ReplaceAll(a.reason(), c.bearer(), "…"), time.Now())
	case err != nil:
		return a, q.lost(err)
	case len(body) > bodyLimit:
		return a, q.garbled("an answer that is too long", nil)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return a, q.garbled("an answer that can't be read", err)
	}
	return a, nil
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
	address := c.cfg.Base + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, q.method, address, body)
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // or the transport might send it twice by itself
	req.Header.Set("Authorization", "Bearer "+c.bearer())
	req.Header.Set("Accept", "application/json")
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// kind is the kind of failure of a call whose outcome nobody knows.
func (q call) kind() provider.ErrorKind {
	if q.money {
		return provider.Unclear
	}
	return provider.Unavailable
}

// lost is a call without an answer.
func (q call) lost(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return &provider.Error{Kind: q.kind(), Text: "no answer from SumUp", Cause: err}
}

// garbled is an answer that can't be read: it may still have been a success.
func (q call) garbled(what string, cause error) error {
	return &provider.Error{Kind: q.kind(), Text: what, Cause: cause}
}

// failed is an answer that says no.
func (q call) failed(res *http.Response, reason string, now time.Time) error {
	e := provider.Errorf(q.kind(), "SumUp answers %d%s", res.StatusCode, reason)
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.Kind, e.RetryAfter = provider.Unavailable, retryAfter(res.Header.Get("Retry-After"), now)
	case code == http.StatusNotFound:
		e.Kind = provider.NotFound
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooEarly:
		e.Kind = provider.Refused
	}
	return e
}

// reason is SumUp's own sentence: its errors come in three shapes.
func (a answer) reason() string {
	var s string
	for _, t := range []string{a.Code, a.Message, a.Denied, a.Title, a.Detail} {
		if t != "" && len(t) <= 300 {
			s += ": " + t
		}
	}
	return s
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
