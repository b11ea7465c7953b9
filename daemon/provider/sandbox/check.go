package sandbox

import (
	"errors"
	"fmt"

	"countersign/daemon/provider"
	"countersign/store"
)

// Check says what is wrong with the company's file and books: it joins every
// problem found. Tests end with it.
func (s *Server) Check() error {
	if !s.enter() {
		return ErrClosed
	}
	defer s.inside.Done()
	if err := s.db.Check(); err != nil {
		return err
	}
	return s.db.View(func(tx *store.Tx) error {
		return errors.Join(s.checkPayments(tx), s.checkSessions(tx))
	})
}

// checkPayments holds each payment against its refunds and disputes.
func (s *Server) checkPayments(tx *store.Tx) (problems error) {
	moved, err := s.moved(tx)
	if err != nil {
		return err
	}
	for p, err := range s.book.payments.All(tx) {
		if err != nil {
			return err
		}
		says := Payment{Refunded: p.Refunded, Pending: p.Pending, Disputed: p.Disputed}
		if says != moved[p.ID] || p.Refunded+p.Pending > p.Amount {
			problems = errors.Join(problems, fmt.Errorf("payment %s of %d says %+v, its refunds and disputes %+v", p.ID, p.Amount, says, moved[p.ID]))
		}
		delete(moved, p.ID)
	}
	for id := range moved {
		problems = errors.Join(problems, fmt.Errorf("refunds or disputes of no payment %s", id))
	}
	return problems
}

// moved adds up, by payment, what refunds and lost disputes took.
func (s *Server) moved(tx *store.Tx) (map[string]Payment, error) {
	sums := map[string]Payment{}
	for r, err := range s.book.refunds.All(tx) {
		if err != nil {
			return nil, err
		}
		sum := sums[r.Payment]
		sum.count(r.status(), r.Amount)
		sums[r.Payment] = sum
	}
	for d, err := range s.book.disputes.All(tx) {
		if err != nil {
			return nil, err
		}
		sum := sums[d.Payment]
		if d.Status == provider.DisputeLost {
			sum.Disputed += d.Amount
		}
		sums[d.Payment] = sum
	}
	return sums, nil
}

// checkSessions holds each session against its payment: paid if and only if
// there is one.
func (s *Server) checkSessions(tx *store.Tx) (problems error) {
	for x, err := range s.book.sessions.All(tx) {
		if err != nil {
			return err
		}
		p, ok, err := s.book.payments.Get(tx, x.Payment)
		if err != nil {
			return err
		}
		if paid := x.Status == provider.Paid; paid != ok || ok && p.Session != x.ID {
			problems = errors.Join(problems, fmt.Errorf("session %s is %s with payment %q", x.ID, x.Status, x.Payment))
		}
	}
	return problems
}
