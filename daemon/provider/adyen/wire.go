package adyen

import (
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
)

// The words of links, refunds and errors.
const (
	linkActive     = "active"
	linkPending    = "paymentPending"
	linkCompleted  = "completed"
	linkPaid       = "paid"
	linkExpired    = "expired"
	refundReceived = "received"
	inProgress     = "704" // "request already processed or in progress"
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

type wireAmount struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

type wireLine struct {
	Description string `json:"description"`
	Quantity    int64  `json:"quantity"`
	Amount      int64  `json:"amountIncludingTax"` // of one piece
}

// wireRequest is the body of POST /paymentLinks.
type wireRequest struct {
	Account     string            `json:"merchantAccount"`
	Reference   string            `json:"reference"`
	Amount      wireAmount        `json:"amount"`
	Description string            `json:"description,omitempty"`
	Locale      string            `json:"shopperLocale,omitempty"`
	Lines       []wireLine        `json:"lineItems,omitempty"`
	ReturnURL   string            `json:"returnUrl"`
	ExpiresAt   string            `json:"expiresAt,omitempty"`
	Reusable    bool              `json:"reusable"`
	Metadata    map[string]string `json:"metadata"`
}

type wireLink struct {
	ID        string     `json:"id"`
	Account   string     `json:"merchantAccount"`
	Reference string     `json:"reference"`
	Amount    wireAmount `json:"amount"`
	Status    string     `json:"status"`
	URL       string     `json:"url"`
	ExpiresAt time.Time  `json:"expiresAt"`
	UpdatedAt time.Time  `json:"updatedAt"`
}

type wireUpdate struct {
	Status string `json:"status"`
}

// wireRefundRequest is the body of POST /payments/…/refunds.
type wireRefundRequest struct {
	Account   string     `json:"merchantAccount"`
	Amount    wireAmount `json:"amount"`
	Reference string     `json:"reference"`
}

type wireRefund struct {
	ID      string     `json:"pspReference"`
	Payment string     `json:"paymentPspReference"`
	Account string     `json:"merchantAccount"`
	Amount  wireAmount `json:"amount"`
	Status  string     `json:"status"`
}

// linkFor describes a session in Adyen's words, or refuses what can't be one.
// The same request always makes the same words: a key goes with them.
func (c *Client) linkFor(r provider.Request) (wireRequest, error) {
	amount, ok := money().To(r.Amount, r.Currency)
	switch {
	case r.Amount <= 0 || !ok:
		return wireRequest{}, provider.Errorf(provider.Refused, "Adyen can't take this amount in %q", r.Currency)
	case !hosted.IsPage(r.ReturnURL):
		return wireRequest{}, provider.Errorf(provider.Refused, "there is no address to come back to")
	case r.Reference == "" || len(payMark)+len(r.Reference) > longestReference || strings.ContainsAny(r.Reference, `:\`):
		return wireRequest{}, provider.Errorf(provider.Refused, "the reference can't be one")
	}
	w := wireRequest{Account: c.cfg.Account, Reference: payMark + r.Reference, Amount: wireAmount{amount, r.Currency},
		Description: hosted.Cut(r.Title, longestDescription), Locale: hosted.Language(r.Language, pages), Lines: lines(r), ReturnURL: r.ReturnURL,
		Metadata: map[string]string{"countersign": r.Reference}}
	if !r.ExpiresAt.IsZero() {
		w.ExpiresAt = r.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return w, nil
}

func lines(r provider.Request) (out []wireLine) {
	for _, row := range hosted.Rows(r, money().To) {
		out = append(out, wireLine{hosted.Cut(row.Name, longestDescription), row.Quantity, row.Piece})
	}
	return out
}

// port reads a link of ours. It is false for what Adyen would not say.
func (w *wireLink) port(account string) (provider.Session, bool) {
	reference, ours := strings.CutPrefix(w.Reference, payMark)
	amount, ok := money().From(w.Amount.Value, w.Amount.Currency)
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
	case linkActive:
		return provider.Open
	case linkPending:
		return provider.Processing
	case linkCompleted, linkPaid:
		return provider.Paid
	case linkExpired:
		return provider.Expired
	}
	return provider.Unknown
}

// pages are the languages of Adyen's page, which decides where none fits.
const pages = "cs-CZ da-DK de-DE el-GR en-US es-ES fi-FI fr-FR hr-HR hu-HU it-IT ja-JP ko-KR nl-NL no-NO pl-PL pt-PT pt-BR" +
	" ro-RO ru-RU sk-SK sl-SI sv-SE zh-CN zh-TW"
