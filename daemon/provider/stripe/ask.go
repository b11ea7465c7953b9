package stripe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
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
	r = r.Clone(r.Context())
	r.GetBody = nil
	// The library tells of the computer, and of what is in its environment.
	r.Header.Set("User-Agent", "Countersign")
	r.Header.Del("X-Stripe-Client-User-Agent")
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
func (c *Client) ask(ctx context.Context, q outcall.Call, params api.ParamsContainer, out api.LastResponseSetter) error {
	if c.cfg.Key == "" || strings.ContainsFunc(c.cfg.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return provider.Errorf(provider.Refused, "the API key is not one of Stripe's")
	}
	if !pathShape.MatchString(q.Path) {
		return provider.Errorf(provider.NotFound, "nothing at Stripe has such an id")
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
		err = c.api.CallRaw(q.Method, q.Path, c.cfg.Key, []byte(fields.Encode()), params.GetParams(), out)
	} else {
		params.GetParams().Context = ctx
		err = c.api.Call(q.Method, q.Path, c.cfg.Key, params, out)
	}
	switch {
	case ex.status == 0 && err != nil:
		return q.Lost(err)
	case ex.status < 200 || ex.status > 299:
		return c.failed(q, ex, err)
	case err != nil:
		return q.Garbled("an answer that can't be read", nil)
	}
	return nil
}

// failed is an answer that says no. err is the library's reading of it, which
// may be none.
func (c *Client) failed(q outcall.Call, ex exchange, err error) error {
	said, theirs := errors.AsType[*api.Error](err)
	if !theirs || said.Type == "" {
		return c.out.Failed(q, ex.status, ex.header, outcall.Refusal{}, time.Now()) // a proxy's
	}
	busy := said.Code == api.ErrorCodeLockTimeout || said.Code == api.ErrorCodeIdempotencyKeyInUse || said.Type == api.ErrorTypeIdempotency
	e := c.out.Failed(q, ex.status, ex.header, outcall.Refusal{Code: string(said.Code), Text: said.Msg, Theirs: true,
		InProgress: ex.status == http.StatusConflict && busy || ex.status < 500 && ex.header.Get("Stripe-Should-Retry") == "true"}, time.Now())
	e.Cause = refusal{said.Code, said.Param, permissionShape.FindString(said.Msg), accountShape.FindString(said.Msg)}
	return e
}

// refusal is what Stripe itself says of a call that it refused.
type refusal struct {
	code                       api.ErrorCode
	param, permission, account string // what its sentence is about
}

// Error prints nothing that the error's text doesn't say with care.
func (r refusal) Error() string { return "said by Stripe itself" }

var (
	pathShape       = regexp.MustCompile(`^(/[A-Za-z0-9_]+)+$`) // ids are of letters and digits: no other leads elsewhere
	permissionShape = regexp.MustCompile(`\brak_[a-z_]+\b`)
	accountShape    = regexp.MustCompile(`\bacct_[A-Za-z0-9]+\b`)
)
