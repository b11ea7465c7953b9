package page

// Companies is the part of Set up for payment providers.
type Companies struct {
	List  []CompanyRow
	Kinds []CompanyKind // that can be set up
	Form  *CompanyForm  // whose keys are being entered; nil: none
	// Links is hosted where codes carry the provider's own links, not_hosted
	// where they were asked for and the provider has none; "" where they weren't.
	Links, LinksAt string // LinksAt is that provider: "Stripe"
	// Ready is an account at which money moves, while clients are still sent to one
	// at which none does: "Stripe"; "" otherwise.
	Ready string
}

// CompanyRow is a payment provider that takes payments, or took them.
type CompanyRow struct {
	ID, Title string // "stripe-test", "Stripe"
	State     string // live, test, sandbox
	Holder    string // whose account it is, as the provider writes it
	Hint      string // the last characters of its key
	Preferred bool   // new payments go to it
	Synced    string // when it was last read: "10:42:07"; "" when it wasn't
	Cause     string // why it isn't read now, as SyncTrouble's Kind
	Said      string // what it said itself to its keys, when they were tried a moment ago
	Tried     bool   // its keys were tried a moment ago, and are good
	Fixed     bool   // it can't be changed here: the sandbox
}

// CompanyKind is a payment provider that can be set up.
type CompanyKind struct {
	ID, Title string
}

// CompanyForm are the keys of a payment provider.
type CompanyForm struct {
	Kind, Title string
	ID          string // of the account whose keys are replaced; "" for a new one
	Fields      []CompanyField
	Hook        string // where its webhooks go: "https://…/hooks/stripe"; "" where it has none
	Deaf        bool   // it tells of refunds by webhook alone, and none can arrive here
	Said        string // what the provider itself said to the keys
	Tried       *CompanyRow
	// Before is whose account the keys until now open, where those that were typed
	// open another's; After is that one.
	Before, After string
	Another       string // the id of After's account, to be sent along once that is meant
}

// CompanyField is one thing that a provider has to be told.
type CompanyField struct {
	Kind             string // its text is company_field.<kind>
	Value            string // of one that isn't secret
	Secret, Optional bool
	Kept             bool // a secret that is there already: it may stay empty
	Given            bool // one that the service manager hands over: likewise
}
