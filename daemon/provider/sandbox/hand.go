package sandbox

import (
	"time"

	"countersign/daemon/provider"
	"countersign/store"
)

// The methods below are the client's finger on the hosted page, and the
// company's own hand, for tests and demonstrations.

// Pay presses Pay. It changes nothing on a page that is dead or paid; the
// answer is the state after it.
func (s *Server) Pay(session string) (provider.Session, error) {
	return s.told(s.pay(session))
}

// PayLater presses Pay later: processing now, paid after ServerOptions.Late.
func (s *Server) PayLater(session string) (provider.Session, error) {
	return s.told(s.payLater(session))
}

// Decline presses Decline.
func (s *Server) Decline(session string) (provider.Session, error) {
	return s.told(s.decline(session))
}

// PayAnyway pays whatever the session's state and amount: late money, a
// second payment, a wrong amount or currency (R19, R20).
func (s *Server) PayAnyway(session string, amount int64, currency string) (provider.Session, error) {
	return s.told(s.payAnyway(session, amount, currency))
}

// RefundByHand gives money back at the company's own dashboard, of which the
// salon hears by an event without a key (R23).
func (s *Server) RefundByHand(payment string, amount int64, currency string) (provider.Refund, error) {
	r, err := s.giveBack("", "", wireRefundRequest{Payment: payment, Amount: amount, Currency: currency})
	if err != nil {
		return provider.Refund{}, err
	}
	done, _ := r.wire().port()
	return done, nil
}

// SettleRefund ends a refund that is pending: the money arrived, or the
// client's bank sent it back.
func (s *Server) SettleRefund(id string, arrived bool) (provider.Refund, error) {
	r, err := s.settleRefund(id, arrived)
	if err != nil {
		return provider.Refund{}, err
	}
	done, _ := r.wire().port()
	return done, nil
}

// Refunds are all that were asked for or made here, in no order.
func (s *Server) Refunds() (all []provider.Refund, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for r, err := range s.book.refunds.All(tx) {
			if err != nil {
				return err
			}
			told, _ := r.wire().port()
			all = append(all, told)
		}
		return nil
	})
	return all, err
}

// Disputes are all that there ever were, in no order.
func (s *Server) Disputes() (all []provider.Dispute, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for d, err := range s.book.disputes.All(tx) {
			if err != nil {
				return err
			}
			told, _ := d.wire().port()
			all = append(all, told)
		}
		return nil
	})
	return all, err
}

// Dispute lets the bank of whoever paid want the money back; an amount of 0
// is all of it.
func (s *Server) Dispute(payment string, amount int64, reason string) (provider.Dispute, error) {
	return s.heard(s.dispute(wireDisputeRequest{Payment: payment, Amount: amount, Reason: reason}))
}

// Decide ends a dispute: won, the money stays with the salon.
func (s *Server) Decide(dispute string, won bool) (provider.Dispute, error) {
	return s.heard(s.decide(dispute, won))
}

func (s *Server) heard(d dispute, err error) (provider.Dispute, error) {
	if err != nil {
		return provider.Dispute{}, err
	}
	told, _ := d.wire().port()
	return told, nil
}

func (s *Server) told(x session, err error) (provider.Session, error) {
	if err != nil {
		return provider.Session{}, err
	}
	p, _ := s.wire(&x, time.Now()).port()
	return p, nil
}
