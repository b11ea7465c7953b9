package stripetest

import (
	"slices"
	"strings"
	"time"
)

// Payment is what became of a payment, in Stripe's minor units: what it took,
// what was given back, and what a bank took for good.
type Payment struct {
	ID, Session        string
	Amount, Back, Lost int64
	Disputed           bool // a bank asked for it once, however that ended
}

// Payments are those that succeeded on pages that the API was asked for, by
// their names: the web shop's are left out.
func (s *Server) Payments() (all []Payment) {
	_ = s.hand(func(time.Time) error {
		for id, i := range s.intents {
			if x := s.session(i.session); i.status != "succeeded" || x != nil && x.reference == shop {
				continue
			}
			p := Payment{ID: id, Session: i.session, Amount: i.amount, Back: i.back}
			for _, d := range s.disputes {
				if d.intent == i {
					p.Disputed = true
				}
				if d.intent == i && d.status == "lost" {
					p.Lost += d.amount
				}
			}
			all = append(all, p)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Payment) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Waiting are the names of refunds that wait for Settle, and of disputes that
// wait for Decide.
func (s *Server) Waiting() (refunds, disputes []string) {
	_ = s.hand(func(time.Time) error {
		for _, r := range s.refunds {
			if r.status == "pending" {
				refunds = append(refunds, r.id)
			}
		}
		for id, d := range s.disputes {
			if d.status == "needs_response" {
				disputes = append(disputes, id)
			}
		}
		return nil
	})
	slices.Sort(disputes)
	return refunds, disputes
}
