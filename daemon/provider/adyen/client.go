package adyen

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// Name is the adapter's name, and the last element of its hook's path.
const Name = "adyen"

// keyLife is a day less than Adyen promises to remember a key for.
const keyLife = 6 * 24 * time.Hour

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

// String names the account and no secret.
func (c Config) String() string {
	return fmt.Sprintf("adyen account %q, live %v", c.Account, c.Prefix != "")
}

// GoString is String: %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// MarshalText is String, so that no JSON of it has a secret.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Client is Adyen's adapter.
type Client struct {
	cfg  Config
	base string // empty if the prefix can't be one
	http *http.Client
}

var _ provider.Provider = (*Client)(nil)

var prefixShape = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	hc := http.Client{}
	if cfg.HTTP != nil {
		hc = *cfg.HTTP
	}
	// Adyen redirects nobody, so a redirect is somebody else's answer (a hotel's
	// log-in page), and following it would carry the key there.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{cfg: cfg, base: strings.TrimRight(cfg.Base, "/"), http: &hc}
	switch {
	case cfg.Prefix != "" && !prefixShape.MatchString(cfg.Prefix):
		c.base = ""
	case c.base != "":
	case cfg.Prefix == "":
		c.base = "https://checkout-test.adyen.com/v71"
	default:
		c.base = "https://" + cfg.Prefix + "-checkout-live.adyenpayments.com/checkout/v71"
	}
	return c
}

// String names the account and no secret.
func (c *Client) String() string { return c.cfg.String() }

// GoString is String: %#v prints no secret either.
func (c *Client) GoString() string { return c.cfg.String() }

// Name is "adyen".
func (c *Client) Name() string { return Name }

// Can says that Adyen lists no events and finds nothing by our reference.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Cancel: true, Refund: true, KeyLife: keyLife,
		Currency: func(code string) bool { _, ok := shift(code); return ok }}
}

// Create makes a payment link, or returns the one made with the same Key.
func (c *Client) Create(ctx context.Context, r provider.Request) (provider.Session, error) {
	body, err := c.linkFor(r)
	if err != nil {
		return provider.Session{}, err
	}
	q := call{method: http.MethodPost, path: "/paymentLinks", key: r.Key, body: body, money: true}
	s, err := c.session(ctx, q, "")
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
	return c.session(ctx, call{method: http.MethodGet, path: "/paymentLinks/" + url.PathEscape(session)}, session)
}

// Find finds nothing: Adyen can't be asked by our reference.
func (c *Client) Find(context.Context, string) (provider.Session, error) {
	return provider.Session{}, provider.Errorf(provider.NotFound, "Adyen can't look up links by our reference")
}

// Cancel closes a link. One that is over, or being paid, can't be closed any
// more: then it is looked up.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	q := call{method: http.MethodPatch, path: "/paymentLinks/" + url.PathEscape(session), body: wireUpdate{Status: linkExpired}}
	s, err := c.session(ctx, q, session)
	if provider.KindOf(err) != provider.Refused {
		return s, err
	}
	now, lookErr := c.Look(ctx, session)
	if lookErr != nil {
		return provider.Session{}, lookErr
	}
	if now.Status == provider.Open {
		return provider.Session{}, err
	}
	return now, nil
}

// session makes a call that is answered with a link: the one with the id, if
// that is known.
func (c *Client) session(ctx context.Context, q call, want string) (provider.Session, error) {
	var w wireLink
	if err := c.do(ctx, q, &w); err != nil {
		return provider.Session{}, err
	}
	s, ok := w.port(c.cfg.Account)
	if !ok || want != "" && s.ID != want {
		return provider.Session{}, q.garbled("a link that makes no sense", nil)
	}
	return s, nil
}

// Refund asks for money to be given back, which is taken in unseen: it is
// pending, whenever it is asked for again, until a webhook tells.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	amount, ok := toAdyen(r.Amount, r.Currency)
	switch {
	case r.Payment == "":
		return provider.Refund{}, provider.Errorf(provider.Refused,
			"Adyen hasn't named this payment yet, which it does by webhook: please try again later, and check that its webhooks arrive here")
	case r.Amount <= 0 || !ok:
		return provider.Refund{}, provider.Errorf(provider.Refused, "this amount can't be given back in %q", r.Currency)
	case len(refundMark)+len(r.Key) > longestReference || r.Key == "":
		return provider.Refund{}, provider.Errorf(provider.Refused, "the refund has no key, or a long one")
	}
	body := wireRefundRequest{Account: c.cfg.Account, Amount: wireAmount{amount, r.Currency}, Reference: refundMark + r.Key}
	q := call{method: http.MethodPost, path: "/payments/" + url.PathEscape(r.Payment) + "/refunds", key: r.Key, body: body, money: true}
	var w wireRefund
	if err := c.do(ctx, q, &w); err != nil {
		return provider.Refund{}, err
	}
	if w.ID == "" || w.Account != c.cfg.Account || w.Status != refundReceived {
		return provider.Refund{}, q.garbled("a refund that makes no sense", nil)
	}
	if w.Payment != r.Payment || w.Amount != body.Amount {
		return provider.Refund{}, provider.Errorf(provider.Refused, "this key was used for another refund already")
	}
	return provider.Refund{ID: w.ID, Payment: r.Payment, Session: r.Session, Key: r.Key, Amount: r.Amount, Currency: r.Currency,
		Status: provider.RefundPending}, nil
}

// Events lists none: Adyen has no such list.
func (c *Client) Events(context.Context, string, int) (provider.Page, error) {
	return provider.Page{}, provider.Errorf(provider.Refused, "Adyen lists no events")
}
