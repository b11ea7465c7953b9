package sumup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/keyless"
	"countersign/daemon/provider/sumup/sumupapi"
)

// Name is the adapter's name, and the last element of its hook's path.
const Name = "sumup"

// mark begins the references of our checkouts at SumUp, which takes 64 characters.
const mark = "countersign-"

// Config says who we are at SumUp.
type Config struct {
	Base     string        // https://api.sumup.com when empty
	Key      string        // the secret API key
	Merchant string        // the merchant code, such as MH4H92C7
	Currency string        // the account's own, ISO 4217; any that SumUp has when empty
	HTTP     *http.Client  // http.DefaultClient when nil
	Timeout  time.Duration // the longest a request may take; 15 s when zero
}

// Format keeps the key out of whatever is printed.
func (c Config) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "SumUp account %s", c.Merchant) }

// MarshalJSON keeps the key out of whatever is stored.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.Merchant) }

// Client is SumUp's adapter.
type Client struct {
	cfg     Config // without the key
	api     *sumupapi.API
	refunds *keyless.Refunds
	hook    func() string
}

var (
	_ provider.Provider = (*Client)(nil)
	_ provider.Checker  = (*Client)(nil)
	_ provider.Hooked   = (*Client)(nil)
)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	key := cfg.Key
	cfg.Key = ""
	base := cmp.Or(strings.TrimRight(cfg.Base, "/"), "https://api.sumup.com")
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	return &Client{cfg: cfg, refunds: keyless.New(time.Now()), hook: func() string { return "" },
		api: sumupapi.New(base, key, cfg.Merchant, cfg.HTTP, cfg.Timeout)}
}

// Format keeps the key out of whatever is printed.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

// HookAt says where SumUp sends its hints.
func (c *Client) HookAt(address func() string) { c.hook = address }

// Name is "sumup".
func (c *Client) Name() string { return Name }

// Can says what SumUp's API has: all but news of checkouts that end unpaid.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Events: true, Cancel: true, Refund: true, Find: true, EndsUntold: true, Currency: c.takes}
}

func (c *Client) takes(currency string) bool {
	_, ok := sumupapi.Digits(currency)
	return ok && (c.cfg.Currency == "" || c.cfg.Currency == currency)
}

// Create makes a checkout. One with this reference is answered with a conflict,
// and is the one that was made before if it asks for the same money.
func (c *Client) Create(ctx context.Context, r provider.Request) (provider.Session, error) {
	reference := mark + r.Reference
	switch {
	case r.Amount <= 0 || !c.takes(r.Currency):
		return provider.Session{}, provider.Errorf(provider.Refused, "this SumUp account can't take %d of %q", r.Amount, r.Currency)
	case r.Reference == "" || len(reference) > 64 || strings.ContainsAny(r.Reference, " \t\n") || r.ReturnURL == "":
		return provider.Session{}, provider.Errorf(provider.Refused, "no reference that SumUp takes, or no way back")
	case !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(time.Now()):
		return provider.Session{}, provider.Errorf(provider.Refused, "it would be dead before it is made")
	}
	body := map[string]any{
		"checkout_reference": reference, "amount": sumupapi.Major(r.Amount, r.Currency), "currency": r.Currency,
		"description": describe(r.Title, reference), "redirect_url": r.ReturnURL, "hosted_checkout": map[string]bool{"enabled": true},
	}
	if !r.ExpiresAt.IsZero() {
		body["valid_until"] = r.ExpiresAt.UTC().Format(time.RFC3339Nano)
	}
	if hook := c.hook(); hook != "" {
		body["return_url"] = hook
	}
	w, err := c.api.Make(ctx, body)
	if sumupapi.Said(err, sumupapi.Duplicate) {
		return c.made(ctx, r)
	}
	if err != nil {
		return provider.Session{}, err
	}
	s, err := c.session(ctx, &w, true)
	if err == nil && (s.Reference != r.Reference || s.Amount != r.Amount || s.Currency != r.Currency || s.URL == "") {
		return provider.Session{}, sumupapi.Nonsense(true, "another checkout than asked for")
	}
	return s, err
}

// made is the checkout that has a request's reference already.
func (c *Client) made(ctx context.Context, r provider.Request) (provider.Session, error) {
	s, err := c.Find(ctx, r.Reference)
	switch {
	case provider.KindOf(err) == provider.NotFound:
		return s, provider.Errorf(provider.Unclear, "SumUp has a checkout of this reference, and doesn't show it")
	case err == nil && (s.Amount != r.Amount || s.Currency != r.Currency):
		return provider.Session{}, provider.Errorf(provider.Refused, "there is a checkout of this reference and another amount")
	}
	return s, err
}

// Look returns a checkout's state now.
func (c *Client) Look(ctx context.Context, session string) (provider.Session, error) {
	w, err := c.api.Checkout(ctx, session)
	if err != nil {
		return provider.Session{}, err
	}
	return c.session(ctx, &w, false)
}

// Cancel deactivates a checkout; the answer is the state it is in.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	w, err := c.api.Deactivate(ctx, session)
	if sumupapi.Said(err, sumupapi.Processed) {
		return c.Look(ctx, session)
	}
	if err != nil {
		return provider.Session{}, err
	}
	return c.session(ctx, &w, false)
}

// Find returns the checkout with our reference: one with money first.
func (c *Client) Find(ctx context.Context, reference string) (provider.Session, error) {
	all, err := c.api.Checkouts(ctx, mark+reference)
	if err != nil {
		return provider.Session{}, err
	}
	best, found := provider.Session{}, false
	for i := range all {
		s, err := c.session(ctx, &all[i], false)
		if err == nil && (s.Reference != reference || s.Status == provider.Open && s.URL == "") {
			err = sumupapi.Nonsense(false, "checkouts that make no sense")
		}
		if err != nil {
			return provider.Session{}, err
		}
		if !found || best.Status != provider.Paid {
			best, found = s, true
		}
	}
	if !found {
		return provider.Session{}, provider.Errorf(provider.NotFound, "no checkout has this reference")
	}
	return best, nil
}
