package stripeapi

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

var keyShape = regexp.MustCompile(`^[sr]k_(test|live)_[A-Za-z0-9_]+$`)

// Shape says in a person's words what is wrong with how the key looks.
func (a *API) Shape() error {
	switch {
	case strings.HasPrefix(a.key, "pk_"):
		return provider.Errorf(provider.Refused, "This is the publishable key. Stripe's secret or restricted key is needed: it begins with sk_ or rk_.")
	case !keyShape.MatchString(a.key):
		return provider.Errorf(provider.Refused, "This is not a key of Stripe's: it begins with sk_test_, sk_live_, rk_test_ or rk_live_.")
	}
	return nil
}

// Need is a call that tells whether the key may do something.
type Need struct {
	May          string // as it is called where keys are made
	Method, Path string
	Params       api.ParamsContainer
}

type anything struct{ api.APIResource }

// Try makes calls, and says in a person's words what the key lacks for the
// first that isn't let in.
func (a *API) Try(ctx context.Context, needs []Need) error {
	for _, n := range needs {
		err := a.Ask(ctx, outcall.Call{Method: n.Method, Path: n.Path}, n.Params, &anything{})
		if code, _ := Refused(err); err == nil || provider.KindOf(err) == provider.NotFound || code == api.ErrorCodeResourceMissing {
			continue // it was let in
		}
		return explain(err, n.May)
	}
	return nil
}

// Account is whose key it is.
type Account struct {
	api.APIResource
	ID      string `json:"id"`
	Profile struct {
		Name string `json:"name"`
	} `json:"business_profile"`
	Charges *bool `json:"charges_enabled"`
}

// Holder asks whose account it is. A restricted key that may not read it is
// told its id all the same, in the refusal.
func (a *API) Holder(ctx context.Context) (w Account, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/account"}
	err = a.Ask(ctx, q, &api.AccountRetrieveParams{}, &w)
	if _, of := Refused(err); of.Permission != "" {
		return Account{ID: of.Account}, nil
	}
	if err != nil {
		return Account{}, explain(err, "Accounts, read")
	}
	if !accountShape.MatchString(w.ID) {
		return Account{}, q.Garbled("an account that makes no sense", nil)
	}
	if w.Charges != nil && !*w.Charges && a.Live() {
		return Account{}, provider.Errorf(provider.Refused, "Stripe takes no payments for this account yet: finish setting it up at Stripe.")
	}
	return w, nil
}

// explain says in a person's words why a call was refused.
func explain(err error, may string) error {
	e, ok := err.(*provider.Error)
	if !ok || e.Kind != provider.Refused {
		return err
	}
	said, _ := outcall.Said(err)
	_, of := Refused(err)
	text := "Stripe refused this: " + e.Text
	switch {
	case said.Status == http.StatusUnauthorized:
		text = "Stripe doesn't know this key, or it has expired."
	case of.Permission != "":
		text = "The key is right, but lacks a permission: " + may + " (" + of.Permission + "). Add it to the restricted key at Stripe, under Developers, API keys."
	case said.Status == http.StatusForbidden:
		text = "The key is right, but lacks a permission: " + may + "."
	}
	return &provider.Error{Kind: provider.Refused, Text: text, Cause: err}
}
