// Package adyenapi calls Adyen's Checkout API, version 71, in Adyen's own
// words, and reads what Adyen signed. What they mean to us is for package
// adyen. Every error is a *provider.Error.
package adyenapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// API is a merchant account at Adyen.
type API struct {
	Account string // its name
	Prefix  string // the live URL prefix of the company; empty is Adyen's test system
	// HMAC is the hexadecimal key that webhooks are signed with. There may be
	// several, with spaces between, while one takes over from another.
	HMAC string
	// User and Password are of the webhook's basic authentication, if it has one.
	User, Password string

	out outcall.Caller
}

// Connect sets how calls are made. base is what comes before /paymentLinks,
// empty for Adyen's own address; hc may be nil.
func (a *API) Connect(base, key string, hc *http.Client, timeout time.Duration) {
	base = strings.TrimRight(base, "/")
	switch {
	case base != "":
	case a.Prefix == "":
		base = "https://checkout-test.adyen.com/v71"
	default:
		base = "https://" + a.Prefix + "-checkout-live.adyenpayments.com/checkout/v71"
	}
	a.out = outcall.Caller{Base: base, Client: outcall.NoRedirect(hc), Timeout: timeout, Refusal: refusal,
		Sign: func(h http.Header) { h.Set("X-API-Key", key) }, Secrets: append(strings.Fields(a.HMAC), key, a.Password)}
}

// Format keeps the secrets out of whatever is printed.
func (a *API) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, a.Account) }

// Live says whether real money moves.
func (a *API) Live() bool { return a.Prefix != "" }

var prefixShape = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)

func (a *API) do(ctx context.Context, q outcall.Call, out any) error {
	if a.Prefix != "" && !prefixShape.MatchString(a.Prefix) {
		return provider.Errorf(provider.Refused, "the live URL prefix is not one: letters, digits and dashes, as under API URLs in Adyen's Customer Area")
	}
	return a.out.Do(ctx, q, out)
}

// Adyen's codes of errors.
const (
	NoAccount  = "901" // the key is of another merchant account
	inProgress = "704" // "request already processed or in progress"
)

// refusal reads Adyen's form of an error.
func refusal(_ int, body []byte) outcall.Refusal {
	var p struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &p) != nil {
		return outcall.Refusal{}
	}
	return outcall.Refusal{Code: p.Code, Text: p.Message, Theirs: p.Code != "" || p.Message != "", InProgress: p.Code == inProgress}
}

// Nonsense is an answer that Adyen wouldn't give: Unavailable, or Unclear where
// the call makes something.
func Nonsense(money bool, what string) error {
	return outcall.Call{Money: money}.Garbled(what, nil)
}

// Make makes a payment link, or returns the one made with the same key.
func (a *API) Make(ctx context.Context, key string, r LinkRequest) (w Link, err error) {
	r.Account = a.Account
	return w, a.do(ctx, outcall.Call{Method: http.MethodPost, Path: "/paymentLinks", Key: key, Body: r, Money: true}, &w)
}

// Link is one as it is now. There is no 404 in Adyen's description: a link that
// it doesn't know is NotFound here by its 422, which nothing else about a GET
// without parameters can be.
func (a *API) Link(ctx context.Context, id string) (w Link, err error) {
	err = a.do(ctx, outcall.Call{Method: http.MethodGet, Path: "/paymentLinks/" + url.PathEscape(id)}, &w)
	if said, _ := outcall.Said(err); said.Theirs && said.Status == http.StatusUnprocessableEntity {
		err = &provider.Error{Kind: provider.NotFound, Text: "Adyen knows no such link", Cause: err}
	}
	return w, err
}

// Expire closes a link.
func (a *API) Expire(ctx context.Context, id string) (w Link, err error) {
	body := map[string]string{"status": Expired}
	return w, a.do(ctx, outcall.Call{Method: http.MethodPatch, Path: "/paymentLinks/" + url.PathEscape(id), Body: body}, &w)
}

// GiveBack asks for a refund of a payment, under a reference, or repeats what
// was answered to the same key.
func (a *API) GiveBack(ctx context.Context, key, payment, reference string, amount Amount) (w Refund, err error) {
	body := refundRequest{a.Account, amount, reference}
	q := outcall.Call{Method: http.MethodPost, Path: "/payments/" + url.PathEscape(payment) + "/refunds", Key: key, Body: body, Money: true}
	if err = a.do(ctx, q, &w); err == nil && (w.ID == "" || w.Account != a.Account || w.Status != refundReceived) {
		err = q.Garbled("a refund that makes no sense", nil)
	}
	return w, err
}

// Methods is how many ways there are to pay to the account.
func (a *API) Methods(ctx context.Context) (int, error) {
	body := map[string]string{"merchantAccount": a.Account}
	var list struct {
		Methods []struct{} `json:"paymentMethods"`
	}
	err := a.do(ctx, outcall.Call{Method: http.MethodPost, Path: "/paymentMethods", Body: body}, &list)
	return len(list.Methods), err
}
