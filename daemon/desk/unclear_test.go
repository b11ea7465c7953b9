package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/store"
)

// unclear is a refund that the company was asked for, and of which nobody can
// tell what became of it: staff are asked to look it up.
func (s salon) unclear(amount int64) (r desk.Refund, w desk.Work, asks desk.Attention) {
	s.t.Helper()
	_, paid := s.paidByLink(2500)
	r = s.givesBack(paid.ID, giving(amount, ""))
	w = s.refundJob()
	time.Sleep(16 * time.Minute)
	for range 2 {
		s.must(s.RefundUnsure(w.Task.ID, "no answer", time.Minute))
	}
	return r, w, s.notice(desk.RefundUnclear)
}

// notice is the one thing of its kind that staff have to deal with.
func (s salon) notice(kind string) desk.Attention {
	s.t.Helper()
	all, err := s.Attention(boss)
	s.must(err)
	all = slices.DeleteFunc(all, func(x desk.Attention) bool { return x.Kind != kind })
	if len(all) != 1 {
		s.t.Fatalf("%d of %s among %v", len(all), kind, s.raised())
	}
	return all[0]
}

// stands wants a refund to be in a state, that much to be given back of its
// payment and that much to be left, and these notices.
func (s salon) stands(r desk.Refund, state desk.RefundState, back, left int64, raised ...string) {
	s.t.Helper()
	got, err := s.RefundOf(r.ID)
	s.must(err)
	free, err := s.Refundable(boss, r.Payment)
	s.must(err)
	v, err := s.Visit(boss, r.Visit)
	s.must(err)
	if got.State != state || v.Refunded != back || free != left || !slices.Equal(s.raised(), raised) {
		s.t.Errorf("%s, %d given back, %d left, raised %v; want %s, %d, %d, %v", got.State, v.Refunded, free, s.raised(), state, back, left, raised)
	}
}

// inQuiet runs a test in a bubble of its own.
func inQuiet(t *testing.T, test func(s salon)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(open(t)) })
}

// R23, R20: who looked at the provider's dashboard says what became of a refund,
// and the provider is heard all the same, in whatever it says later: nothing is
// booked twice, and nothing that may be with the client twice goes untold.
func TestR23StaffSettleAnUnclearRefund(t *testing.T) {
	const after = desk.RefundAfterAll
	for _, c := range []struct {
		name       string
		made       bool
		later      string // what the provider tells later; "": nothing
		keyed      bool   // and names our key
		state      desk.RefundState
		back, left int64
		raised     []string
	}{
		{"made", true, "", false, desk.RefundMade, 1000, 1500, nil},
		{"made, and so it says", true, provider.RefundSucceeded, true, desk.RefundMade, 1000, 1500, nil},
		{"made, and so it says without a key", true, provider.RefundSucceeded, false, desk.RefundMade, 1000, 1500, nil},
		{"made, and it failed", true, provider.RefundFailed, true, desk.RefundMade, 1000, 1500, []string{ledger.Bounced}},
		{"not made", false, "", false, desk.RefundDenied, 0, 2500, nil},
		{"not made, and so it says", false, provider.RefundFailed, true, desk.RefundDenied, 0, 2500, nil},
		{"not made, and it was", false, provider.RefundSucceeded, true, desk.RefundDenied, 1000, 1500, []string{after}},
		{"not made, and it was, without a key", false, provider.RefundSucceeded, false, desk.RefundDenied, 1000, 1500, []string{after}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inQuiet(t, func(s salon) {
				r, w, asks := s.unclear(1000)
				s.must(s.SettleRefund(boss, asks.ID, c.made))
				if again := s.SettleRefund(boss, asks.ID, c.made); again == nil {
					t.Error("settled twice")
				}
				time.Sleep(time.Hour)
				if jobs, _, err := s.DueJobs(9); err != nil || len(jobs) > 0 {
					t.Errorf("asked for again: %v %v", jobs, err)
				}
				for i := range 2 {
					told := made(w, c.later)
					if !c.keyed {
						told.Key = ""
					}
					if c.later != "" {
						s.hears(provider.Event{ID: fmt.Sprint("later", i), Type: provider.EventRefund, At: time.Now(), Refund: &told})
					}
				}
				s.stands(r, c.state, c.back, c.left, c.raised...)
			})
		})
	}
}

// R23, R41: the answer to an attempt that was under way while somebody settled it
// is heard too.
func TestR23AnsweredWhileSettled(t *testing.T) {
	for said, want := range map[bool][]string{true: nil, false: {desk.RefundAfterAll}} {
		inQuiet(t, func(s salon) {
			r, w, asks := s.unclear(1000)
			s.must(s.SettleRefund(boss, asks.ID, said))
			s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
			state := desk.RefundMade
			if !said {
				state = desk.RefundDenied
			}
			s.stands(r, state, 1000, 1500, want...)
		})
	}
}

// R23: a refund that the provider once called pending is known by its id, also
// when it names no key later.
func TestR23SettledAfterItWasPending(t *testing.T) {
	inQuiet(t, func(s salon) {
		_, paid := s.paidByLink(2500)
		r := s.givesBack(paid.ID, giving(1000, ""))
		w := s.refundJob()
		s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundPending)))
		time.Sleep(16 * time.Minute)
		s.must(s.RefundUnsure(w.Task.ID, "no answer", time.Minute))
		s.must(s.SettleRefund(boss, s.notice(desk.RefundUnclear).ID, true))
		told := made(w, provider.RefundSucceeded)
		told.Key = ""
		s.hears(provider.Event{ID: "later", Type: provider.EventRefund, At: time.Now(), Refund: &told})
		s.stands(r, desk.RefundMade, 1000, 1500)
	})
}

// R23: two of the same amount are two, though only one was told of.
func TestR23SettledTwoOfAnAmount(t *testing.T) {
	inQuiet(t, func(s salon) {
		r, w, _ := s.unclear(1000)
		second := s.givesBack(r.Payment, giving(1000, ""))
		other := s.refundJob()
		told := made(w, provider.RefundSucceeded)
		told.Key = ""
		s.hears(provider.Event{ID: "before", Type: provider.EventRefund, At: time.Now(), Refund: &told})
		time.Sleep(16 * time.Minute)
		s.must(s.RefundUnsure(other.Task.ID, "no answer", time.Minute))
		all, err := s.Attention(boss)
		s.must(err)
		for _, x := range all {
			s.must(s.SettleRefund(boss, x.ID, true))
		}
		s.stands(r, desk.RefundMade, 2000, 500)
		s.stands(second, desk.RefundMade, 2000, 500)
	})
}

// R23: it may have been told of before without saying that it was ours; two that
// were asked for are two.
func TestR23SettledAndToldBefore(t *testing.T) {
	inQuiet(t, func(s salon) {
		r, w, asks := s.unclear(1000)
		told := made(w, provider.RefundSucceeded)
		told.Key = ""
		s.hears(provider.Event{ID: "before", Type: provider.EventRefund, At: time.Now(), Refund: &told})
		second := s.givesBack(r.Payment, giving(500, ""))
		s.stands(r, desk.RefundAsked, 1000, 0, desk.RefundUnclear)
		s.must(s.SettleRefund(boss, asks.ID, true))
		s.stands(r, desk.RefundMade, 1000, 1000)
		w = s.refundJob()
		s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
		s.stands(second, desk.RefundMade, 1500, 1000)
	})
}

// R23: what becomes clear by itself asks nobody any more, and only who may give
// money back answers; there is no leaving it as it is.
func TestR23UnclearNoLonger(t *testing.T) {
	for _, status := range []string{provider.RefundSucceeded, provider.RefundFailed} {
		inQuiet(t, func(s salon) {
			_, w, asks := s.unclear(1000)
			s.refused(s.Accept(boss, asks.ID), "refund_unclear")
			s.refused(s.SettleRefund(access.Actor{Staff: "u_9", Rights: access.Receptionist.Rights()}, asks.ID, true), "forbidden")
			s.must(s.RefundAnswered(w.Task.ID, made(w, status)))
			if got := s.raised(); slices.Contains(got, desk.RefundUnclear) {
				t.Errorf("%s: raised %v", status, got)
			}
			told, err := s.Changes(0, 1000)
			s.must(err)
			if !slices.ContainsFunc(told, func(c store.Entry[desk.Change]) bool {
				return c.Value.Type == desk.AttentionRaised && c.Value.Data.State == "settled"
			}) {
				t.Errorf("%s: no tablet is told", status)
			}
		})
	}
	inQuiet(t, func(s salon) {
		s.hears(provider.Event{ID: "e", Type: provider.EventRefund, At: time.Now(),
			Refund: &provider.Refund{ID: "re_9", Session: "cs_9", Amount: 100, Currency: "EUR", Status: provider.RefundSucceeded}})
		s.refused(s.SettleRefund(boss, s.notice(ledger.Unmatched).ID, true), "not_unclear")
	})
}

// R23: where a provider takes no keys, it is told which of its refunds are
// others': they aren't taken for the one asked for.
func TestR23RefundsThatAreOthers(t *testing.T) {
	inQuiet(t, func(s salon) {
		_, paid := s.paidByLink(2500)
		s.givesBack(paid.ID, giving(500, ""))
		w := s.refundJob()
		first := made(w, provider.RefundSucceeded)
		s.must(s.RefundAnswered(w.Task.ID, first))
		s.givesBack(paid.ID, giving(500, ""))
		if w = s.refundJob(); !slices.Equal(w.Refund.Taken, []string{first.ID}) {
			t.Errorf("others are %v", w.Refund.Taken)
		}
	})
}
