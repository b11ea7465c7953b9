package sandbox

import (
	"context"
	"errors"
	"net/http"

	"countersign/daemon/fiscal"
	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

var _ fiscal.Device = (*Client)(nil)

// Register has the sandbox play a fiscal device: it registers a receipt, or
// returns the record made with the same Key.
func (c *Client) Register(ctx context.Context, r fiscal.Receipt) (fiscal.Record, error) {
	q := outcall.Call{Method: http.MethodPost, Path: "/receipts", Key: r.Key, Body: r, Money: true}
	var record fiscal.Record
	if err := c.out.Do(ctx, q, &record); err != nil {
		return fiscal.Record{}, fiscalError(err)
	}
	if record.Number == "" {
		return fiscal.Record{}, fiscal.Errorf(fiscal.Unclear, "an answer without a number")
	}
	return record, nil
}

// fiscalError is a failed call in the words of the fiscal port. A sandbox that
// doesn't know the address is an old one, and registers nothing.
func fiscalError(err error) error {
	kind := fiscal.Unclear
	switch provider.KindOf(err) {
	case provider.Unavailable:
		kind = fiscal.Unavailable
	case provider.Refused, provider.NotFound:
		kind = fiscal.Refused
	}
	var e *provider.Error
	if !errors.As(err, &e) {
		return &fiscal.Error{Kind: kind, Cause: err}
	}
	return &fiscal.Error{Kind: kind, RetryAfter: e.RetryAfter, Text: e.Text, Cause: e.Cause}
}
