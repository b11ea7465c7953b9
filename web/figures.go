package web

import (
	"cmp"
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/report"
)

// PeriodQuery is which days a report is about. Like VisitPath it is exported,
// so that huma reads it.
type PeriodQuery struct {
	From string `query:"from" doc:"The first day, as in 2026-11-22; today if left out."`
	To   string `query:"to" doc:"The last day; today if left out. At most two years after the first."`
	By   string `query:"by" enum:"visit_date,received" doc:"Which date counts; visit_date if left out (R21)."`
}

// period is what the query asks for, with what it leaves out.
func (q PeriodQuery) period(loc desk.Location, now time.Time) (desk.PaymentQuery, error) {
	today := loc.Today(now)
	p := report.Period{From: cmp.Or(q.From, today), To: cmp.Or(q.To, today)}
	return desk.PaymentQuery{From: p.From, To: p.To, By: cmp.Or(q.By, "visit_date")}, p.Check()
}

// WireSum is a row of a report. Like PeriodQuery it is exported, so that huma
// reads it where it is embedded.
type WireSum struct {
	Key   string `json:"key" doc:"The day, hour, register, method, staff member, kind or tax system; \"\" for none."`
	In    int64  `json:"in"`
	Out   int64  `json:"out" doc:"What was given back, above 0."`
	Net   int64  `json:"net"`
	Count int    `json:"count" doc:"Payments and refunds."`
}

type wireSpanSum struct {
	WireSum
	Methods []WireSum `json:"methods"`
}

type wireReport struct {
	Currency   string        `json:"currency"`
	Total      WireSum       `json:"total"`
	Money      WireSum       `json:"money" doc:"What really came in and went out: the total without held."`
	Held       WireSum       `json:"held" doc:"The part that was paid with balances and gift cards: no money came in."`
	Days       []wireSpanSum `json:"days" doc:"Those on which something was paid or given back."`
	Hours      []wireSpanSum `json:"hours" doc:"Of the day, over all days; \"\" for what was received on another day."`
	Registers  []WireSum     `json:"registers"`
	Methods    []WireSum     `json:"methods"`
	Staff      []WireSum     `json:"staff"`
	Kinds      []WireSum     `json:"kinds"`
	TaxSystems []WireSum     `json:"tax_systems"`
}

func showReport(r report.Report) wireReport {
	return wireReport{Currency: string(r.Currency), Total: showSum(r.Total), Money: showSum(r.Money()), Held: showSum(r.Held), Days: showSpans(r.Days), Hours: showSpans(r.Hours),
		Registers: showSums(r.Registers), Methods: showSums(r.Methods), Staff: showSums(r.Staff), Kinds: showSums(r.Kinds), TaxSystems: showSums(r.TaxSystems)}
}

func showSum(s report.Sum) WireSum {
	return WireSum{Key: s.Key, In: s.In, Out: s.Out, Net: s.Net(), Count: s.Count}
}

func showSums(sums []report.Sum) []WireSum {
	shown := make([]WireSum, len(sums))
	for i, s := range sums {
		shown[i] = showSum(s)
	}
	return shown
}

func showSpans(spans []report.DaySum) []wireSpanSum {
	shown := make([]wireSpanSum, len(spans))
	for i, s := range spans {
		shown[i] = wireSpanSum{WireSum: showSum(s.Sum), Methods: showSums(s.Methods)}
	}
	return shown
}

type reportOutput struct {
	Body struct {
		From    string       `json:"from"`
		To      string       `json:"to"`
		By      string       `json:"by"`
		Reports []wireReport `json:"reports" doc:"One a currency, the location's first."`
	}
}

// getReport serves GET /reports (R21).
func (s *server) getReport(_ context.Context, a access.Actor, in *PeriodQuery) (*reportOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	q, err := in.period(loc, time.Now())
	if err != nil {
		return nil, err
	}
	reports, err := s.desk.Report(a, q)
	if err != nil {
		return nil, err
	}
	out := &reportOutput{}
	out.Body.From, out.Body.To, out.Body.By = q.From, q.To, q.By
	for _, r := range reports {
		out.Body.Reports = append(out.Body.Reports, showReport(r))
	}
	return out, nil
}

type reportFileInput struct {
	PeriodQuery
	Cut      string `query:"cut" enum:"payments,days,registers,methods,staff,kinds,tax_systems" doc:"What the rows are: each payment and refund, if left out, or sums."`
	Language string `query:"language" enum:"en,de" doc:"Whose spreadsheet opens it: de has semicolons and decimal commas. The location's if left out."`
}

// getReportFile serves GET /reports.csv.
func (s *server) getReportFile(_ context.Context, a access.Actor, in *reportFileInput) (*fileOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	q, err := in.period(loc, time.Now())
	if err != nil {
		return nil, err
	}
	lang := cmp.Or(in.Language, loc.Language)
	text, err := s.reportFile(a, q, cmp.Or(in.Cut, "payments"), lang, loc.Clock())
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: "text/csv; charset=utf-8", Disposition: attached(cmp.Or(in.Cut, "payments"), q), Body: text}, nil
}

// WireDrawer is what should be in the cash drawer.
type WireDrawer struct {
	Number   uint64    `json:"number" doc:"Of the count; the first there ever was is 1."`
	Date     string    `json:"date"`
	Since    time.Time `json:"since" doc:"When the count before was made; the morning for the first."`
	At       time.Time `json:"at"`
	Seq      uint64    `json:"seq" doc:"The last entry of the ledger that it covers."`
	Currency string    `json:"currency"`
	Opening  int64     `json:"opening" doc:"What the count before left in it."`
	In       int64     `json:"cash_in"`
	Out      int64     `json:"cash_out"`
	Expected int64     `json:"expected"`
}

type wireDayClose struct {
	WireDrawer
	Counted    int64  `json:"counted"`
	Difference int64  `json:"difference" doc:"What was counted beyond what was expected; below 0 for what was missing."`
	TakenOut   int64  `json:"taken_out"`
	Left       int64  `json:"left"`
	Staff      string `json:"staff"`
	Note       string `json:"note"`
}

func showDrawer(c desk.DayClose, zone *time.Location) WireDrawer {
	return WireDrawer{Number: c.Number, Date: c.Date, Since: c.Since.In(zone), At: c.At.In(zone), Seq: c.Seq, Currency: string(c.Currency),
		Opening: c.Opening, In: c.In, Out: c.Out, Expected: c.Expected()}
}

func showClose(c desk.DayClose, zone *time.Location) wireDayClose {
	return wireDayClose{WireDrawer: showDrawer(c, zone), Counted: c.Counted, Difference: c.Difference(), TakenOut: c.TakenOut, Left: c.Left(),
		Staff: string(c.Staff), Note: c.Note}
}

type dayClosesOutput struct {
	Body struct {
		DayCloses []wireDayClose `json:"day_closes" doc:"Newest first, those of a year."`
		Drawer    WireDrawer     `json:"drawer" doc:"What the next count has to come to."`
		Next      string         `json:"next_cursor"`
	}
}

// listDayCloses serves GET /day-closes.
func (s *server) listDayCloses(_ context.Context, a access.Actor, _ *nothing) (*dayClosesOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	now, _, err := s.desk.Drawer(a)
	if err != nil {
		return nil, err
	}
	closes, err := s.desk.DayCloses(a)
	if err != nil {
		return nil, err
	}
	out := &dayClosesOutput{}
	out.Body.Drawer, out.Body.DayCloses = showDrawer(now, loc.Clock()), make([]wireDayClose, len(closes))
	for i, c := range closes {
		out.Body.DayCloses[i] = showClose(c, loc.Clock())
	}
	return out, nil
}

type closeDayInput struct {
	Keyed
	Body struct {
		Counted  int64  `json:"counted" minimum:"0" maximum:"99999999999" doc:"What is in the drawer, in minor units."`
		TakenOut int64  `json:"taken_out,omitempty" minimum:"0" maximum:"99999999999" doc:"What goes to the bank; the rest stays."`
		Opening  int64  `json:"opening,omitempty" minimum:"0" maximum:"99999999999" doc:"For the first count: what was in it in the morning."`
		Note     string `json:"note,omitempty" maxLength:"800"`
		Number   uint64 `json:"number,omitempty" doc:"Of the drawer as it was before the count: refused with 409 when it has changed."`
		Seq      uint64 `json:"seq,omitempty" doc:"Of the same."`
	}
}

type dayCloseOutput struct {
	Body wireDayClose
}

// closeDrawer serves POST /day-closes.
func (s *server) closeDrawer(_ context.Context, a access.Actor, in *closeDayInput) (*dayCloseOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	n := desk.Counting{Counted: in.Body.Counted, TakenOut: in.Body.TakenOut, Opening: in.Body.Opening, Note: in.Body.Note, Number: in.Body.Number, Seq: in.Body.Seq}
	c, err := s.desk.CloseDay(a, n, in.key("POST", "/day-closes"))
	if err != nil {
		return nil, err
	}
	return &dayCloseOutput{Body: showClose(c, loc.Clock())}, nil
}
