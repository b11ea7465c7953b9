package ledger

import (
	"strings"

	"countersign/daemon/id"
)

// Account is one side of an entry: a register ("register:cash", "acquiring:sandbox"), a visit
// ("visit:v_…"), what came in for no visit that we know ("unmatched:sandbox"), what a client or a
// card holds with us ("client:c_…:deposit", "card:g_…"), and where what was given away came from
// ("granted:loyalty").
type Account string

const (
	registerPrefix  = "register:"
	acquiringPrefix = "acquiring:"
	visitPrefix     = "visit:"
	unmatchedPrefix = "unmatched:"
	clientPrefix    = "client:"
	cardPrefix      = "card:"
	grantedPrefix   = "granted:"
)

// RegisterAccount is the account of a register as the API names it.
func RegisterAccount(register string) Account {
	if strings.HasPrefix(register, acquiringPrefix) {
		return Account(register)
	}
	return Account(registerPrefix + register)
}

// VisitAccount is the account of a visit.
func VisitAccount(v id.Visit) Account { return Account(visitPrefix + string(v)) }

// UnmatchedAccount is where a provider's money waits that belongs to no visit we know (R20).
func UnmatchedAccount(provider string) Account { return Account(unmatchedPrefix + provider) }

// ClientAccount is what a client holds with us: loyalty points, cashback or a deposit. It is owed
// to the client, so it stands at minus the balance.
func ClientAccount(c id.Client, method string) Account {
	return Account(clientPrefix + string(c) + ":" + method)
}

// CardAccount is what is left on a gift card, as minus the balance.
func CardAccount(c id.Card) Account { return Account(cardPrefix + string(c)) }

// GrantedAccount is where points, cashback and the value of gift cards come from when they are
// given, and go when they are taken off again.
func GrantedAccount(method string) Account { return Account(grantedPrefix + method) }

// Held reports whether an account is a balance that we owe to a client or to who has a card: it
// never goes above 0 (R16).
func (a Account) Held() bool {
	return strings.HasPrefix(string(a), clientPrefix) || strings.HasPrefix(string(a), cardPrefix)
}

// Unassigned reports whether a register is where a provider's money waits for a visit: an entry
// from there moves no money, it says whose it was.
func Unassigned(register string) bool { return strings.HasPrefix(register, unmatchedPrefix) }

// Acquiring is the register of a provider, where payments by link land (R21).
func Acquiring(provider string) string { return acquiringPrefix + provider }

// Manual reports whether staff may record a payment of this method (R16).
func Manual(method string) bool {
	switch method {
	case Cash, Card, Loyalty, Cashback, GiftCard, Deposit:
		return true
	}
	return false
}

// Stored reports whether a method pays with a balance that is held with us.
func Stored(method string) bool {
	switch method {
	case Loyalty, Cashback, GiftCard, Deposit:
		return true
	}
	return false
}

// homeRegister is where money of a method lands, and where a refund takes it from.
func homeRegister(method, provider string) (string, bool) {
	if method == Link {
		return Acquiring(provider), provider != ""
	}
	return method, Manual(method)
}
