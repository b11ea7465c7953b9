package adyen

import (
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen/adyenapi"
	"countersign/daemon/provider/hosted"
)

// The marks before our references, by which webhooks are known to be of ours.
// They have no character that signatures escape.
const (
	payMark    = "countersign.pay."
	refundMark = "countersign.refund."
)

// Adyen's limits, in characters.
const (
	longestReference   = 80
	longestDescription = 280
)

// linkFor describes a session in Adyen's words, or refuses what can't be one.
// The same request always makes the same words: a key goes with them.
func linkFor(r provider.Request) (adyenapi.LinkRequest, error) {
	amount, ok := adyenapi.Money().To(r.Amount, r.Currency)
	switch {
	case r.Amount <= 0 || !ok:
		return adyenapi.LinkRequest{}, provider.Errorf(provider.Refused, "Adyen can't take this amount in %q", r.Currency)
	case !hosted.IsPage(r.ReturnURL):
		return adyenapi.LinkRequest{}, provider.Errorf(provider.Refused, "there is no address to come back to")
	case r.Reference == "" || len(payMark)+len(r.Reference) > longestReference || strings.ContainsAny(r.Reference, `:\`):
		return adyenapi.LinkRequest{}, provider.Errorf(provider.Refused, "the reference can't be one")
	}
	w := adyenapi.LinkRequest{Reference: payMark + r.Reference, Amount: adyenapi.Amount{Value: amount, Currency: r.Currency},
		Description: hosted.Cut(r.Title, longestDescription), Locale: hosted.Language(r.Language, pages), Lines: lines(r), ReturnURL: r.ReturnURL,
		Metadata: map[string]string{"countersign": r.Reference}}
	if !r.ExpiresAt.IsZero() {
		w.ExpiresAt = r.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return w, nil
}

func lines(r provider.Request) (out []adyenapi.Line) {
	for _, row := range hosted.Rows(r, adyenapi.Money().To) {
		out = append(out, adyenapi.Line{Description: hosted.Cut(row.Name, longestDescription), Quantity: row.Quantity, Amount: row.Piece})
	}
	return out
}

// port reads a link of ours. It is false for what Adyen would not say.
func port(w adyenapi.Link, account string) (provider.Session, bool) {
	reference, ours := strings.CutPrefix(w.Reference, payMark)
	amount, ok := adyenapi.Money().From(w.Amount.Value, w.Amount.Currency)
	s := provider.Session{ID: w.ID, Reference: reference, URL: w.URL, Status: statusOf(w.Status), Amount: amount,
		Currency: w.Amount.Currency, ExpiresAt: w.ExpiresAt.UTC()}
	if w.ExpiresAt.IsZero() {
		s.ExpiresAt = time.Time{}
	}
	if s.Status == provider.Paid && !w.UpdatedAt.IsZero() {
		s.PaidAt = w.UpdatedAt.UTC()
	}
	return s, ok && ours && amount > 0 && w.ID != "" && w.Account == account && hosted.IsPage(w.URL)
}

func statusOf(word string) provider.Status {
	switch word {
	case adyenapi.Active:
		return provider.Open
	case adyenapi.Pending:
		return provider.Processing
	case adyenapi.Completed, adyenapi.Paid:
		return provider.Paid
	case adyenapi.Expired:
		return provider.Expired
	}
	return provider.Unknown
}

// pages are the languages of Adyen's page, which decides where none fits.
const pages = "cs-CZ da-DK de-DE el-GR en-US es-ES fi-FI fr-FR hr-HR hu-HU it-IT ja-JP ko-KR nl-NL no-NO pl-PL pt-PT pt-BR" +
	" ro-RO ru-RU sk-SK sl-SI sv-SE zh-CN zh-TW"
