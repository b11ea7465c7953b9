package stripe

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/stripe/stripeapi"
	"countersign/daemon/provider/stripe/stripesays"
)

// Name is the adapter's name, and the last element of its hook's path.
const Name = "stripe"

// Config says who we are at Stripe.
type Config struct {
	Key string // the secret or restricted key: sk_test_…, rk_live_…
	// Secret is what webhooks are signed with. There may be several, with spaces
	// between, while one takes over from another.
	Secret  string
	Account string        // the account's id; "" takes webhooks that name none only
	Links   bool          // Check looks whether Payment Links may be made, too
	Base    string        // what comes before /v1; empty is Stripe's own address
	HTTP    *http.Client  // http.DefaultClient when nil
	Timeout time.Duration // the longest a request may take; 15 s when zero
}

// Format keeps the secrets out of whatever is printed.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "Stripe account %s", c.Account)
}

// MarshalText keeps them out of JSON too.
func (c Config) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// Client is Stripe's adapter.
type Client struct {
	cfg Config
	api *stripeapi.API

	mu   sync.Mutex
	ours map[string]bool // whether a payment is ours, of those met lately
}

var (
	_ provider.Provider = (*Client)(nil)
	_ provider.Linker   = (*Client)(nil)
	_ provider.Checker  = (*Client)(nil)
)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	key := strings.TrimSpace(cfg.Key)
	cfg.Key = ""
	return &Client{cfg: cfg, api: stripeapi.New(cfg.Base, key, strings.Fields(cfg.Secret), cfg.HTTP, cfg.Timeout), ours: map[string]bool{}}
}

// Format keeps the secrets out of whatever is printed.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

// Name is "stripe".
func (c *Client) Name() string { return Name }

// Can says that sessions aren't found by our reference, and that every call may
// be repeated for ever; the package's comment says why.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Events: true, Cancel: true, Refund: true, Recalls: listed, Currency: stripesays.Money().Takes}
}

// Create makes a session, or returns the one made with the same Key. Stripe's
// pages live for half an hour at least: one that is to end sooner is asked for
// a second time, longer by that, since only Stripe knows whether the first
// request came in time. What is asked for depends on the request alone, or a
// repetition of it would say something else.
func (c *Client) Create(ctx context.Context, r provider.Request) (provider.Session, error) {
	if err := fit(r); err != nil {
		return provider.Session{}, err
	}
	s, err := c.create(ctx, r, r.Key, r.ExpiresAt)
	if _, of := stripeapi.Refused(err); of.Param == "expires_at" && time.Until(r.ExpiresAt) < shortest {
		return c.create(ctx, r, r.Key+longerKey, r.ExpiresAt.Add(shortest))
	}
	return s, err
}

func (c *Client) create(ctx context.Context, r provider.Request, key string, expires time.Time) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodPost, Path: "/v1/checkout/sessions", Money: true}
	s, err := c.session(ctx, q, sessionFor(r, key, expires), "")
	if err == nil && (s.Amount != r.Amount || s.Currency != r.Currency || s.Reference != r.Reference) {
		return provider.Session{}, q.Garbled("another session than was asked for", nil)
	}
	return s, err
}

// Look returns a session's state now. Of a payment that took its time, PaidAt
// is when it was begun.
func (c *Client) Look(ctx context.Context, session string) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodGet, Path: api.FormatURLPath("/v1/checkout/sessions/%s", session)}
	return c.session(ctx, q, &api.CheckoutSessionRetrieveParams{Expand: []*string{api.String(within)}}, session)
}

// Find finds nothing: Stripe can't be asked by our reference.
func (c *Client) Find(context.Context, string) (provider.Session, error) {
	return provider.Session{}, provider.Errorf(provider.NotFound, "Stripe can't look up sessions by our reference")
}

// Cancel expires a session. One that is over can't be.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodPost, Path: api.FormatURLPath("/v1/checkout/sessions/%s/expire", session)}
	s, err := c.session(ctx, q, &api.CheckoutSessionExpireParams{Expand: []*string{api.String(within)}}, session)
	return provider.Closed(ctx, c, session, s, err)
}

// session makes a call that is answered with a session of ours: the one with
// the id, if that is known.
func (c *Client) session(ctx context.Context, q outcall.Call, params api.ParamsContainer, want string) (provider.Session, error) {
	var w stripesays.Session
	if err := c.api.Ask(ctx, q, params, &w); err != nil {
		return provider.Session{}, err
	}
	s, ok := w.Port(time.Now())
	if !ok || want != "" && s.ID != want || w.Live != c.api.Live() {
		return provider.Session{}, q.Garbled("a session that makes no sense", nil)
	}
	c.meet(w.Intent.ID, true)
	if q.Money && w.LastResponse.Header.Get("Idempotent-Replayed") == "true" {
		// A key is answered as the first time, whatever became of it.
		if now, err := c.Look(ctx, s.ID); err == nil {
			return now, nil
		}
	}
	return s, nil
}

// meet remembers whether a payment is ours, for webhooks that don't say.
func (c *Client) meet(payment string, ours bool) {
	const most = 4096
	if payment == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ours) >= most {
		clear(c.ours)
	}
	c.ours[payment] = ours
}

// met says what is remembered of a payment.
func (c *Client) met(payment string) (ours, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ours, known = c.ours[payment]
	return ours, known
}
