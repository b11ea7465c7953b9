// Package report adds up payments and refunds: by day, register, method, staff member, kind of
// line and tax system, and counts a cash drawer.
//
// It is pure: it is given rows and returns sums. Which date a row belongs to is decided before
// (R21), and so is how its money splits over what was sold.
package report

import (
	"cmp"
	"slices"

	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// Row is one payment or refund of the ledger.
type Row struct {
	Day      string // YYYY-MM-DD, the date that the report goes by
	Hour     string // "09", when it was received; "" if that was on another day
	Refund   bool
	Method   string
	Register string
	Held     bool   // paid with a balance or a gift card: no money came in
	Staff    string // who took it; "" for a payment by link
	Amount   int64  // above 0, also of a refund
	Currency money.Currency
	Shares   []visit.Share // signed: a refund's are below 0
}

// Sum is what came in and went out under one key, in minor units, both above 0.
type Sum struct {
	Key   string `json:"key"`
	In    int64  `json:"in"`
	Out   int64  `json:"out"`
	Count int    `json:"count"` // payments and refunds
}

// Net is what is left of it.
func (s Sum) Net() int64 { return s.In - s.Out }

// DaySum is what came in and went out on one day or in one hour, also by method, for a chart.
type DaySum struct {
	Sum
	Methods []Sum `json:"methods"`
}

// Report is every cut of the rows of one currency. The sums of every cut are the total: money
// that falls on no line has the key "".
type Report struct {
	Currency money.Currency `json:"currency"`
	Total    Sum            `json:"total"`
	// Held is the part of the total that was paid with what we had been given before: adding it
	// to the money would count a gift card twice, when it is sold and when it pays.
	Held Sum      `json:"held"`
	Days []DaySum `json:"days"`
	// Hours are those of the day in which money was received, over all days.
	Hours      []DaySum `json:"hours"`
	Registers  []Sum    `json:"registers"`
	Methods    []Sum    `json:"methods"`
	Staff      []Sum    `json:"staff"`
	Kinds      []Sum    `json:"kinds"`
	TaxSystems []Sum    `json:"tax_systems"`
}

// Money is what really came in and went out: the total without what was paid
// with what we had been given before.
func (r Report) Money() Sum {
	return Sum{In: r.Total.In - r.Held.In, Out: r.Total.Out - r.Held.Out, Count: r.Total.Count - r.Held.Count}
}

// Months adds up days by their months, for a chart of more days than it has room for.
func (r Report) Months() ([]DaySum, error) {
	months := newTimes()
	for _, day := range r.Days {
		key := day.Key[:min(len(day.Key), len("2006-01"))]
		for _, m := range day.Methods {
			if err := months.enter(key, m); err != nil {
				return nil, err
			}
		}
	}
	return months.sorted(), nil
}

// sums adds up by key.
type sums map[string]*Sum

func (s sums) add(key string, in, out int64, count int) error {
	one := s[key]
	if one == nil {
		one = &Sum{Key: key}
		s[key] = one
	}
	return one.add(in, out, count)
}

// add refuses what outgrows an int64: a total that wrapped around would be believed.
func (s *Sum) add(in, out int64, count int) (err error) {
	if s.In, err = money.Add(s.In, in); err != nil {
		return err
	}
	if s.Out, err = money.Add(s.Out, out); err != nil {
		return err
	}
	s.Count += count
	return nil
}

// sorted lists the sums, the largest first; those of a day by its date.
func (s sums) sorted(byKey bool) []Sum {
	list := make([]Sum, 0, len(s))
	for _, one := range s {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Sum) int {
		if byKey {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.Net(), a.Net()), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// Builder takes rows in any order.
type Builder struct {
	of map[money.Currency]*cuts
}

type cuts struct {
	total, held                           Sum
	registers, methods, staff, kinds, tax sums
	days, hours                           times
}

// times are sums of days or of hours, whole and by method.
type times struct {
	whole    sums
	byMethod map[string]sums
}

func newTimes() times { return times{sums{}, map[string]sums{}} }

// enter adds what is under a method in s to a day or an hour.
func (t times) enter(key string, s Sum) error {
	if t.byMethod[key] == nil {
		t.byMethod[key] = sums{}
	}
	if err := t.byMethod[key].add(s.Key, s.In, s.Out, s.Count); err != nil {
		return err
	}
	return t.whole.add(key, s.In, s.Out, s.Count)
}

func (t times) sorted() []DaySum {
	list := make([]DaySum, 0, len(t.whole))
	for _, one := range t.whole.sorted(true) {
		list = append(list, DaySum{Sum: one, Methods: t.byMethod[one.Key].sorted(true)})
	}
	return list
}

// Add takes in one row. It fails where a sum outgrows an int64.
func (b *Builder) Add(r Row) error {
	c := b.cuts(r.Currency)
	in, out := r.Amount, int64(0)
	if r.Refund {
		in, out = 0, r.Amount
	}
	if err := c.total.add(in, out, 1); err != nil {
		return err
	}
	if r.Held {
		if err := c.held.add(in, out, 1); err != nil {
			return err
		}
	}
	for _, cut := range []struct {
		of  sums
		key string
	}{{c.registers, r.Register}, {c.methods, r.Method}, {c.staff, r.Staff}} {
		if err := cut.of.add(cut.key, in, out, 1); err != nil {
			return err
		}
	}
	for _, time := range []struct {
		of  times
		key string
	}{{c.days, r.Day}, {c.hours, r.Hour}} {
		if err := time.of.enter(time.key, Sum{Key: r.Method, In: in, Out: out, Count: 1}); err != nil {
			return err
		}
	}
	return c.split(r)
}

func (b *Builder) cuts(currency money.Currency) *cuts {
	if b.of == nil {
		b.of = map[money.Currency]*cuts{}
	}
	c := b.of[currency]
	if c == nil {
		c = &cuts{registers: sums{}, methods: sums{}, staff: sums{}, kinds: sums{}, tax: sums{}, days: newTimes(), hours: newTimes()}
		b.of[currency] = c
	}
	return c
}

// split puts a row's shares under their kinds and tax systems. A share whose
// sign isn't its row's own came of lines that were changed between two
// payments; it still counts on its row's side, so that both sides add up.
func (c *cuts) split(r Row) error {
	for i, s := range r.Shares {
		in, out := s.Amount, int64(0)
		if r.Refund {
			in, out = 0, -s.Amount
		}
		// A payment for two lines of a kind is one payment for that kind.
		kinds, taxes := 1, 1
		for _, before := range r.Shares[:i] {
			if before.Kind == s.Kind {
				kinds = 0
			}
			if before.TaxSystem == s.TaxSystem {
				taxes = 0
			}
		}
		if err := c.kinds.add(string(s.Kind), in, out, kinds); err != nil {
			return err
		}
		if err := c.tax.add(s.TaxSystem, in, out, taxes); err != nil {
			return err
		}
	}
	return nil
}

// Reports returns the report of every currency, the one asked for first, also
// when nothing came in it.
func (b *Builder) Reports(first money.Currency) []Report {
	currencies := []money.Currency{first}
	for c := range b.of {
		if c != first {
			currencies = append(currencies, c)
		}
	}
	slices.Sort(currencies[1:])
	reports := make([]Report, len(currencies))
	for i, currency := range currencies {
		reports[i] = Report{Currency: currency}
		if c := b.of[currency]; c != nil {
			reports[i] = c.report(currency)
		}
	}
	return reports
}

func (c *cuts) report(currency money.Currency) Report {
	return Report{Currency: currency, Total: c.total, Held: c.held, Days: c.days.sorted(), Hours: c.hours.sorted(),
		Registers: c.registers.sorted(false), Methods: c.methods.sorted(false), Staff: c.staff.sorted(false),
		Kinds: c.kinds.sorted(false), TaxSystems: c.tax.sorted(false)}
}

// Drawer is a count of the cash drawer. Opening is what the last count left in
// it, In and Out what came and went since.
type Drawer struct {
	Opening  int64 `json:"opening"`
	In       int64 `json:"in"`
	Out      int64 `json:"out"`
	Counted  int64 `json:"counted"`
	TakenOut int64 `json:"taken_out"` // to the bank, after counting
}

// Expected is what should be in the drawer.
func (d Drawer) Expected() int64 { return d.Opening + d.In - d.Out }

// Difference is what is in it too much, below 0 for too little.
func (d Drawer) Difference() int64 { return d.Counted - d.Expected() }

// Add enters cash that came in or, below 0, that went out.
func (d *Drawer) Add(amount int64) (err error) {
	if amount < 0 {
		d.Out, err = money.Sub(d.Out, amount)
		return err
	}
	d.In, err = money.Add(d.In, amount)
	return err
}

// Left is what stays in it for the next day.
func (d Drawer) Left() int64 { return d.Counted - d.TakenOut }
