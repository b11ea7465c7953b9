// Package sumupapi calls SumUp's REST API in SumUp's own words, after its
// description of it (OpenAPI, version 1.0.0 of August 2026). What they mean to
// us is for package sumup. Every error is a *provider.Error.
package sumupapi

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// API is an account at SumUp.
type API struct {
	merchant string
	out      outcall.Caller
}

// New is the account of a merchant code that a secret key opens. base is what
// comes before /v0.1; hc may be nil.
func New(base, key, merchant string, hc *http.Client, timeout time.Duration) *API {
	return &API{merchant: merchant, out: outcall.Caller{
		Base: base, Client: outcall.NoRedirect(hc), Timeout: timeout, Secrets: []string{key}, Refusal: refusal,
		Sign: func(h http.Header) { h.Set("Authorization", "Bearer "+key) }}}
}

// Ahead is how far SumUp's clock is before ours.
func (a *API) Ahead() time.Duration { return a.out.Ahead() }

// SumUp's codes of refusals that are answers of a kind.
const (
	Duplicate = "DUPLICATED_CHECKOUT" // there is a checkout of this reference
	Processed = "CHECKOUT_PROCESSED"  // paid, under way, or deactivated before
)

// Said tells whether SumUp refused something with a code.
func Said(err error, code string) bool {
	r, _ := outcall.Said(err)
	return r.Code == code
}

// refusal reads SumUp's errors, which come in three forms.
func refusal(_ int, body []byte) outcall.Refusal {
	var p struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
		Denied  string `json:"error_message"`
		Title   string `json:"title"`
		Detail  string `json:"detail"`
	}
	_ = json.Unmarshal(body, &p) // what can't be read says nothing
	text := cmp.Or(p.Message, p.Denied, p.Detail, p.Title)
	return outcall.Refusal{Code: p.Code, Text: text, Theirs: text != "" || p.Code != ""}
}

// Nonsense is an answer that SumUp wouldn't give: Unavailable, or Unclear where
// the call makes something.
func Nonsense(money bool, what string) error {
	return outcall.Call{Money: money}.Garbled(what, nil)
}

// Make makes a checkout of a body in SumUp's words.
func (a *API) Make(ctx context.Context, body map[string]any) (w Checkout, err error) {
	body["merchant_code"] = a.merchant
	return w, a.out.Do(ctx, outcall.Call{Method: http.MethodPost, Path: "/v0.1/checkouts", Body: body, Money: true}, &w)
}

// Checkout is one.
func (a *API) Checkout(ctx context.Context, id string) (w Checkout, err error) {
	return w, a.out.Do(ctx, outcall.Call{Method: http.MethodGet, Path: "/v0.1/checkouts/" + url.PathEscape(id)}, &w)
}

// Checkouts are those of a reference.
func (a *API) Checkouts(ctx context.Context, reference string) (w []Checkout, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v0.1/checkouts?" + url.Values{"checkout_reference": {reference}}.Encode()}
	if err := a.out.Do(ctx, q, &w); err != nil {
		return nil, err
	}
	// "None" is said with an empty list. Anything short of that must not be
	// taken for it: it would let a second checkout be made.
	if w == nil {
		return nil, q.Garbled("no list of checkouts", nil)
	}
	return w, nil
}

// Deactivate closes a checkout. A lost answer is Unavailable and not Unclear:
// asking again settles it.
func (a *API) Deactivate(ctx context.Context, id string) (w Checkout, err error) {
	return w, a.out.Do(ctx, outcall.Call{Method: http.MethodDelete, Path: "/v0.1/checkouts/" + url.PathEscape(id)}, &w)
}

// path is of something that belongs to the merchant.
func (a *API) path(version, rest string) string {
	return "/" + version + "/merchants/" + url.PathEscape(a.merchant) + rest
}

// GiveBack makes a refund of a transaction.
func (a *API) GiveBack(ctx context.Context, transaction string, amount json.Number) error {
	path := a.path("v1.0", "/payments/"+url.PathEscape(transaction)+"/refunds")
	return a.out.Do(ctx, outcall.Call{Method: http.MethodPost, Path: path, Body: map[string]any{"amount": amount}, Money: true}, &struct{}{})
}

// Transaction is one; money says that a refund waits for it.
func (a *API) Transaction(ctx context.Context, id string, money bool) (t Transaction, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: a.path("v2.1", "/transactions?"+url.Values{"id": {id}}.Encode()), Money: money}
	err = a.out.Do(ctx, q, &t)
	if err == nil && (t.ID != id || t.Currency == "" || t.Status == "") {
		err = q.Garbled("a transaction that makes no sense", nil)
	}
	return t, err
}

// History is a page of what changed since a time, oldest first; ref is where it
// begins, "" for the first. next is where the next one does, "" after the last.
func (a *API) History(ctx context.Context, since time.Time, ref string, limit int) (items []Item, next string, err error) {
	want := url.Values{"order": {"ascending"}, "limit": {strconv.Itoa(max(limit, 1))}, "changes_since": {since.Format(time.RFC3339)}}
	if ref != "" {
		want.Set("oldest_ref", ref)
	}
	q := outcall.Call{Method: http.MethodGet, Path: a.path("v2.1", "/transactions/history?"+want.Encode())}
	var h history
	if err := a.out.Do(ctx, q, &h); err != nil {
		return nil, "", err
	}
	next, ok := h.next()
	if h.Items == nil || !ok || next != "" && next == ref {
		return nil, "", q.Garbled("a page of history that makes no sense", nil)
	}
	return h.Items, next, nil
}

// Merchant is the merchant's own profile.
func (a *API) Merchant(ctx context.Context) (m Merchant, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: a.path("v1", "")}
	if err = a.out.Do(ctx, q, &m); err == nil && m.Code != a.merchant {
		err = provider.Errorf(provider.Unavailable, "a merchant that makes no sense")
	}
	return m, err
}
