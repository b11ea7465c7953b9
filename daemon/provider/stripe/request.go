package stripe

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
)

// The names of our metadata. The mark's value says what carries it.
const (
	markName      = "countersign"
	referenceName = "reference"
	keyName       = "key"
	sessionName   = "session"

	markPayment = "payment"
	markRefund  = "refund"
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
	mostPages        = 100 // of a list that has no end
)

// fit refuses what can't be a session, before anybody is asked. An expiry that
// has passed is left to Stripe, which remembers what was made before it did.
func fit(r provider.Request) error {
	_, ok := toStripe(r.Amount, r.Currency)
	switch {
	case r.Amount > 0 && !ok && strings.Contains(threeDigits, " "+r.Currency+" "):
		return provider.Errorf(provider.Refused, "Stripe takes amounts in %s whose last digit is a zero only", r.Currency)
	case r.Amount <= 0 || !ok:
		return provider.Errorf(provider.Refused, "Stripe can't take this amount in %q", r.Currency)
	case !isPage(r.ReturnURL):
		return provider.Errorf(provider.Refused, "there is no address to come back to")
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
		Mode: api.String("payment"), ClientReferenceID: &r.Reference, Metadata: marked(r), Locale: api.String(locale(r.Language)),
		ExpiresAt: api.Int64(expires.Unix()), SuccessURL: &r.ReturnURL, SubmitType: api.String("pay"), Expand: []*string{api.String(within)},
		// What is booked is what was asked for: the client's bank may convert, Stripe doesn't.
		AdaptivePricing:   &api.CheckoutSessionCreateAdaptivePricingParams{Enabled: api.Bool(false)},
		PaymentIntentData: &api.CheckoutSessionCreatePaymentIntentDataParams{Metadata: marked(r), Description: api.String(name(r, r.Title))},
	}
	p.IdempotencyKey = &key
	if isPage(r.CancelURL) {
		p.CancelURL = &r.CancelURL
	}
	for _, l := range lines(r) {
		p.LineItems = append(p.LineItems, &api.CheckoutSessionCreateLineItemParams{Quantity: &l.Quantity,
			PriceData: &api.CheckoutSessionCreateLineItemPriceDataParams{Currency: &l.currency, UnitAmount: &l.Amount,
				ProductData: &api.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: &l.Name}}})
	}
	return p
}

func marked(r provider.Request) map[string]string {
	return map[string]string{markName: markPayment, referenceName: r.Reference}
}

// line is a row on the page, with the amount of one piece in Stripe's units.
type line struct {
	provider.Line
	currency string
}

// lines are the rows on the page: the request's if they add up to what is
// taken, or one for all.
func lines(r provider.Request) (out []line) {
	all, _ := toStripe(r.Amount, r.Currency)
	currency := strings.ToLower(r.Currency)
	one := []line{{provider.Line{Name: name(r, r.Title), Quantity: 1, Amount: all}, currency}}
	left := all
	for _, l := range r.Lines {
		amount, ok := toStripe(l.Amount, r.Currency)
		if !ok || l.Quantity <= 0 || amount > left {
			return one
		}
		left -= amount
		if amount%l.Quantity != 0 { // a discount that no piece can carry
			out = append(out, line{provider.Line{Name: name(r, l.Name), Quantity: 1, Amount: amount}, currency})
		} else {
			out = append(out, line{provider.Line{Name: name(r, l.Name), Quantity: l.Quantity, Amount: amount / l.Quantity}, currency})
		}
	}
	if left != 0 || len(out) > mostLines {
		return one
	}
	return out
}

// name is what is paid for, which Stripe wants to have a name.
func name(r provider.Request, s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		s = r.Reference
	}
	if utf8.RuneCountInString(s) > longestName {
		s = string([]rune(s)[:longestName-1]) + "…"
	}
	return strings.ToValidUTF8(s, "")
}

// locale is the page's language among Stripe's; auto leaves it to the browser.
func locale(language string) string {
	const pages = " bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk" +
		" sl sv th tr vi zh zh-HK zh-TW "
	tag := strings.ReplaceAll(language, "_", "-")
	base, _, _ := strings.Cut(tag, "-")
	if base == "no" || base == "nn" {
		base = "nb"
	}
	for _, try := range []string{tag, base} {
		if try != "" && !strings.ContainsRune(try, ' ') && strings.Contains(pages, " "+try+" ") {
			return try
		}
	}
	return "auto"
}

// isPage says whether s is an address a browser may be sent to.
func isPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(s) <= 5000
}
