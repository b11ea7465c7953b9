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
			b.Add(p.row(q.By, zone))
		}
		reports = b.Reports(loc.Currency)
		return nil
	})
	return reports, err
}

// row is a posting as reports add it up, on the date that they go by.
func (p posting) row(by string, zone *time.Location) report.Row {
	day := p.VisitDate
	if by == "received" {
		day = p.Received.In(zone).Format(time.DateOnly)
	}
	return report.Row{Day: day, Refund: p.Kind == ledger.KindRefund, Method: p.Method, Register: p.Register, Staff: string(p.Staff),
		Amount: p.Amount, Currency: p.Currency, Shares: p.Shares}
}
