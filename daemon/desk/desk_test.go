package desk_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/store"
	"countersign/store/storetest"
)

var boss = access.System()

// salon is a desk over a real store, with the provider's part played by the
// test: it says what the provider said.
type salon struct {
	*desk.Desk
	t *testing.T
}

// paper is a provider whose part the test plays: it only says what it can do.
type paper struct{ provider.Provider }

func (paper) Can() provider.Abilities {
	return provider.Abilities{Refund: true, Cancel: true, Events: true}
}

func open(t *testing.T) salon { return openWith(t, nil) }

// openWith opens a salon that has a fiscal device.
func openWith(t *testing.T, device fiscal.Device) salon {
	t.Helper()
	return openAs(t, func(c *desk.Config) { c.Fiscal = device })
}

// openAs opens a salon that is set up otherwise than usual.
func openAs(t *testing.T, change func(*desk.Config)) salon {
	t.Helper()
	db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
	t.Cleanup(func() {
		problems, err := desk.Verify(db)
		if err != nil || len(problems) > 0 {
			t.Errorf("verify: %v %v", problems, err)
		}
	})
	c := desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "sandbox",
		Providers: map[string]provider.Provider{"sandbox": paper{}},
		PublicURL: func() string { return "http://192.0.2.7:8791" }}
	change(&c)
	d := desk.New(c)
	d.Synced()
	s := salon{d, t}
	s.must(d.SaveLocation(boss, desk.DefaultLocation()))
	for _, name := range []string{"Front", "Back"} {
		_, err := d.SavePlace(boss, desk.Place{Name: name})
		s.must(err)
	}
	return s
}

func (s salon) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s salon) refused(err error, code string) *fault.Error {
	s.t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		s.t.Fatalf("got %v, want %s", err, code)
	}
	return f
}

func (s salon) visit(prices ...int64) visit.Visit {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, draft(prices...), desk.Key{})
	s.must(err)
	return v
}

func draft(prices ...int64) visit.Draft {
	d := visit.Draft{Client: visit.Client{Name: "Anna Kovacs", Phone: "+36201234567"}, StartsAt: time.Now(), Currency: "EUR"}
	for _, p := range prices {
		d.Lines = append(d.Lines, visit.Line{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: p, TaxSystem: "standard"})
	}
	return d
}

func (s salon) reread(v visit.Visit) visit.Visit {
	s.t.Helper()
	v, err := s.Visit(boss, v.ID)
	s.must(err)
	return v
}

// opened is a client on the provider's page: link opened, checkout created.
func (s salon) opened(v visit.Visit) provider.Session {
	s.t.Helper()
	o, err := s.Begin(v.Token)
	s.must(err)
	jobs, _, err := s.DueJobs(10)
	s.must(err)
	at := slices.IndexFunc(jobs, func(j store.Task[desk.Job]) bool { return j.Value.Checkout == o.Checkout })
	if at < 0 {
		s.t.Fatalf("no job for checkout %s in %v", o.Checkout, jobs)
	}
	w, ok, err := s.TakeJob(jobs[at].ID, time.Minute)
	if err != nil || !ok {
		s.t.Fatal("job not taken:", err)
	}
	p := provider.Session{ID: "ses_" + string(o.Checkout), Reference: string(o.Checkout), URL: "https://pay.example/x",
		Status: provider.Open, Amount: w.Request.Amount, Currency: w.Request.Currency}
	s.must(s.Answered(w.Task.ID, o.Checkout, p))
	return p
}

func (s salon) says(p provider.Session, status provider.Status, event string) {
	s.t.Helper()
	p.Status = status
	if status == provider.Paid {
		p.Payment = "pay_" + p.ID
		p.PaidAt = time.Now()
	}
	s.must(s.Confirm("sandbox", []provider.Event{{ID: event, Type: "session." + string(status), At: time.Now(), Session: p}}, event))
}

func (s salon) scene(at id.Desk) display.Scene {
	s.t.Helper()
	scene, err := s.Screens().Scene(display.Device{ID: "d_1", Desk: string(at)})
	s.must(err)
	return scene
}

func TestLinkIsOneAndTheSame(t *testing.T) { // R6
	s := open(t)
	v := s.visit(2500)
	a, err := s.Link(boss, v.ID)
	s.must(err)
	b, err := s.Link(boss, v.ID)
	s.must(err)
	if a != b {
		t.Errorf("two links: %v, %v", a, b)
	}
	if _, ok := id.ParseToken(string(a.Token)); !ok {
		t.Errorf("token %q", a.Token)
	}
	for status, right := range map[string]access.Actor{"none": {}, "other": {Rights: access.Rights{access.VisitsView, access.TakePayments}}} {
		if _, err := s.Link(right, v.ID); fault.From(err).Kind != fault.Forbidden {
			t.Errorf("R7: %s rights: %v", status, err)
		}
	}
}

func TestTaxSystemsClash(t *testing.T) { // R8
	s := open(t)
	d := draft(1000, 2000)
	d.Lines[1].TaxSystem = "reduced"
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	_, err = s.Link(boss, v.ID)
	s.refused(err, "mixed_tax_systems")
	s.refused(s.Show(boss, v.ID, "front", false), "mixed_tax_systems")
	_, err = s.Begin(v.Token)
	s.refused(err, "mixed_tax_systems")
}

func TestOpeningBlocksAndReturns(t *testing.T) { // R10, R13
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		page := s.opened(v)
		v = s.reread(v)
		if want := time.Now().Add(15 * time.Minute); !v.BlockedUntil.Equal(want) {
			t.Errorf("blocked until %v, want %v", v.BlockedUntil, want)
		}
		name := visit.Client{Name: "B"}
		_, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Client: &name})
		s.refused(err, "visit_blocked")
		_, err = s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 100}, desk.Key{})
		s.refused(err, "visit_blocked")

		time.Sleep(10 * time.Minute)
		o, err := s.Begin(v.Token)
		s.must(err)
		if o.URL != page.URL || o.Pending {
			t.Errorf("R10: opening again gave %+v", o)
		}
		if again := s.reread(v); !again.BlockedUntil.Equal(v.BlockedUntil) {
			t.Error("R13: returning prolonged the block")
		}
		time.Sleep(6 * time.Minute)
		if s.reread(v).Blocked(time.Now()) {
			t.Error("R13: still blocked after 16 minutes")
		}
	})
}

func TestConfirmationIsBookedOnce(t *testing.T) { // R18, R11, R14, R21
	s := open(t)
	v := s.visit(2500)
	s.must(s.Show(boss, v.ID, "front", false))
	page := s.opened(v)
	for range 3 {
		s.says(page, provider.Paid, "ev_1")
	}
	s.says(page, provider.Paid, "ev_2")
	s.says(page, provider.Expired, "ev_3")
	v = s.reread(v)
	if v.Paid != 2500 || !v.PaidByLink || v.LinkState != visit.LinkCompleted || v.Blocked(time.Now()) {
		t.Errorf("visit after payment: %+v", v)
	}
	entries, _, err := s.Payments(boss, desk.PaymentQuery{})
	s.must(err)
	if len(entries) != 1 || entries[0].Register != "acquiring:sandbox" || entries[0].Amount != 2500 {
		t.Errorf("ledger: %+v", entries)
	}
	if got := s.scene("front"); got.Kind != "paid" || got.Amount != "€25.00" {
		t.Errorf("display: %s %s", got.Kind, got.Amount)
	}
	if c, _ := s.Cursor("sandbox"); c != "ev_3" {
		t.Errorf("cursor %q", c)
	}
	_, err = s.Begin(v.Token)
	s.refused(err, "link_completed")
}

func TestWhatTheProviderSaysIsBooked(t *testing.T) { // R19, R20
	tests := []struct {
		name   string
		before func(salon, visit.Visit, provider.Session) provider.Session
		flag   string
	}{
		{"another amount", func(_ salon, _ visit.Visit, p provider.Session) provider.Session { p.Amount = 100; return p }, "amount_mismatch"},
		{"another currency", func(_ salon, _ visit.Visit, p provider.Session) provider.Session { p.Currency = "USD"; return p }, "currency_mismatch"},
		{"late", func(s salon, _ visit.Visit, p provider.Session) provider.Session {
			s.says(p, provider.Expired, "e")
			return p
		}, "late"},
		{"unknown session", func(_ salon, _ visit.Visit, p provider.Session) provider.Session {
			p.ID, p.Reference = "elsewhere", "nothing"
			return p
		}, "unmatched"},
		{"second", func(s salon, v visit.Visit, p provider.Session) provider.Session {
			s.says(p, provider.Paid, "first")
			p.ID += "x"
			return p
		}, "duplicate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			v := s.visit(2500)
			p := test.before(s, v, s.opened(v))
			s.says(p, provider.Paid, "the payment")
			entries, _, err := s.Payments(boss, desk.PaymentQuery{})
			s.must(err)
			last := entries[len(entries)-1]
			if !slices.Contains(last.Flags, test.flag) || last.Amount != p.Amount || string(last.Currency) != p.Currency {
				t.Errorf("booked %+v, want flag %s", last, test.flag)
			}
			list, err := s.Attention(boss)
			s.must(err)
			if len(list) == 0 || list[len(list)-1].Kind != test.flag {
				t.Errorf("attention: %+v", list)
			}
		})
	}
}

func TestEditAfterBlockCancelsFirst(t *testing.T) { // R15
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		page := s.opened(v)
		time.Sleep(16 * time.Minute)
		v = s.reread(v)
		lines := v.Lines
		lines[0].UnitPrice = 3000
		v, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
		s.must(err)
		if state, _ := s.CheckoutState(v.Checkout); state != visit.Cancelling {
			t.Errorf("the stale checkout is %s", state)
		}
		// The payment was faster: it is booked, and it shows as a part.
		s.says(page, provider.Paid, "e1")
		if v = s.reread(v); v.Paid != 2500 || v.Due() != 500 || v.PaymentState() != visit.PartiallyPaid {
			t.Errorf("paid %d due %d", v.Paid, v.Due())
		}
	})
}

func TestCashAndTheRest(t *testing.T) { // R16, R4
	s := open(t)
	v := s.visit(2500)
	_, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 2501}, desk.Key{})
	s.refused(err, "amount_exceeds_due")
	first, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 1000}, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	again, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 1000}, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if first.ID != again.ID || s.reread(v).Paid != 1000 {
		t.Error("the same key took money twice")
	}
	_, err = s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 900}, desk.Key{Value: "k", Hash: "other"})
	s.refused(err, "idempotency_key_reused")
	if page := s.opened(v); page.Amount != 1500 {
		t.Errorf("the link asks for %d", page.Amount)
	}
}

func TestShowReplaceAndHide(t *testing.T) { // R29, R30
	s := open(t)
	a, b := s.visit(1000), s.visit(2000)
	s.must(s.Show(boss, a.ID, "front", false))
	if got := s.scene("front"); got.Kind != "qr" || got.Visit != string(a.ID) || got.Amount != "€10.00" {
		t.Errorf("display: %+v", got)
	}
	s.must(s.Show(boss, b.ID, "front", false))
	if got := s.scene("front"); got.Visit != string(b.ID) {
		t.Error("showing another didn't replace it")
	}
	s.opened(b)
	if got := s.scene("front"); got.Kind != "in_progress" || got.QRSVG != "" || got.URL != "" {
		t.Errorf("in progress: %+v", got)
	}
	s.refused(s.Show(boss, a.ID, "front", false), "desk_busy")
	s.must(s.Show(boss, a.ID, "front", true))
	s.must(s.Show(boss, a.ID, "back", false))
	if s.scene("front").Kind != "idle" || s.scene("back").Kind != "qr" {
		t.Error("one visit on two desks")
	}
	s.must(s.Hide(boss, "back"))
	if s.scene("back").Kind != "idle" {
		t.Error("hidden and still there")
	}
}

func TestDeclineIsShownAndCanBeScannedAgain(t *testing.T) { // R31, R12
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		v := s.visit(2500)
		s.must(s.Show(boss, v.ID, "front", false))
		s.says(s.opened(v), provider.Failed, "e1")
		if got := s.scene("front"); got.Kind != "failed" || got.QRSVG == "" || got.Reason != "declined" {
			t.Errorf("display: %s %s", got.Kind, got.Reason)
		}
		time.Sleep(9 * time.Second)
		if got := s.scene("front").Kind; got != "qr" {
			t.Errorf("display: %s", got)
		}
		if page := s.opened(v); page.Amount != 2500 {
			t.Errorf("opening again asks for %d", page.Amount)
		}
		if got := s.scene("front").Kind; got != "in_progress" {
			t.Errorf("display: %s", got)
		}
	})
}

func TestNoCodeBeforeTheStartUpSync(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	s.must(s.Show(boss, v.ID, "front", false))
	again := desk.New(desk.Config{DB: desk.Store(s.Desk), IDs: id.NewSource(rand.Reader), Default: "sandbox", PublicURL: func() string { return "http://x" }})
	if got, err := again.Screens().Scene(display.Device{Desk: "front"}); err != nil || got.Kind != "idle" || got.QRSVG != "" {
		t.Errorf("before the sync: %+v %v", got, err)
	}
	again.Synced()
	if got, _ := again.Screens().Scene(display.Device{Desk: "front"}); got.Kind != "qr" {
		t.Errorf("after the sync: %s", got.Kind)
	}
}

func TestSearch(t *testing.T) { // R1
	s := open(t)
	v := s.visit(1000)
	for _, q := range []string{"anna", "kov", "KOVACS anna", v.Code, "4567", "+36 20", "+36 20 123-4567"} {
		found, _, err := s.Visits(boss, desk.Query{Q: q})
		s.must(err)
		if len(found) != 1 {
			t.Errorf("%q found %d", q, len(found))
		}
	}
	for _, q := range []string{"bela", "anna bela", "999999"} {
		if found, _, _ := s.Visits(boss, desk.Query{Q: q}); len(found) != 0 {
			t.Errorf("%q found %d", q, len(found))
		}
	}
	_, _, err := s.Visits(boss, desk.Query{Date: "22.11.2026"})
	s.refused(err, "validation")
}

// R10: what a provider was asked is asked again in the same words, whatever
// was changed since: the same key with another body is refused.
func TestR10RequestIsKeptAsItWasMade(t *testing.T) {
	s := open(t)
	v := s.visit(2500)
	_, err := s.Begin(v.Token)
	s.must(err)
	jobs, _, err := s.DueJobs(1)
	s.must(err)
	first, _, err := s.TakeJob(jobs[0].ID, 0)
	s.must(err)
	loc, err := s.Location()
	s.must(err)
	loc.Name, loc.Language, loc.ShowServices = "Another name", "de", true
	s.must(s.SaveLocation(boss, loc))
	again, _, err := s.TakeJob(jobs[0].ID, 0)
	s.must(err)
	if diff := cmp.Diff(first.Request, again.Request); diff != "" || first.Request.Key != jobs[0].ID || first.Request.Amount != 2500 {
		t.Errorf("asked %+v, then\n%s", first.Request, diff)
	}
}

func codeOf(err error) string {
	if f := fault.From(err); f != nil {
		return f.Code
	}
	return ""
}
