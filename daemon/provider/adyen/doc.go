// Package adyen is the adapter for Adyen: Payment Links of the Checkout API,
// version 71, over plain HTTP, and standard webhooks.
//
// Its requests, and the answers of the simulator in adyentest, are held against
// Adyen's own description of that version. What is written there:
//
//   - a link is active, paymentPending, completed or expired ("paid" is in the
//     list of words without a meaning, and read like completed), says no payment,
//     and a PATCH to expired is the way to close it;
//   - a refund is answered "received" and nothing else;
//   - webhooks carry paymentLinkId, and success as the words true and false.
//
// From the vendor's documentation, and not seen by us: the signature over
// fields ("Verify HMAC signatures"), which leaves out times, and the link's id;
// the decimals of currencies ("Currency codes and minor units"); keys of
// idempotency that are kept for seven days at least, and answer as the first
// time ("API idempotency"); what each webhook means ("Webhook types", "Refund",
// "Dispute flow"). That an unknown link is answered with 422 is taken from the
// description, which has no 404.
//
// Three things are unlike other providers. A look-up tells that a link was paid
// and not by which payment: only the webhook does, and a refund needs it. How a
// refund ends is told by webhook alone. And a declined card leaves the link
// open: the client tries another one.
//
// Whatever decides about money is taken from signed fields. Our reference is
// one of them, so it carries the mark by which our payments and refunds are
// told from those of the salon's web shop.
//
//	client.go  the calls
//	wire.go    links in our words and in Adyen's
//	tell.go    what webhooks tell
//	check.go   "Test connection"
//	adyenapi   Adyen's calls, words and amounts, and who signed a webhook
package adyen
