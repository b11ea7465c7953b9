package stripetest

import (
	"fmt"
	"time"
)

func (s *Server) hand(do func(now time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	return do(now)
}

func (s *Server) onPage(id string, do func(x *session, now time.Time)) error {
	return s.hand(func(now time.Time) error {
		x := s.session(id)
		if x == nil {
			return fmt.Errorf("stripetest: no session %s", id)
		}
		if l := s.links[x.link]; x.status == "open" && (l == nil || l.completed < l.limit) {
			do(x, now)
		}
		return nil
	})
}

// Pay is the client paying by card. A page that is over can't be paid.
func (s *Server) Pay(id string) error {
	return s.onPage(id, func(x *session, now time.Time) { s.begin(x, "succeeded", now) })
}

// PayLater is the client paying by a method that takes its time.
func (s *Server) PayLater(id string) error {
	return s.onPage(id, func(x *session, now time.Time) {
		s.begin(x, "processing", now)
		x.due = now.Add(s.opt.Late)
	})
}

// Decline is the client's card being declined. The page stays open, and nobody
// is told.
func (s *Server) Decline(id string) error { return s.onPage(id, func(*session, time.Time) {}) }

// Fail is the client paying by a method that takes its time, and then fails.
func (s *Server) Fail(id string) error {
	return s.onPage(id, func(x *session, now time.Time) {
		i := s.begin(x, "processing", now)
		i.status, i.trouble = "requires_payment_method", "The customer's bank account has been closed."
		s.tell(now, "checkout.session.async_payment_failed", x.id, s.sessionWords(x, false))
	})
}

// shop is the reference of the web shop's pages.
const shop = "shop"

// Sell is a sale in the salon's web shop, which uses the same account. It
// returns the payment.
func (s *Server) Sell(amount int64, currency string) (payment string) {
	_ = s.hand(func(now time.Time) error {
		x := &session{id: s.name("cs_test_", 40), status: "open", payment: "unpaid", reference: shop, currency: currency, amount: amount,
			created: now.Unix(), expires: now.Add(time.Hour).Unix(), success: "https://shop.example/thanks"}
		s.sessions = append(s.sessions, x)
		payment = s.begin(x, "succeeded", now).id
		return nil
	})
	return payment
}

// RefundByHand is a refund at the dashboard.
func (s *Server) RefundByHand(payment string, amount int64) error {
	return s.onPayment(payment, func(i *intent, now time.Time) { s.giveBack(i, amount, nil, "succeeded", now) })
}

func (s *Server) onPayment(id string, do func(i *intent, now time.Time)) error {
	return s.hand(func(now time.Time) error {
		i := s.intents[id]
		if i == nil || i.status != "succeeded" {
			return fmt.Errorf("stripetest: no payment %s", id)
		}
		do(i, now)
		return nil
	})
}

func (s *Server) giveBack(i *intent, amount int64, meta map[string]string, status string, now time.Time) *refund {
	r := &refund{id: s.name("re_", 24), status: status, intent: i, amount: amount, created: now.Unix(), meta: meta}
	s.refunds = append(s.refunds, r)
	i.back += amount
	s.tell(now, "refund.created", i.session, s.refundWords(r))
	s.tell(now, "charge.refunded", i.session, s.chargeWords(i))
	return r
}

// Settle ends a refund that is pending: it arrived, or came back.
func (s *Server) Settle(id string, arrived bool) error {
	return s.hand(func(now time.Time) error {
		for _, r := range s.refunds {
			if r.id != id || r.status != "pending" {
				continue
			}
			if arrived {
				r.status = "succeeded"
				s.tell(now, "refund.updated", r.intent.session, s.refundWords(r))
				return nil
			}
			r.status, r.failure = "failed", "lost_or_stolen_card"
			r.intent.back -= r.amount
			s.tell(now, "refund.failed", r.intent.session, s.refundWords(r))
			return nil
		}
		return fmt.Errorf("stripetest: no refund %s is pending", id)
	})
}

// Bounce is a refund that was made and comes back all the same.
func (s *Server) Bounce(id string) error {
	return s.hand(func(now time.Time) error {
		for _, r := range s.refunds {
			if r.id == id && r.status == "succeeded" {
				r.status, r.failure = "failed", "expired_or_canceled_card"
				r.intent.back -= r.amount
				s.tell(now, "refund.failed", r.intent.session, s.refundWords(r))
				return nil
			}
		}
		return fmt.Errorf("stripetest: refund %s wasn't made", id)
	})
}

// Dispute is the client's bank asking for a payment back, which it takes at
// once; it names the dispute.
func (s *Server) Dispute(payment string, amount int64) (which string, err error) {
	err = s.onPayment(payment, func(i *intent, now time.Time) {
		d := &dispute{id: s.name("dp_", 24), status: "needs_response", intent: i, amount: amount, created: now.Unix()}
		s.disputes[d.id], i.disputed, which = d, true, d.id
		s.tell(now, "charge.dispute.created", i.session, s.disputeWords(d))
		s.tell(now, "charge.dispute.funds_withdrawn", i.session, s.disputeWords(d))
	})
	return which, err
}

// Decide ends a dispute, after evidence was looked at.
func (s *Server) Decide(which string, won bool) error {
	return s.hand(func(now time.Time) error {
		d := s.disputes[which]
		if d == nil {
			return fmt.Errorf("stripetest: no dispute %s", which)
		}
		d.status = "under_review"
		s.tell(now, "charge.dispute.updated", d.intent.session, s.disputeWords(d))
		if d.status = "lost"; won {
			d.status, d.intent.disputed = "won", false
		}
		s.tell(now, "charge.dispute.closed", d.intent.session, s.disputeWords(d))
		if won {
			s.tell(now, "charge.dispute.funds_reinstated", d.intent.session, s.disputeWords(d))
		}
		return nil
	})
}
