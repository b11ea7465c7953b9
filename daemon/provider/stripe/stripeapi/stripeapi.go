// Package stripeapi calls Stripe with stripe-go v85: one call, lists, what a
// failure means for the money, and what a key may do. Every error is a
// *provider.Error.
package stripeapi

import (
	"context"
	"errors"
	"fmt"
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

// mostPages is of a list that has no end.
const mostPages = 100

// API is an account at Stripe that a key opens.
type API struct {
	key     string
	backend api.Backend
	timeout time.Duration
	out     outcall.Caller // what failures mean
}

// New is the library without what it does by itself: retries, logs and
// telemetry. base is what comes before /v1, empty for Stripe's own address;
// secrets are in no error; hc may be nil.
func New(base, key string, secrets []string, hc *http.Client, timeout time.Duration) *API {
	hc = outcall.NoRedirect(hc)
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = outcall.Guard{Base: hc.Transport, Limit: longest, Drop: []string{"X-Stripe-Client-User-Agent"}}
	none := int64(0)
	settings := &api.BackendConfig{HTTPClient: hc, MaxNetworkRetries: &none, EnableTelemetry: api.Bool(false),
		LeveledLogger: &api.LeveledLogger{Level: api.LevelNull}}
	if base != "" {
		settings.URL = api.String(strings.TrimRight(base, "/"))
	}
	return &API{key, api.GetBackendWithConfig(api.APIBackend, settings), timeout, outcall.Caller{Secrets: append(secrets, key)}}
}

// Format keeps the key out of whatever is printed.
func (a *API) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "live %v", a.Live()) }

// Live says whether the key moves real money.
func (a *API) Live() bool {
	return strings.HasPrefix(a.key, "sk_live_") || strings.HasPrefix(a.key, "rk_live_")
}

// Ask makes a call and decodes its answer into out. Every error is a
// *provider.Error.
func (a *API) Ask(ctx context.Context, q outcall.Call, params api.ParamsContainer, out api.LastResponseSetter) error {
	if a.key == "" || strings.ContainsFunc(a.key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return provider.Errorf(provider.Refused, "the API key is not one of Stripe's")
	}
	if !pathShape.MatchString(q.Path) {
		return provider.Errorf(provider.NotFound, "nothing at Stripe has such an id")
	}
	ctx, stop := context.WithTimeout(ctx, a.timeout)
	defer stop()
	ctx, ex := outcall.Noted(ctx)
	var err error
	if list, ok := params.(api.ListParamsContainer); ok {
		list.GetListParams().Context = ctx
		fields := &form.Values{}
		form.AppendTo(fields, params)
		err = a.backend.CallRaw(q.Method, q.Path, a.key, []byte(fields.Encode()), params.GetParams(), out)
	} else {
		params.GetParams().Context = ctx
		err = a.backend.Call(q.Method, q.Path, a.key, params, out)
	}
	switch {
	case ex.Status == 0 && err != nil:
		return q.Lost(err)
	case ex.Status < 200 || ex.Status > 299:
		return a.out.Failed(q, ex.Status, ex.Header, refusal(ex, err), time.Now())
	case err != nil:
		return q.Garbled("an answer that can't be read", nil)
	}
	return nil
}

// About is what a refusal of Stripe's names beside its code.
type About struct{ Param, Permission, Account string }

// refusal is what Stripe says of a call. err is the library's reading of it,
// which may be none: then it is a proxy's.
func refusal(ex *outcall.Exchange, err error) outcall.Refusal {
	said, theirs := errors.AsType[*api.Error](err)
	if !theirs || said.Type == "" {
		return outcall.Refusal{}
	}
	busy := said.Code == api.ErrorCodeLockTimeout || said.Code == api.ErrorCodeIdempotencyKeyInUse || said.Type == api.ErrorTypeIdempotency
	return outcall.Refusal{Code: string(said.Code), Text: said.Msg, Theirs: true,
		InProgress: ex.Status == http.StatusConflict && busy || ex.Status < 500 && ex.Header.Get("Stripe-Should-Retry") == "true",
		About:      About{said.Param, permissionShape.FindString(said.Msg), accountShape.FindString(said.Msg)}}
}

// Refused is what Stripe itself said, if err is a refusal of its.
func Refused(err error) (code api.ErrorCode, of About) {
	said, _ := outcall.Said(err)
	of, _ = said.About.(About)
	return api.ErrorCode(said.Code), of
}

var (
	pathShape       = regexp.MustCompile(`^(/[A-Za-z0-9_]+)+$`) // ids are of letters and digits: no other leads elsewhere
	permissionShape = regexp.MustCompile(`\brak_[a-z_]+\b`)
	accountShape    = regexp.MustCompile(`\bacct_[A-Za-z0-9]+\b`)
)

// listParams are what a list is asked for with.
type listParams interface {
	api.ParamsContainer
	api.ListParamsContainer
}

// Page is a page of a list.
type Page[T any] struct {
	api.APIResource
	Object string `json:"object"`
	Data   []T    `json:"data"`
	More   bool   `json:"has_more"`
}

// List asks for one page of a list.
func List[T any](ctx context.Context, a *API, q outcall.Call, params listParams) (w Page[T], err error) {
	if err := a.Ask(ctx, q, params, &w); err != nil {
		return w, err
	}
	if w.Object != "list" || w.More && len(w.Data) == 0 {
		return w, q.Garbled("a list that is none", nil)
	}
	return w, nil
}

// All reads the pages of a list until each, which is shown every one, has
// enough; id names one.
func All[T any](ctx context.Context, a *API, q outcall.Call, params listParams, id func(T) string, each func(T) (enough bool, err error)) error {
	pages := params.GetListParams()
	pages.Limit = api.Int64(100)
	for range mostPages {
		w, err := List[T](ctx, a, q, params)
		if err != nil {
			return err
		}
		for _, one := range w.Data {
			if enough, err := each(one); enough || err != nil {
				return err
			}
		}
		if !w.More {
			return nil
		}
		pages.StartingAfter = api.String(id(w.Data[len(w.Data)-1]))
	}
	return q.Garbled("a list without an end", nil)
}
