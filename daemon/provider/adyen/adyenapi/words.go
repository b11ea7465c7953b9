package adyenapi

import "time"

// The words of links and refunds.
const (
	Active    = "active"
	Pending   = "paymentPending"
	Completed = "completed"
	Paid      = "paid"
	Expired   = "expired"

	refundReceived = "received"
)

// Amount is in Adyen's minor units.
type Amount struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// Line is a row on the page.
type Line struct {
	Description string `json:"description"`
	Quantity    int64  `json:"quantity"`
	Amount      int64  `json:"amountIncludingTax"` // of one piece
}

// LinkRequest asks for a link.
type LinkRequest struct {
	Account     string            `json:"merchantAccount"` // set by Make
	Reference   string            `json:"reference"`
	Amount      Amount            `json:"amount"`
	Description string            `json:"description,omitempty"`
	Locale      string            `json:"shopperLocale,omitempty"`
	Lines       []Line            `json:"lineItems,omitempty"`
	ReturnURL   string            `json:"returnUrl"`
	ExpiresAt   string            `json:"expiresAt,omitempty"`
	Reusable    bool              `json:"reusable"`
	Metadata    map[string]string `json:"metadata"`
}

// Link is what Adyen says of one.
type Link struct {
	ID        string    `json:"id"`
	Account   string    `json:"merchantAccount"`
	Reference string    `json:"reference"`
	Amount    Amount    `json:"amount"`
	Status    string    `json:"status"`
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expiresAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type refundRequest struct {
	Account   string `json:"merchantAccount"`
	Amount    Amount `json:"amount"`
	Reference string `json:"reference"`
}

// Refund is what Adyen answers to one that was asked for.
type Refund struct {
	ID      string `json:"pspReference"`
	Payment string `json:"paymentPspReference"`
	Account string `json:"merchantAccount"`
	Amount  Amount `json:"amount"`
	Status  string `json:"status"`
}
