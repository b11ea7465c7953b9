package ledger

import (
	"strings"

	"countersign/daemon/id"
)

// Account is one side of an entry: a register ("register:cash", "acquiring:sandbox"), a visit
// ("visit:v_…"), or what came in for no visit that we know ("unmatched:sandbox").
type Account string

const (
	registerPrefix  = "register:"
	acquiringPrefix = "acquiring:"
	visitPrefix     = "visit:"
	unmatchedPrefix = "unmatched:"
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

// homeRegister is where money of a method lands, and where a refund takes it from.
func homeRegister(method, provider string) (string, bool) {
	if method == Link {
		return Acquiring(provider), provider != ""
	}
	return method, Manual(method)
}
