package sandbox

import (
	"net/http"

	"countersign/daemon/provider"
	"countersign/store"
)

// dispute lets the client's bank want a payment back, in whole or in part. It
// asks nobody how much of it was refunded already, as banks don't.
func (s *Server) dispute(r wireDisputeRequest) (d dispute, err error) {
	id, err := s.newID("dp")
	if err != nil {
		return dispute{}, err
	}
	err = s.db.Update(func(tx *store.Tx) error {
		p, ok, err := s.book.payments.Get(tx, r.Payment)
		if err != nil {
			return err
		}
		if r.Amount == 0 {
			r.Amount = p.Amount
		}
		open, err := s.disputed(tx, p.ID)
		switch {
		case err != nil:
			return err
		case !ok:
			return unknown("payment")
		case r.Amount < 0 || r.Amount > p.Amount:
			return invalid("amount: at most that of the payment, in minor units")
		case len(r.Reason) > 2000:
			return invalid("reason: too long")
		case open || p.Disputed > 0:
			return &refusal{http.StatusConflict, "disputed", "The client's bank wants this payment back already."}
		}
		d = dispute{
			ID: id, Session: p.Session, Payment: p.ID, Amount: r.Amount, Currency: p.Currency,
			Reason: r.Reason, Status: provider.DisputeOpened, At: tx.Now(),
		}
		return s.putDispute(tx, d)
	})
	return d, err
}

// disputed says whether a payment has a dispute that nobody has decided yet.
func (s *Server) disputed(tx *store.Tx, payment string) (bool, error) {
	for d, err := range s.book.disputes.Where(tx, s.book.disputesOf, payment) {
		if err != nil || d.Status == provider.DisputeOpened {
			return err == nil, err
		}
	}
	return false, nil
}

// decide ends a dispute; one that is lost takes the money. What was decided
// stays.
func (s *Server) decide(id string, won bool) (d dispute, err error) {
	err = s.db.Update(func(tx *store.Tx) error {
		var ok bool
		if d, ok, err = s.book.disputes.Get(tx, id); err != nil {
			return err
		}
		if !ok {
			return unknown("dispute")
		}
		if d.Status != provider.DisputeOpened {
			return nil
		}
		if d.Status = provider.DisputeWon; won {
			return s.putDispute(tx, d)
		}
		d.Status = provider.DisputeLost
		p, _, err := s.book.payments.Get(tx, d.Payment)
		if err != nil {
			return err
		}
		p.Disputed += d.Amount
		if err := s.book.payments.Put(tx, p); err != nil {
			return err
		}
		return s.putDispute(tx, d)
	})
	return d, err
}

func (s *Server) putDispute(tx *store.Tx, d dispute) error {
	if err := s.book.disputes.Put(tx, d); err != nil {
		return err
	}
	x, _, err := s.book.sessions.Get(tx, d.Session)
	if err != nil {
		return err
	}
	return s.emit(tx, wireEvent{Type: provider.EventDispute, Session: s.wire(&x, tx.Now()), Dispute: d.wire()})
}
