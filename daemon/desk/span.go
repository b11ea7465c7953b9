package desk

import (
	"slices"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/store"
)

// span turns the dates of a query into an index and a range of its keys.
func (o *op) span(q PaymentQuery, loc Location) (ix *store.Index[posting], from, to string, err error) {
	if err := checkSpan(q); err != nil {
		return nil, "", "", err
	}
	ix, from, to = o.byVisitDate, q.From, "~"
	if q.To != "" {
		to = q.To + "~"
	}
	if q.By == "received" {
		ix, from, to = o.byReceived, "", "~"
		if q.From != "" {
			first, _ := dayBounds(q.From, loc.Clock())
			from = stamp(first)
		}
		if q.To != "" {
			_, after := dayBounds(q.To, loc.Clock())
			to = stamp(after)
		}
	}
	return ix, max(from, q.Cursor), to, nil
}

func checkSpan(q PaymentQuery) error {
	var faults []fault.Field
	for where, date := range map[string]string{"query.from": q.From, "query.to": q.To} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			faults = append(faults, fault.Field{Location: where, Message: "must be a date such as 2026-11-22"})
		}
	}
	if q.By != "" && q.By != "visit_date" && q.By != "received" {
		faults = append(faults, fault.Field{Location: "query.by", Message: "must be visit_date or received"})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

func sortByTime(entries []ledger.Entry) {
	slices.SortStableFunc(entries, func(a, b ledger.Entry) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
}
