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
