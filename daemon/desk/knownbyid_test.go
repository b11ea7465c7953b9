package desk_test

import (
	"testing"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// R23: a refund that is pending is known by the provider's id of it, where its
// event doesn't carry our key.
func TestR23PendingRefundIsKnownByItsID(t *testing.T) {
	for status, want := range map[string]desk.RefundState{provider.RefundSucceeded: desk.RefundMade, provider.RefundFailed: desk.RefundDenied} {
		t.Run(status, func(t *testing.T) {
			s := open(t)
			v, paid := s.paidByLink(2500)
			asked := s.givesBack(paid.ID, giving(1000, ""))
			w := s.refundJob()
			s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundPending)))
			told := made(w, status)
			told.Key, told.Session = "", ""
			s.hears(provider.Event{ID: "e8", Type: provider.EventRefund, At: time.Now(), Refund: &told})
			r, err := s.RefundOf(asked.ID)
			s.must(err)
			back := map[desk.RefundState]int64{desk.RefundMade: 1000}[want]
			if v = s.reread(v); r.State != want || v.Refunded != back {
				t.Errorf("%s, refunded %d", r.State, v.Refunded)
			}
			entries, err := s.VisitPayments(boss, v.ID)
			s.must(err)
			if len(entries) != 1+int(back/1000) {
				t.Errorf("booked %+v", entries)
			}
		})
	}
}

// R23: a later word of a dispute may not name its payment any more.
func TestR23DisputeIsKnownByItsID(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	k := provider.Dispute{ID: "d1", Payment: paid.ProviderPayment, Amount: 2500, Currency: "EUR", Status: provider.DisputeOpened}
	s.hears(provider.Event{ID: "e1", Type: provider.EventDispute, At: time.Now(), Dispute: &k})
	lost := k
	lost.Payment, lost.Status = "", provider.DisputeLost
	s.hears(provider.Event{ID: "e2", Type: provider.EventDispute, At: time.Now(), Dispute: &lost})
	if v = s.reread(v); v.Refunded != 2500 {
		t.Errorf("refunded %d, raised %v", v.Refunded, s.raised())
	}
}
