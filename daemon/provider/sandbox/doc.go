// Package sandbox is a payment provider made of nothing: no real money moves.
//
// It has two halves that know each other only over HTTP. Server is a company
// of its own, with its own store file, its hosted page, its events, webhooks
// and faults on demand. Client is the adapter that talks to it, like any other
// adapter talks to any other provider.
//
//	wire.go      the words on the wire, shared by both halves
//	sign.go      signing and checking webhooks
//	client.go    the adapter; call.go has its HTTP, port.go its translation
//	server.go    opening, closing, settings; routes.go and api.go the REST part
//	record.go    what the company keeps; books.go where
//	session.go   a session's life; refund.go and dispute.go money going back
//	receipt.go   the fiscal device that it plays; fiscal.go its adapter
//	events.go    the event log and its cursor
//	hooks.go     webhooks going out; clock.go what happens at its time
//	faults.go    misbehaviour on demand; hand.go fingers for tests
//	check.go     what must always be true of the books
//	page.go      the hosted page, words.go its two languages
//	board.go     the company's own dashboard, boardwords.go its two languages;
//	             door.go who gets in
package sandbox
