package sumuptest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Pay is a client paying on a checkout's page. A page that is dead or paid
// takes nothing.
func (s *Server) Pay(checkout string) { s.attempt(checkout, successful) }

// PayLater is a payment that comes after Late, even if the page dies meanwhile.
func (s *Server) PayLater(checkout string) { s.attempt(checkout, pending) }

// Decline is an attempt that the client's bank declines. The page stays.
func (s *Server) Decline(checkout string) { s.attempt(checkout, declined) }

func (s *Server) attempt(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.tick(now)
	c := s.byID(id)
	if c == nil || s.state(c) == paid || s.state(c) == expired || c.dead(now) || c.attempt(pending) != nil {
		return
	}
	t := s.sell(c.amount, c.currency, status)
	t.checkout = c
	c.attempts = append(c.attempts, t)
	switch status {
	case successful:
		c.status = paid
	case declined:
		c.status = failed
	case pending:
		t.due = now.Add(Late)
		return
	}
	s.hint(c)
}

func (s *Server) sell(amount int64, currency, status string) *transaction {
	n, now := s.number(), time.Now()
	t := &transaction{number: n, id: uuid(n + 5000000), code: fmt.Sprintf("TEEN%06d", n), amount: amount, currency: currency, status: status, at: now, changed: now}
	s.transactions = append(s.transactions, t)
	return t
}

// Sell is a sale on the salon's own card reader, which is no business of ours.
func (s *Server) Sell(amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sell(amount, s.o.Currency, successful)
}

// PayTwice is a second payment on a checkout that is paid, which mustn't be.
func (s *Server) PayTwice(checkout string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.byID(checkout); c != nil {
		t := s.sell(c.amount, c.currency, successful)
		t.checkout = c
	}
}

// Forget is SumUp no longer knowing a checkout that was paid.
func (s *Server) Forget(checkout string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.checkouts {
		if c.id == checkout {
			s.checkouts = append(s.checkouts[:i], s.checkouts[i+1:]...)
			return
		}
	}
}

// Dashboard gives money back in SumUp's own dashboard.
func (s *Server) Dashboard(transaction string, amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.transaction(transaction); t != nil {
		s.giveBack(t, amount)
	}
}

// Dispute is the client's bank wanting money back; it returns the event's id.
func (s *Server) Dispute(transaction string, amount int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.transaction(transaction)
	if t == nil {
		return ""
	}
	return strconv.FormatInt(s.move(t, chargeBack, "PENDING", amount).id, 10)
}

// Decide ends a dispute.
func (s *Server) Decide(dispute string, won bool) {
	s.settle(dispute, map[bool]string{true: "FAILED", false: "SUCCESSFUL"}[won])
}

// Settle ends a refund that is pending.
func (s *Server) Settle(refund string, arrived bool) {
	s.settle(refund, map[bool]string{true: "REFUNDED", false: "FAILED"}[arrived])
}

func (s *Server) settle(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.transactions {
		for _, m := range t.movements {
			if strconv.FormatInt(m.id, 10) == id {
				m.status, m.changed, t.changed = status, time.Now(), time.Now()
			}
		}
	}
}

// Disorder lists every other line a minute late, pages back to front, and
// lines twice.
func (s *Server) Disorder(on bool) { s.fault(func(f *faults) { f.disorder = on }) }

// Odd puts lines into the history that no description knows.
func (s *Server) Odd(on bool) { s.fault(func(f *faults) { f.odd = on }) }

// Pend makes refunds wait for Settle.
func (s *Server) Pend(on bool) { s.fault(func(f *faults) { f.pend = on }) }

// Refuse refuses refunds.
func (s *Server) Refuse(on bool) { s.fault(func(f *faults) { f.refuse = on }) }

// Lazy never says that a checkout has expired: it says PENDING for ever.
func (s *Server) Lazy(on bool) { s.fault(func(f *faults) { f.lazy = on }) }

func (s *Server) fault(set func(*faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set(&s.faults)
}

// Payments are what each transaction of a checkout took, by its id.
func (s *Server) Payments() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick(time.Now())
	all := map[string]int64{}
	for _, t := range s.transactions {
		if t.took() && t.checkout != nil {
			all[t.id] = t.amount
		}
	}
	return all
}

// Refunds are the amounts given back of a transaction, oldest first.
func (s *Server) Refunds(transaction string) (all []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.transaction(transaction); t != nil {
		for _, m := range t.movements {
			if m.kind == "REFUND" {
				all = append(all, m.amount)
			}
		}
	}
	return all
}

// Hint is the body of a webhook of a checkout.
func Hint(checkout string) []byte {
	b, _ := json.Marshal(map[string]string{"event_type": "CHECKOUT_STATUS_CHANGED", "id": checkout})
	return b
}
