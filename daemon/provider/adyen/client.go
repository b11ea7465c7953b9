package adyen

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen/adyenapi"
)

// Name is the adapter's name, and the last element of its hook's path.
const Name = "adyen"

// keyLife is a day less than Adyen promises to remember a key for.
const keyLife = 6 * 24 * time.Hour

// insists is how long Adyen certainly sends a webhook again that nobody took: its
// guides say a week or more, depending on their edition.
const insists = 7 * 24 * time.Hour

// Config says who we are at Adyen.
type Config struct {
	Key     string // the API key
	Account string // the merchant account
	// Prefix is the live URL prefix of the company; empty is Adyen's test system.
	Prefix string
	// HMAC is the hexadecimal key that webhooks are signed with. There may be
	// several, with spaces between, while one takes over from another.
	HMAC string
	// User and Password are of the webhook's basic authentication, if it has one.
	User, Password string
	Base           string        // what comes before /paymentLinks; empty is Adyen's own address
	HTTP           *http.Client  // http.DefaultClient when nil
	Timeout        time.Duration // the longest a call may take; 15 s when zero
}

// Format keeps the secrets out of whatever is printed.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "Adyen account %s, live %v", c.Account, c.Prefix != "")
}

// MarshalText keeps them out of JSON too.
func (c Config) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// Client is Adyen's adapter.
type Client struct {
	cfg Config
	api *adyenapi.API
}

var (
	_ provider.Provider = (*Client)(nil)
	_ provider.Checker  = (*Client)(nil)
)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	account := &adyenapi.API{Account: cfg.Account, Prefix: cfg.Prefix, HMAC: cfg.HMAC, User: cfg.User, Password: cfg.Password}
	account.Connect(cfg.Base, cfg.Key, cfg.HTTP, cfg.Timeout)
	return &Client{cfg: cfg, api: account}
}

// Format keeps the secrets out of whatever is printed.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

// Name is "adyen".
func (c *Client) Name() string { return Name }

// Can says that Adyen lists no events and finds nothing by our reference.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Cancel: true, Refund: true, KeyLife: keyLife, Recalls: insists,
		Currency: adyenapi.Money().Takes}
}

// Create makes a payment link, or returns the one made with the same Key.
func (c *Client) Create(ctx context.Context, r provider.Request) (provider.Session, error) {
	body, err := linkFor(r)
	if err != nil {
		return provider.Session{}, err
	}
	w, err := c.api.Make(ctx, r.Key, body)
	s, err := c.session(w, err, "", true)
	if err != nil {
		return provider.Session{}, err
	}
	// Adyen answers a key as the first time, whatever is asked with it now.
	if s.Amount != r.Amount || s.Currency != r.Currency || s.Reference != r.Reference {
		return provider.Session{}, provider.Errorf(provider.Refused, "this key was used for another link already")
	}
	return s, nil
}

// Look returns a link's state now. It doesn't know by which payment it was paid.
func (c *Client) Look(ctx context.Context, session string) (provider.Session, error) {
	w, err := c.api.Link(ctx, session)
	return c.session(w, err, session, false)
}

// Find finds nothing: Adyen can't be asked by our reference.
func (c *Client) Find(context.Context, string) (provider.Session, error) {
	return provider.Session{}, provider.Errorf(provider.NotFound, "Adyen can't look up links by our reference")
}

// Cancel closes a link. One that is over, or being paid, can't be closed any
// more.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	w, err := c.api.Expire(ctx, session)
	s, err := c.session(w, err, session, false)
	return provider.Closed(ctx, c, session, s, err)
}

// session reads an answer about a link: the one with the id, if that is known.
func (c *Client) session(w adyenapi.Link, err error, want string, making bool) (provider.Session, error) {
	if err != nil {
		return provider.Session{}, err
	}
	s, ok := port(w, c.cfg.Account)
	if !ok || want != "" && s.ID != want {
		return provider.Session{}, adyenapi.Nonsense(making, "a link that makes no sense")
	}
	return s, nil
}

// Refund asks for money to be given back, which is taken in unseen: it is
// pending, whenever it is asked for again, until a webhook tells.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	amount, ok := adyenapi.Money().To(r.Amount, r.Currency)
	switch {
	case r.Payment == "":
		return provider.Refund{}, provider.Errorf(provider.Refused,
			"Adyen hasn't named this payment yet, which it does by webhook: please try again later, and check that its webhooks arrive here")
	case r.Amount <= 0 || !ok:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this amount can't be given back in %q", r.Currency)
	case len(refundMark)+len(r.Key) > longestReference || r.Key == "":
		return provider.Refund{}, provider.Errorf(provider.Refused, "the refund has no key, or a long one")
	}
	asked := adyenapi.Amount{Value: amount, Currency: r.Currency}
	w, err := c.api.GiveBack(ctx, r.Key, r.Payment, refundMark+r.Key, asked)
	if err != nil {
		return provider.Refund{}, err
	}
	if w.Payment != r.Payment || w.Amount != asked {
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was used for another refund already")
	}
	return provider.Refund{ID: w.ID, Payment: r.Payment, Session: r.Session, Key: r.Key, Amount: r.Amount, Currency: r.Currency,
		Status: provider.RefundPending}, nil
}

// Events lists none: Adyen has no such list.
func (c *Client) Events(context.Context, string, int) (provider.Page, error) {
	return provider.Page{}, provider.Errorf(provider.Refused, "Adyen lists no events")
}
