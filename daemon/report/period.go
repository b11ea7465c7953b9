package report

import (
	"fmt"
	"time"

	"countersign/daemon/fault"
)

// MaxDays is the longest period that is added up: two years.
const MaxDays = 2 * 366

// Period are days from one date to another, both included, written as 2026-11-22.
type Period struct {
	From, To string
}

// Check says everything that is wrong with a period.
func (p Period) Check() error {
	var faults []fault.Field
	from, wrongFrom := time.Parse(time.DateOnly, p.From)
	to, wrongTo := time.Parse(time.DateOnly, p.To)
	if wrongFrom != nil {
		faults = append(faults, fault.Field{Location: "query.from", Message: "must be a date such as 2026-11-22"})
	}
	switch {
	case wrongTo != nil:
		faults = append(faults, fault.Field{Location: "query.to", Message: "must be a date such as 2026-11-22"})
	case wrongFrom == nil && to.Before(from):
		faults = append(faults, fault.Field{Location: "query.to", Message: "must not be before from"})
	case wrongFrom == nil && days(from, to) > MaxDays:
		faults = append(faults, fault.Field{Location: "query.to", Message: fmt.Sprintf("must be at most %d days on", MaxDays)})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// Holds reports whether a date is within the period.
func (p Period) Holds(day string) bool { return p.From <= day && day <= p.To }

// Len is the number of its days.
func (p Period) Len() int { return days(p.ends()) }

// Days lists every date of the period.
func (p Period) Days() []string {
	from, to := p.ends()
	list := make([]string, 0, p.Len())
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		list = append(list, d.Format(time.DateOnly))
	}
	return list
}

// Before is the period to compare with, as far as this one has come by today: the month before a
// month, the same day of the week before, otherwise as many days before.
func (p Period) Before(today string) Period {
	from, to := p.ends()
	come := p.Len()
	if p.Holds(today) {
		come = days(from, date(today))
	}
	if from.Day() == 1 && to.Equal(from.AddDate(0, 1, -1)) {
		first := from.AddDate(0, -1, 0)
		last := from.AddDate(0, 0, -1)
		if came := first.AddDate(0, 0, come-1); come < p.Len() && came.Before(last) {
			last = came
		}
		return Period{From: first.Format(time.DateOnly), To: last.Format(time.DateOnly)}
	}
	back := p.Len()
	if back == 1 {
		back = 7 // a Sunday is like a Sunday
	}
	first := from.AddDate(0, 0, -back)
	return Period{From: first.Format(time.DateOnly), To: first.AddDate(0, 0, come-1).Format(time.DateOnly)}
}

// Month is the month that a date is in, and those before it by n.
func Month(day string, n int) Period {
	d := date(day)
	first := time.Date(d.Year(), d.Month()-time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Period{From: first.Format(time.DateOnly), To: first.AddDate(0, 1, -1).Format(time.DateOnly)}
}

// Week is the week that a date is in, from Monday.
func Week(day string) Period {
	d := date(day)
	monday := d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
	return Period{From: monday.Format(time.DateOnly), To: monday.AddDate(0, 0, 6).Format(time.DateOnly)}
}

// Day is the date n days before another.
func Day(day string, n int) Period {
	d := date(day).AddDate(0, 0, -n).Format(time.DateOnly)
	return Period{From: d, To: d}
}

func (p Period) ends() (from, to time.Time) { return date(p.From), date(p.To) }

// date reads a date as midnight in UTC, where every day has 24 hours.
func date(day string) time.Time {
	d, _ := time.Parse(time.DateOnly, day) // Check has said what is no date
	return d
}

func days(from, to time.Time) int { return int(to.Sub(from)/(24*time.Hour)) + 1 }
