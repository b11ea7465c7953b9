package sumup

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
	"countersign/daemon/provider/sumup/sumupapi"
)

// grace is how long after valid_until a checkout is still taken for payable:
// clocks differ, and an attempt may have begun in time.
const grace = time.Minute

// session turns a checkout into the port's. A checkout of somebody else's, as a
// forged hint may name, isn't found.
func (c *Client) session(ctx context.Context, w *sumupapi.Checkout, making bool) (provider.Session, error) {
	reference, ours := strings.CutPrefix(w.Reference, mark)
	amount, ok := sumupapi.Minor(w.Amount, w.Currency)
	s := provider.Session{ID: w.ID, Reference: reference, URL: w.URL, Status: provider.Unknown, Amount: amount, Currency: w.Currency}
	if w.ValidUntil != nil {
		s.ExpiresAt = w.ValidUntil.UTC()
	}
	switch {
	case w.ID != "" && w.Reference != "" && (!ours || w.Merchant != "" && w.Merchant != c.cfg.Merchant):
		return provider.Session{}, provider.Errorf(provider.NotFound, "the checkout isn't one of ours")
	case w.ID == "" || reference == "" || !ok || amount <= 0 || w.Status == "" || w.URL != "" && !hosted.IsPage(w.URL):
		return provider.Session{}, sumupapi.Nonsense(making, "a checkout that makes no sense")
	case !slices.Contains([]string{"PENDING", "FAILED", "PAID", "EXPIRED"}, w.Status):
		return s, nil
	}
	paid, err := c.payment(ctx, w)
	if err != nil {
		return provider.Session{}, err
	}
	if paid == nil && w.Status == "PAID" || paid != nil && !pays(paid, &s) {
		return provider.Session{}, sumupapi.Nonsense(making, "a payment that makes no sense")
	}
	if paid == nil {
		unpaid(w, &s, time.Now())
	}
	return s, nil
}

// payment is the transaction that paid a checkout: SumUp calls transactions the
// authority on that. Where a paid checkout lists none, it is looked up.
func (c *Client) payment(ctx context.Context, w *sumupapi.Checkout) (*sumupapi.Transaction, error) {
	var paid *sumupapi.Transaction
	for i := range w.Transactions {
		if t := &w.Transactions[i]; t.Moved() && (paid == nil || t.ID == w.Transaction) {
			paid = t
		}
	}
	if paid != nil || w.Status != "PAID" || w.Transaction == "" {
		return paid, nil
	}
	t, err := c.api.Transaction(ctx, w.Transaction, false)
	return &t, err
}

// pays makes a session paid by a transaction, as received (R19).
func pays(t *sumupapi.Transaction, s *provider.Session) bool {
	amount, ok := sumupapi.Minor(t.Amount, t.Currency)
	s.Status, s.Payment, s.Amount, s.Currency, s.PaidAt = provider.Paid, t.ID, amount, t.Currency, t.At.UTC()
	return ok && amount > 0 && t.ID != "" && !t.At.IsZero()
}

func unpaid(w *sumupapi.Checkout, s *provider.Session, now time.Time) {
	underWay := func(t sumupapi.Transaction) bool { return t.Status == "PENDING" }
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
