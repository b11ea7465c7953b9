package desk

import (
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/store"
)

// DayClose is a count of the cash drawer (append-only: a correction is another
// count). Its drawer covers the ledger's entries up to Seq that no count before
// did, so that nothing falls between two counts and nothing is in both.
type DayClose struct {
	Date     string         `json:"date"`
	At       time.Time      `json:"at"`
	Staff    id.Staff       `json:"staff"`
	Seq      uint64         `json:"seq"`
	Currency money.Currency `json:"currency"`
	Note     string         `json:"note"`
	report.Drawer
}

// Counting is what staff say who have counted the drawer. Opening is taken at
// the first count only: later it is what the last one left.
type Counting struct {
	Counted  int64
	TakenOut int64
	Opening  int64
	Note     string
}

// Drawer is what should be in the cash drawer now, and whether it was never
// counted before.
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
	c = DayClose{Date: loc.Today(o.now), At: o.now, Currency: loc.Currency}
	before, err := o.lastCloses(1)
	if err != nil {
		return c, false, err
	}
	if len(before) > 0 {
		c.Seq, c.Opening = before[0].Value.Seq, before[0].Value.Left()
	}
	entries, err := o.ledger.After(o.tx, c.Seq, 0)
	if err != nil {
		return c, false, err
	}
	for _, e := range entries {
		c.Seq = e.Seq
		if e.Value.Register != ledger.Cash || e.Value.Currency != c.Currency {
			continue
		}
		switch e.Value.Kind {
		case ledger.KindPayment:
			c.In += e.Value.Amount
		case ledger.KindRefund:
			c.Out += e.Value.Amount
		}
	}
	return c, len(before) == 0, nil
}

// lastCloses reads the newest n counts, oldest first.
func (o *op) lastCloses(n uint64) ([]store.Entry[DayClose], error) {
	last, err := o.closes.Last(o.tx)
	if err != nil || last == 0 {
		return nil, err
	}
	return o.closes.After(o.tx, last-min(last, n), 0)
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
	err = d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			c, err = o.closeAt(before)
			return err
		}
		if c, err = o.closeDay(a, n); err != nil {
			return err
		}
		return o.remember(a, k, c.At.Format(time.RFC3339Nano))
	})
	return c, err
}

func (o *op) closeDay(a access.Actor, n Counting) (DayClose, error) {
	c, first, err := o.drawer()
	if err != nil {
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

// closesListed is how many counts are listed: a year of them.
const closesListed = 366

// closeAt is the count that an earlier request made.
func (o *op) closeAt(at string) (DayClose, error) {
	found, err := o.lastCloses(closesListed)
	for _, c := range found {
		if c.Value.At.Format(time.RFC3339Nano) == at {
			return c.Value, err
		}
	}
	return DayClose{}, fault.NotFound("day_close")
}

// DayCloses lists the counts of the last year, newest first.
func (d *Desk) DayCloses(a access.Actor) (closes []DayClose, err error) {
	if err := a.Need(access.Reports); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		found, err := o.lastCloses(closesListed)
		for i := range found {
			closes = append(closes, found[len(found)-1-i].Value)
		}
		return err
	})
	return closes, err
}
