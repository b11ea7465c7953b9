package desk

import (
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
)

// Attention is something that a person has to deal with. It stays until they do.
type Attention struct {
	ID       id.Attention   `json:"id"`
	Kind     string         `json:"kind"`
	Visit    id.Visit       `json:"visit,omitempty"`
	Payment  id.Payment     `json:"payment,omitempty"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	At       time.Time      `json:"at"`
	// Refund tells that it is money that went back. Provider and Session say
	// where to look it up when there is no entry of the ledger.
	Refund   bool   `json:"refund,omitempty"`
	Provider string `json:"provider,omitempty"`
	Session  string `json:"session,omitempty"`
	// Asked is the refund that was asked for, of one that is unclear.
	Asked id.Payment `json:"asked,omitempty"`
	// Card is the one that is held until somebody says what becomes of it, and
	// Code what is written on it.
	Card id.Card `json:"card,omitempty"`
	Code string  `json:"code,omitempty"`
}

// The kinds of attention beside the flags of the ledger.
const (
	// NotBookable is a payment that the ledger can't hold, such as one of nothing.
	NotBookable = "not_bookable"
	// UnknownStatus is a word of a provider's that is no state of a checkout
	// that we know: it may mean money.
	UnknownStatus = "unknown_status"
	// RefundNotMade is a refund that the provider was asked for and refused.
	RefundNotMade = "refund_failed"
	// RefundUnclear is a refund that was asked for, and of which nobody can tell
	// whether it was made.
	RefundUnclear = "refund_unclear"
	// RefundAfterAll is one that staff said wasn't made, and which was.
	RefundAfterAll = "refund_after_all"
	// Inquiry is a question of the client's bank about a payment: no dispute yet.
	Inquiry = "inquiry"
	// LongAway is a provider that doesn't recall all that happened while we were off.
	LongAway = "long_away"
	// LostCheckout is a checkout that its provider no longer knows.
	LostCheckout = "lost_checkout"
	// FiscalNotMade is a receipt that the fiscal device refused (R24).
	FiscalNotMade = "fiscal_failed"
	// CardUsedRefunded is a card whose money went back by the provider or the
	// bank, though it had been used: what is left of it is held.
	CardUsedRefunded = "card_used_refunded"
	// CardPartRefunded is one that nobody used, and of which less than its price
	// went back.
	CardPartRefunded = "card_part_refunded"
	// GoodsRefunded is goods whose money went back, and which nobody has asked for.
	GoodsRefunded = "goods_refunded"
)

// raise puts a payment that isn't as expected before the staff (R19, R20).
func (o *op) raise(e ledger.Entry) error {
	for _, flag := range e.Flags {
		a := Attention{Kind: flag, Visit: e.Visit, Payment: e.ID, Amount: e.Amount, Currency: e.Currency, Refund: e.Kind == ledger.KindRefund}
		if err := o.putAttention(a); err != nil {
			return err
		}
	}
	return nil
}

// putAttention keeps what a person has to deal with, and tells the tablets.
func (o *op) putAttention(a Attention) error {
	if a.ID == "" {
		a.ID = o.d.ids.Attention()
	}
	a.At = o.now
	if err := o.attention.Put(o.tx, a); err != nil {
		return err
	}
	return o.tell(AttentionRaised, Detail{Visit: a.Visit, Payment: a.Payment, State: a.Kind, Amount: a.Amount, Currency: string(a.Currency)})
}

// Attention lists what staff have to deal with.
func (d *Desk) Attention(a access.Actor) (found []Attention, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for x, err := range o.attention.All(o.tx) {
			if err != nil {
				return err
			}
			found = append(found, x)
		}
		return nil
	})
	return found, err
}

// Accept ends an attention with what is as it is: the money stays where it was
// booked (R20).
func (d *Desk) Accept(a access.Actor, which id.Attention) error {
	if err := a.Need(access.TakePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		if x.Kind == RefundUnclear {
			return fault.New(fault.Conflict, "refund_unclear", "Look at the provider's dashboard, and say whether the money went back.")
		}
		if x.Kind == FiscalNotMade {
			if err := o.acceptFiscal(x.Payment); err != nil {
				return err
			}
		}
		return o.attended(a, x, "attention.accept", x)
	})
}

// Assign says whose a payment was that no visit is known for (R20). It pays for
// that visit from now on, like money taken at the desk; the ledger gets an
// entry that moves it, and the first stays as it was booked.
func (d *Desk) Assign(a access.Actor, which id.Attention, to id.Visit) error {
	if err := a.Need(access.TakePayments); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		p, ok, err := o.payments.Get(o.tx, x.Payment)
		if err != nil {
			return err
		}
		if !ok || p.Visit != "" || p.Kind != ledger.KindPayment || p.Method != ledger.Link {
			return fault.New(fault.Conflict, "not_unmatched", "This isn't a payment that waits for its visit.")
		}
		if p.Refunded > 0 || p.Reserved > 0 {
			return fault.New(fault.Conflict, "refunded_already", "This payment was given back, and can't be assigned any more.")
		}
		if err := o.assign(a, p, to); err != nil {
			return err
		}
		return o.attended(a, x, "attention.assign", map[string]any{"payment": p.ID, "visit": to})
	})
}

func (o *op) assign(a access.Actor, p posting, to id.Visit) error {
	v, err := o.visit(to)
	if err != nil {
		return err
	}
	if v.Blocked(o.now) {
		return v.BlockedFault(o.now)
	}
	loc, err := o.location()
	if err != nil {
		return err
	}
	of, err := o.entry(p)
	if err != nil {
		return err
	}
	move := of
	move.ID, move.ReceivedAt, move.Staff = o.d.ids.Payment(), o.now, a.Staff
	if move, err = ledger.Assign(move, v.ID, v.Day(loc.Clock())); err != nil {
		return err
	}
	if _, err := o.post(move, nil); err != nil {
		return err
	}
	p.Visit, p.VisitDate, p.Flags = v.ID, move.VisitDate, move.Flags
	of.Visit = v.ID
	if p.Shares, err = o.pays(of, &v); err != nil {
		return err
	}
	if err := o.payments.Put(o.tx, p); err != nil {
		return err
	}
	return o.taken(v, of)
}

// RefundAttention gives back all that is left of the payment that an attention
// is about, and ends it (R20): one tap.
func (d *Desk) RefundAttention(a access.Actor, which id.Attention, reason string) (r Refund, err error) {
	if err := a.Need(access.Refunds); err != nil {
		return Refund{}, err
	}
	if reason = strings.TrimSpace(reason); reason != "" {
		if problem := checkReason(reason); problem != "" {
			return Refund{}, fault.Invalid(fault.Field{Location: "body.reason", Message: problem})
		}
	}
	err = d.update(func(o *op) error {
		x, err := o.attend(which)
		if err != nil {
			return err
		}
		p, ok, err := o.payments.Get(o.tx, x.Payment)
		if err != nil {
			return err
		}
		if !ok || p.Kind != ledger.KindPayment || x.Kind == FiscalNotMade {
			return fault.New(fault.Conflict, "nothing_to_refund", "There is no payment here that could be given back.")
		}
		if r, err = o.refund(a, p.ID, Giving{Amount: p.Amount - p.Refunded - p.Reserved, Reason: reason}); err != nil {
			return err
		}
		return o.attended(a, x, "attention.refund", map[string]any{"payment": p.ID, "refund": r.ID})
	})
	return r, err
}

func (o *op) attend(which id.Attention) (Attention, error) {
	x, ok, err := o.attention.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("attention")
	}
	return x, err
}

// attended ends an attention: the audit log keeps who dealt with it and how.
func (o *op) attended(a access.Actor, x Attention, act string, detail any) error {
	if err := o.attention.Delete(o.tx, x.ID); err != nil {
		return err
	}
	if err := o.record(a, act, detail); err != nil {
		return err
	}
	return o.tell(AttentionRaised, Detail{Visit: x.Visit, Payment: x.Payment, State: "settled"})
}
