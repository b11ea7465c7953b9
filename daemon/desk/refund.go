package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// RefundState says how far a refund is.
type RefundState string

// The states of a refund. One that a provider was asked for is pending until it
// answers; what was recorded by hand is booked at once.
const (
	RefundAsked  RefundState = "pending"
	RefundMade   RefundState = "booked"
	RefundDenied RefundState = "failed"
)

// Refund is money that staff give back (R23). Once it is booked, the ledger has
// an entry with its id, or had one before under another.
type Refund struct {
	ID       id.Payment     `json:"id"`
	Payment  id.Payment     `json:"payment"`
	Visit    id.Visit       `json:"visit"`
	Method   string         `json:"method"`
	Provider string         `json:"provider"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	Reason   string         `json:"reason"`
	Staff    id.Staff       `json:"staff"`
	State    RefundState    `json:"state"`
	Why      string         `json:"why"`               // it failed, in the provider's words
	AtThem   string         `json:"at_them,omitempty"` // the provider's id of it, once it is known
	// Unclear is what asks staff to look it up, and Seen that they did. BookedAs
	// is the entry that booked it, where that hasn't its id.
	Unclear  id.Attention `json:"unclear,omitempty"`
	Seen     bool         `json:"seen,omitempty"`
	BookedAs id.Payment   `json:"booked_as,omitempty"`
	Idle     int          `json:"idle,omitempty"` // attempts that surely moved nothing
	Cards    []id.Card    `json:"cards,omitempty"`
	Return   []Returned   `json:"return,omitempty"`
	At       time.Time    `json:"at"`
}

// Giving is what staff ask for when they give money back. Method is the
// payment's own when empty; money that came by link or card may be given back
// by hand, in cash or on the terminal.
type Giving struct {
	Amount int64
	Reason string
	Method string
	Return []Returned
	// Sure are the cards that somebody was asked about, and which may end with
	// the money; nil: nobody is asked, as over the API.
	Sure *[]id.Card
}

// Returned is pieces of a product that the client brought back, by the line
// they were sold in.
type Returned struct {
	Line     id.Line `json:"line"`
	Quantity int64   `json:"quantity"`
}

// RefundPayment gives back a payment, whole or in part (R23): never more than
// is left of it, whoever asks at the same time. A payment by link goes back
// through its provider, which may take its time.
func (d *Desk) RefundPayment(a access.Actor, which id.Payment, g Giving, k Key) (r Refund, err error) {
	if err := a.Need(access.Refunds); err != nil {
		return Refund{}, err
	}
	g.Reason = strings.TrimSpace(g.Reason)
	if err := g.check(); err != nil {
		return Refund{}, err
	}
	err = d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			r, _, err = o.refunds.Get(o.tx, id.Payment(before))
			return err
		}
		if r, err = o.refund(a, which, g); err != nil {
			return err
		}
		return o.remember(a, k, string(r.ID))
	})
	return r, err
}

func (g Giving) check() error {
	var faults []fault.Field
	if g.Amount <= 0 || g.Amount > money.Max {
		faults = append(faults, fault.Field{Location: "body.amount", Message: "must be more than 0 and at most the largest amount"})
	}
	if problem := checkReason(g.Reason); problem != "" && g.Reason != "" {
		faults = append(faults, fault.Field{Location: "body.reason", Message: problem})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

func (o *op) refund(a access.Actor, which id.Payment, g Giving) (Refund, error) {
	p, ok, err := o.payments.Get(o.tx, which)
	if err != nil {
		return Refund{}, err
	}
	if !ok || p.Kind != ledger.KindPayment || !p.listed() {
		return Refund{}, fault.NotFound("payment")
	}
	r := Refund{ID: o.d.ids.Payment(), Payment: p.ID, Visit: p.Visit, Method: g.Method, Amount: g.Amount, Currency: p.Currency,
		Reason: g.Reason, Staff: a.Staff, State: RefundMade, At: o.now, Return: g.Return}
	if r.Method == "" {
		r.Method = p.Method
	}
	if err := o.mayRefund(p, r); err != nil {
		return Refund{}, err
	}
	if r.Cards, err = o.cardsOf(p, r); err != nil {
		return Refund{}, err
	}
	if err := o.sureOf(g, r.Cards); err != nil {
		return Refund{}, err
	}
	if r.Method == ledger.Link {
		r.Provider, r.State = p.Provider, RefundAsked
		err = o.askRefund(p, r)
	} else {
		err = o.refundByHand(p, r)
	}
	if err != nil {
		return Refund{}, err
	}
	if err := o.refunds.Put(o.tx, r); err != nil {
		return Refund{}, err
	}
	return r, o.record(a, "payment.refund", r)
}

// mayRefund refuses what can't be given back.
func (o *op) mayRefund(p posting, r Refund) error {
	left := p.Amount - p.Refunded - p.Reserved
	switch {
	case left <= 0:
		return fault.New(fault.Conflict, "nothing_to_refund", "All of this payment was given back already.")
	case r.Amount > left:
		e := fault.Invalid(fault.Field{Location: "body.amount", Message: "is more than is left of the payment"}).With("refundable", left)
		e.Code, e.Text = "amount_exceeds_refundable", "That is more than is left of this payment."
		return e
	case !mayGoBack(p, r.Method):
		return fault.Invalid(fault.Field{Location: "body.method", Message: "is not a way to give this payment back"})
	}
	if r.Method == ledger.Link {
		if slices.Contains(p.Flags, ledger.Disputed) {
			return fault.New(fault.Conflict, "disputed", "The client's bank wants this payment back. Until that is decided it can't go back a second way.")
		}
		if at, ok := o.d.Provider(p.Provider); !ok || !at.Can().Refund {
			return fault.Invalid(fault.Field{Location: "body.method", Message: "the provider makes no refunds: give the money back by hand"})
		}
	}
	if p.Visit == "" {
		return nil
	}
	v, err := o.visit(p.Visit)
	if err != nil {
		return err
	}
	if v.Blocked(o.now) {
		return v.BlockedFault(o.now)
	}
	return mayComeBack(v, r.Return)
}

// mayComeBack refuses pieces that a visit never handed out.
func mayComeBack(v visit.Visit, back []Returned) error {
	var faults []fault.Field
	seen := map[id.Line]bool{}
	for i, r := range back {
		if r.Quantity <= 0 || r.Quantity > v.Handed(r.Line) || seen[r.Line] {
			faults = append(faults, fault.Field{Location: fmt.Sprintf("body.return[%d]", i), Message: "is not what this visit handed out"})
		}
		seen[r.Line] = true
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// mayGoBack tells whether a payment can be given back by a method: its own, or
// by hand what came as money for a visit.
func mayGoBack(p posting, method string) bool {
	if method == p.Method {
		return true
	}
	byHand := method == ledger.Cash || method == ledger.Card
	return byHand && !ledger.Stored(p.Method) && p.Visit != ""
}

// cardsOf stops the cards whose money a refund takes (R22).
func (o *op) cardsOf(p posting, r Refund) ([]id.Card, error) {
	if p.Visit == "" {
		return nil, nil
	}
	v, err := o.visit(p.Visit)
	if err != nil || p.Currency != v.Currency {
		return nil, err
	}
	left := v.Paid - v.Refunded - r.Amount
	for other, err := range o.payments.Where(o.tx, o.byVisit, string(v.ID)) {
		if err != nil {
			return nil, err
		}
		left -= other.Reserved
	}
	return o.holdCards(v, left)
}

// askRefund queues the refund at the provider, and keeps its amount from being
// given back a second time meanwhile.
func (o *op) askRefund(p posting, r Refund) error {
	p.Reserved += r.Amount
	if err := o.payments.Put(o.tx, p); err != nil {
		return err
	}
	return o.jobs.Add(o.tx, string(r.ID), o.now, Job{Kind: JobRefund, Refund: r.ID, Provider: r.Provider})
}

// refundByHand books what staff gave back themselves.
func (o *op) refundByHand(p posting, r Refund) error {
	of, err := o.entry(p)
	if err != nil {
		return err
	}
	p.Refunded += r.Amount
	if err := o.payments.Put(o.tx, p); err != nil {
		return err
	}
	entry := ledger.Entry{ID: r.ID, Kind: ledger.KindRefund, Visit: of.Visit, Method: r.Method, Amount: r.Amount, Currency: r.Currency,
		ReceivedAt: o.now, VisitDate: of.VisitDate, Refunds: of.ID, Staff: r.Staff, Note: r.Reason, Client: of.Client, Card: of.Card}
	if err := o.postRefund(entry, r); err != nil || of.Visit == "" {
		return err
	}
	return o.dueChanged(of.Visit)
}

// dueChanged cancels a visit's open checkout that asks for another amount than
// is due now (R15).
func (o *op) dueChanged(which id.Visit) error {
	v, err := o.visit(which)
	if err != nil || v.Checkout == "" {
		return err
	}
	c, err := o.checkout(v.Checkout)
	if err != nil || !c.Stale(v.Due()) {
		return err
	}
	return o.askCancel(c)
}

// RefundOf returns a refund by its id.
func (d *Desk) RefundOf(which id.Payment) (r Refund, err error) {
	err = d.view(func(o *op) error {
		var ok bool
		if r, ok, err = o.refunds.Get(o.tx, which); err == nil && !ok {
			err = fault.NotFound("refund")
		}
		return err
	})
	return r, err
}

// Refundable is how much of a payment can still be given back; 0 for an entry
// that isn't one.
func (d *Desk) Refundable(a access.Actor, which id.Payment) (left int64, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return 0, err
	}
	err = d.view(func(o *op) error {
		p, ok, err := o.payments.Get(o.tx, which)
		if ok && p.Kind == ledger.KindPayment {
			left = max(0, p.Amount-p.Refunded-p.Reserved)
		}
		return err
	})
	return left, err
}

// VisitRefunds lists the refunds of a visit that aren't booked: those that a
// provider still has to make, and those that it didn't.
func (d *Desk) VisitRefunds(a access.Actor, which id.Visit) (open []Refund, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for p, err := range o.payments.Where(o.tx, o.byVisit, string(which)) {
			if err != nil {
				return err
			}
			for r, err := range o.refunds.Where(o.tx, o.byPayment, string(p.ID)) {
				if err != nil {
					return err
				}
				if r.State != RefundMade {
					open = append(open, r)
				}
			}
		}
		return nil
	})
	return open, err
}
