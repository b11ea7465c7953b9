package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"countersign/daemon/fault"
	"countersign/daemon/report"
)

func period(from, to string) report.Period {
	return report.Period{From: from, To: to}
}

func TestPeriodsOfTheCalendar(t *testing.T) {
	for name, c := range map[string]struct{ got, want report.Period }{
		"a day":                      {report.Day("2026-11-22", 0), period("2026-11-22", "2026-11-22")},
		"the day before New Year":    {report.Day("2027-01-01", 1), period("2026-12-31", "2026-12-31")},
		"the day before the short":   {report.Day("2026-03-30", 1), period("2026-03-29", "2026-03-29")},
		"a week, from its Sunday":    {report.Week("2026-11-22"), period("2026-11-16", "2026-11-22")},
		"a week, from its Monday":    {report.Week("2026-11-16"), period("2026-11-16", "2026-11-22")},
		"a week over New Year":       {report.Week("2026-12-31"), period("2026-12-28", "2027-01-03")},
		"a month":                    {report.Month("2026-11-22", 0), period("2026-11-01", "2026-11-30")},
		"the month before, from 31":  {report.Month("2026-03-31", 1), period("2026-02-01", "2026-02-28")},
		"December, from January":     {report.Month("2027-01-31", 1), period("2026-12-01", "2026-12-31")},
		"a leap February":            {report.Month("2028-02-01", 0), period("2028-02-01", "2028-02-29")},
		"before a month that's over": {period("2026-10-01", "2026-10-31").Before("2026-11-22"), period("2026-09-01", "2026-09-30")},
		"before a month so far":      {period("2026-11-01", "2026-11-30").Before("2026-11-22"), period("2026-10-01", "2026-10-22")},
		"before March 31st":          {period("2026-03-01", "2026-03-31").Before("2026-03-31"), period("2026-02-01", "2026-02-28")},
		"before March 30th":          {period("2026-03-01", "2026-03-31").Before("2026-03-30"), period("2026-02-01", "2026-02-28")},
		"before a week so far":       {period("2026-11-16", "2026-11-22").Before("2026-11-18"), period("2026-11-09", "2026-11-11")},
		"before a day":               {period("2026-01-01", "2026-01-01").Before("2026-01-01"), period("2025-12-25", "2025-12-25")},
		"before ten days":            {period("2026-11-05", "2026-11-14").Before("2026-11-22"), period("2026-10-26", "2026-11-04")},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// No day is left out or comes twice where clocks change, and none at the ends of months and years.
func TestDaysOfAPeriod(t *testing.T) {
	for _, c := range []struct {
		p    report.Period
		n    int
		last string
	}{
		{period("2026-11-22", "2026-11-22"), 1, "2026-11-22"}, {period("2026-11-01", "2026-11-30"), 30, "2026-11-30"},
		{period("2026-10-24", "2026-10-26"), 3, "2026-10-26"}, {period("2026-03-28", "2026-03-30"), 3, "2026-03-30"},
		{period("2028-01-01", "2028-12-31"), 366, "2028-12-31"}, {period("2026-12-31", "2027-01-01"), 2, "2027-01-01"},
	} {
		days := c.p.Days()
		if len(days) != c.n || c.p.Len() != c.n || days[0] != c.p.From || days[c.n-1] != c.last {
			t.Errorf("%v has the days %v", c.p, days)
		}
	}
}

func TestPeriodsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		p    report.Period
		want []string
	}{
		"nothing at all": {report.Period{}, []string{"query.from", "query.to"}},
		"no dates":       {period("22.11.2026", "2026-02-30"), []string{"query.from", "query.to"}},
		"backwards":      {period("2026-11-22", "2026-11-21"), []string{"query.to"}},
		"too long":       {period("2024-11-21", "2026-11-23"), []string{"query.to"}},
		"a leap year":    {period("2028-01-01", "2028-12-31"), nil},
	} {
		var got []string
		if f := fault.From(c.p.Check()); f != nil {
			for _, field := range f.Fields {
				got = append(got, field.Location)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// A period and the one before it touch or leave a gap, and never overlap.
func TestThePeriodBeforeIsBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := func(n int) string { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
		from, n := rapid.IntRange(0, 900).Draw(t, "from"), rapid.IntRange(0, report.MaxDays-1).Draw(t, "length")
		p := period(day(from), day(from+n))
		before := p.Before(day(rapid.IntRange(0, 1300).Draw(t, "today")))
		if err := before.Check(); err != nil || before.To >= p.From {
			t.Fatalf("%v comes before %v: %v", before, p, err)
		}
		if before.Len() > p.Len()+3 { // January is three days longer than February
			t.Fatalf("%v is longer than %v", before, p)
		}
	})
}
