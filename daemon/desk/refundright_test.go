package desk_test

import (
	"slices"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// R23, R38: giving back needs its own right, and waits while the client pays.
func TestR23RefundsNeedTheRightAndNoBlock(t *testing.T) {
	s := open(t)
	v := s.visit(5000)
	cash := s.takes(v, by("cash", 3000))
	all := slices.DeleteFunc(slices.Clone(access.All()), func(r access.Right) bool { return r == access.Refunds })
	_, err := s.RefundPayment(access.Actor{Staff: "s_x", Rights: all}, cash.ID, giving(100, ""), desk.Key{})
	s.refused(err, "forbidden")
	s.opened(s.reread(v))
	_, err = s.RefundPayment(boss, cash.ID, giving(100, ""), desk.Key{})
	s.refused(err, "visit_blocked")
	if v = s.reread(v); v.Refunded != 0 {
		t.Errorf("refunded %d", v.Refunded)
	}
}

// R23: a refund that was asked for before says so, and since when: not every
// provider takes a key.
func TestR23RefundAskedAgain(t *testing.T) {
	s := open(t)
	_, paid := s.paidByLink(2500)
	s.givesBack(paid.ID, giving(1000, ""))
	jobs, _, err := s.DueJobs(1)
	s.must(err)
	first, _, err := s.TakeJob(jobs[0].ID, 0)
	s.must(err)
	again, _, err := s.TakeJob(jobs[0].ID, 0)
	s.must(err)
	if first.Refund.Again || !again.Refund.Again || first.Refund.Asked.IsZero() || first.Refund.Asked != again.Refund.Asked {
		t.Errorf("%+v, then %+v", first.Refund, again.Refund)
	}
}
