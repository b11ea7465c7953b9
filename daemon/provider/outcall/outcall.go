// Package outcall makes the HTTP calls of adapters that bring no library of
// their vendor's: JSON there and back, and of every failure what it means for
// the money.
package outcall

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"countersign/daemon/provider"
)

// Limit is the longest body that is read, in bytes.
const Limit = 1 << 20

// Caller makes calls to one vendor.
type Caller struct {
	Base    string // what comes before a call's path
	Client  *http.Client
	Timeout time.Duration
	Sign    func(h http.Header)                       // puts the key in
	Refusal func(status int, body []byte) (r Refusal) // reads the vendor's own form of an error
	Secrets []string                                  // never in an error, whoever put them there

	ahead atomic.Int64 // nanoseconds
}

// Ahead is how far the vendor's clock is before ours, in whole seconds as it
// told last.
func (c *Caller) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Refusal is what a vendor says of a call that it didn't carry out. It is the
// cause of the error.
type Refusal struct {
	Status     int // of HTTP
	Code, Text string
	Theirs     bool // it is in the vendor's own form, and no proxy's
	InProgress bool // the same key is being worked on right now
	About      any  // more that the adapter wants to know of it
}

// Error says nothing that the error around it doesn't say with care.
func (r Refusal) Error() string { return "said by the provider" }

// Said is what the vendor answered, if err is of an answer.
func Said(err error) (r Refusal, ok bool) { return errors.AsType[Refusal](err) }

// Call is one request.
type Call struct {
	Method, Path string
	Key          string // Idempotency-Key
	Body         any    // as JSON; nil sends none
	Money        bool   // it makes a session or a refund: a lost answer is Unclear
}

// NoRedirect is hc, or the default client, without following redirects: no
// vendor's API redirects, so one is somebody else's answer (a hotel's log-in
// page), and following it would carry the key there.
func NoRedirect(hc *http.Client) *http.Client {
	own := http.Client{}
	if hc != nil {
		own = *hc
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Do makes the call and decodes its answer into out. Every error is a
// *provider.Error.
func (c *Caller) Do(ctx context.Context, q Call, out any) error {
	ctx, stop := context.WithTimeout(ctx, c.Timeout)
	defer stop()
	req, err := c.request(ctx, q)
	if err != nil {
		return provider.Errorf(provider.Refused, "the request can't be written")
	}
	res, err := c.Client.Do(req)
	if err != nil {
		return q.Lost(err)
	}
	defer res.Body.Close()
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		c.ahead.Store(int64(time.Until(date)))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, Limit+1))
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		return c.Failed(q, res.StatusCode, res.Header, c.Refusal(res.StatusCode, body), time.Now())
	case err != nil:
		return q.Lost(err)
	case len(body) > Limit:
		return q.Garbled("an answer that is too long", nil)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return q.Garbled("an answer that is not JSON", err)
	}
	return nil
}

func (c *Caller) request(ctx context.Context, q Call) (*http.Request, error) {
	var body io.Reader
	if q.Body != nil {
		b, err := json.Marshal(q.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, q.Method, c.Base+q.Path, body)
	if err != nil {
		return nil, err
	}
	// Without GetBody the transport can't send the request a second time by
	// itself. An answer that got lost is for the daemon to ask for again.
	req.GetBody = nil
	c.Sign(req.Header)
	req.Header.Set("Accept", "application/json")
	if q.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if q.Key != "" {
		req.Header.Set("Idempotency-Key", q.Key)
	}
	return req, nil
}

// Lost is a call without an answer.
func (q Call) Lost(err error) error {
	// The address in a *url.Error is ours, and may name the company.
	for next := errors.Unwrap(err); next != nil && strings.Contains(err.Error(), "://"); next = errors.Unwrap(err) {
		err = next
	}
	if q.Money {
		return &provider.Error{Kind: provider.Unclear, Text: "no answer, it may have happened", Cause: err}
	}
	return &provider.Error{Kind: provider.Unavailable, Text: "no answer", Cause: err}
}

// ErrNonsense is the cause of errors about an answer that was read and says
// what can't be.
var ErrNonsense = errors.New("it makes no sense")

// Garbled is an answer that can't be read. A 200 nobody can read may still
// have been a success. Without a cause it was read, and is ErrNonsense.
func (q Call) Garbled(what string, cause error) error {
	kind := provider.Unavailable
	if q.Money {
		kind = provider.Unclear
	}
	return &provider.Error{Kind: kind, Extent: provider.OfOne, Text: what, Cause: cmp.Or(cause, ErrNonsense)}
}

// Failed is an answer that says no, with the vendor's reason.
func (c *Caller) Failed(q Call, code int, h http.Header, r Refusal, now time.Time) *provider.Error {
	e := provider.Errorf(provider.Unavailable, "HTTP %d%s", code, c.reason(r))
	e.Extent = extent(code, r.Theirs)
	r.Status, r.Text = code, "" // the sentence may quote a key
	e.Cause = r
	switch {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(h.Get("Retry-After"), now)
	case r.InProgress && q.Money:
		e.Kind = provider.Unclear
	case code == http.StatusNotFound && r.Theirs:
		e.Kind = provider.NotFound
	case code == http.StatusNotFound, code == http.StatusRequestTimeout, code == http.StatusTooEarly, r.InProgress:
		// 4xx in number only: a proxy's, or the request is as good as it was.
	case code >= 400 && code < 500:
		e.Kind = provider.Refused
	case q.Money:
		// A server that fell over may have done so after the work.
		e.Kind = provider.Unclear
	}
	return e
}

// extent is how much of the vendor is meant by a status; one that isn't in its
// own form may be a proxy's.
func extent(code int, theirs bool) provider.Extent {
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusTooManyRequests, code < 400:
		return provider.OfAll
	case code < 500 && theirs:
		return provider.OfOne
	}
	return provider.OfEither
}

// reason is the vendor's own sentence, without what nobody may read in a log.
func (c *Caller) reason(r Refusal) (text string) {
	if r.Text == "" || len(r.Text) > 300 {
		return ""
	}
	text = ": " + r.Text
	if r.Code != "" && len(r.Code) <= 40 {
		text += " (" + r.Code + ")"
	}
	for _, secret := range c.Secrets {
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
