package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/store"
)

// Change is a fact to tell people: one entry of the log that tablets, displays
// and other programs follow by cursor (API.md, events).
type Change struct {
	Type string    `json:"type"`
	At   time.Time `json:"at"`
	Data Detail    `json:"data"`
}

// Types of changes, as API.md fixes them, and StockChanged: of one product, or,
// without its id, of many at once; ProviderChanged: another one was set up or chosen; LinkChanged: of a link
// that the provider hosts, with its state.
const (
	VisitChanged    = "visit.changed"
	LinkOpened      = "link.opened"
	LinkChanged     = "link.changed"
	CheckoutChanged = "checkout.changed"
	PaymentBooked   = "payment.booked"
	RefundBooked    = "refund.booked"
	DisplayChanged  = "display.changed"
	SceneShown      = "scene.shown"
	DeliveryChanged = "delivery.changed"
	AttentionRaised = "attention.raised"
	SyncChanged     = "sync.changed"
	FiscalChanged   = "fiscal.changed"
	StockChanged    = "stock.changed"
	ProviderChanged = "provider.changed"
)

// EventTypes lists the types of changes.
func EventTypes() []string {
	return []string{VisitChanged, LinkOpened, CheckoutChanged, PaymentBooked, RefundBooked, DeliveryChanged, FiscalChanged, AttentionRaised,
		DisplayChanged, SceneShown, StockChanged, ProviderChanged, SyncChanged}
}

// Detail is what a change carries: enough to know what to read again, and no
// client's name, token or address. Name is a display's, Amount is in minor
// units, Until the end of a block, Item a product's id and OnHand its pieces.
type Detail struct {
	Visit    id.Visit    `json:"visit,omitempty"`
	Checkout id.Checkout `json:"checkout,omitempty"`
	Payment  id.Payment  `json:"payment,omitempty"`
	Desk     id.Desk     `json:"desk,omitempty"`
	Display  id.Display  `json:"display,omitempty"`
	State    string      `json:"state,omitempty"`
	Amount   int64       `json:"amount,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Until    *time.Time  `json:"until,omitempty"`
	Provider string      `json:"provider,omitempty"`
	Name     string      `json:"name,omitempty"`
	Delivery id.Delivery `json:"delivery,omitempty"`
	Channel  string      `json:"channel,omitempty"`
	Item     string      `json:"item,omitempty"`
	OnHand   *int64      `json:"on_hand,omitempty"`
}

func (o *op) tell(kind string, d Detail) error {
	_, err := o.changes.Append(o.tx, Change{Type: kind, At: o.now, Data: d})
	return err
}

// Changes returns up to limit changes after a sequence number, oldest first.
func (d *Desk) Changes(after uint64, limit int) (found []store.Entry[Change], err error) {
	err = d.view(func(o *op) error {
		found, err = o.changes.After(o.tx, after, limit)
		return err
	})
	return found, err
}

// LastChange returns the sequence number of the newest change, 0 when there is none.
func (d *Desk) LastChange() (seq uint64, err error) {
	err = d.view(func(o *op) error {
		seq, err = o.changes.Last(o.tx)
		return err
	})
	return seq, err
}

// Step is one line of what happened to a visit's link, as the tablet lists it.
type Step struct {
	// Kind is shown, opened, paying, paid, failed, cancelled, expired, processing or
	// hidden; or refused, a page that the provider did not make, with Why it said.
	Kind string
	Why  string
	At   time.Time
	// Name is the display's for shown; Until the end of the block for paying.
	Name  string
	Until time.Time
	// Amount is what was paid, in the currency that was paid in (R19).
	Amount   int64
	Currency money.Currency
}

// recentChanges is how far back the live steps look: a day of a busy desk.
const recentChanges = 2000

// Steps derives the live steps of a visit's link from the change log: at most
// the last eight.
func (d *Desk) Steps(a access.Actor, v id.Visit) (steps []Step, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		last, err := o.changes.Last(o.tx)
		if err != nil {
			return err
		}
		entries, err := o.changes.After(o.tx, last-min(last, recentChanges), recentChanges)
		if err != nil {
			return err
		}
		for _, e := range entries {
			steps = appendStep(steps, e.Value, v)
			if n := len(steps); n > 0 && steps[n-1].Kind == "failed" && e.Value.Data.Visit == v {
				if err := o.whyFailed(&steps[n-1], e.Value.Data.Checkout); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return steps[max(0, len(steps)-8):], err
}

// whyFailed parts a page that was never made from a payment that failed.
func (o *op) whyFailed(s *Step, which id.Checkout) error {
	c, ok, err := o.checkouts.Get(o.tx, which)
	if err == nil && ok && c.Session == "" {
		s.Kind, s.Why = "refused", c.Reason
	}
	return err
}

func appendStep(steps []Step, c Change, v id.Visit) []Step {
	in := c.Data
	if in.Visit != v {
		return steps
	}
	s := Step{At: c.At, Name: in.Name, Amount: in.Amount, Currency: money.Currency(in.Currency)}
	switch c.Type {
	case SceneShown:
		s.Kind = "shown"
	case LinkOpened:
		s.Kind = "opened"
	case PaymentBooked:
		// Money taken at the desk is listed with the visit: these are the
		// steps of its link.
		if in.Checkout != "" {
			s.Kind = "paid"
		}
	case CheckoutChanged:
		s.Kind = stepOf(in.State)
		if in.Until != nil {
			s.Until = *in.Until
		}
	}
	if s.Kind == "" {
		return steps
	}
	return append(steps, s)
}

// stepOf names the step that a checkout's new state makes, empty for those
// that people need not see.
func stepOf(state string) string {
	switch state {
	case "open":
		return "paying"
	case "processing", "failed", "cancelled", "expired":
		return state
	}
	return ""
}

// SyncChanged tells the screens that how providers are read has changed.
func (d *Desk) SyncChanged() error {
	return d.update(func(o *op) error { return o.tell(SyncChanged, Detail{}) })
}
