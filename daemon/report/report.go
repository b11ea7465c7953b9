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
	Refund   bool
	Method   string
	Register string
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

// DaySum is what came in and went out on one day, also by method, for a chart.
type DaySum struct {
	Sum
	Methods []Sum `json:"methods"`
}

// Report is every cut of the rows of one currency. The sums of every cut are the total: money
// that falls on no line has the key "".
type Report struct {
	Currency   money.Currency `json:"currency"`
	Total      Sum            `json:"total"`
	Days       []DaySum       `json:"days"`
	Registers  []Sum          `json:"registers"`
	Methods    []Sum          `json:"methods"`
	Staff      []Sum          `json:"staff"`
	Kinds      []Sum          `json:"kinds"`
	TaxSystems []Sum          `json:"tax_systems"`
}

// sums adds up by key.
type sums map[string]*Sum

func (s sums) add(key string, in, out int64, count int) {
	one := s[key]
	if one == nil {
		one = &Sum{Key: key}
		s[key] = one
	}
	one.In += in
	one.Out += out
	one.Count += count
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
	total                                       Sum
	days, registers, methods, staff, kinds, tax sums
	daily                                       map[string]sums
}

// Add takes in one row.
func (b *Builder) Add(r Row) {
	if b.of == nil {
		b.of = map[money.Currency]*cuts{}
	}
	c := b.of[r.Currency]
	if c == nil {
		c = &cuts{days: sums{}, registers: sums{}, methods: sums{}, staff: sums{}, kinds: sums{}, tax: sums{}, daily: map[string]sums{}}
		b.of[r.Currency] = c
	}
	in, out := r.Amount, int64(0)
	if r.Refund {
		in, out = 0, r.Amount
	}
	c.total.In, c.total.Out, c.total.Count = c.total.In+in, c.total.Out+out, c.total.Count+1
	c.days.add(r.Day, in, out, 1)
	if c.daily[r.Day] == nil {
		c.daily[r.Day] = sums{}
	}
	c.daily[r.Day].add(r.Method, in, out, 1)
	c.registers.add(r.Register, in, out, 1)
	c.methods.add(r.Method, in, out, 1)
	c.staff.add(r.Staff, in, out, 1)
	c.split(r)
}

// split puts a row's shares under their kinds and tax systems. A share whose
// sign isn't its row's own came of lines that were changed between two
// payments; it still counts on its row's side, so that both sides add up.
func (c *cuts) split(r Row) {
	for _, s := range r.Shares {
		in, out := s.Amount, int64(0)
		if r.Refund {
			in, out = 0, -s.Amount
		}
		c.kinds.add(string(s.Kind), in, out, 1)
		c.tax.add(s.TaxSystem, in, out, 1)
	}
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
	r := Report{Currency: currency, Total: c.total, Registers: c.registers.sorted(false), Methods: c.methods.sorted(false),
		Staff: c.staff.sorted(false), Kinds: c.kinds.sorted(false), TaxSystems: c.tax.sorted(false)}
	for _, day := range c.days.sorted(true) {
		r.Days = append(r.Days, DaySum{Sum: day, Methods: c.daily[day.Key].sorted(true)})
	}
	return r
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

// Left is what stays in it for the next day.
func (d Drawer) Left() int64 { return d.Counted - d.TakenOut }
