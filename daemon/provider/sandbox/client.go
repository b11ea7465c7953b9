package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/signed"
)

// Config says where the sandbox is and who we are there.
type Config struct {
	Base    string        // what comes before /sandbox/v1, such as http://127.0.0.1:8080
	Key     string        // the Bearer key
	Secret  string        // what webhooks are signed with
	Account string        // DefaultAccount when empty
	HTTP    *http.Client  // http.DefaultClient when nil
	Timeout time.Duration // the longest a call may take; 15 s when zero
}

// Client is the sandbox's adapter.
type Client struct {
	cfg Config
	out outcall.Caller
}

var _ provider.Provider = (*Client)(nil)

// New makes the adapter. It calls nothing.
func New(cfg Config) *Client {
	cfg.Base = strings.TrimRight(cfg.Base, "/")
	if cfg.Account == "" {
		cfg.Account = DefaultAccount
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	key := cfg.Key
	return &Client{cfg: cfg, out: outcall.Caller{Base: cfg.Base + "/sandbox/v1", Client: outcall.NoRedirect(cfg.HTTP), Timeout: cfg.Timeout,
		Sign: func(h http.Header) { h.Set("Authorization", "Bearer "+key) }, Refusal: said, Secrets: []string{key, cfg.Secret}}}
}

// said reads the sandbox's errors.
func said(_ int, body []byte) outcall.Refusal {
	var p wireProblem
	_ = json.Unmarshal(body, &p) // what can't be read says nothing
	return outcall.Refusal{Code: p.Error.Code, Text: p.Error.Text, Theirs: p.Error.Text != ""}
}

// Name is "sandbox".
func (c *Client) Name() string { return Name }

// Can says that the sandbox can do everything, in every currency.
func (c *Client) Can() provider.Abilities {
	return provider.Abilities{Webhooks: true, Events: true, Cancel: true, Refund: true, Find: true}
}

// Create makes a session, or returns the one made with the same Key.
func (c *Client) Create(ctx context.Context, r provider.Request) (provider.Session, error) {
	body := wireRequest{
		Reference: r.Reference, Amount: r.Amount, Currency: r.Currency, Title: r.Title,
		Language: r.Language, ReturnURL: r.ReturnURL, CancelURL: r.CancelURL, ExpiresAt: timePtr(r.ExpiresAt),
	}
	for _, l := range r.Lines {
		body.Lines = append(body.Lines, wireLine(l))
	}
	return c.session(ctx, outcall.Call{Method: http.MethodPost, Path: "/sessions", Key: r.Key, Body: body, Money: true})
}

// Look returns a session's state now.
func (c *Client) Look(ctx context.Context, session string) (provider.Session, error) {
	return c.session(ctx, outcall.Call{Method: http.MethodGet, Path: "/sessions/" + url.PathEscape(session)})
}

// Cancel asks for a session to be closed; the answer is the state it is in.
// A lost answer is Unavailable and not Unclear: asking again settles it.
func (c *Client) Cancel(ctx context.Context, session string) (provider.Session, error) {
	return c.session(ctx, outcall.Call{Method: http.MethodPost, Path: "/sessions/" + url.PathEscape(session) + "/cancel"})
}

func (c *Client) session(ctx context.Context, q outcall.Call) (provider.Session, error) {
	var w wireSession
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Session{}, err
	}
	s, ok := w.port()
	if !ok {
		return provider.Session{}, q.Garbled("a session that makes no sense", nil)
	}
	return s, nil
}

// Find returns the session with our reference: one with money first.
func (c *Client) Find(ctx context.Context, reference string) (provider.Session, error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/sessions?" + url.Values{"reference": {reference}}.Encode()}
	var w wireSessions
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Session{}, err
	}
	// "No session" is said with an empty list. Anything short of that must not
	// be taken for it: it would let a second session be made.
	if w.Sessions == nil {
		return provider.Session{}, q.Garbled("no list of sessions", nil)
	}
	best, found := provider.Session{}, false
	for i := range w.Sessions {
		s, ok := w.Sessions[i].port()
		if !ok || s.Reference != reference {
			return provider.Session{}, q.Garbled("sessions that make no sense", nil)
		}
		if !found || s.Status == provider.Paid && best.Status != provider.Paid {
			best, found = s, true
		}
	}
	if !found {
		return provider.Session{}, provider.Errorf(provider.NotFound, "no session has this reference")
	}
	return best, nil
}

// Refund gives money back, or returns the refund made with the same Key.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	body := wireRefundRequest{Session: r.Session, Payment: r.Payment, Amount: r.Amount, Currency: r.Currency, Reason: r.Reason}
	q := outcall.Call{Method: http.MethodPost, Path: "/refunds", Key: r.Key, Body: body, Money: true}
	var w wireRefund
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Refund{}, err
	}
	refund, ok := w.port()
	if !ok {
		return provider.Refund{}, q.Garbled("a refund that makes no sense", nil)
	}
	return refund, nil
}

// Events returns what happened after the cursor.
func (c *Client) Events(ctx context.Context, cursor string, limit int) (provider.Page, error) {
	want := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		want.Set("cursor", cursor)
	}
	q := outcall.Call{Method: http.MethodGet, Path: "/events?" + want.Encode()}
	var w wirePage
	if err := c.out.Do(ctx, q, &w); err != nil {
		return provider.Page{}, err
	}
	// A page without a cursor would start the account's history again.
	if w.Cursor == "" {
		return provider.Page{}, q.Garbled("a page without a cursor", nil)
	}
	page := provider.Page{Cursor: w.Cursor, More: w.More}
	for i := range w.Events {
		e, known, ok := w.Events[i].port()
		if !ok {
			return provider.Page{}, q.Garbled("an event that makes no sense", nil)
		}
		if known {
			page.Events = append(page.Events, e)
		}
	}
	return page, nil
}

// Parse verifies a webhook over the raw body and reads it.
func (c *Client) Parse(h http.Header, body []byte, now time.Time) ([]provider.Event, error) {
	if len(body) > bodyLimit {
		return nil, provider.Errorf(provider.Forged, "the body is too long")
	}
	if err := signed.Check(h, SignatureHeader, c.cfg.Secret, body, now); err != nil {
		return nil, err
	}
	var w wireEvent
	if err := json.Unmarshal(body, &w); err != nil {
		return nil, &provider.Error{Kind: provider.Refused, Text: "signed, but not readable", Cause: err}
	}
	if w.Account != c.cfg.Account {
		return nil, provider.Errorf(provider.Forged, "the event is another account's")
	}
	e, known, ok := w.port()
	if !ok {
		return nil, provider.Errorf(provider.Refused, "signed, but the event makes no sense")
	}
	if !known {
		return nil, nil
	}
	return []provider.Event{e}, nil
}
