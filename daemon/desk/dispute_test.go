package desk_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// wants is the provider's word that a bank wants a payment back.
func wants(event, status string, of ledger.Entry, amount int64) provider.Event {
	d := provider.Dispute{ID: "dp_1", Payment: of.ProviderPayment, Session: of.Session, Amount: amount, Currency: string(of.Currency), Status: status}
	return provider.Event{ID: event, Type: provider.EventDispute, At: time.Now(), Dispute: &d,
		Session: provider.Session{ID: of.Session, Status: provider.Paid, Payment: of.ProviderPayment, Amount: of.Amount, Currency: string(of.Currency)}}
}

// entries are the visit's entries of the ledger.
func (s salon) entries(v visit.Visit) []ledger.Entry {
	s.t.Helper()
	found, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	return found
}

// R23: a dispute is raised at once, and its payment can't go back through the
// provider a second time; by hand it may, if staff will.
func TestR23DisputeIsRaised(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.hears(wants("d1", provider.DisputeOpened, paid, 2000))
	list, err := s.Attention(boss)
	s.must(err)
	if len(list) != 1 || list[0].Kind != ledger.Disputed || list[0].Amount != 2000 || list[0].Payment != paid.ID || list[0].Visit != v.ID {
		t.Fatalf("raised %+v", list)
	}
	if e := s.entries(v)[0]; !slices.Equal(e.Flags, []string{ledger.Disputed}) || s.reread(v).Refunded != 0 {
		t.Errorf("%+v", e)
	}
	_, err = s.RefundPayment(boss, paid.ID, giving(100, ""), desk.Key{})
	s.refused(err, "disputed")
	_, err = s.RefundAttention(boss, list[0].ID, "they asked")
	s.refused(err, "disputed")
	s.givesBack(paid.ID, giving(100, "cash"))
}

// R23: while the bank only asks, the money may go back through the provider, which
// ends the matter; when it is disputed after all it may not.
func TestR23InquiryIsAnsweredByARefund(t *testing.T) {
	s := open(t)
	_, paid := s.paidByLink(2500)
	s.hears(wants("d1", provider.DisputeInquiry, paid, 2500))
	if x := s.notice(desk.Inquiry); x.Payment != paid.ID || x.Amount != 2500 {
		t.Errorf("raised %+v", x)
	}
	s.givesBack(paid.ID, giving(1000, ""))
	s.hears(wants("d2", provider.DisputeOpened, paid, 2500), wants("d3", provider.DisputeInquiry, paid, 2500))
	s.notice(ledger.Disputed)
	_, err := s.RefundPayment(boss, paid.ID, giving(100, ""), desk.Key{})
	s.refused(err, "disputed")
	s.hears(wants("d4", provider.DisputeWon, paid, 2500))
	if got := s.raised(); len(got) > 0 {
		t.Errorf("decided, and raised %v", got)
	}
}

// R18, R23: a bank that gives back what it took is heard in either order; one
// that takes it after all, later, is booked.
func TestR23GivenBackIsHeardFirst(t *testing.T) {
	for later, want := range map[time.Duration]int64{-time.Hour: 0, 0: 0, time.Hour: 2000} {
		s := open(t)
		v, paid := s.paidByLink(2500)
		won, taken := wants("won", provider.DisputeWon, paid, 2000), wants("taken", provider.DisputeLost, paid, 2000)
		taken.At = won.At.Add(later)
		s.hears(won, taken)
		if got := s.reread(v).Refunded; got != want {
			t.Errorf("taken %v after it was given back: %d are gone, want %d", later, got, want)
		}
	}
}

// R23: a dispute that was won leaves nothing behind.
func TestR23DisputeWon(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.hears(wants("d1", provider.DisputeOpened, paid, 2500), wants("d2", provider.DisputeWon, paid, 2500), wants("d3", provider.DisputeOpened, paid, 2500))
	if got := s.raised(); len(got) != 0 || len(s.entries(v)[0].Flags) != 0 || s.reread(v).Refunded != 0 {
		t.Errorf("raised %v, %+v", got, s.entries(v))
	}
	if r := s.givesBack(paid.ID, giving(2500, "")); r.State != desk.RefundAsked {
		t.Errorf("%+v", r)
	}
}

// R19, R23: a dispute that was lost is money that went back, also beyond what
// refunds had left, and somebody is told.
func TestR23DisputeLost(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.givesBack(paid.ID, giving(1000, "cash"))
	s.hears(wants("d1", provider.DisputeOpened, paid, 2500))
	for _, event := range []string{"d2", "d3"} {
		s.hears(wants(event, provider.DisputeLost, paid, 2500))
	}
	entries := s.entries(v)
	last := entries[len(entries)-1]
	if len(entries) != 3 || last.Kind != ledger.KindRefund || last.Amount != 2500 || last.Refunds != paid.ID || last.Register != "acquiring:sandbox" ||
		!slices.Equal(last.Flags, []string{ledger.AmountMismatch, ledger.Disputed}) {
		t.Fatalf("%+v", entries)
	}
	if v = s.reread(v); v.Refunded != 3500 || len(entries[0].Flags) != 0 {
		t.Errorf("refunded %d, %+v", v.Refunded, entries[0])
	}
	if got := s.raised(); !slices.Equal(got, []string{ledger.AmountMismatch, ledger.Disputed}) {
		t.Errorf("raised %v", got)
	}
	list, err := s.Attention(boss)
	s.must(err)
	for _, x := range list {
		if !x.Refund || x.Payment != last.ID {
			t.Errorf("%+v", x)
		}
		s.must(s.Accept(boss, x.ID))
	}
}

// R20, R23: money that a bank took and gives back is booked, once, and raised;
// it can be given back to the client through the provider like any other.
func TestR23DisputeWonAfterAll(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	for i, status := range []string{provider.DisputeLost, provider.DisputeWon, provider.DisputeWon} {
		s.hears(wants("d"+string(rune('1'+i)), status, paid, 2500))
	}
	entries := s.entries(v)
	last := entries[len(entries)-1]
	if v = s.reread(v); len(entries) != 3 || v.Paid != 5000 || v.Refunded != 2500 || v.Due() != 0 || last.Register != "acquiring:sandbox" ||
		last.Restores != entries[1].ID {
		t.Errorf("%+v, paid %d, refunded %d", entries, v.Paid, v.Refunded)
	}
	list, err := s.Attention(boss)
	s.must(err)
	if len(list) != 1 || list[0].Kind != ledger.WonBack || list[0].Payment != last.ID {
		t.Fatalf("raised %+v", list)
	}
	_, err = s.RefundAttention(boss, list[0].ID, "paid again in cash")
	s.must(err)
	w := s.refundJob()
	if w.Refund.Session != paid.Session || w.Refund.Payment != paid.ProviderPayment || w.Refund.Amount != 2500 {
		t.Errorf("asks for %+v", w.Refund)
	}
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	if v = s.reread(v); v.Refunded != 5000 {
		t.Errorf("refunded %d", v.Refunded)
	}
}

// R23: one that was lost and won before its payment is heard of took nothing.
func TestR23DisputeWonBeforeItsPayment(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	p := s.opened(v)
	of := ledger.Entry{Session: p.ID, ProviderPayment: "pay_" + p.ID, Amount: 2500, Currency: "EUR"}
	s.hears(wants("d1", provider.DisputeLost, of, 2500), wants("d2", provider.DisputeWon, of, 2500))
	s.says(p, provider.Paid, "e2")
	if got := s.raised(); len(got) != 0 || s.reread(v).Refunded != 0 || s.reread(v).Paid != 2500 {
		t.Errorf("raised %v, %+v", got, s.reread(v))
	}
}

// R20: a word of a bank's that nobody knows is a dispute, and takes no money.
func TestR23DisputeInOtherWords(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.hears(wants("d1", "under_review", paid, 2500))
	if got := s.raised(); !slices.Equal(got, []string{ledger.Disputed}) || s.reread(v).Refunded != 0 {
		t.Errorf("raised %v", got)
	}
	s.hears(wants("d2", provider.DisputeOpened, paid, 0), wants("d3", provider.DisputeLost, paid, 2500))
	if s.reread(v).Refunded != 2500 {
		t.Errorf("refunded %d", s.reread(v).Refunded)
	}
}

// R18, R23: a dispute that is heard of before its payment waits for it.
func TestR23DisputeBeforeItsPayment(t *testing.T) {
	for status, want := range map[string]struct {
		before, after []string
		refunded      int64
	}{
		provider.DisputeOpened: {[]string{ledger.Unmatched}, []string{ledger.Disputed}, 0},
		provider.DisputeLost:   {[]string{ledger.Unmatched}, []string{ledger.Disputed}, 2500},
		provider.DisputeWon:    {nil, nil, 0},
	} {
		t.Run(status, func(t *testing.T) {
			s := open(t)
			v := s.visit(2500)
			p := s.opened(v)
			of := ledger.Entry{Session: p.ID, ProviderPayment: "pay_" + p.ID, Amount: 2500, Currency: "EUR"}
			s.hears(wants("d1", status, of, 2500))
			if got := s.raised(); !slices.Equal(got, want.before) {
				t.Errorf("raised before %v", got)
			}
			s.says(p, provider.Paid, "e2")
			if got := s.raised(); !slices.Equal(got, want.after) || s.reread(v).Refunded != want.refunded {
				t.Errorf("raised after %v, refunded %d", got, s.reread(v).Refunded)
			}
		})
	}
}

// R23: a payment with two disputes is free when both are decided.
func TestR23TwoDisputes(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	other := func(event, status string) provider.Event {
		e := wants(event, status, paid, 500)
		e.Dispute.ID = "dp_2"
		return e
	}
	s.hears(wants("d1", provider.DisputeOpened, paid, 2000), other("d2", provider.DisputeOpened), wants("d3", provider.DisputeWon, paid, 2000))
	if e := s.entries(v)[0]; !slices.Equal(e.Flags, []string{ledger.Disputed}) || len(s.raised()) != 1 {
		t.Errorf("%v, raised %v", e.Flags, s.raised())
	}
	s.hears(other("d4", provider.DisputeWon))
	if e := s.entries(v)[0]; len(e.Flags) != 0 || len(s.raised()) != 0 {
		t.Errorf("%v, raised %v", e.Flags, s.raised())
	}
}

// R18, R23: in whatever order and however often the words about a dispute and
// its payment come, they come to the same.
func TestR23DisputeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t)
		v := s.visit(2500)
		p := s.opened(v)
		p.Status, p.Payment, p.PaidAt = provider.Paid, "pay_1", time.Now()
		of := ledger.Entry{ID: id.Payment(""), Session: p.ID, ProviderPayment: "pay_1", Amount: 2500, Currency: "EUR"}
		last := rapid.SampledFrom([]string{provider.DisputeOpened, provider.DisputeWon, provider.DisputeLost}).Draw(rt, "end")
		words := []provider.Event{
			{ID: "paid", Type: provider.EventPaid, At: time.Now(), Session: p},
			wants("opened", provider.DisputeOpened, of, 2000), wants("end", last, of, 2000), wants("again", last, of, 2000),
		}
		for _, e := range rapid.Permutation(words).Draw(rt, "order") {
			s.hears(e)
			if rapid.Bool().Draw(rt, "repeated") {
				s.hears(e)
			}
		}
		var refunded int64
		var raised []string
		if last == provider.DisputeLost {
			refunded = 2000
		}
		if last != provider.DisputeWon {
			raised = []string{ledger.Disputed}
		}
		if got := s.reread(v); got.Paid != 2500 || got.Refunded != refunded || !slices.Equal(s.raised(), raised) {
			rt.Errorf("%s: paid %d, refunded %d, raised %v", last, got.Paid, got.Refunded, s.raised())
		}
	})
}

// R18, R20, R23: a session that is paid a second time doesn't lose the dispute
// of the first payment again.
func TestR23DisputeOfOneOfTwoPayments(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	s.hears(wants("d1", provider.DisputeLost, paid, 2500))
	second := provider.Session{ID: paid.Session, Reference: string(paid.Checkout), Status: provider.Paid, Payment: "pay_2",
		Amount: 2500, Currency: "EUR", PaidAt: time.Now()}
	s.hears(provider.Event{ID: "e2", Type: provider.EventPaid, At: time.Now(), Session: second})
	if v = s.reread(v); v.Paid != 5000 || v.Refunded != 2500 {
		t.Errorf("paid %d, refunded %d", v.Paid, v.Refunded)
	}
}
