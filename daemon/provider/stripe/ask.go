package stripe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// longest is the longest answer that is read, in bytes: a hundred disputes
// with all their evidence are long.
const longest = 8 << 20

// call is one request of Stripe's. Money says that it makes a session, a link
// or a refund, so that a lost answer is Unclear.
type call struct {
	method, path string
	money        bool
}

// exchange is what came back, as the library doesn't say of every failure.
type exchange struct {
	status int
	header http.Header
}

type exchangeKey struct{}

// guard stands below the library, which would read a body without an end.
type guard struct{ base http.RoundTripper }

// RoundTrip notes what came back and limits how much of it is read.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	// Without GetBody the transport can't send the request a second time by
	// itself. An answer that got lost is for the daemon to ask for again.
	r = r.WithContext(r.Context())
	r.GetBody = nil
	res, err := g.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if ex, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		ex.status, ex.header = res.StatusCode, res.Header
	}
	res.Body = &limited{res.Body, longest}
	return res, nil
}

type limited struct {
	io.ReadCloser
	left int64
}

var errLong = errors.New("the answer is too long")

// Read fails once the limit is passed.
func (l *limited) Read(b []byte) (int, error) {
	n, err := l.ReadCloser.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return n, errLong
	}
	return n, err
}

// backend is the library without what it does by itself: retries, logs and
// telemetry.
func backend(cfg Config) api.Backend {
	hc := outcall.NoRedirect(cfg.HTTP)
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = guard{hc.Transport}
	none := int64(0)
	settings := &api.BackendConfig{HTTPClient: hc, MaxNetworkRetries: &none, EnableTelemetry: api.Bool(false),
		LeveledLogger: &api.LeveledLogger{Level: api.LevelNull}}
	if cfg.Base != "" {
		settings.URL = api.String(strings.TrimRight(cfg.Base, "/"))
	}
	return api.GetBackendWithConfig(api.APIBackend, settings)
}

// ask makes a call and decodes its answer into out. Every error is a
// *provider.Error.
func (c *Client) ask(ctx context.Context, q call, params api.ParamsContainer, out api.LastResponseSetter) error {
	if c.cfg.Key == "" || strings.ContainsFunc(c.cfg.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return provider.Errorf(provider.Refused, "the API key is not one of Stripe's")
	}
	ctx, stop := context.WithTimeout(ctx, c.cfg.Timeout)
	defer stop()
	var ex exchange
	ctx = context.WithValue(ctx, exchangeKey{}, &ex)
	var err error
	if list, ok := params.(api.ListParamsContainer); ok {
		list.GetListParams().Context = ctx
		fields := &form.Values{}
		form.AppendTo(fields, params)
		err = c.api.CallRaw(q.method, q.path, c.cfg.Key, []byte(fields.Encode()), params.GetParams(), out)
	} else {
		params.GetParams().Context = ctx
		err = c.api.Call(q.method, q.path, c.cfg.Key, params, out)
	}
	switch {
	case ex.status == 0 && err != nil:
		return q.lost(err)
	case ex.status < 200 || ex.status > 299:
		return c.failed(q, ex, err)
	case err != nil:
		return q.garbled("an answer that can't be read")
	}
	return nil
}

// lost is a call without an answer.
func (q call) lost(err error) error {
	// The address in a *url.Error is ours, and may name the salon.
	for next := errors.Unwrap(err); next != nil && strings.Contains(err.Error(), "://"); next = errors.Unwrap(err) {
		err = next
	}
	return &provider.Error{Kind: q.unsure(), Text: "no answer", Cause: err}
}

// garbled is an answer that can't be made sense of: it may still have been a
// success.
func (q call) garbled(what string) error { return provider.Errorf(q.unsure(), "%s", what) }

func (q call) unsure() provider.ErrorKind {
	if q.money {
		return provider.Unclear
	}
	return provider.Unavailable
}

// failed is an answer that says no. err is the library's reading of it, which
// may be none.
func (c *Client) failed(q call, ex exchange, err error) error {
	said, theirs := errors.AsType[*api.Error](err)
	if !theirs || said.Type == "" {
		said, theirs = &api.Error{}, false // a proxy's
	}
	e := &provider.Error{Kind: q.unsure(), Text: "HTTP " + strconv.Itoa(ex.status) + c.reason(said)}
	if theirs {
		e.Cause = refusal{said.Type, said.Code, said.Param, c.hide(said.Msg)}
	}
	again := said.Code == api.ErrorCodeLockTimeout || said.Code == api.ErrorCodeIdempotencyKeyInUse ||
		said.Type == api.ErrorTypeIdempotency || ex.header.Get("Stripe-Should-Retry") == "true"
	switch code := ex.status; {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.Kind, e.RetryAfter = provider.Unavailable, retryAfter(ex.header.Get("Retry-After"), time.Now())
	case code == http.StatusConflict && again: // the same key is being worked on
	case code == http.StatusNotFound && theirs:
		e.Kind = provider.NotFound
	case code == http.StatusNotFound, code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		e.Kind = provider.Unavailable // 4xx in number only: a proxy's, or the request is as good as it was
	case code >= 400 && code < 500:
		e.Kind = provider.Refused
	}
	return e
}

// refusal is what Stripe itself says of a call that it refused. It prints
// nothing: the error's text does, with care.
type refusal struct {
	kind  api.ErrorType
	code  api.ErrorCode
	param string
	text  string
}

// Error is Stripe's word for it.
func (r refusal) Error() string { return string(r.kind) }

// reason is Stripe's own sentence, without what nobody may read in a log.
func (c *Client) reason(said *api.Error) string {
	if said.Msg == "" || len(said.Msg) > 400 {
		return ""
	}
	text := ": " + said.Msg
	if said.Code != "" && len(said.Code) <= 60 {
		text += " (" + string(said.Code) + ")"
	}
	return c.hide(text)
}

func (c *Client) hide(text string) string {
	for _, secret := range append(strings.Fields(c.cfg.Secret), c.cfg.Key) {
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
		return time.Duration(min(max(n, 0), 86400)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), most)
	}
	return 0
}
