// Package stripe is the adapter for Stripe: a Checkout Session for each
// checkout, refunds, the list of events, webhooks and Payment Links, with
// stripe-go v85, which speaks version 2026-03-25.dahlia of Stripe's API.
//
// Its requests are held against Stripe's own description (stripe-mock v0.203.0,
// version 2026-08-26.dahlia), and so are the answers of the simulator in
// stripetest. What is written there: the words of sessions, refunds and
// disputes, what can be asked for, and that every refund is told by
// refund.created, so that charge.refunded, which doesn't name it, is not read.
//
// From Stripe's documentation, and not seen by us: minor units ("Currencies");
// that a key is remembered for a day with its answer, a failure too, and that
// other parameters under it are refused ("Idempotent requests"); an expiry from
// 30 minutes to 24 hours ahead and a session that lives on when its link is
// closed ("Payment Links"); the signature ("Webhooks"); that events are listed
// for 30 days ("Events"); the sentence that names a missing permission
// ("Restricted API keys").
//
// Sessions can't be looked up by our reference: the list knows no such filter,
// and the search is late by up to a minute, so that not to be found means
// nothing. A Create that may have happened is repeated with its key. Once the
// key is forgotten the expiry that it asks for has passed, and Stripe refuses:
// it never makes a second page. A refund is looked for by its key in the
// refunds of its payment before it is asked for, for which reason it may be
// repeated for ever.
//
// A session says neither when it was paid nor that its payment failed: its
// payment intent does, and is read with it. What events tell of a payment that
// failed has therefore no reason.
//
// The salon's web shop may use the same account. Sessions, payments and refunds
// of ours carry a mark in their metadata, and links hand theirs on. Refunds
// made at the dashboard and disputes carry none: their payment is asked for it
// when events are read. A webhook, which can't ask, tells them only where the
// payment was met before, and leaves the others to the list.
//
//	client.go   the calls
//	request.go  our words in Stripe's parameters
//	refund.go   refunds
//	events.go   the list of events
//	hooks.go    webhooks
//	link.go     Payment Links (R37)
//	check.go    "Test connection"
//	stripeapi   one call, lists, what a failure means, what a key may do
//	stripesays  Stripe's words, and what they mean in ours
package stripe
