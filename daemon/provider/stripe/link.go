package stripe

import (
	"context"
	"net/http"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

type wireLink struct {
	api.APIResource
	ID       string            `json:"id"`
	Live     bool              `json:"livemode"`
	Active   bool              `json:"active"`
	URL      string            `json:"url"`
	Metadata map[string]string `json:"metadata"`
}

type wireSessions struct {
	api.APIResource
	Object string        `json:"object"`
	Data   []wireSession `json:"data"`
	More   bool          `json:"has_more"`
}

// CreateLink makes a Payment Link that one session can be completed through, or
// returns the one made with the same Key, if that was within a day.
func (c *Client) CreateLink(ctx context.Context, r provider.Request) (provider.Link, error) {
	if err := fit(r); err != nil {
		return provider.Link{}, err
	}
	p := &api.PaymentLinkCreateParams{Metadata: marked(r), SubmitType: api.String("pay"),
		PaymentIntentData: &api.PaymentLinkCreatePaymentIntentDataParams{Metadata: marked(r), Description: api.String(name(r, r.Title))},
		Restrictions: &api.PaymentLinkCreateRestrictionsParams{
			CompletedSessions: &api.PaymentLinkCreateRestrictionsCompletedSessionsParams{Limit: api.Int64(1)}},
		AfterCompletion: &api.PaymentLinkCreateAfterCompletionParams{Type: api.String("redirect"),
			Redirect: &api.PaymentLinkCreateAfterCompletionRedirectParams{URL: &r.ReturnURL}}}
	p.IdempotencyKey = &r.Key
	for _, l := range lines(r) {
		p.LineItems = append(p.LineItems, &api.PaymentLinkCreateLineItemParams{Quantity: &l.Quantity,
			PriceData: &api.PaymentLinkCreateLineItemPriceDataParams{Currency: &l.currency, UnitAmount: &l.Amount,
				ProductData: &api.PaymentLinkCreateLineItemPriceDataProductDataParams{Name: &l.Name}}})
	}
	return c.link(ctx, outcall.Call{Method: http.MethodPost, Path: "/v1/payment_links", Money: true}, p, "")
}

// CloseLink deactivates a link and expires the pages that were opened through
// it, which would live on otherwise.
func (c *Client) CloseLink(ctx context.Context, link string) ([]provider.Session, error) {
	q := outcall.Call{Method: http.MethodPost, Path: api.FormatURLPath("/v1/payment_links/%s", link)}
	if _, err := c.link(ctx, q, &api.PaymentLinkUpdateParams{Active: api.Bool(false)}, link); err != nil {
		return nil, err
	}
	all, err := c.LinkSessions(ctx, link)
	if err != nil {
		return nil, err
	}
	for i, s := range all {
		if s.Status != provider.Open {
			continue
		}
		if all[i], err = c.Cancel(ctx, s.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c *Client) link(ctx context.Context, q outcall.Call, params api.ParamsContainer, want string) (provider.Link, error) {
	var w wireLink
	if err := c.ask(ctx, q, params, &w); err != nil {
		return provider.Link{}, err
	}
	l := provider.Link{ID: w.ID, Reference: w.Metadata[referenceName], URL: w.URL, Active: w.Active}
	if w.ID == "" || want != "" && w.ID != want || w.Live != live(c.cfg.Key) || w.Metadata[markName] != markPayment || !isPage(w.URL) {
		return provider.Link{}, q.Garbled("a link that makes no sense", nil)
	}
	return l, nil
}

// LinkSessions are the pages that were opened through a link, newest first.
func (c *Client) LinkSessions(ctx context.Context, link string) (all []provider.Session, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/checkout/sessions"}
	p := &api.CheckoutSessionListParams{PaymentLink: &link, Expand: []*string{api.String("data." + within)}}
	p.Limit = api.Int64(100)
	for range mostPages {
		var w wireSessions
		if err := c.ask(ctx, q, p, &w); err != nil {
			return nil, err
		}
		if w.Object != "list" || w.More && len(w.Data) == 0 {
			return nil, q.Garbled("a list that is none", nil)
		}
		for _, one := range w.Data {
			s, ok := one.port(time.Now())
			if !ok || one.Live != live(c.cfg.Key) {
				return nil, q.Garbled("a session that makes no sense", nil)
			}
			c.meet(one.Intent.ID, true)
			all = append(all, s)
		}
		if !w.More {
			return all, nil
		}
		p.StartingAfter = &w.Data[len(w.Data)-1].ID
	}
	return nil, q.Garbled("a list without an end", nil)
}
