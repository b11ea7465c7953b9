package sumup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/keyless"
	"countersign/daemon/provider/outcall"
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
	Hook     string        // where SumUp sends its hints, https; none when empty
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
	out     outcall.Caller
	refunds *keyless.Refunds
}

var (
	_ provider.Provider = (*Client)(nil)
	_ provider.Checker  = (*Client)(nil)
)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	key := cfg.Key
	cfg.Key, cfg.Base = "", strings.TrimRight(cfg.Base, "/")
	if cfg.Base == "" {
		cfg.Base = "https://api.sumup.com"
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	return &Client{cfg: cfg, refunds: keyless.New(time.Now()), out: outcall.Caller{
		Base: cfg.Base, Client: outcall.NoRedirect(cfg.HTTP), Timeout: cfg.Timeout, Secrets: []string{key}, Refusal: refusal,
		Sign: func(h http.Header) { h.Set("Authorization", "Bearer "+key) }}}
}

// Format keeps the key out of whatever is printed.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

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

// said tells whether SumUp refused something with a code.
func said(err error, code string) bool {
	r, _ := outcall.Said(err)
	return r.Code == code
}

// Name is "sumup".
func (c *Client) Name() string { return Name }

// Can says what SumUp's API has: all but news of checkouts that end unpaid.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Events: true, Cancel: true, Refund: true, Find: true, EndsUntold: true, Currency: c.takes}
}

func (c *Client) takes(currency string) bool {
	_, ok := digits(currency)
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
		"checkout_reference": reference, "amount": major(r.Amount, r.Currency), "currency": r.Currency, "merchant_code": c.cfg.Merchant,
		"description": describe(r.Title, reference), "redirect_url": r.ReturnURL, "hosted_checkout": map[string]bool{"enabled": true},
	}
	if !r.ExpiresAt.IsZero() {
		body["valid_until"] = r.ExpiresAt.UTC().Format(time.RFC3339Nano)
	}
	if c.cfg.Hook != "" {
		body["return_url"] = c.cfg.Hook
	}
	var w checkout
	q := outcall.Call{Method: http.MethodPost, Path: "/v0.1/checkouts", Body: body, Money: true}
	if err := c.out.Do(ctx, q, &w); said(err, "DUPLICATED_CHECKOUT") {
		return c.made(ctx, r)
	} else if err != nil {
		return provider.Session{}, err
	}
	s, err := c.session(ctx, q, &w)
	if err == nil && (s.Reference != r.Reference || s.Amount != r.Amount || s.Currency != r.Currency || s.URL == "") {
		return provider.Session{}, q.Garbled("another checkout than asked for", nil)
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
	var w checkout
	q := outcall.Call{Method: http.MethodGet, Path: "/v0.1/checkouts/" + url.PathEscape(session)}
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Session{}, err
	}
	return c.session(ctx, q, &w)
}

// Cancel deactivates a checkout; the answer is the state it is in. A lost
// answer is Unavailable and not Unclear: asking again settles it.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodDelete, Path: "/v0.1/checkouts/" + url.PathEscape(session)}
	var w checkout
	if err := c.out.Do(ctx, q, &w); said(err, "CHECKOUT_PROCESSED") {
		return c.Look(ctx, session) // paid, under way, or deactivated before
	} else if err != nil {
		return provider.Session{}, err
	}
	return c.session(ctx, q, &w)
}

// Find returns the checkout with our reference: one with money first.
func (c *Client) Find(ctx context.Context, reference string) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v0.1/checkouts?" + url.Values{"checkout_reference": {mark + reference}}.Encode()}
	var w []checkout
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Session{}, err
	}
	// "None" is said with an empty list. Anything short of that must not be
	// taken for it: it would let a second checkout be made.
	if w == nil {
		return provider.Session{}, q.Garbled("no list of checkouts", nil)
	}
	best, found := provider.Session{}, false
	for i := range w {
		s, err := c.session(ctx, q, &w[i])
		if err == nil && (s.Reference != reference || s.Status == provider.Open && s.URL == "") {
			err = q.Garbled("checkouts that make no sense", nil)
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
