package desk_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

func refundEvent(event, refund string, of provider.Session, amount int64) provider.Event {
	r := provider.Refund{ID: refund, Payment: of.Payment, Session: of.ID, Amount: amount, Currency: of.Currency, Status: provider.RefundSucceeded}
	return provider.Event{ID: event, Type: provider.EventRefund, At: time.Now(), Session: of, Refund: &r}
}

func (s salon) hears(events ...provider.Event) {
	s.t.Helper()
	s.must(s.Confirm("sandbox", events, ""))
}

func (s salon) raised() (kinds []string) {
	s.t.Helper()
	list, err := s.Attention(boss)
	s.must(err)
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// R18, R23: a refund that is heard of before its payment is kept, and booked
// with it; what was raised meanwhile is settled.
func TestR23RefundBeforeItsPayment(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	p.Payment = "pay_" + p.ID
	early := refundEvent("e1", "r1", p, 1000)
	s.hears(early)
	if got := s.raised(); !slices.Equal(got, []string{ledger.Unmatched}) {
		t.Errorf("raised %v", got)
	}
	s.says(p, provider.Paid, "e2")
	s.hears(early)
	if v = s.reread(v); v.Paid != 2500 || v.Refunded != 1000 {
		t.Errorf("paid %d, refunded %d", v.Paid, v.Refunded)
	}
	if got := s.raised(); len(got) != 0 {
		t.Errorf("still raised: %v", got)
	}
}

// R20, R23: a session that was paid twice is refunded payment by payment, and
// a refund of more than was left is booked as the provider made it.
func TestR23RefundsFindTheirPayment(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	p.Status, p.PaidAt = provider.Paid, time.Now()
	for _, payment := range []string{"A", "B"} {
		p.Payment = payment
		s.hears(provider.Event{ID: "e" + payment, Type: provider.EventPaid, At: time.Now(), Session: p})
	}
	for _, payment := range []string{"B", "A"} {
		p.Payment = payment
		s.hears(refundEvent("er"+payment, "r"+payment, p, 2500))
	}
	if v = s.reread(v); v.Paid != 5000 || v.Refunded != 5000 {
		t.Errorf("paid %d, refunded %d", v.Paid, v.Refunded)
	}
	s.hears(refundEvent("er3", "r3", p, 100))
	if v = s.reread(v); v.Refunded != 5100 || !slices.Contains(s.raised(), ledger.AmountMismatch) {
		t.Errorf("refunded %d, raised %v", v.Refunded, s.raised())
	}
}

// R15, R20: money on a checkout whose due was taken at the desk meanwhile is
// booked and raised, and no screen celebrates it.
func TestR20StaleConfirmationIsRaised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		p := s.opened(v)
		time.Sleep(16 * time.Minute)
		s.takes(v, by("cash", 2500))
		s.says(p, provider.Paid, "e1")
		if v = s.reread(v); v.PaymentState() != visit.Overpaid || !slices.Equal(s.raised(), []string{ledger.Duplicate}) {
			t.Errorf("%s, raised %v", v.PaymentState(), s.raised())
		}
	})
}

// R15, R19: money for an amount that is no longer due is booked and raised.
func TestR19AmountThatChangedIsRaised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		p := s.opened(v)
		time.Sleep(16 * time.Minute)
		s.takes(v, by("cash", 1000))
		s.says(p, provider.Paid, "e1")
		if v = s.reread(v); v.Paid != 3500 || !slices.Equal(s.raised(), []string{ledger.AmountMismatch}) {
			t.Errorf("paid %d, raised %v", v.Paid, s.raised())
		}
	})
}

// R20: what the ledger can't hold is raised, and holds up nothing behind it.
func TestR20NothingIsHeldUp(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	p.Status, p.Payment, p.PaidAt = provider.Paid, "P", time.Now()
	free := provider.Session{ID: "free", Status: provider.Paid, Payment: "q", Currency: "EUR", PaidAt: time.Now()}
	odd := provider.Session{ID: "odd", Status: provider.Paid, Payment: "o", Amount: 1, Currency: "", PaidAt: time.Now()}
	s.must(s.Confirm("sandbox", []provider.Event{{ID: "e0", At: time.Now(), Session: free}, {ID: "e1", At: time.Now(), Session: odd},
		refundEvent("e2", "r0", free, 0), {ID: "e3", At: time.Now(), Session: p}}, "c"))
	if v = s.reread(v); v.Paid != 2500 {
		t.Errorf("paid %d", v.Paid)
	}
	if got := s.raised(); !slices.Equal(got, []string{desk.NotBookable, desk.NotBookable, desk.NotBookable}) {
		t.Errorf("raised %v", got)
	}
}

// An answer that says nothing leaves the job queued, and is raised once.
func TestUnknownAnswerIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		o, err := s.Begin(v.Token)
		s.must(err)
		unknown := provider.Session{ID: "x", Reference: string(o.Checkout), URL: "https://pay.example/x", Status: provider.Unknown, Amount: 2500, Currency: "EUR"}
		for range 2 {
			jobs, _, err := s.DueJobs(10)
			s.must(err)
			if len(jobs) != 1 {
				t.Fatalf("jobs %v", jobs)
			}
			_, ok, err := s.TakeJob(jobs[0].ID, time.Minute)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			s.must(s.Answered(jobs[0].ID, o.Checkout, unknown))
			time.Sleep(time.Minute)
		}
		s.hears(provider.Event{ID: "e1", Session: unknown})
		if got := s.raised(); !slices.Equal(got, []string{desk.UnknownStatus}) {
			t.Errorf("raised %v", got)
		}
		if state, err := s.CheckoutState(o.Checkout); err != nil || state != visit.Creating {
			t.Errorf("%s, %v", state, err)
		}
	})
}

// R11: a checkout that its provider no longer knows frees the link, and money
// that comes on it all the same is booked.
func TestR11LostCheckoutFreesTheLink(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	v = s.reread(v)
	s.must(s.Lost("", v.Checkout))
	o, err := s.Begin(v.Token)
	s.must(err)
	if o.Checkout == v.Checkout || !slices.Equal(s.raised(), []string{desk.LostCheckout}) {
		t.Errorf("%+v, raised %v", o, s.raised())
	}
	s.says(p, provider.Paid, "e1")
	if v = s.reread(v); v.Paid != 2500 || !slices.Contains(s.raised(), ledger.Late) {
		t.Errorf("paid %d, raised %v", v.Paid, s.raised())
	}
}

// R29, R30, R32: what was closed doesn't come back by itself, on no screen and
// behind no printed code.
func TestR30ClosedStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		s.takes(v, by("cash", 2500))
		if got := s.scene("front").Kind; got != "closed" {
			t.Errorf("right after: %s", got)
		}
		time.Sleep(3 * time.Hour)
		v = s.reread(v)
		lines := append(slices.Clone(v.Lines), visit.Line{Kind: visit.Product, Name: "Shampoo", Quantity: 1, UnitPrice: 900})
		_, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
		s.must(err)
		if got := s.scene("front").Kind; got != "idle" {
			t.Errorf("after an edit: %s", got)
		}
		if leads, err := s.Shown("front"); err != nil || leads != "" {
			t.Errorf("the printed code leads to %q, %v", leads, err)
		}
		s.must(s.Show(boss, v.ID, "front", false))
		if got := s.scene("front").Kind; got != "qr" {
			t.Errorf("shown again: %s", got)
		}
	})
}

// R29: a client who scans again after a decline isn't pushed off the desk unasked.
func TestR29DeclinedClientKeepsTheDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		s.says(s.opened(v), provider.Failed, "e1")
		time.Sleep(10 * time.Second)
		if scene, err := s.SceneOf("front"); err != nil || !scene.Up() || s.scene("front").Kind != "qr" {
			t.Errorf("%+v, %v", scene, err)
		}
		s.opened(s.reread(v))
		if got := s.scene("front").Kind; got != "in_progress" {
			t.Errorf("paying again: %s", got)
		}
		s.refused(s.Show(boss, s.visit(100).ID, "front", false), "desk_busy")
	})
}

// R19: who pays another amount than was asked is shown what was received.
func TestR19ReceivedAmountIsShown(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	s.must(s.Show(boss, v.ID, "front", false))
	p := s.opened(v)
	p.Amount = 2400
	s.says(p, provider.Paid, "e1")
	if got := s.scene("front"); got.Kind != "paid" || got.Amount != "€24.00" || !slices.Equal(s.raised(), []string{ledger.AmountMismatch}) {
		t.Errorf("%s %s, raised %v", got.Kind, got.Amount, s.raised())
	}
}

// R11, R19: whatever was paid by it, a link is closed for good, and the rest is
// taken by another method.
func TestR11PaidForLessALinkIsClosed(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	p.Amount = 2400
	s.says(p, provider.Paid, "e1")
	if v = s.reread(v); v.Due() != 100 || !v.PaidByLink || v.LinkState != visit.LinkCompleted {
		t.Errorf("due %d, paid by link %t, link %s", v.Due(), v.PaidByLink, v.LinkState)
	}
	_, err := s.Begin(v.Token)
	s.refused(err, "link_completed")
	s.takes(v, by("cash", 100))
}

// R19: what differs from the checkout is raised, also where it is just what
// has become due meanwhile.
func TestR19AnotherAmountThanAskedIsRaised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		p := s.opened(v)
		time.Sleep(16 * time.Minute)
		v = s.reread(v)
		lines := v.Lines
		lines[0].UnitPrice = 2400
		_, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
		s.must(err)
		p.Amount = 2400
		s.says(p, provider.Paid, "e1")
		if v = s.reread(v); v.PaymentState() != visit.FullyPaid || !slices.Contains(s.raised(), ledger.AmountMismatch) {
			t.Errorf("%s, raised %v", v.PaymentState(), s.raised())
		}
	})
}

// R5: said again, a visit is as it was, also while its client pays.
func TestR5RepeatedUpsertChangesNothing(t *testing.T) {
	s := open(t)
	d := draft(2500)
	d.ExternalID = "x1"
	key := desk.Key{Value: "k", Hash: "h"}
	first, created, err := s.CreateVisit(boss, d, key)
	s.must(err)
	s.opened(first)
	for _, k := range []desk.Key{{}, {Value: "other", Hash: "h"}} {
		for range 2 {
			again, made, err := s.CreateVisit(boss, d, k)
			if err != nil || again.Version != first.Version || made {
				t.Errorf("version %d, created %t, %v", again.Version, made, err)
			}
		}
	}
	if _, again, err := s.CreateVisit(boss, d, key); err != nil || !created || !again {
		t.Errorf("the first key's answer was created %t, now %t, %v", created, again, err)
	}
}

// R23, R25: what stands in the ledger for ever is checked on every way into it.
func TestR23ReasonFromTheListIsChecked(t *testing.T) {
	s := open(t)
	stray := provider.Session{ID: "stray", Status: provider.Paid, Payment: "pp", Amount: 2500, Currency: "EUR", PaidAt: time.Now()}
	s.hears(provider.Event{ID: "e1", At: time.Now(), Session: stray})
	list, err := s.Attention(boss)
	s.must(err)
	_, err = s.RefundAttention(boss, list[0].ID, "one\x00two")
	s.refused(err, "validation")
	_, err = s.RefundAttention(boss, list[0].ID, "")
	s.must(err)
}
