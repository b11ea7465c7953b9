package stripe

import (
	"cmp"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
	"countersign/daemon/provider/stripe/stripesays"
)

// within is what is read with a session: when it was paid, or why it failed.
const within = "payment_intent.latest_charge"

const (
	shortest  = 30*time.Minute + 30*time.Second // Stripe's 30 minutes, and what clocks differ by
	longerKey = "/longer"                       // after the key of the request that asks for that

	longestKey       = 255 - len(longerKey)
	longestReference = 200
	longestName      = 250
	mostLines        = 100
)

// fit refuses what can't be a session, before anybody is asked. An expiry that
// has passed is left to Stripe, which remembers what was made before it did.
func fit(r provider.Request) error {
	if !hosted.IsPage(r.ReturnURL) {
		return provider.Errorf(provider.Refused, "there is no address to come back to")
	}
	return fitLink(r)
}

// fitLink refuses what can't be a link either, which needs nothing to come back to.
func fitLink(r provider.Request) error {
	_, ok := stripesays.Money().To(r.Amount, r.Currency)
	switch {
	case r.Amount%10 != 0 && stripesays.Money().EndsInZero(r.Currency):
		return provider.Errorf(provider.Refused, "Stripe takes amounts in %s whose last digit is a zero only", r.Currency)
	case r.Amount <= 0 || !ok:
		return provider.Errorf(provider.Refused, "Stripe can't take this amount in %q", r.Currency)
	case r.Reference == "" || len(r.Reference) > longestReference:
		return provider.Errorf(provider.Refused, "the reference can't be one")
	case r.Key == "" || len(r.Key) > longestKey || strings.TrimSpace(r.Key) != r.Key:
		return provider.Errorf(provider.Refused, "the key can't be one")
	}
	return nil
}

// sessionFor describes a session in Stripe's words. The same request always
// makes the same words: a key goes with them.
func sessionFor(r provider.Request, key string, expires time.Time) *api.CheckoutSessionCreateParams {
	p := &api.CheckoutSessionCreateParams{
		Mode: api.String("payment"), ClientReferenceID: &r.Reference, Metadata: stripesays.Marked(r.Reference), Locale: api.String(stripesays.Locale(r.Language)),
		ExpiresAt: api.Int64(expires.Unix()), SuccessURL: &r.ReturnURL, SubmitType: api.String("pay"), Expand: []*string{api.String(within)},
		// What is booked is what was asked for: the client's bank may convert, Stripe doesn't.
		AdaptivePricing:   &api.CheckoutSessionCreateAdaptivePricingParams{Enabled: api.Bool(false)},
		PaymentIntentData: &api.CheckoutSessionCreatePaymentIntentDataParams{Metadata: stripesays.Marked(r.Reference), Description: api.String(name(r, r.Title))},
	}
	p.IdempotencyKey = &key
	if hosted.IsPage(r.CancelURL) {
		p.CancelURL = &r.CancelURL
	}
	for _, l := range lines(r) {
		p.LineItems = append(p.LineItems, &api.CheckoutSessionCreateLineItemParams{Quantity: &l.Quantity,
			PriceData: &api.CheckoutSessionCreateLineItemPriceDataParams{Currency: api.String(strings.ToLower(r.Currency)), UnitAmount: &l.Piece,
				ProductData: &api.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: &l.Name}}})
	}
	return p
}

// lines are the rows on the page: the request's if they add up to what is
// taken, or one for all.
func lines(r provider.Request) []hosted.Row {
	rows := hosted.Rows(r, stripesays.Money().To)
	if len(rows) == 0 || len(rows) > mostLines {
		whole, _ := stripesays.Money().To(r.Amount, r.Currency)
		return []hosted.Row{{Name: name(r, r.Title), Quantity: 1, Piece: whole}}
	}
	for i := range rows {
		rows[i].Name = name(r, rows[i].Name)
	}
	return rows
}

// name is what is paid for, which Stripe wants to have a name.
func name(r provider.Request, s string) string {
	return hosted.Cut(cmp.Or(strings.TrimSpace(s), r.Reference), longestName)
}
