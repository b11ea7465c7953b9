// Package sumup is the adapter to SumUp's hosted checkouts, after SumUp's own
// description of its REST API (OpenAPI, version 1.0.0 of August 2026). Requests,
// and the answers of the stand-in in sumuptest, are checked against it; nobody
// has run this against SumUp itself.
//
// What isn't as elsewhere:
//   - Amounts are decimal numbers in major units, and go from and to minor
//     units as text.
//   - There is no idempotency key. A checkout's reference is unique instead;
//     ours begin with a mark, so that the salon's web shop stays out of it.
//   - FAILED is the last attempt's state, not the checkout's: the page takes
//     another attempt until valid_until, and stays open here.
//   - The transaction history tells of payments, refunds and chargebacks, not of
//     checkouts that end unpaid (EndsUntold). It names no checkout: the
//     description that we give carries the reference, and comes back in it as
//     product_summary.
//   - Refunds have no key either: package keyless sees to it that none is made
//     twice. Their ids are those of the transaction's events.
//   - Webhooks aren't signed ("Webhooks", developer.sumup.com): hints.
//
// From SumUp's documentation, and not seen by us: that a webhook is no more than
// event_type and id, and is sent again after 1, 5, 20 and 120 minutes
// ("Webhooks"); that references have 64 characters ("Checkout", where the
// description says 90); that transactions are the authority on what was paid.
//
// Assumed, since both are silent: that changes_since finds a payment by its
// refunds and chargebacks too, and that these show in its own line or in one
// with its transaction_id; that a chargeback which may still be won is an event
// PENDING, one that was won FAILED; that a link "next" carries oldest_ref, as the
// example does; that a refund is listed within ten minutes.
//
//	client.go  the calls about checkouts
//	wire.go    what SumUp's words about them mean
//	refund.go  money going back
//	events.go  the history
//	check.go   "Test connection", and hints
//	sumupapi   SumUp's calls, words and amounts
package sumup
