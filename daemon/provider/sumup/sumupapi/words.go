package sumupapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Checkout is what SumUp says of one.
type Checkout struct {
	ID           string        `json:"id"`
	Reference    string        `json:"checkout_reference"`
	Amount       json.Number   `json:"amount"`
	Currency     string        `json:"currency"`
	Merchant     string        `json:"merchant_code"`
	Status       string        `json:"status"`
	ValidUntil   *time.Time    `json:"valid_until"`
	URL          string        `json:"hosted_checkout_url"`
	Transaction  string        `json:"transaction_id"` // the one that paid it
	Transactions []Transaction `json:"transactions"`
}

// Transaction is an attempt to pay, with what happened to its money since.
type Transaction struct {
	ID       string      `json:"id"`
	Amount   json.Number `json:"amount"`
	Currency string      `json:"currency"`
	At       time.Time   `json:"timestamp"`
	Status   string      `json:"status"`
	Events   []Happening `json:"events"`
	Details  []Happening `json:"transaction_events"`
}

// Happening is one event of a transaction, in either of SumUp's two spellings.
type Happening struct {
	ID     json.Number `json:"id"`
	Type   string      `json:"type"`
	Kind   string      `json:"event_type"`
	Status string      `json:"status"`
	Amount json.Number `json:"amount"`
	At     time.Time   `json:"timestamp"`
}

// Moved tells whether a transaction took money, whatever became of it later:
// CHARGE_BACK isn't among the statuses, but in their filter.
func (t *Transaction) Moved() bool {
	return t.Status == "SUCCESSFUL" || t.Status == "REFUNDED" || t.Status == "CHARGE_BACK"
}

// Happened are a transaction's events of a type, in whichever of its lists.
func (t *Transaction) Happened(kind string) (all []Happening) {
	for _, e := range slices.Concat(t.Events, t.Details) {
		if (e.Type == kind || e.Kind == kind) && !slices.ContainsFunc(all, func(o Happening) bool { return o.ID == e.ID }) {
			all = append(all, e)
		}
	}
	return all
}

// Item is a transaction, a refund or a chargeback in the history.
type Item struct {
	Transaction
	Of       string      `json:"transaction_id"`
	Type     string      `json:"type"`
	Summary  string      `json:"product_summary"`
	Refunded json.Number `json:"refunded_amount"`
}

// Stamp is short for all that the history says of an item: what it says anew
// has another one.
func (i *Item) Stamp() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{i.ID, i.Of, i.Type, i.Status, i.Amount.String(), i.Refunded.String()}, "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

type history struct {
	Items []Item `json:"items"`
	Links []struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	} `json:"links"`
}

// next is where the next page begins, "" after the last one.
func (h *history) next() (ref string, ok bool) {
	for _, l := range h.Links {
		if l.Rel != "next" {
			continue
		}
		// An address or a query alone; nothing but the place is taken from it.
		_, query, found := strings.Cut(l.Href, "?")
		if !found {
			query = l.Href
		}
		v, err := url.ParseQuery(query)
		return v.Get("oldest_ref"), err == nil && v.Get("oldest_ref") != ""
	}
	return "", true
}

// Merchant is the profile of one.
type Merchant struct {
	Code     string `json:"merchant_code"`
	Currency string `json:"default_currency"`
	Sandbox  bool   `json:"sandbox"`
	Alias    string `json:"alias"`
	Company  struct {
		Name string `json:"name"`
	} `json:"company"`
	Business struct {
		Name string `json:"name"`
	} `json:"business_profile"`
}

// Hook is a webhook, which nobody signed.
type Hook struct {
	Type    string `json:"event_type"`
	ID      string `json:"id"`
	Payload struct {
		Checkout string `json:"checkout_id"`
	} `json:"payload"`
}

// Checkout is the id of the checkout that a webhook is about; false for one of
// something else. It is empty where the webhook names none.
func (h *Hook) Checkout() (id string, ok bool) {
	switch h.Type {
	case "CHECKOUT_STATUS_CHANGED":
		return h.ID, true
	case "checkout.status.updated": // the newer spelling, where the id is the event's
		return h.Payload.Checkout, true
	}
	return "", false
}
