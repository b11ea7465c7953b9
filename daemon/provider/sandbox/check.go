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

// checkPayments holds each payment against its refunds.
func (s *Server) checkPayments(tx *store.Tx) (problems error) {
	back := map[string]int64{}
	for r, err := range s.book.refunds.All(tx) {
		if err != nil {
			return err
		}
		back[r.Payment] += r.Amount
	}
	for p, err := range s.book.payments.All(tx) {
		if err != nil {
			return err
		}
		if p.Refunded != back[p.ID] || p.Refunded > p.Amount {
			problems = errors.Join(problems, fmt.Errorf("payment %s of %d: %d refunded, %d by the refunds", p.ID, p.Amount, p.Refunded, back[p.ID]))
		}
		delete(back, p.ID)
	}
	for id := range back {
		problems = errors.Join(problems, fmt.Errorf("refunds of no payment %s", id))
	}
	return problems
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
