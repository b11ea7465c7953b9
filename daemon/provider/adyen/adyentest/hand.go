package adyentest

import (
	"fmt"
	"time"
)

// hand does something with the books, at this moment.
func (s *Server) hand(do func(now time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	return do(now)
}

// onPage is a hand on a link's page; a page that is over does nothing.
func (s *Server) onPage(session string, do func(l *link, now time.Time)) error {
	return s.hand(func(now time.Time) error {
		l, ok := s.links[session]
		if !ok {
			return fmt.Errorf("adyentest: no link %s", session)
		}
		if l.status == "active" {
			do(l, now)
		}
		return nil
	})
}

// Pay is the client's card being taken on a link's page.
func (s *Server) Pay(session string) error {
	return s.onPage(session, func(l *link, now time.Time) { s.complete(l, now.Truncate(time.Second)) })
}

// PayLater is a client who commits to a payment that takes its time.
func (s *Server) PayLater(session string) error {
	return s.onPage(session, func(l *link, now time.Time) {
		l.status, l.updated, l.due = "paymentPending", now.Truncate(time.Second), now.Add(s.opt.Late).Truncate(time.Second)
	})
}

// Decline is a card that isn't taken: the link stays open for another.
func (s *Server) Decline(session string) error {
	return s.onPage(session, func(l *link, now time.Time) {
		p := &payment{link: l.id, reference: fmt.Sprint(l.fields["reference"])}
		s.tell(now, item{id: s.name("PAY", 13), code: "AUTHORISATION", payment: p, reason: "Refused", amount: l.amount, currency: l.currency})
	})
}

// onPayment is a hand on a payment.
func (s *Server) onPayment(id string, do func(p *payment, now time.Time)) error {
	return s.hand(func(now time.Time) error {
		p, ok := s.payments[id]
		if !ok {
			return fmt.Errorf("adyentest: no payment %s", id)
		}
		do(p, now)
		return nil
	})
}

// RefundByHand gives money back on the dashboard, where no reference is given
// but the payment's own.
func (s *Server) RefundByHand(of string, amount int64) error {
	return s.onPayment(of, func(p *payment, now time.Time) { s.takeIn(p, amount, p.currency, p.reference, now) })
}

// Settle ends a refund that waits for it: the money arrived, or it didn't.
func (s *Server) Settle(refund string, arrived bool) error {
	return s.hand(func(now time.Time) error {
		for _, r := range s.refunds {
			if r.id == refund && !r.ended {
				s.end(r, arrived && r.good, now)
				return nil
			}
		}
		return fmt.Errorf("adyentest: no refund %s is open", refund)
	})
}

// Bounce is a refund that was made, and comes back from the client's bank.
func (s *Server) Bounce(refund string) error {
	return s.hand(func(now time.Time) error {
		for _, r := range s.refunds {
			if r.id == refund && r.ended && r.good {
				p := s.payments[r.payment]
				p.back -= r.amount
				r.good = false
				s.tell(now, item{id: r.id, original: p.id, code: "REFUND_FAILED", success: true, payment: p, reference: r.reference,
					reason: "Account closed", amount: r.amount, currency: r.currency})
				return nil
			}
		}
		return fmt.Errorf("adyentest: refund %s wasn't made", refund)
	})
}

// Dispute is the client's bank asking for a payment back; it names the dispute.
func (s *Server) Dispute(of string, amount int64) (which string, err error) {
	err = s.onPayment(of, func(p *payment, now time.Time) {
		d := &dispute{id: s.name("DIS", 13), payment: p.id, amount: amount}
		s.disputes[d.id], p.disputed = d, true
		s.contest(d, "NOTIFICATION_OF_CHARGEBACK", now)
		which = d.id
	})
	return which, err
}

// Decide ends a dispute. The bank takes the money first, and gives it back if
// the dispute is won.
func (s *Server) Decide(which string, won bool) error {
	return s.hand(func(now time.Time) error {
		d, ok := s.disputes[which]
		if !ok {
			return fmt.Errorf("adyentest: no dispute %s", which)
		}
		s.contest(d, "CHARGEBACK", now)
		d.decided, d.lost = true, !won
		if won {
			s.contest(d, "CHARGEBACK_REVERSED", now.Add(time.Second))
			s.payments[d.payment].disputed = false
		}
		return nil
	})
}

// TakeOver is the bank taking a payment a second time, after the dispute was won.
func (s *Server) TakeOver(which string) error {
	return s.hand(func(now time.Time) error {
		d, ok := s.disputes[which]
		if !ok {
			return fmt.Errorf("adyentest: no dispute %s", which)
		}
		s.payments[d.payment].disputed, d.lost = true, true
		s.contest(d, "SECOND_CHARGEBACK", now)
		return nil
	})
}

func (s *Server) contest(d *dispute, code string, at time.Time) {
	p := s.payments[d.payment]
	s.tell(at, item{id: d.id, original: p.id, code: code, success: true, payment: p, reason: "Other Fraud-Card Absent Environment",
		amount: d.amount, currency: p.currency})
}
