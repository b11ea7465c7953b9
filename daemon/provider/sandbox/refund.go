package sandbox

import (
	"countersign/daemon/provider"
	"countersign/store"
)

// giveBack refunds, or finds the refund made with the key before. A key that
// is empty is a refund at the company's own dashboard.
func (s *Server) giveBack(key, print string, r wireRefundRequest) (done refund, err error) {
	id, err := s.newID("re")
	if err != nil {
		return refund{}, err
	}
	err = s.db.Update(func(tx *store.Tx) error {
		if key != "" {
			old, ok, err := s.book.refunds.First(tx, s.book.refundByKey, key)
			if err != nil {
				return err
			}
			if ok {
				done = old
				return sameRequest(old.Print, print)
			}
		}
		p, x, err := s.refundable(tx, r)
		if err != nil {
			return err
		}
		done = refund{
			ID: id, Session: x.ID, Payment: p.ID, Key: key, Print: print,
			Amount: r.Amount, Currency: p.Currency, Reason: r.Reason, At: tx.Now(),
		}
		p.Refunded += r.Amount
		if err := s.book.payments.Put(tx, p); err != nil {
			return err
		}
		if err := s.book.refunds.Put(tx, done); err != nil {
			return err
		}
		return s.emit(tx, provider.EventRefund, &x, done.wire())
	})
	return done, err
}

// refundable finds the payment a refund is for, and refuses to give back more
// than was paid (R23).
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
	switch {
	case r.Amount <= 0:
		return p, x, invalid("amount: more than zero, in minor units")
	case r.Currency != p.Currency:
		return p, x, invalid("currency: that of the payment")
	case r.Amount > p.Amount-p.Refunded:
		return p, x, invalid("amount: more than is left of the payment")
	case len(r.Reason) > 2000:
		return p, x, invalid("reason: too long")
	}
	x, _, err = s.book.sessions.Get(tx, p.Session)
	return p, x, err
}
