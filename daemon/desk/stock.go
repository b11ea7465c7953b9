package desk

import (
	"errors"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// movement is a movement of stock with the number of the one before it of the
// same product, 0 for the first: a product's own history is read newest first
// without an index.
type movement struct {
	stock.Movement
	Before uint64 `json:"before"`
}

// level is what is on hand of a product, and the number of its newest movement.
type level struct {
	stock.Level
	Last uint64 `json:"last"`
}

// move is the only way in which stock changes (R22): it appends a movement and
// keeps what is on hand in step. A sale or a return of a product that isn't
// counted moves nothing; so does that of a line which names no product of ours.
func (o *op) move(m stock.Movement) error {
	next, err := o.shift(m)
	if errors.Is(err, stock.ErrUncounted) {
		return nil
	}
	if err != nil {
		return err
	}
	return o.tell(StockChanged, Detail{Item: m.Item, OnHand: &next.OnHand})
}

// shift is a movement that nobody is told of yet.
func (o *op) shift(m stock.Movement) (stock.Level, error) {
	was, _, err := o.levels.Get(o.tx, m.Item)
	if err != nil {
		return stock.Level{}, err
	}
	next, err := was.After(m)
	if err != nil {
		return stock.Level{}, err
	}
	if m.ID == "" {
		m.ID = o.d.ids.Movement()
	}
	m.At = o.now
	seq, err := o.movements.Append(o.tx, movement{Movement: m, Before: was.Last})
	if err != nil {
		return stock.Level{}, err
	}
	return next, o.levels.Put(o.tx, level{Level: next, Last: seq})
}

// CountNone begins the counting of a product of which there is none: nothing
// moves. One that is counted already stays as it is.
func (d *Desk) CountNone(a access.Actor, item string) error {
	if err := a.Need(access.CatalogEdit); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		if _, err := o.product(item); err != nil {
			return err
		}
		was, err := o.onHand(item)
		if err != nil || was.Counted {
			return err
		}
		if err := o.beginAtNone(item); err != nil {
			return err
		}
		if err := o.record(a, "stock.count", map[string]any{"item": item, "on_hand": 0}); err != nil {
			return err
		}
		return o.tell(StockChanged, Detail{Item: item, OnHand: new(int64)})
	})
}

func (o *op) beginAtNone(item string) error {
	return o.levels.Put(o.tx, level{Level: stock.Level{Item: item, Counted: true}})
}

// onHand is the level of a product, uncounted if nothing ever moved.
func (o *op) onHand(item string) (stock.Level, error) {
	l, _, err := o.levels.Get(o.tx, item)
	l.Item = item
	return l.Level, err
}

// Stock returns the level of every product that is counted, by its id.
func (d *Desk) Stock(a access.Actor) (levels map[string]stock.Level, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	levels = map[string]stock.Level{}
	err = d.view(func(o *op) error {
		for l, err := range o.levels.All(o.tx) {
			if err != nil {
				return err
			}
			levels[l.Item] = l.Level
		}
		return nil
	})
	return levels, err
}

// OnHand returns the levels of some items, in their order.
func (d *Desk) OnHand(a access.Actor, items ...string) (levels []stock.Level, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for _, item := range items {
			l, err := o.onHand(item)
			if err != nil {
				return err
			}
			levels = append(levels, l)
		}
		return nil
	})
	return levels, err
}

// Move enters pieces of a product that came or went by hand (R22). The first
// movement of a product begins its counting.
func (d *Desk) Move(a access.Actor, item string, quantity int64, why stock.Reason, note string, k Key) (m stock.Movement, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return stock.Movement{}, err
	}
	if !why.ByHand() {
		return stock.Movement{}, fault.Invalid(fault.Field{Location: "body.reason", Message: "must be receipt, adjustment or write_off"})
	}
	err = d.once(a, k, func(o *op) (string, error) {
		if m, err = o.moveByHand(a, item, quantity, why, note); err != nil {
			return "", err
		}
		l, _, err := o.levels.Get(o.tx, item)
		return strconv.FormatUint(l.Last, 10), err
	}, func(o *op, before string) error {
		m, err = o.movedAs(before)
		return err
	})
	return m, err
}

func (o *op) moveByHand(a access.Actor, item string, quantity int64, why stock.Reason, note string) (stock.Movement, error) {
	if _, err := o.product(item); err != nil {
		return stock.Movement{}, err
	}
	m := stock.Movement{ID: o.d.ids.Movement(), Item: item, Quantity: quantity, Reason: why, Staff: a.Staff,
		Note: strings.TrimSpace(note), At: o.now}
	if err := o.move(m); err != nil {
		return stock.Movement{}, err
	}
	return m, o.record(a, "stock.move", m)
}

// product is an item that has a stock.
func (o *op) product(item string) (catalogue.Item, error) {
	i, ok, err := o.items.Get(o.tx, item)
	if err == nil && (!ok || i.Kind != visit.Product) {
		err = fault.NotFound("product")
	}
	return i, err
}

// movedAs reads the movement that an earlier request made.
func (o *op) movedAs(number string) (stock.Movement, error) {
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return stock.Movement{}, err
	}
	m, err := o.movementAt(seq)
	return m.Movement, err
}

func (o *op) movementAt(seq uint64) (movement, error) {
	found, err := o.movements.After(o.tx, seq-1, 1)
	if err != nil {
		return movement{}, err
	}
	if len(found) == 0 || found[0].Seq != seq {
		return movement{}, fault.NotFound("movement")
	}
	return found[0].Value, nil
}

// movementsAPage is how many movements one answer has.
const movementsAPage = 100

// Movements lists what came and went of a product, newest first, and the cursor
// of the next page ("" at the end).
func (d *Desk) Movements(a access.Actor, item, cursor string) (found []stock.Movement, next string, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, "", err
	}
	err = d.view(func(o *op) error {
		if _, err := o.product(item); err != nil {
			return err
		}
		l, _, err := o.levels.Get(o.tx, item)
		if err != nil {
			return err
		}
		at, err := historyFrom(l.Last, cursor)
		if err != nil {
			return err
		}
		for at != 0 && len(found) < movementsAPage {
			m, err := o.movementAt(at)
			if err != nil {
				return err
			}
			if m.Item != item {
				return badCursor()
			}
			found = append(found, m.Movement)
			at = m.Before
		}
		if at != 0 {
			next = strconv.FormatUint(at, 10)
		}
		return nil
	})
	return found, next, err
}

// historyFrom is the number that a page of movements begins with.
func historyFrom(last uint64, cursor string) (uint64, error) {
	if cursor == "" {
		return last, nil
	}
	at, err := strconv.ParseUint(cursor, 10, 64)
	if err != nil || at == 0 || at > last {
		return 0, badCursor()
	}
	return at, nil
}

func badCursor() error {
	return fault.Invalid(fault.Field{Location: "query.cursor", Message: "is not one that an earlier page gave"})
}

// shelves holds what is on hand against the movements (R22): their sum, and
// each product's own history whole.
func (c *inspection) shelves() error {
	sums, last := map[string]int64{}, map[string]uint64{}
	for m, err := range c.movements.All(c.tx) {
		if err != nil {
			return err
		}
		if m.Value.Before != last[m.Value.Item] {
			c.fail("R22", "movement %s of %s follows %d instead of %d", m.Value.ID, m.Value.Item, m.Value.Before, last[m.Value.Item])
		}
		sums[m.Value.Item] += m.Value.Quantity
		last[m.Value.Item] = m.Seq
	}
	for l, err := range c.levels.All(c.tx) {
		if err != nil {
			return err
		}
		if l.OnHand != sums[l.Item] || l.Last != last[l.Item] || !l.Counted {
			c.fail("R22", "%s has %d on hand after movement %d, its movements up to %d add up to %d", l.Item, l.OnHand, l.Last, last[l.Item], sums[l.Item])
		}
		delete(last, l.Item)
	}
	for item := range last {
		c.fail("R22", "%s has movements and no level", item)
	}
	return nil
}
