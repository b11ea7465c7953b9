package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// foundRows is how many visits a search shows: those nearest to now.
const foundRows = 60

// dayList serves GET /desk/list.
func (v *view) dayList() error {
	list, err := v.list(v.query("date"), v.query("q"), v.query("visit"))
	if err != nil {
		return err
	}
	v.show(http.StatusOK, list)
	return nil
}

// list is the middle column: a day, or what a search found (R1).
func (v *view) list(date, q, selected string) (page.List, error) {
	today := v.loc.Today(v.now)
	date = cmp.Or(date, today)
	day, err := time.Parse(time.DateOnly, date) // of no zone: in some, a day has no midnight
	if err != nil {
		return page.List{}, fault.Invalid(fault.Field{Location: "query.date", Message: "must be a date such as 2026-11-22"})
	}
	list := page.List{Date: date, Heading: heading(v.lang, day), Q: strings.TrimSpace(q), Selected: selected,
		Previous: day.AddDate(0, 0, -1).Format(time.DateOnly), Next: day.AddDate(0, 0, 1).Format(time.DateOnly),
		CanCreate: v.a.Rights.Has(access.VisitsEdit)}
	if date != today {
		list.Today = today
	}
	found, err := v.search(date, list.Q)
	if err != nil {
		return page.List{}, err
	}
	return v.rows(list, found)
}

// lately is how many days back a search goes on in that found too many visits
// of all times.
const lately = 30

// search finds a day's visits by their start, or those that have every word,
// the nearest to now first.
func (v *view) search(date, q string) ([]visit.Visit, error) {
	query := desk.Query{Date: date, Limit: 500}
	if q != "" {
		query = desk.Query{Q: q, Limit: 500}
	}
	found, next, err := v.s.desk.Visits(v.a, query)
	if next != "" && q != "" { // those of long ago
		query.From = dayOf(v.loc.Today(v.now)).AddDate(0, 0, -lately).Format(time.DateOnly)
		found, _, err = v.s.desk.Visits(v.a, query)
	}
	if err != nil || q == "" {
		return found, err
	}
	slices.SortStableFunc(found, func(a, b visit.Visit) int {
		return int(a.StartsAt.Sub(v.now).Abs().Minutes()) - int(b.StartsAt.Sub(v.now).Abs().Minutes())
	})
	return found, nil
}

func (v *view) rows(list page.List, found []visit.Visit) (page.List, error) {
	up, err := v.s.desk.OnShow()
	if err != nil {
		return page.List{}, err
	}
	list.Count = len(found)
	if list.Q == "" {
		list.Due = v.dueOf(found)
	}
	if list.Q != "" {
		found = found[:min(len(found), foundRows)]
	}
	for _, x := range found {
		row := page.Row{ID: string(x.ID), Date: x.Day(v.zone), Time: clock(x.StartsAt, v.zone), Name: x.Client.Name, What: what(x), Chip: v.chip(x, up)}
		if list.Q != "" {
			row.Time = shortDate(v.lang, x.StartsAt, v.zone)
		}
		list.Rows = append(list.Rows, row)
	}
	return list, nil
}

// settled tells whether nobody waits for what is due of a visit: its money was given
// back, or nobody came. Who comes after all can pay all the same (R6).
func settled(x visit.Visit) bool {
	return x.PaymentState() == visit.Refunded || x.Status == visit.StatusCancelled || x.Status == visit.NoShow
}

// dueOf is what visits come to that is still to be paid, a sum for each currency;
// "" for nothing.
func (v *view) dueOf(found []visit.Visit) string {
	due := map[money.Currency]int64{}
	for _, x := range found {
		if !settled(x) && x.Due() > 0 {
			due[x.Currency] += x.Due()
		}
	}
	sums := make([]string, 0, 1)
	for _, c := range slices.Sorted(maps.Keys(due)) {
		sums = append(sums, v.in(c, due[c]))
	}
	return strings.Join(sums, " + ")
}

// what is a visit in a few words.
func what(x visit.Visit) string {
	names := make([]string, 0, 3)
	for _, l := range x.Lines[:min(3, len(x.Lines))] {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}

// chip says in a word how a visit stands. What is happening now comes before
// what has happened.
func (v *view) chip(x visit.Visit, up map[id.Visit]id.Desk) page.Chip {
	state := x.PaymentState()
	switch {
	case x.Blocked(v.now) && x.Checkout != "":
		return page.Chip{Kind: "paying", Ends: v.left(x)}
	case up[x.ID] != "" && x.Due() > 0:
		return page.Chip{Kind: "on_screen"}
	case state == visit.PartiallyPaid && !settled(x):
		return page.Chip{Kind: "part", Amount: v.in(x.Currency, x.Due())}
	case state == visit.Overpaid:
		return page.Chip{Kind: "overpaid"}
	case state == visit.Refunded:
		return page.Chip{Kind: "refunded"}
	case x.Status == visit.StatusCancelled:
		return page.Chip{Kind: "cancelled"}
	case x.Status == visit.NoShow:
		return page.Chip{Kind: "no_show"}
	case x.Total() == 0:
		return page.Chip{Kind: "free"}
	case state == visit.FullyPaid:
		return page.Chip{Kind: "paid"}
	}
	return page.Chip{Kind: "due", Amount: v.in(x.Currency, x.Due())}
}
