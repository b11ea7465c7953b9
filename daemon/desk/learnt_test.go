package desk_test

import (
	"testing"
	"time"

	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// terse is a provider whose look-ups tell that a session was paid, and not by
// which payment; its webhooks tell both.
type terse struct {
	salon
	page provider.Session
}

func openTerse(t *testing.T) (terse, visit.Visit) {
	s := open(t)
	v := s.visit(2500)
	return terse{s, s.opened(v)}, v
}

// looks is a look-up after the client paid.
func (s terse) looks() {
	s.t.Helper()
	p := s.page
	p.Status, p.PaidAt = provider.Paid, time.Now()
	s.must(s.Looked("sandbox", p))
}

// learns is the webhook, with what a provider changes about it.
func (s terse) learns(event string, change func(*provider.Session)) error {
	p := provider.Session{ID: s.page.ID, Reference: s.page.Reference, Status: provider.Paid, Payment: "psp_1",
		Amount: s.page.Amount, Currency: s.page.Currency, PaidAt: time.Now()}
	if change != nil {
		change(&p)
	}
	return s.Confirm("sandbox", []provider.Event{{ID: event, Type: provider.EventPaid, At: time.Now(), Session: p}}, "")
}

// once wants one payment of the visit, known by the provider's id.
func (s terse) once(v visit.Visit, payment string) ledger.Entry {
	s.t.Helper()
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	if len(entries) != 1 || entries[0].ProviderPayment != payment || entries[0].Session != s.page.ID || len(entries[0].Flags) > 0 {
		s.t.Fatalf("booked %+v", entries)
	}
	if got := s.raised(); len(got) > 0 {
		s.t.Errorf("raised %v", got)
	}
	return entries[0]
}

// R18: a look-up that tells of a payment and the webhook that names it are one
// fact, whichever comes first, and both may come again.
func TestR18PaymentIsNamedLater(t *testing.T) {
	for name, order := range map[string]string{"look-up first": "lwlw", "webhook first": "wlwl"} {
		t.Run(name, func(t *testing.T) {
			s, v := openTerse(t)
			for i, word := range order {
				if word == 'l' {
					s.looks()
				} else {
					s.must(s.learns("e"+string(rune('0'+i)), nil))
				}
			}
			s.once(v, "psp_1")
			if c, err := s.LastCheckout(v.ID); err != nil || c.Payment != "psp_1" || c.State != visit.Paid {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

// R18: another payment of a session is another payment, and the same payment
// under another session's name is not.
func TestR18PaymentsAreToldApart(t *testing.T) {
	s, v := openTerse(t)
	s.looks()
	s.must(s.learns("e1", nil))
	s.must(s.learns("e2", func(p *provider.Session) { p.ID = "another" }))
	s.once(v, "psp_1")
	s.must(s.learns("e3", func(p *provider.Session) { p.Payment = "psp_2" }))
	if v = s.reread(v); v.Paid != 5000 {
		t.Errorf("paid %d", v.Paid)
	}
}

// R20: a webhook that names the session by our reference alone is booked with
// the session, and is asked for again while that isn't known.
func TestR20ReferenceAlone(t *testing.T) {
	s, v := openTerse(t)
	bare := func(p *provider.Session) { p.ID = "" }
	s.must(s.learns("e1", bare))
	s.looks()
	s.once(v, "psp_1")

	other := s.visit(2500)
	o, err := s.Begin(other.Token)
	s.must(err)
	err = s.learns("e2", func(p *provider.Session) { p.ID, p.Reference, p.Payment = "", string(o.Checkout), "psp_2" })
	if provider.KindOf(err) != provider.Unavailable {
		t.Errorf("%v", err)
	}
	if other = s.reread(other); other.Paid != 0 {
		t.Errorf("booked %d", other.Paid)
	}
	// A session of another checkout doesn't take the payment away from ours.
	s.must(s.learns("e3", func(p *provider.Session) { p.Reference, p.Payment, p.ID = string(o.Checkout), "psp_3", s.page.ID+"x" }))
	if other = s.reread(other); other.Paid != 2500 {
		t.Errorf("booked %d", other.Paid)
	}
}

// R20: money of a checkout that was given up is booked, though nobody ever
// heard of its session.
func TestR20ReferenceOfAGivenUpCheckout(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	o, err := s.Begin(v.Token)
	s.must(err)
	jobs, _, err := s.DueJobs(10)
	s.must(err)
	s.must(s.NotCreated(jobs[0].ID, o.Checkout, "refused"))
	for _, event := range []string{"e1", "e2"} {
		p := provider.Session{Reference: string(o.Checkout), Status: provider.Paid, Payment: "psp_1", Amount: 2500, Currency: "EUR", PaidAt: time.Now()}
		s.hears(provider.Event{ID: event, Type: provider.EventPaid, At: time.Now(), Session: p})
	}
	if v = s.reread(v); v.Paid != 2500 {
		t.Errorf("booked %d", v.Paid)
	}
}

// R23: a payment that was named later is refunded by that name, and what was
// heard of it before is applied.
func TestR23RefundOfAPaymentNamedLater(t *testing.T) {
	s, v := openTerse(t)
	s.looks()
	early := refundEvent("e1", "r1", provider.Session{Payment: "psp_1", Currency: "EUR"}, 500)
	s.hears(early)
	s.must(s.learns("e2", nil))
	if v = s.reread(v); v.Refunded != 500 {
		t.Errorf("refunded %d", v.Refunded)
	}
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	s.givesBack(entries[0].ID, giving(2000, ""))
	if w := s.refundJob(); w.Refund.Payment != "psp_1" || w.Refund.Session != s.page.ID {
		t.Errorf("%+v", w.Refund)
	}
}

// R19: what was received is what the provider's own word of the payment says.
func TestR19AmountIsNamedLater(t *testing.T) {
	s, _ := openTerse(t)
	s.looks()
	s.must(s.learns("e1", func(p *provider.Session) { p.Amount = 2400 }))
	list, err := s.Attention(boss)
	s.must(err)
	if len(list) != 1 || list[0].Kind != ledger.AmountMismatch || list[0].Amount != 2400 {
		t.Errorf("raised %+v", list)
	}
}

// R20, R23: where the webhook that names a payment never came, what is told of
// it with our reference is booked all the same, whichever comes first.
func TestR23TakenBackByReference(t *testing.T) {
	for name, first := range map[string]bool{"paid first": true, "taken back first": false} {
		t.Run(name, func(t *testing.T) {
			s, v := openTerse(t)
			if first {
				s.looks()
			}
			of := provider.Session{Reference: s.page.Reference}
			s.must(s.Confirm("sandbox", []provider.Event{
				{ID: "e1", Type: provider.EventRefund, At: time.Now(), Session: of, Refund: &provider.Refund{ID: "r1", Payment: "psp_1", Amount: 700,
					Currency: "EUR", Status: provider.RefundSucceeded}},
				{ID: "e2", Type: provider.EventDispute, At: time.Now(), Session: of, Dispute: &provider.Dispute{ID: "d1", Payment: "psp_1", Amount: 300,
					Currency: "EUR", Status: provider.DisputeLost}},
			}, ""))
			s.looks()
			if v = s.reread(v); v.Refunded != 1000 {
				t.Errorf("refunded %d", v.Refunded)
			}
			s.must(s.learns("e3", nil))
			if v = s.reread(v); v.Refunded != 1000 || v.Paid != 2500 {
				t.Errorf("named at last: paid %d, refunded %d", v.Paid, v.Refunded)
			}
		})
	}
}
