// Package id has a type for every identifier, and the one source they are drawn from.
//
// Ids are a prefix that says what they name and 80 random bits; outside they are opaque. What
// lets a stranger in by knowing it alone (a Token, a Secret) has 128 bits and more. All
// randomness comes from one injected reader, so that a test may repeat a run.
package id

import "strings"

// The ids of the daemon's records. A type each, so that the compiler notices a swapped pair.
type (
	Visit     string // "v_…"
	Line      string // "l_…", a line within its visit
	Client    string // "c_…"
	Staff     string // "s_…"
	Checkout  string // "k_…", one attempt to pay at a provider
	Hosted    string // "h_…", a visit's link that a provider hosts; also our reference there
	Payment   string // "p_…", an entry of the ledger, refunds included
	Display   string // "d_…"
	Desk      string // a slug a person can print: "front"
	Job       string // "j_…", also the idempotency key towards a provider
	Event     string // "e_…"
	Item      string // "i_…", of the catalogue
	Device    string // "dev_…", a tablet or browser
	Attention string // "a_…"
	Movement  string // "m_…", of a product's stock
	Card      string // "g_…", a gift card or membership that was issued; not its code
	Delivery  string // "n_…", a message to a client
	Access    string // "t_…", an API token's record; never the token itself
	// Subscriber is other software that is told of events: "w_…".
	Subscriber string
)

// The prefixes, by which a person reading a log tells what an id names.
const (
	visitPrefix      = "v_"
	linePrefix       = "l_"
	clientPrefix     = "c_"
	staffPrefix      = "s_"
	checkoutPrefix   = "k_"
	hostedPrefix     = "h_"
	paymentPrefix    = "p_"
	displayPrefix    = "d_"
	jobPrefix        = "j_"
	eventPrefix      = "e_"
	itemPrefix       = "i_"
	devicePrefix     = "dev_"
	attentionPrefix  = "a_"
	movementPrefix   = "m_"
	cardPrefix       = "g_"
	deliveryPrefix   = "n_"
	accessPrefix     = "t_"
	subscriberPrefix = "w_"
)

// maxLen bounds an id that came from outside; it becomes a key of the store.
const maxLen = 64

// Valid reports whether v has the shape of a visit's id.
func (v Visit) Valid() bool { return shaped(string(v), visitPrefix) }

// Valid reports whether l has the shape of a line's id.
func (l Line) Valid() bool { return shaped(string(l), linePrefix) }

// Valid reports whether c has the shape of a client's id.
func (c Client) Valid() bool { return shaped(string(c), clientPrefix) }

// Valid reports whether c has the shape of a card's id.
func (c Card) Valid() bool { return shaped(string(c), cardPrefix) }

// Valid reports whether s has the shape of a staff member's id.
func (s Staff) Valid() bool { return shaped(string(s), staffPrefix) }

// Valid reports whether d is a slug: it is printed in the static QR's address (R32), so it is
// short, lower case, and needs no escaping.
func (d Desk) Valid() bool {
	if d == "" || len(d) > 32 || d[0] == '-' || d[len(d)-1] == '-' {
		return false
	}
	return strings.Trim(string(d), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// shaped accepts more than the Source makes ("s_anna"), since ids may have been imported.
func shaped(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || rest == "" || len(s) > maxLen {
		return false
	}
	for _, r := range rest {
		if !alphanumeric(r) && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
