package desk

import (
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// ClientVisits lists a client's visits, newest first.
func (d *Desk) ClientVisits(a access.Actor, which id.Client) (found []visit.Visit, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for v, err := range o.visits.Where(o.tx, o.byClient, string(which)) {
			if err != nil {
				return err
			}
			found = append(found, v)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b visit.Visit) int { return b.StartsAt.Compare(a.StartsAt) })
	return found, err
}

// ClientBalance lists what changed a client's points, cashback and deposit,
// newest first.
func (d *Desk) ClientBalance(a access.Actor, which id.Client) (found []ledger.Entry, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for p, err := range o.payments.Where(o.tx, o.byOwing, string(which)) {
			if err != nil {
				return err
			}
			e, err := o.entry(p)
			if err != nil {
				return err
			}
			found = append(found, e)
		}
		return nil
	})
	newestFirst(found)
	return found, err
}

// ClientPayments lists what a client has paid and was given back, newest first: for their visits,
// and as a deposit.
func (d *Desk) ClientPayments(a access.Actor, which id.Client) (found []ledger.Entry, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		found, err = o.paidBy(which)
		return err
	})
	newestFirst(found)
	return found, err
}

// paidBy are the entries of a client's visits and those of no visit. What was paid from their
// balance for a visit that is another's by now is that one's.
func (o *op) paidBy(which id.Client) (found []ledger.Entry, err error) {
	for p, err := range o.payments.Where(o.tx, o.byOwing, string(which)) {
		if err != nil {
			return nil, err
		}
		if !p.listed() || p.Visit != "" {
			continue
		}
		e, err := o.entry(p)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	for v, err := range o.visits.Where(o.tx, o.byClient, string(which)) {
		if err != nil {
			return nil, err
		}
		of, err := o.paymentsOf(v.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

func newestFirst(entries []ledger.Entry) {
	slices.SortStableFunc(entries, func(a, b ledger.Entry) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
}
