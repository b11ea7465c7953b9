package daemon

import (
	"net/http"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/sumup"
)

// Kind is a payment provider that staff can set up: what it is called, what it
// has to be told, and how it is opened with that.
type Kind struct {
	Name     string // the adapter's name: "stripe"
	Title    string // as the company writes itself
	Fields   []provider.Field
	Webhooks bool // staff can enter /hooks/{provider} at the company, for its events to come there as well
	// NeedsHook says that refunds and disputes are told in no other way.
	NeedsHook bool
	// Open makes the adapter and calls nothing. values hold what was typed for
	// each field; what is wrong with it is told by Check.
	Open func(values map[string]string, hc *http.Client) Checked
}

// Checked is a provider whose keys can be tried.
type Checked interface {
	provider.Provider
	provider.Checker
}

// usualKinds are the payment providers that there are adapters of. One more is
// one more here. links says that their own links are wanted (R37), which their
// keys have to allow.
func usualKinds(links bool) []Kind {
	secret := func(name string) provider.Field { return provider.Field{Name: name, Secret: true} }
	return []Kind{
		{Name: stripe.Name, Title: "Stripe", Webhooks: true,
			Fields: []provider.Field{secret("key"), {Name: "webhook", Secret: true, Optional: true, Several: true}},
			Open: func(v map[string]string, hc *http.Client) Checked {
				return stripe.New(stripe.Config{Key: v["key"], Secret: v["webhook"], Links: links, HTTP: hc})
			}},
		{Name: adyen.Name, Title: "Adyen", Webhooks: true, NeedsHook: true,
			Fields: []provider.Field{secret("key"), {Name: "account"}, {Name: "hmac", Secret: true, Several: true}, {Name: "prefix", Optional: true}},
			Open: func(v map[string]string, hc *http.Client) Checked {
				return adyen.New(adyen.Config{Key: v["key"], Account: v["account"], HMAC: v["hmac"], Prefix: v["prefix"], HTTP: hc})
			}},
		{Name: sumup.Name, Title: "SumUp",
			Fields: []provider.Field{secret("key"), {Name: "merchant"}},
			Open: func(v map[string]string, hc *http.Client) Checked {
				return sumup.New(sumup.Config{Key: v["key"], Merchant: v["merchant"], HTTP: hc})
			}},
	}
}

// Kinds are the payment providers that can be set up.
func (d *Daemon) Kinds() []Kind { return d.cfg.Kinds }

func (d *Daemon) kind(name string) (Kind, bool) { return kindOf(d.cfg.Kinds, name) }

func kindOf(kinds []Kind, name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// titles are how the companies write themselves, by kind.
func titles(kinds []Kind) map[string]string {
	all := map[string]string{}
	for _, k := range kinds {
		all[k.Name] = k.Title
	}
	return all
}
