package sumup

import (
	"context"
	"slices"

	"countersign/daemon/provider"
	"countersign/daemon/provider/keyless"
	"countersign/daemon/provider/sumup/sumupapi"
)

// Refund gives money back, or returns the refund made with the same Key: SumUp
// takes none, so that keyless looks for it.
func (c *Client) Refund(ctx context.Context, r provider.RefundRequest) (provider.Refund, error) {
	if r.Amount <= 0 || r.Payment == "" {
		return provider.Refund{}, provider.Errorf(provider.Refused, "nothing to give back, or no payment to give it back of")
	}
	return c.refunds.Refund(ctx, till{c.api}, r)
}

// till is SumUp as keyless knows it.
type till struct{ *sumupapi.API }

// Ask makes a refund.
func (t till) Ask(ctx context.Context, r provider.RefundRequest) error {
	return t.GiveBack(ctx, r.Payment, sumupapi.Major(r.Amount, r.Currency))
}

// Refunds lists those of a payment.
func (t till) Refunds(ctx context.Context, r provider.RefundRequest) ([]keyless.Made, error) {
	x, err := t.Transaction(ctx, r.Payment, true)
	if err == nil && x.Currency != r.Currency {
		err = provider.Errorf(provider.Refused, "the payment was in %s", x.Currency)
	}
	if err != nil {
		return nil, err
	}
	all := refunds(&x, r.Session)
	if slices.ContainsFunc(all, func(m keyless.Made) bool { return m.Amount == 0 }) {
		return nil, sumupapi.Nonsense(true, "a refund that makes no sense") // it may be the one asked for
	}
	return all, nil
}

// refunds are those of a transaction, as SumUp lists them: without an amount
// where it makes no sense. A state nobody knows is taken for one that isn't final.
func refunds(t *sumupapi.Transaction, session string) (all []keyless.Made) {
	for _, e := range t.Happened("REFUND") {
		amount, _ := sumupapi.Minor(e.Amount, t.Currency)
		r := provider.Refund{ID: e.ID.String(), Payment: t.ID, Session: session, Amount: amount, Currency: t.Currency, Status: provider.RefundPending}
		switch e.Status {
		case "REFUNDED", "SUCCESSFUL", "RECONCILED", "PAID_OUT":
			r.Status = provider.RefundSucceeded
		case "FAILED":
			r.Status = provider.RefundFailed
		}
		all = append(all, keyless.Made{Refund: r, At: e.At})
	}
	return all
}
