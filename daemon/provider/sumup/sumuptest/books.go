package sumuptest

import (
	"strconv"
	"time"
)

// Taking is what became of a payment, in minor units: what it took, what was
// given back, and what a bank took for good.
type Taking struct {
	ID, Checkout       string
	Amount, Back, Lost int64
	Disputed           bool // a bank asked for it once, however that ended
}

// Takings are all payments of checkouts, oldest first: card readers' sales are
// left out.
func (s *Server) Takings() (all []Taking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick(time.Now())
	for _, t := range s.transactions {
		if !t.took() || t.checkout == nil {
			continue
		}
		one := Taking{ID: t.id, Checkout: t.checkout.id, Amount: t.amount, Back: t.back("REFUND")}
		for _, m := range t.movements {
			one.Disputed = one.Disputed || m.kind == chargeBack
			if m.kind == chargeBack && m.status == successful {
				one.Lost += m.amount
			}
		}
		all = append(all, one)
	}
	return all
}

// Waiting are the names of refunds that wait for Settle, and of disputes that
// wait for Decide.
func (s *Server) Waiting() (refunds, disputes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.transactions {
		for _, m := range t.movements {
			name := strconv.FormatInt(m.id, 10)
			switch {
			case m.status != pending:
			case m.kind == chargeBack:
				disputes = append(disputes, name)
			default:
				refunds = append(refunds, name)
			}
		}
	}
	return refunds, disputes
}
