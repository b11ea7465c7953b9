package stripe

import (
	"context"
	"net/http"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/stripe/stripeapi"
	"countersign/daemon/provider/stripe/stripesays"
)

// CreateLink makes a Payment Link that one session can be completed through, or
// returns the one made with the same Key, if that was within a day.
func (c *Client) CreateLink(ctx context.Context, r provider.Request) (provider.Link, error) {
	if err := fitLink(r); err != nil {
		return provider.Link{}, err
	}
	p := &api.PaymentLinkCreateParams{Metadata: stripesays.Marked(r.Reference), SubmitType: api.String("pay"),
		PaymentIntentData: &api.PaymentLinkCreatePaymentIntentDataParams{Metadata: stripesays.Marked(r.Reference), Description: api.String(name(r, r.Title))},
		Restrictions: &api.PaymentLinkCreateRestrictionsParams{
			CompletedSessions: &api.PaymentLinkCreateRestrictionsCompletedSessionsParams{Limit: api.Int64(1)}}}
	if hosted.IsPage(r.ReturnURL) {
		p.AfterCompletion = &api.PaymentLinkCreateAfterCompletionParams{Type: api.String("redirect"),
			Redirect: &api.PaymentLinkCreateAfterCompletionRedirectParams{URL: &r.ReturnURL}}
	}
	p.IdempotencyKey = &r.Key
	for _, l := range lines(r) {
		p.LineItems = append(p.LineItems, &api.PaymentLinkCreateLineItemParams{Quantity: &l.Quantity,
			PriceData: &api.PaymentLinkCreateLineItemPriceDataParams{Currency: api.String(strings.ToLower(r.Currency)), UnitAmount: &l.Piece,
				ProductData: &api.PaymentLinkCreateLineItemPriceDataProductDataParams{Name: &l.Name}}})
	}
	return c.link(ctx, outcall.Call{Method: http.MethodPost, Path: "/v1/payment_links", Money: true}, p, "")
}

// LookLink reads a link. One whose payment was completed isn't active any more.
func (c *Client) LookLink(ctx context.Context, link string) (provider.Link, error) {
	q := outcall.Call{Method: http.MethodGet, Path: api.FormatURLPath("/v1/payment_links/%s", link)}
	return c.link(ctx, q, &api.PaymentLinkRetrieveParams{}, link)
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
	var w stripesays.Link
	if err := c.api.Ask(ctx, q, params, &w); err != nil {
		return provider.Link{}, err
	}
	l := provider.Link{ID: w.ID, Reference: w.Metadata[stripesays.ReferenceName], URL: w.URL, Active: w.Active}
	if w.ID == "" || want != "" && w.ID != want || w.Live != c.api.Live() || w.Metadata[stripesays.MarkName] != stripesays.MarkPayment || !hosted.IsPage(w.URL) {
		return provider.Link{}, q.Garbled("a link that makes no sense", nil)
	}
	return l, nil
}

// LinkSessions are the pages that were opened through a link, newest first.
func (c *Client) LinkSessions(ctx context.Context, link string) (sessions []provider.Session, err error) {
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/checkout/sessions"}
	p := &api.CheckoutSessionListParams{PaymentLink: &link, Expand: []*string{api.String("data." + within)}}
	err = stripeapi.All(ctx, c.api, q, p, func(w stripesays.Session) string { return w.ID }, func(w stripesays.Session) (bool, error) {
		s, ok := w.Port(time.Now())
		if !ok || w.Live != c.api.Live() {
			return false, q.Garbled("a session that makes no sense", nil)
		}
		c.meet(w.Intent.ID, true)
		sessions = append(sessions, s)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return sessions, nil
}
