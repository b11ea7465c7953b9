package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// R20, R23: a refund that was booked and bounces is booked as ours again, and
// raised, once: the client still waits for it.
func TestR20RefundThatBounces(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.givesBack(paid.ID, giving(2500, ""))
	w := s.refundJob()
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	bounced := made(w, provider.RefundFailed)
	for _, event := range []string{"e8", "e9"} {
		s.hears(provider.Event{ID: event, Type: provider.EventRefund, At: time.Now(), Refund: &bounced})
	}
	list, err := s.Attention(boss)
	s.must(err)
	entries := s.entries(v)
	last := entries[len(entries)-1]
	if len(entries) != 3 || last.Restores != entries[1].ID || last.Amount != 2500 || last.Provider != paid.Provider {
		t.Errorf("booked %+v", entries)
	}
	if len(list) != 1 || list[0].Kind != ledger.Bounced || list[0].Payment != last.ID || list[0].Visit != v.ID || list[0].Amount != 2500 {
		t.Errorf("raised %+v", list)
	}
	if now := s.reread(v); now.Due() != 0 || now.PaymentState() != visit.FullyPaid {
		t.Errorf("due %d, %s", now.Due(), now.PaymentState())
	}
	s.givesBack(last.ID, giving(2500, "cash")) // it goes back in another way
}

// R20, R23: what is heard of in whatever order, a refund at the dashboard that
// bounces leaves its payment whole, also when the payment is heard of last.
func TestR20DashboardRefundThatBounces(t *testing.T) {
	for name, words := range map[string]string{"in order": "pgb", "payment last": "gbp", "payment between": "gpb"} {
		s := open(t)
		v := s.visit(2500)
		p := s.opened(v)
		p.Payment = "pay_1"
		back := provider.Refund{ID: "re_1", Session: p.ID, Payment: "pay_1", Amount: 1000, Currency: "EUR", Status: provider.RefundSucceeded}
		for i, word := range words {
			e := provider.Event{ID: fmt.Sprint(name, i), Type: provider.EventRefund, At: time.Now(), Refund: &back}
			switch word {
			case 'p':
				p.Status, p.PaidAt = provider.Paid, time.Now()
				e = provider.Event{ID: "paid", At: time.Now(), Session: p}
			case 'b':
				failed := back
				failed.Status = provider.RefundFailed
				e.Refund = &failed
			}
			s.hears(e)
		}
		want := []string{ledger.Bounced}
		if words == "gbp" {
			want = nil // nothing had been booked
		}
		if now := s.reread(v); now.Due() != 0 || now.Paid-now.Refunded != 2500 || !slices.Equal(s.raised(), want) {
			t.Errorf("%s: paid %d, refunded %d, raised %v", name, now.Paid, now.Refunded, s.raised())
		}
	}
}
