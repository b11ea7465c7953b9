package desk

import (
	"math"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/report"
)

// DayClose is a count of the cash drawer (append-only: a correction is another
// count). Its drawer covers the ledger's entries up to Seq that no count before
// did, so that nothing falls between two counts and nothing is in both.
type DayClose struct {
	Number   uint64         `json:"number"` // 1 is the first there ever was
	Date     string         `json:"date"`
	Since    time.Time      `json:"since"` // the count before, or the morning of the first
	At       time.Time      `json:"at"`
	Staff    id.Staff       `json:"staff"`
	Seq      uint64         `json:"seq"`
	Currency money.Currency `json:"currency"`
	Note     string         `json:"note"`
	report.Drawer
}

// Counting is what staff say who have counted the drawer. Opening is taken at
// the first count only: later it is what the last one left. Number and Seq are
// those of the Drawer that they had before them; without a Number they take it
// as it is.
type Counting struct {
	Counted  int64
	TakenOut int64
	Opening  int64
	Note     string
	Number   uint64
	Seq      uint64
}

// Drawer is what should be in the cash drawer now, and whether it was never
// counted before: then it has what came and went since the morning.
func (d *Desk) Drawer(a access.Actor) (c DayClose, first bool, err error) {
	if err := a.Need(access.Reports); err != nil {
		return DayClose{}, false, err
	}
	err = d.view(func(o *op) error {
		c, first, err = o.drawer()
		return err
	})
	return c, first, err
}

func (o *op) drawer() (c DayClose, first bool, err error) {
	loc, err := o.location()
	if err != nil {
		return c, false, err
	}
	number, err := o.closes.Last(o.tx)
	if err != nil {
		return c, false, err
	}
	c = DayClose{Number: number + 1, Date: loc.Today(o.now), At: o.now, Currency: loc.Currency}
	before, known, err := o.lastClose(number, loc.Currency)
	if err != nil {
		return c, false, err
	}
	if c.Seq, err = o.ledger.Last(o.tx); err != nil {
		return c, false, err
	}
	if known {
		c.Since, c.Opening = before.At, before.Left()
	} else {
		c.Since, _ = dayBounds(c.Date, loc.Clock())
	}
	return c, !known, o.fillDrawer(&c, before, known)
}

// fillDrawer enters the cash that moved since the count before. The first count has
// none, and would otherwise read all the cash there ever was.
func (o *op) fillDrawer(c *DayClose, before DayClose, known bool) error {
	index, from, to := o.byTill, tillKey(c.Currency, before.Seq+1), tillKey(c.Currency, math.MaxUint64)
	if !known {
		index, from, to = o.byReceived, stamp(c.Since), "~"
	}
	for p, err := range o.payments.Between(o.tx, index, from, to) {
		if err != nil {
			return err
		}
		if err := c.enter(p); err != nil {
			return err
		}
	}
	return nil
}

// enter adds a posting to the drawer, if it moved any of its cash.
func (c *DayClose) enter(p posting) error {
	if p.Register != ledger.Cash || p.Currency != c.Currency || p.Seq > c.Seq {
		return nil
	}
	if p.Kind == ledger.KindRefund {
		return c.Add(-p.Amount)
	}
	return c.Add(p.Amount)
}

// till is a posting's place among those that moved cash.
func till(p *posting) []string {
	if !p.listed() || p.Register != ledger.Cash {
		return nil
	}
	return []string{tillKey(p.Currency, p.Seq)}
}

func tillKey(c money.Currency, seq uint64) string { return string(c) + seqKey(seq) }

// lastClose is the newest count of a drawer in a currency, up to one with a
// number. What was left in another currency is not in this drawer.
func (o *op) lastClose(number uint64, c money.Currency) (DayClose, bool, error) {
	for ; number > 0; number-- {
		found, err := o.closes.After(o.tx, number-1, 1)
		if err != nil {
			return DayClose{}, false, err
		}
		if len(found) > 0 && found[0].Value.Currency == c {
			return found[0].Value, true, nil
		}
	}
	return DayClose{}, false, nil
}

// CloseDay keeps a count of the cash drawer, with what it is off by.
func (d *Desk) CloseDay(a access.Actor, n Counting, k Key) (c DayClose, err error) {
	if err := a.Need(access.Reports); err != nil {
		return DayClose{}, err
	}
	n.Note = strings.TrimSpace(n.Note)
	if err := n.check(); err != nil {
		return DayClose{}, err
	}
	err = d.once(a, k, func(o *op) (string, error) {
		c, err = o.closeDay(a, n)
		return strconv.FormatUint(c.Number, 10), err
	}, func(o *op, before string) error {
		c, err = o.closeAs(before)
		return err
	})
	return c, err
}

func (o *op) closeDay(a access.Actor, n Counting) (DayClose, error) {
	c, first, err := o.drawer()
	if err != nil {
		return DayClose{}, err
	}
	if err := o.stillSo(n, c); err != nil {
		return DayClose{}, err
	}
	if first {
		c.Opening = n.Opening
	}
	c.Counted, c.TakenOut, c.Note, c.Staff = n.Counted, n.TakenOut, n.Note, a.Staff
	if _, err := o.closes.Append(o.tx, c); err != nil {
		return DayClose{}, err
	}
	return c, o.record(a, "day.close", c)
}

// stillSo refuses a count of a drawer that isn't as it was when it was counted:
// the difference would be blamed on who counted.
func (o *op) stillSo(n Counting, c DayClose) error {
	if n.Number == 0 {
		return nil
	}
	if n.Number != c.Number {
		return fault.New(fault.Conflict, "drawer_counted", "Somebody else has counted the drawer in the meantime.")
	}
	for _, err := range o.payments.Between(o.tx, o.byTill, tillKey(c.Currency, n.Seq+1), tillKey(c.Currency, math.MaxUint64)) {
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "cash_moved", "Cash was taken or given back while the drawer was counted.").With("expected", c.Expected())
	}
	return nil
}

func (n Counting) check() error {
	var faults []fault.Field
	for _, f := range []struct {
		where  string
		amount int64
	}{{"counted", n.Counted}, {"taken_out", n.TakenOut}, {"opening", n.Opening}} {
		if f.amount < 0 || f.amount > money.Max {
			faults = append(faults, fault.Field{Location: "body." + f.where, Message: "must be from 0 to the largest amount"})
		}
	}
	if n.TakenOut > n.Counted {
		faults = append(faults, fault.Field{Location: "body.taken_out", Message: "is more than what was counted"})
	}
	if problem := checkReason(n.Note); problem != "" && n.Note != "" {
		faults = append(faults, fault.Field{Location: "body.note", Message: problem})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// closeAs is the count that an earlier request made.
func (o *op) closeAs(number string) (DayClose, error) {
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return DayClose{}, err
	}
	found, err := o.closes.After(o.tx, n-1, 1)
	if err != nil {
		return DayClose{}, err
	}
	if len(found) == 0 || found[0].Seq != n {
		return DayClose{}, fault.NotFound("day_close")
	}
	return found[0].Value, nil
}

// closesListed is how many counts are listed: a year of them.
const closesListed = 366

// DayCloses lists the counts of the last year, newest first.
func (d *Desk) DayCloses(a access.Actor) (closes []DayClose, err error) {
	if err := a.Need(access.Reports); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		last, err := o.closes.Last(o.tx)
		if err != nil {
			return err
		}
		found, err := o.closes.After(o.tx, last-min(last, closesListed), 0)
		for i := range found {
			closes = append(closes, found[len(found)-1-i].Value)
		}
		return err
	})
	return closes, err
}

// drawers holds every count against the cash that moved until it and since the
// one before: none is in two counts, and none in none.
func (c *inspection) drawers() error {
	for e, err := range c.closes.All(c.tx) {
		if err != nil {
			return err
		}
		is := e.Value
		before, known, err := c.lastClose(e.Seq-1, is.Currency)
		if err != nil {
			return err
		}
		must := DayClose{Seq: is.Seq, Since: is.Since, Currency: is.Currency}
		must.Opening = is.Opening
		if known {
			must.Opening, must.Since = before.Left(), before.At
		}
		if err := c.fillDrawer(&must, before, known); err != nil {
			return err
		}
		if is.Number != e.Seq || is.Seq < before.Seq || !is.Since.Equal(must.Since) || is.Opening != must.Opening || is.In != must.In || is.Out != must.Out {
			c.fail("day close", "count %d began with %d, %d came and %d went; the ledger and the count before say %d, %d and %d",
				e.Seq, is.Opening, is.In, is.Out, must.Opening, must.In, must.Out)
		}
	}
	return nil
}
