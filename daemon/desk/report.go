package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/ledger"
	"countersign/daemon/report"
)

// Report adds up the payments and refunds between two dates (R21), as
// PaymentQuery asks for them: one report a currency, the location's first. The
// ledger itself isn't read, so that a month opens at once.
func (d *Desk) Report(a access.Actor, q PaymentQuery) (reports []report.Report, err error) {
	if err := a.Need(access.Reports); err != nil {
		return nil, err
	}
	q.Cursor = ""
	err = d.view(func(o *op) error {
		loc, err := o.location()
		if err != nil {
			return err
		}
		index, from, to, err := o.span(q, loc)
		if err != nil {
			return err
		}
		var b report.Builder
		zone := loc.Clock()
		for p, err := range o.payments.Between(o.tx, index, from, to) {
			if err != nil {
				return err
			}
			if err := b.Add(p.row(q.By, zone)); err != nil {
				return err
			}
		}
		reports = b.Reports(loc.Currency)
		return nil
	})
	return reports, err
}

// row is a posting as reports add it up, on the date that they go by.
func (p *posting) row(by string, zone *time.Location) report.Row {
	received := p.Received.In(zone)
	r := report.Row{Day: p.VisitDate, Refund: p.Kind == ledger.KindRefund, Method: p.Method, Register: p.Register, Held: ledger.Stored(p.Method),
		Staff: string(p.Staff), Amount: p.Amount, Currency: p.Currency, Shares: p.Shares}
	day := received.Format(time.DateOnly)
	if by == "received" {
		r.Day = day
	}
	if r.Day == day {
		r.Hour = received.Format("15")
	}
	return r
}
