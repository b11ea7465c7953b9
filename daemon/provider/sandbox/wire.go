package sandbox

import "time"

// Name is the adapter's name, and the last element of its hook's path.
const Name = "sandbox"

// DefaultAccount is the account a server and a client have when none is named.
const DefaultAccount = "acct_sandbox"

// bodyLimit is the longest body either half reads.
const bodyLimit = 1 << 20

// EventNotice is a type of event that only exists to be unknown to adapters.
const EventNotice = "account.notice"

type wireLine struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// wireRequest is the body of POST /sandbox/v1/sessions.
type wireRequest struct {
	Reference string     `json:"reference"`
	Amount    int64      `json:"amount"`
	Currency  string     `json:"currency"`
	Title     string     `json:"title,omitempty"`
	Language  string     `json:"language,omitempty"`
	Lines     []wireLine `json:"lines,omitempty"`
	ReturnURL string     `json:"return_url"`
	CancelURL string     `json:"cancel_url"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

type wireSession struct {
	ID        string     `json:"id"`
	Account   string     `json:"account"`
	Reference string     `json:"reference"`
	URL       string     `json:"url"`
	Payment   string     `json:"payment,omitempty"`
	Status    string     `json:"status"`
	Amount    int64      `json:"amount"`
	Currency  string     `json:"currency"`
	PaidAt    *time.Time `json:"paid_at,omitempty"`
	ExpiresAt time.Time  `json:"expires_at"`
	Reason    string     `json:"reason,omitempty"`
}

type wireSessions struct {
	Sessions []wireSession `json:"sessions"`
}

// wireRefundRequest is the body of POST /sandbox/v1/refunds.
type wireRefundRequest struct {
	Session  string `json:"session,omitempty"`
	Payment  string `json:"payment,omitempty"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Reason   string `json:"reason,omitempty"`
}

type wireRefund struct {
	ID       string `json:"id"`
	Session  string `json:"session"`
	Payment  string `json:"payment"`
	Key      string `json:"key,omitempty"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
}

// wireDisputeRequest is the body of POST /sandbox/v1/disputes: the bank's own
// hand. No amount is all of the payment.
type wireDisputeRequest struct {
	Payment string `json:"payment"`
	Amount  int64  `json:"amount,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

type wireDispute struct {
	ID       string `json:"id"`
	Session  string `json:"session"`
	Payment  string `json:"payment"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
}

// wireEvent is one event of a page, and the body of a webhook.
type wireEvent struct {
	ID      string       `json:"id"`
	Account string       `json:"account"`
	Type    string       `json:"type"`
	At      time.Time    `json:"at"`
	Session *wireSession `json:"session,omitempty"`
	Refund  *wireRefund  `json:"refund,omitempty"`
	Dispute *wireDispute `json:"dispute,omitempty"`
}

type wirePage struct {
	Events []wireEvent `json:"events"`
	Cursor string      `json:"cursor"`
	More   bool        `json:"more"`
}

type wireProblem struct {
	Error struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"error"`
}
