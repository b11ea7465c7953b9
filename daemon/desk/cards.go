package desk

import (
	"slices"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/store"
)

// CardState says whether a card can be used.
type CardState string

// The states of a card. Held is one whose money is being refunded: it is void
// or active again when the provider has answered. It is also one whose money
// went back without our asking though it had been used: it stays so until
// staff let it be used again, or the bank gives the money back.
const (
	CardActive CardState = "active"
	CardHeld   CardState = "held"
	CardVoid   CardState = "void"
)

// Card is a gift card or a membership that was issued to somebody who paid for
// it (R22). What is left on a gift card is a balance of the ledger; a
// membership has uses.
type Card struct {
	ID       id.Card        `json:"id"`
	Kind     visit.LineKind `json:"kind"`
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	Item     string         `json:"item"`
	Client   id.Client      `json:"client"`
	Visit    id.Visit       `json:"visit"`
	Line     id.Line        `json:"line"`
	State    CardState      `json:"state"`
	Price    int64          `json:"price"`
	Value    int64          `json:"value"`
	Currency money.Currency `json:"currency"`
	// Uses is how often a membership can be used, 0 without limit; Used how
	// often it was.
	Uses     int64     `json:"uses"`
	Used     int64     `json:"used"`
	IssuedAt time.Time `json:"issued_at"`
	// ValidUntil is when the card ends, the midnight after its last day; zero
	// means never.
	ValidUntil time.Time `json:"valid_until"`
	// HeldFor is the refund that nobody here asked for and that the card is held for.
	HeldFor id.Payment `json:"held_for,omitempty"`
}

// Holding is a card with what is left on it.
type Holding struct {
	Card
	Balance int64
}

// Expired tells whether a card's time is over.
func (c Card) Expired(now time.Time) bool { return !c.ValidUntil.IsZero() && !now.Before(c.ValidUntil) }

// CardByCode finds a card by the code that somebody reads aloud. Guessing is
// slowed and then stopped (R39).
func (d *Desk) CardByCode(a access.Actor, code string) (h Holding, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return Holding{}, err
	}
	if err := d.mayTryCode(a, code); err != nil {
		return Holding{}, err
	}
	err = d.view(func(o *op) error {
		c, err := o.cardOf(code)
		if err != nil {
			return err
		}
		h, err = o.holdingOf(c)
		return err
	})
	return h, d.codeTried(a, code, err)
}

// VisitCards lists what was issued when a visit was paid, with what is left on it.
func (d *Desk) VisitCards(a access.Actor, which id.Visit) ([]Holding, error) {
	return d.cardsWhere(a, d.on.bySale, string(which))
}

// ClientCards lists the cards that a client holds.
func (d *Desk) ClientCards(a access.Actor, who id.Client) ([]Holding, error) {
	return d.cardsWhere(a, d.on.byHolder, string(who))
}

func (d *Desk) cardsWhere(a access.Actor, ix *store.Index[Card], value string) (found []Holding, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		found, err = o.cardsOn(ix, value)
		return err
	})
	return found, err
}

// cardsOn lists the cards under a value of an index, the newest first.
func (o *op) cardsOn(ix *store.Index[Card], value string) (found []Holding, err error) {
	for c, err := range o.cards.Where(o.tx, ix, value) {
		if err != nil {
			return nil, err
		}
		h, err := o.holdingOf(c)
		if err != nil {
			return nil, err
		}
		found = append(found, h)
	}
	slices.SortStableFunc(found, func(a, b Holding) int { return b.IssuedAt.Compare(a.IssuedAt) })
	return found, nil
}

func (o *op) holdingOf(c Card) (h Holding, err error) {
	h.Card = c
	if c.Kind == visit.GiftCard {
		h.Balance, err = o.held(ledger.CardAccount(c.ID), c.Currency)
	}
	return h, err
}

// cardOf finds a card by its code as typed. A code that can't be one is
// answered like one that isn't.
func (o *op) cardOf(typed string) (Card, error) {
	code, ok := id.ParseCardCode(typed)
	if !ok {
		return Card{}, unknownCode()
	}
	c, ok, err := o.cards.First(o.tx, o.byCode, code)
	if err == nil && !ok {
		err = unknownCode()
	}
	return c, err
}

func unknownCode() error {
	e := fault.Invalid(fault.Field{Location: "body.gift_card", Message: "is not the code of a card"})
	e.Code, e.Text = unknownCard, "No card has this code."
	return e
}

// The codes of the answers to a code that no card has: each is a guess.
const (
	unknownCard       = "gift_card_not_found"
	unknownMembership = "membership_not_found"
)

// Left is how often a membership can still be used; limited tells whether
// there is an end to it.
func (c Card) Left() (uses int64, limited bool) { return max(0, c.Uses-c.Used), c.Uses > 0 }

// Usable tells whether a membership can be used so often now.
func (c Card) Usable(uses int64, now time.Time) bool {
	return c.Kind == visit.Membership && c.mayUse(uses, now) == nil
}

// mayUse refuses a membership that can't be used so often. Giving uses back,
// below 0, is never refused.
func (c Card) mayUse(uses int64, now time.Time) error {
	left, limited := c.Left()
	switch {
	case uses <= 0:
		return nil
	case c.State != CardActive:
		return fault.New(fault.Unprocessable, "card_"+string(c.State), "This membership was refunded and can't be used.")
	case c.Expired(now):
		return fault.New(fault.Unprocessable, "card_expired", "This membership is no longer valid.")
	case limited && left < uses:
		return fault.New(fault.Unprocessable, "membership_used_up", "There are not that many visits left on this membership.").
			With("left", left).With("wanted", uses)
	}
	return nil
}

// payingCard is the gift card with a code, if a visit may be paid by it.
func (o *op) payingCard(code string, v visit.Visit) (Card, error) {
	c, err := o.cardOf(code)
	switch {
	case err != nil:
		return Card{}, err
	case c.Kind != visit.GiftCard:
		return Card{}, fault.Invalid(fault.Field{Location: "body.gift_card", Message: "is the code of a membership, which pays for nothing"})
	case c.State != CardActive:
		return Card{}, fault.New(fault.Unprocessable, "card_"+string(c.State), "This gift card was refunded and can't pay.")
	case c.Expired(o.now):
		return Card{}, fault.New(fault.Unprocessable, "card_expired", "This gift card is no longer valid.")
	case c.Currency != v.Currency:
		return Card{}, fault.New(fault.Unprocessable, "currency_mismatch", "This gift card is in another currency.")
	case c.Visit == v.ID:
		return Card{}, fault.Invalid(fault.Field{Location: "body.gift_card", Message: "can't pay for the visit that it was sold in"})
	}
	return c, nil
}

// spendable is what a gift card can pay of a visit.
func (o *op) spendable(c Card, v visit.Visit) (int64, error) {
	h, err := o.holdingOf(c)
	if err == nil && h.Balance == 0 {
		err = fault.New(fault.Unprocessable, "insufficient_balance", "Nothing is left on this card.").With("balance", 0)
	}
	return min(h.Balance, v.Due()), err
}

// mayTryCode holds off who guesses the codes of cards (R39).
func (d *Desk) mayTryCode(a access.Actor, code string) error {
	if code == "" {
		return nil
	}
	if wait := d.codes.Allow(codeGuesser(a), time.Now()); wait > 0 {
		return fault.New(fault.TooMany, "too_many_requests", "Too many unknown codes. Please wait a moment.").After(wait)
	}
	return nil
}

// codeTried counts a code that no card has, and passes the error on.
func (d *Desk) codeTried(a access.Actor, code string, err error) error {
	switch f := fault.From(err); {
	case code == "":
	case err == nil:
		d.codes.Reset(codeGuesser(a))
	case f != nil && (f.Code == unknownCard || f.Code == unknownMembership):
		d.codes.Fail(codeGuesser(a), time.Now())
	}
	return err
}

func codeGuesser(a access.Actor) string { return string(scopeOf(a)) }
