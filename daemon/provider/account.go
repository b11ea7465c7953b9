package provider

import (
	"context"
	"strings"
)

// Field is one thing that an adapter has to be told.
type Field struct {
	Name     string // small letters: "key"
	Secret   bool   // never shown again, and kept where others can't read it
	Optional bool
	Several  bool // more than one may be typed, with spaces between, while one takes over from another
}

// Holder is whose account a provider's keys open.
type Holder struct {
	ID       string // the provider's own id of the account
	Name     string // as the provider writes it, "" where it doesn't tell
	Live     bool   // money moves; otherwise everything is a test
	Currency string // ISO 4217 of the account, "" where it takes several
}

// Checker is a provider whose keys can be tried out.
type Checker interface {
	// Check asks for something of everything that the adapter needs and changes
	// nothing. Refused tells in its text, in a person's words, what the keys
	// lack: the name of a permission, another account, a wrong key.
	Check(ctx context.Context) (Holder, error)
}

// Hooked is a provider that is told with every session where its webhooks go,
// rather than once and for all at its dashboard.
type Hooked interface {
	// HookAt is called before anything else. address is "" while none of ours can
	// be reached from outside.
	HookAt(address func() string)
}

// Testing is what follows a kind's name in the name of an account at which no
// money moves, so that its payments are booked apart from real ones.
const Testing = "-test"

// NameOf is the name that an account's payments are booked under.
func NameOf(kind string, live bool) string {
	if live {
		return kind
	}
	return kind + Testing
}

// IsTest tells by its name whether no money moves at a provider: the sandbox,
// and every account in test mode.
func IsTest(name string) bool { return name == "sandbox" || strings.HasSuffix(name, Testing) }
