package sandbox

import (
	"net/http"

	"countersign/daemon/provider"
	"countersign/store"
)

// giveBack refunds, or finds the refund made with the key before. A key that
// is empty is a refund at the company's own dashboard, which nothing delays.
func (s *Server) giveBack(key, print string, r wireRefundRequest) (done refund, err error) {
	id, err := s.newID("re")
	if err != nil {
		return refund{}, err
	}
	err = s.db.Update(func(tx *store.Tx) error {
		status := provider.RefundSucceeded
		if key != "" {
			old, ok, err := s.book.refunds.First(tx, s.book.refundByKey, key)
			if err != nil {
				return err
			}
			if ok {
				done = old
				return sameRequest(old.Print, print)
			}
			if status, err = s.mood(); err != nil {
				return err
			}
		}
		p, x, err := s.refundable(tx, r)
		if err != nil {
			return err
		}
		done = refund{
			ID: id, Session: x.ID, Payment: p.ID, Key: key, Print: print,
			Amount: r.Amount, Currency: p.Currency, Reason: r.Reason, Status: status, At: tx.Now(),
		}
		p.count(status, r.Amount)
		return s.putRefund(tx, p, done)
	})
	return done, err
}

// mood is what becomes of a refund that the salon asks for, by the faults.
func (s *Server) mood() (status string, err error) {
	f := s.Faults()
	switch {
	case s.dice.chance(f.RefuseRefunds):
		return "", &refusal{http.StatusUnprocessableEntity, "refund_refused", "The client's account takes no money back."}
	case s.dice.chance(f.PendRefunds):
		return provider.RefundPending, nil
	}
	return provider.RefundSucceeded, nil
}

// count adds a refund in a state to what its payment says of it.
func (p *Payment) count(status string, amount int64) {
	switch status {
	case provider.RefundSucceeded:
		p.Refunded += amount
	case provider.RefundPending:
		p.Pending += amount
	}
}

// putRefund stores a refund with its payment, and tells of it.
func (s *Server) putRefund(tx *store.Tx, p Payment, r refund) error {
	if err := s.book.payments.Put(tx, p); err != nil {
		return err
	}
	if err := s.book.refunds.Put(tx, r); err != nil {
		return err
	}
	x, _, err := s.book.sessions.Get(tx, r.Session)
	if err != nil {
		return err
	}
	return s.emit(tx, wireEvent{Type: provider.EventRefund, Session: s.wire(&x, tx.Now()), Refund: r.wire()})
}

// settleRefund ends a refund that is pending: the money arrived, or it came
// back. One that has ended stays as it is.
func (s *Server) settleRefund(id string, made bool) (r refund, err error) {
	err = s.db.Update(func(tx *store.Tx) error {
		var ok bool
		if r, ok, err = s.book.refunds.Get(tx, id); err != nil {
			return err
		}
		if !ok {
			return unknown("refund")
		}
		if r.status() != provider.RefundPending {
			return nil
		}
		p, _, err := s.book.payments.Get(tx, r.Payment)
		if err != nil {
			return err
		}
		p.count(r.Status, -r.Amount)
		if r.Status = provider.RefundSucceeded; !made {
			r.Status, r.Reason = provider.RefundFailed, "the client's bank sent the money back"
		}
		p.count(r.Status, r.Amount)
		return s.putRefund(tx, p, r)
	})
	return r, err
}

// refundable finds the payment a refund is for, and refuses to give back more
// than was paid (R23), or what the client's bank is about to take.
func (s *Server) refundable(tx *store.Tx, r wireRefundRequest) (p Payment, x session, err error) {
	if r.Payment == "" {
		if x, _, err = s.book.sessions.Get(tx, r.Session); err != nil {
			return p, x, err
		}
		r.Payment = x.Payment
	}
	p, ok, err := s.book.payments.Get(tx, r.Payment)
	if err != nil {
		return p, x, err
	}
	if !ok || r.Session != "" && p.Session != r.Session {
		return p, x, unknown("payment")
	}
	open, err := s.disputed(tx, p.ID)
	switch {
	case err != nil:
		return p, x, err
	case r.Amount <= 0:
		return p, x, invalid("amount: more than zero, in minor units")
	case r.Currency != p.Currency:
		return p, x, invalid("currency: that of the payment")
	case r.Amount > p.left():
		return p, x, invalid("amount: more than is left of the payment")
	case len(r.Reason) > 2000:
		return p, x, invalid("reason: too long")
	case open:
		return p, x, &refusal{http.StatusConflict, "disputed", "The client's bank wants this payment back. It can't be refunded before that is decided."}
	}
	x, _, err = s.book.sessions.Get(tx, p.Session)
	return p, x, err
}
