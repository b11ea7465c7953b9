package desk

import (
	"cmp"
	"maps"
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// Covering is a membership that is to pay for a line of a visit (R22). Card is
// one of the visit's client; Code is that of any, typed in: who has it is let
// use it. Version is the visit's, as the person saw it (R4).
type Covering struct {
	Line    id.Line
	Card    id.Card
	Code    string
	Version int64
}

// UseMembership has a membership pay for a service: a use is counted for each
// of the line's quantity, and the line costs nothing. It is refused while a
// client is paying (R13), and for a card that is void, expired, used up or
// somebody else's; an open checkout is asked to be cancelled (R15).
func (d *Desk) UseMembership(a access.Actor, which id.Visit, by Covering, k Key) (v visit.Visit, err error) {
	err = d.covering(a, by, func() error {
		return d.update(func(o *op) error {
			v, err = o.coverOnce(a, which, by, k)
			return err
		})
	})
	return v, err
}

// WouldCancelByUse tells whether UseMembership would go through, by the error
// that refuses it, and whether the open checkout has to be cancelled first
// (R15). It changes nothing.
func (d *Desk) WouldCancelByUse(a access.Actor, which id.Visit, by Covering, k Key) (cancels bool, err error) {
	err = d.covering(a, by, func() error {
		return d.rehearse(func(o *op) error {
			if _, err := o.coverOnce(a, which, by, k); err != nil {
				return err
			}
			cancels, err = o.cancelling(which)
			return err
		})
	})
	return cancels, err
}

// ReleaseMembership takes a membership off a line: its uses are given back,
// whatever became of the card, and the line costs its price again.
func (d *Desk) ReleaseMembership(a access.Actor, which id.Visit, line id.Line, version int64, k Key) (v visit.Visit, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return visit.Visit{}, err
	}
	err = d.update(func(o *op) error {
		v, err = o.uncoverOnce(a, which, line, version, k)
		return err
	})
	return v, err
}

// WouldCancelByRelease is WouldCancelByUse for ReleaseMembership.
func (d *Desk) WouldCancelByRelease(a access.Actor, which id.Visit, line id.Line, version int64, k Key) (cancels bool, err error) {
	if err := a.Need(access.TakePayments); err != nil {
		return false, err
	}
	err = d.rehearse(func(o *op) error {
		if _, err := o.uncoverOnce(a, which, line, version, k); err != nil {
			return err
		}
		cancels, err = o.cancelling(which)
		return err
	})
	return cancels, err
}

// Memberships are those that a visit's lines are covered by, and those that its
// client holds, the soonest to end first.
func (d *Desk) Memberships(a access.Actor, v visit.Visit) (covering map[id.Card]Card, theirs []Card, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, nil, err
	}
	covering = map[id.Card]Card{}
	err = d.view(func(o *op) error {
		for which := range v.Uses() {
			if covering[which], _, err = o.cards.Get(o.tx, which); err != nil {
				return err
			}
		}
		if v.Client.ID == "" {
			return nil
		}
		for c, err := range o.cards.Where(o.tx, o.byHolder, string(v.Client.ID)) {
			if err != nil {
				return err
			}
			if c.Kind == visit.Membership {
				theirs = append(theirs, c)
			}
		}
		return nil
	})
	slices.SortStableFunc(theirs, func(a, b Card) int { return a.endsBefore(b) })
	return covering, theirs, err
}

// endsBefore orders cards by their ends, those without one last, then by age.
func (c Card) endsBefore(other Card) int {
	if c.ValidUntil.IsZero() != other.ValidUntil.IsZero() {
		if c.ValidUntil.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(c.ValidUntil.Compare(other.ValidUntil), c.IssuedAt.Compare(other.IssuedAt))
}

// covering checks what can be checked before a transaction.
func (d *Desk) covering(a access.Actor, by Covering, do func() error) error {
	if err := a.Need(access.TakePayments); err != nil {
		return err
	}
	if by.Card == "" && by.Code == "" {
		return fault.Invalid(fault.Field{Location: "body.card", Message: "must be the code of a membership"})
	}
	if err := d.mayTryCode(a, by.Code); err != nil {
		return err
	}
	return d.codeTried(a, by.Code, do())
}

func (o *op) coverOnce(a access.Actor, which id.Visit, by Covering, k Key) (visit.Visit, error) {
	return o.visitOnce(a, which, k, func(was visit.Visit) (visit.Visit, error) {
		c, err := o.membership(by, was)
		if err != nil {
			return visit.Visit{}, err
		}
		return was.Cover(by.Line, c.ID, by.Version, o.now)
	})
}

func (o *op) uncoverOnce(a access.Actor, which id.Visit, line id.Line, version int64, k Key) (visit.Visit, error) {
	return o.visitOnce(a, which, k, func(was visit.Visit) (visit.Visit, error) {
		return was.Uncover(line, version, o.now)
	})
}

// visitOnce changes what memberships cover of a visit, once for a key.
func (o *op) visitOnce(a access.Actor, which id.Visit, k Key, change func(visit.Visit) (visit.Visit, error)) (visit.Visit, error) {
	before, ok, err := o.repeated(a, k)
	if err != nil {
		return visit.Visit{}, err
	}
	if ok {
		return o.visit(id.Visit(before))
	}
	was, err := o.visit(which)
	if err != nil {
		return visit.Visit{}, err
	}
	v, err := change(was)
	if err != nil {
		return visit.Visit{}, err
	}
	if v, err = o.recount(a, was, v); err != nil {
		return visit.Visit{}, err
	}
	if err := o.edited(&v); err != nil {
		return visit.Visit{}, err
	}
	if v.Due() == 0 && was.Due() > 0 {
		if err := o.outcome(v.ID, outcomeClosed, 0, v.Currency); err != nil {
			return visit.Visit{}, err
		}
	}
	return v, o.remember(a, k, string(v.ID))
}

// membership is the card that is to pay for a line of a visit.
func (o *op) membership(by Covering, v visit.Visit) (c Card, err error) {
	if by.Code != "" {
		if c, err = o.cardOf(by.Code); err != nil {
			return Card{}, noMembership(err)
		}
	} else {
		ok := false
		if c, ok, err = o.cards.Get(o.tx, by.Card); err != nil {
			return Card{}, err
		}
		if !ok || c.Client == "" || c.Client != v.Client.ID {
			// The same words for both: what others hold is not told.
			return Card{}, fault.New(fault.Unprocessable, "not_their_membership", "The client of this visit has no such membership. Type its code in.")
		}
	}
	if c.Kind != visit.Membership {
		return Card{}, fault.Invalid(fault.Field{Location: "body.card", Message: "is the code of a gift card, which pays like money"})
	}
	return c, nil
}

// noMembership is the answer to a code that no card has.
func noMembership(err error) error {
	if f := fault.From(err); f == nil || f.Code != unknownCard {
		return err
	}
	e := fault.Invalid(fault.Field{Location: "body.card", Message: "is not the code of a membership"})
	e.Code, e.Text = unknownMembership, "No membership has this code."
	return e
}

// recount has the uses of memberships follow the lines that they cover, and
// writes to the audit log what changed. Somebody else's visit isn't paid for
// by the membership that was the former client's own.
func (o *op) recount(a access.Actor, was, v visit.Visit) (visit.Visit, error) {
	before := was.Uses()
	if v.Client.ID != was.Client.ID && was.Client.ID != "" {
		theirs, err := o.heldBy(was.Client.ID, before)
		if err != nil {
			return visit.Visit{}, err
		}
		v = v.Without(theirs)
	}
	changed := v.Uses()
	for which, n := range before {
		changed[which] -= n
	}
	for _, which := range slices.Sorted(maps.Keys(changed)) {
		if changed[which] == 0 {
			continue
		}
		if err := o.count(which, changed[which]); err != nil {
			return visit.Visit{}, err
		}
		if err := o.record(a, actOf(changed[which]), map[string]any{"visit": v.ID, "card": which, "uses": changed[which]}); err != nil {
			return visit.Visit{}, err
		}
	}
	return v, nil
}

func actOf(uses int64) string {
	if uses > 0 {
		return "membership.use"
	}
	return "membership.release"
}

// heldBy are those of some cards that a client holds.
func (o *op) heldBy(who id.Client, cards map[id.Card]int64) (theirs []id.Card, err error) {
	for which := range cards {
		c, _, err := o.cards.Get(o.tx, which)
		if err != nil {
			return nil, err
		}
		if c.Client == who {
			theirs = append(theirs, which)
		}
	}
	return theirs, nil
}

// count adds uses to a membership that may be used, or gives some back, which
// may always be.
func (o *op) count(which id.Card, uses int64) error {
	return o.eachCard([]id.Card{which}, func(c Card) error {
		if err := c.mayUse(uses, o.now); err != nil {
			return err
		}
		c.Used += uses
		return o.cards.Put(o.tx, c)
	})
}

// used walks the visits: each membership was used as often as lines say that
// it covers them, and no more than it may be (R22).
func (c *inspection) used() error {
	uses := map[id.Card]int64{}
	for v, err := range c.visits.All(c.tx) {
		if err != nil {
			return err
		}
		for which, n := range v.Uses() {
			uses[which] += n
		}
	}
	for card, err := range c.cards.All(c.tx) {
		if err != nil {
			return err
		}
		if card.Used != uses[card.ID] || card.Uses > 0 && card.Used > card.Uses || card.Used > 0 && card.Kind != visit.Membership {
			c.fail("R22", "card %s, a %s of %d uses, was used %d times, and lines say %d", card.ID, card.Kind, card.Uses, card.Used, uses[card.ID])
		}
		delete(uses, card.ID)
	}
	for which, n := range uses {
		c.fail("R22", "lines say that card %s was used %d times, and there is none", which, n)
	}
	return nil
}
