package adyentest

import "time"

// Payment is what became of a payment, in Adyen's minor units: what it took,
// what was given back, and what a bank took for good.
type Payment struct {
	ID, Link           string
	Amount, Back, Lost int64
	Disputed           bool // a bank asked for it once, however that ended
}

// Payments are all that were taken, by their names.
func (s *Server) Payments() (all []Payment) {
	_ = s.hand(func(time.Time) error {
		for _, id := range sorted(s.payments) {
			of := s.payments[id]
			p := Payment{ID: id, Link: of.link, Amount: of.amount, Back: of.back}
			for _, d := range s.disputes {
				p.Disputed = p.Disputed || d.payment == id
				if d.payment == id && d.lost {
					p.Lost += d.amount
				}
			}
			all = append(all, p)
		}
		return nil
	})
	return all
}

// Waiting are the names of refunds that wait for Settle, and of disputes that
// wait for Decide.
func (s *Server) Waiting() (refunds, disputes []string) {
	_ = s.hand(func(time.Time) error {
		for _, r := range s.refunds {
			if !r.ended && r.due.IsZero() {
				refunds = append(refunds, r.id)
			}
		}
		for _, id := range sorted(s.disputes) {
			if !s.disputes[id].decided {
				disputes = append(disputes, id)
			}
		}
		return nil
	})
	return refunds, disputes
}
