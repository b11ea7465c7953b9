package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/report"
	"countersign/daemon/visit"
)

func (s salon) report(q desk.PaymentQuery) report.Report {
	s.t.Helper()
	all, err := s.Report(boss, q)
	s.must(err)
	return all[0]
}

func (s salon) moves(zone string, currency money.Currency) {
	s.t.Helper()
	loc := desk.DefaultLocation()
	loc.Zone, loc.Currency = zone, currency
	s.must(s.SaveLocation(boss, loc))
}

// R21: a payment is of the day it was received and of its visit's day, in the
// location's zone: around midnight, when clocks change, over the year's end.
func TestR21DaysOfReports(t *testing.T) {
	for name, c := range map[string]struct{ zone, paid, visit, received, of string }{
		"just before midnight":         {"Europe/Berlin", "2001-05-31T21:59:59Z", "2001-05-31T10:00:00Z", "2001-05-31", "2001-05-31"},
		"just after midnight":          {"Europe/Berlin", "2001-05-31T22:00:00Z", "2001-05-31T10:00:00Z", "2001-06-01", "2001-05-31"},
		"clocks go forward":            {"Europe/Berlin", "2001-03-25T22:00:00Z", "2001-03-25T21:59:59Z", "2001-03-26", "2001-03-25"},
		"clocks go back":               {"Europe/Berlin", "2001-10-28T22:59:59Z", "2001-10-27T22:00:00Z", "2001-10-28", "2001-10-28"},
		"a visit of another year":      {"Europe/Berlin", "2001-12-31T23:30:00Z", "2001-06-01T10:00:00Z", "2002-01-01", "2001-06-01"},
		"west of Greenwich":            {"America/New_York", "2001-07-01T03:59:59Z", "2001-07-01T03:00:00Z", "2001-06-30", "2001-06-30"},
		"on the other side of the day": {"Pacific/Auckland", "2001-06-30T12:00:00Z", "2001-06-30T11:59:59Z", "2001-07-01", "2001-06-30"},
		"the last of February":         {"Europe/Berlin", "2001-02-28T22:59:59Z", "2001-02-28T23:00:00Z", "2001-02-28", "2001-03-01"},
		"half an hour off":             {"Asia/Kolkata", "2001-05-31T18:29:59Z", "2001-05-31T18:30:00Z", "2001-05-31", "2001-06-01"},
		"half an hour off, in summer":  {"Australia/Lord_Howe", "2001-10-27T13:29:59Z", "2001-10-28T12:59:59Z", "2001-10-27", "2001-10-28"},
		"forward a minute too late":    {"America/St_Johns", "2001-04-01T03:30:00Z", "2001-04-01T03:29:59Z", "2001-04-01", "2001-03-31"},
		// There is no midnight where clocks go forward at it, and there are two where they go back.
		"no midnight, a moment before":  {"America/Santiago", "2001-10-14T03:59:59Z", "2001-10-14T03:30:00Z", "2001-10-13", "2001-10-13"},
		"no midnight, right after":      {"America/Santiago", "2001-10-14T04:00:00Z", "2001-10-14T15:00:00Z", "2001-10-14", "2001-10-14"},
		"no midnight, late that day":    {"America/Santiago", "2001-10-15T02:59:59Z", "2001-10-15T03:00:00Z", "2001-10-14", "2001-10-15"},
		"an hour before midnight twice": {"America/Santiago", "2001-03-11T03:30:00Z", "2001-03-11T04:00:00Z", "2001-03-10", "2001-03-11"},
		"no midnight in Cairo":          {"Africa/Cairo", "2001-04-26T22:00:00Z", "2001-04-26T21:59:59Z", "2001-04-27", "2001-04-26"},
		"back in Cairo":                 {"Africa/Cairo", "2001-09-27T21:30:00Z", "2001-09-27T22:00:00Z", "2001-09-27", "2001-09-28"},
		"the first of two midnights":    {"America/Havana", "2001-10-28T04:00:00Z", "2001-10-28T03:59:59Z", "2001-10-28", "2001-10-27"},
		"the second of two midnights":   {"America/Havana", "2001-10-28T05:30:00Z", "2001-10-28T04:30:00Z", "2001-10-28", "2001-10-28"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				s.moves(c.zone, "EUR")
				starts, err := time.Parse(time.RFC3339, c.visit)
				s.must(err)
				paid, err := time.Parse(time.RFC3339, c.paid)
				s.must(err)
				d := draft(2500)
				d.StartsAt = starts
				v, _, err := s.CreateVisit(boss, d, desk.Key{})
				s.must(err)
				time.Sleep(time.Until(paid)) // a bubble's clock begins in the year 2000
				s.takes(v, by("cash", 1000))
				for by, day := range map[string]string{"received": c.received, "visit_date": c.of} {
					s.onDay(by, day, 1000)
					first, err := time.Parse(time.DateOnly, day)
					s.must(err)
					s.onDay(by, first.AddDate(0, 0, -1).Format(time.DateOnly), 0)
					s.onDay(by, first.AddDate(0, 0, 1).Format(time.DateOnly), 0)
				}
				s.listedOn(v, c.of)
				drawer, _, err := s.Drawer(boss)
				s.must(err)
				count, err := s.CloseDay(boss, desk.Counting{Counted: 1000, Number: drawer.Number, Seq: drawer.Seq}, desk.Key{})
				if err != nil || count.Date != c.received || count.In != 1000 {
					t.Errorf("counted on %s: %+v, %v", count.Date, count, err)
				}
			})
		})
	}
}

// listedOn: a visit is listed on its day, and on no other (R1).
func (s salon) listedOn(v visit.Visit, day string) {
	s.t.Helper()
	date, err := time.Parse(time.DateOnly, day)
	s.must(err)
	for off, want := range map[int]int{-1: 0, 0: 1, 1: 0} {
		on := date.AddDate(0, 0, off).Format(time.DateOnly)
		found, _, err := s.Visits(boss, desk.Query{Date: on})
		s.must(err)
		if len(found) != want || want == 1 && found[0].ID != v.ID {
			s.t.Errorf("%d visits on %s, want %d", len(found), on, want)
		}
	}
}

func (s salon) onDay(by, day string, want int64) {
	s.t.Helper()
	got := s.report(desk.PaymentQuery{By: by, From: day, To: day})
	if got.Total.In != want || want > 0 && (len(got.Days) != 1 || got.Days[0].Key != day) {
		s.t.Errorf("by %s on %s: %+v", by, day, got)
	}
}

// R21: a report's cuts by what was sold add up, through parts and refunds, in
// currencies of every number of decimals.
func TestR21ReportByWhatWasSold(t *testing.T) {
	for _, currency := range []money.Currency{"EUR", "JPY", "KWD"} {
		t.Run(string(currency), func(t *testing.T) {
			s := open(t)
			s.moves("Europe/Berlin", currency)
			d := visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 1000, TaxSystem: "standard"},
				{Kind: visit.Product, Name: "Oil", Quantity: 1, UnitPrice: 500, TaxSystem: "standard"}}}
			v, _, err := s.CreateVisit(boss, d, desk.Key{})
			s.must(err)
			cash := s.takes(v, by("cash", 700))
			p := s.opened(s.reread(v))
			p.Currency = string(currency)
			s.says(p, provider.Paid, "e1")
			s.givesBack(cash.ID, giving(300, ""))
			got := s.report(desk.PaymentQuery{})
			if got.Currency != currency || got.Total != (report.Sum{In: 1500, Out: 300, Count: 3}) {
				t.Errorf("%+v", got.Total)
			}
			net := map[string]int64{}
			for _, k := range got.Kinds {
				net[k.Key] = k.Net()
			}
			if net["service"] != 800 || net["product"] != 400 {
				t.Errorf("by kind %v", net)
			}
		})
	}
}

// R21: a payment by link lands in its provider's register, on the day that the
// provider received it, however late we hear of it, and on its visit's day;
// what is given back of it is of the same visit's day.
func TestR21ALinkPaymentHasTwoDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.moves("Europe/Berlin", "EUR")
		d := draft(2500)
		d.StartsAt = time.Date(2000, 3, 10, 9, 0, 0, 0, time.UTC)
		v, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		time.Sleep(100 * 24 * time.Hour) // from the first of January
		p := s.opened(v)
		p.Status, p.Payment, p.PaidAt = provider.Paid, "P", time.Now()
		paid := p.PaidAt.In(time.UTC).Format(time.DateOnly)
		time.Sleep(72 * time.Hour)
		s.hears(provider.Event{ID: "e1", Type: provider.EventPaid, At: time.Now(), Session: p})
		entries, err := s.VisitPayments(boss, v.ID)
		s.must(err)
		if e := entries[0]; e.Register != "acquiring:sandbox" || e.VisitDate != "2000-03-10" || !e.ReceivedAt.Equal(p.PaidAt) {
			t.Errorf("%+v", e)
		}
		s.onDay("received", paid, 2500)
		s.onDay("received", "2000-03-10", 0)
		s.onDay("visit_date", "2000-03-10", 2500)
		s.onDay("visit_date", paid, 0)
		s.givesBack(entries[0].ID, giving(500, "cash"))
		today := time.Now().Format(time.DateOnly)
		for q, out := range map[desk.PaymentQuery]int64{{From: "2000-03-10", To: "2000-03-10"}: 500, {From: today, To: today}: 0,
			{By: "received", From: today, To: today}: 500, {By: "received", From: paid, To: paid}: 0} {
			if got := s.report(q).Total.Out; got != out {
				t.Errorf("%+v: %d given back, want %d", q, got, out)
			}
		}
	})
}

// R38: nobody sees a report without the right.
func TestR38ReportsNeedTheRight(t *testing.T) {
	s := open(t)
	other := access.Actor{Rights: access.Rights{access.VisitsView, access.TakePayments}}
	_, err := s.Report(other, desk.PaymentQuery{})
	s.refused(err, "forbidden")
	_, _, err = s.Drawer(other)
	s.refused(err, "forbidden")
	_, err = s.CloseDay(other, desk.Counting{}, desk.Key{})
	s.refused(err, "forbidden")
	_, err = s.DayCloses(other)
	s.refused(err, "forbidden")
	_, err = s.Report(boss, desk.PaymentQuery{From: "22.11.2026"})
	s.refused(err, "validation")
}

// R1, R21: where clocks go forward at midnight, the day begins at one, and has
// its visits and its money as any other.
func TestR21DaysWithoutAMidnight(t *testing.T) {
	for zone, at := range map[string]string{"Atlantic/Azores": "2001-03-25T12:00:00Z", "America/Santiago": "2001-10-14T15:00:00Z", "Africa/Cairo": "2001-04-27T12:00:00Z"} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			s.moves(zone, "EUR")
			noon, err := time.Parse(time.RFC3339, at)
			s.must(err)
			time.Sleep(time.Until(noon))
			v, day := s.visit(2500), at[:len(time.DateOnly)]
			s.takes(v, by("cash", 1000))
			s.onDay("received", day, 1000)
			s.onDay("received", noon.AddDate(0, 0, -1).Format(time.DateOnly), 0)
			found, _, err := s.Visits(boss, desk.Query{Date: day})
			s.must(err)
			if len(found) != 1 {
				t.Errorf("%s: %d visits on %s", zone, len(found), day)
			}
		})
	}
}
