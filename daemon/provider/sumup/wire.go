package sumup

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
	"countersign/daemon/provider/outcall"
)

// checkout is what SumUp says of one.
type checkout struct {
	ID           string        `json:"id"`
	Reference    string        `json:"checkout_reference"`
	Amount       json.Number   `json:"amount"`
	Currency     string        `json:"currency"`
	Merchant     string        `json:"merchant_code"`
	Status       string        `json:"status"`
	ValidUntil   *time.Time    `json:"valid_until"`
	URL          string        `json:"hosted_checkout_url"`
	Transaction  string        `json:"transaction_id"` // the one that paid it
	Transactions []transaction `json:"transactions"`
}

// transaction is an attempt to pay, with what happened to its money since.
type transaction struct {
	ID       string      `json:"id"`
	Amount   json.Number `json:"amount"`
	Currency string      `json:"currency"`
	At       time.Time   `json:"timestamp"`
	Status   string      `json:"status"`
	Events   []happening `json:"events"`
	Details  []happening `json:"transaction_events"`
}

// happening is one event of a transaction, in either of SumUp's two spellings.
type happening struct {
	ID     json.Number `json:"id"`
	Type   string      `json:"type"`
	Kind   string      `json:"event_type"`
	Status string      `json:"status"`
	Amount json.Number `json:"amount"`
	At     time.Time   `json:"timestamp"`
}

// grace is how long after valid_until a checkout is still taken for payable:
// clocks differ, and an attempt may have begun in time.
const grace = time.Minute

// moved tells whether a transaction of that status took money, whatever became
// of it later: CHARGE_BACK isn't among the statuses, but in their filter.
func moved(status string) bool {
	return status == "SUCCESSFUL" || status == "REFUNDED" || status == "CHARGE_BACK"
}

// session turns a checkout into the port's. A checkout of somebody else's, as a
// forged hint may name, isn't found.
func (c *Client) session(ctx context.Context, q outcall.Call, w *checkout) (provider.Session, error) {
	reference, ours := strings.CutPrefix(w.Reference, mark)
	amount, ok := minor(w.Amount, w.Currency)
	s := provider.Session{ID: w.ID, Reference: reference, URL: w.URL, Status: provider.Unknown, Amount: amount, Currency: w.Currency}
	if w.ValidUntil != nil {
		s.ExpiresAt = w.ValidUntil.UTC()
	}
	switch {
	case w.ID != "" && w.Reference != "" && (!ours || w.Merchant != "" && w.Merchant != c.cfg.Merchant):
		return provider.Session{}, provider.Errorf(provider.NotFound, "the checkout isn't one of ours")
	case w.ID == "" || reference == "" || !ok || amount <= 0 || w.Status == "" || w.URL != "" && !hosted.IsPage(w.URL):
		return provider.Session{}, q.Garbled("a checkout that makes no sense", nil)
	case !slices.Contains([]string{"PENDING", "FAILED", "PAID", "EXPIRED"}, w.Status):
		return s, nil
	}
	paid, err := c.payment(ctx, w)
	if err != nil {
		return provider.Session{}, err
	}
	if paid == nil && w.Status == "PAID" || paid != nil && !paid.pays(&s) {
		return provider.Session{}, q.Garbled("a payment that makes no sense", nil)
	}
	if paid == nil {
		w.unpaid(&s, time.Now())
	}
	return s, nil
}

// payment is the transaction that paid a checkout: SumUp calls transactions the
// authority on that. Where a paid checkout lists none, it is looked up.
func (c *Client) payment(ctx context.Context, w *checkout) (*transaction, error) {
	var paid *transaction
	for i := range w.Transactions {
		if t := &w.Transactions[i]; moved(t.Status) && (paid == nil || t.ID == w.Transaction) {
			paid = t
		}
	}
	if paid != nil || w.Status != "PAID" || w.Transaction == "" {
		return paid, nil
	}
	t, err := c.transaction(ctx, w.Transaction, false)
	return &t, err
}

// pays makes a session paid by a transaction, as received (R19).
func (t *transaction) pays(s *provider.Session) bool {
	amount, ok := minor(t.Amount, t.Currency)
	s.Status, s.Payment, s.Amount, s.Currency, s.PaidAt = provider.Paid, t.ID, amount, t.Currency, t.At.UTC()
	return ok && amount > 0 && t.ID != "" && !t.At.IsZero()
}

func (w *checkout) unpaid(s *provider.Session, now time.Time) {
	underWay := func(t transaction) bool { return t.Status == "PENDING" }
	dead := w.ValidUntil != nil && now.After(w.ValidUntil.Add(grace))
	if w.Status == "FAILED" {
		s.Reason = "the last attempt to pay was declined"
	}
	switch {
	case slices.ContainsFunc(w.Transactions, underWay):
		s.Status = provider.Processing
	case w.Status == "FAILED" && dead:
		s.Status = provider.Failed
	case w.Status == "EXPIRED" || dead: // "must be processed before this moment, otherwise it becomes unusable"
		s.Status = provider.Expired
	default:
		s.Status = provider.Open
	}
}

// describe is what the client and the salon read of a checkout. The history
// tells a payment's checkout by nothing else, so that it ends in the reference.
func describe(title, reference string) string {
	if runes := []rune(title); len(runes) > 60 {
		title = string(runes[:60])
	}
	return strings.TrimSpace(title + " " + reference)
}

// described is our reference in a description, if there is one.
func described(summary string) (string, bool) {
	at := strings.LastIndex(summary, mark)
	if at < 0 {
		return "", false
	}
	reference, _, _ := strings.Cut(summary[at+len(mark):], " ")
	return reference, reference != ""
}
