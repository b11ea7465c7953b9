// Package notify is the port to whatever carries a message to a client: email, SMS, WhatsApp. Each
// is an adapter in a folder below, and passes the suite in notifytest.
//
// A message to a person can't be taken back, and nobody wants it twice. So whoever sends must say
// of a failure whether the message may be on its way: only what certainly isn't may be tried again.
//
// The package also writes what is sent, in English and German. It is pure: no network, no file, no
// clock.
//
// Layout:
//
//	notify.go   the port
//	error.go    what a failure means for the message
//	receipt.go  a receipt as a message, per channel and language
package notify

import "context"

// Channel is a way to a client.
type Channel string

// The channels of R26.
const (
	Email    Channel = "email"
	SMS      Channel = "sms"
	WhatsApp Channel = "whatsapp"
)

// Channels lists every channel, in the order they are shown.
func Channels() []Channel { return []Channel{Email, SMS, WhatsApp} }

// Message is what goes to one person, once.
type Message struct {
	// Key is the message's own name: an adapter hands it on where its carrier can tell a repeated
	// message by it. It holds no secret.
	Key string
	// To is an email address, or a telephone number as E.164.
	To       string
	Language string // BCP 47
	Subject  string // of an email
	Text     string
	HTML     string // of an email, beside the text
}

// Sender sends messages by one channel. It must be safe for concurrent use and return soon after
// ctx ends.
type Sender interface {
	// Channel is the way it sends.
	Channel() Channel
	// Send hands the message to its carrier, once. Its errors are *Error: Refused and Unavailable
	// only where the message certainly isn't on its way, else Unclear.
	Send(ctx context.Context, m Message) error
}
