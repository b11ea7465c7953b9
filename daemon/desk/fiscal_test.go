package desk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
)

// till is a fiscal device whose part the test plays: it only has a name.
type till struct{}

func (till) Name() string { return "till" }
func (till) Register(context.Context, fiscal.Receipt) (fiscal.Record, error) {
	panic("nothing outside is called by an operation")
}

func (s salon) fiscal(of id.Payment) desk.Fiscal {
	s.t.Helper()
	f, ok, err := s.FiscalOf(of)
	s.must(err)
	if !ok {
		s.t.Fatalf("%s has no fiscal record", of)
	}
	return f
}

// fiscalJobs are the receipts that are due, each handed out for an attempt.
func (s salon) fiscalJobs() (work []desk.Work) {
	s.t.Helper()
	jobs, _, err := s.DueJobs(100)
	s.must(err)
	jobs = slices.DeleteFunc(jobs, func(j store.Task[desk.Job]) bool { return j.Value.Kind != desk.JobFiscal })
	for _, j := range jobs {
		w, ok, err := s.TakeJob(j.ID, time.Minute)
		if err != nil || !ok {
			s.t.Fatal(ok, err)
		}
		work = append(work, w)
	}
	return work
}

// told says of a receipt: cash sale 1500 (Haircut 1500 standard).
func told(r fiscal.Receipt) string {
	var lines []string
	for _, l := range r.Lines {
		lines = append(lines, fmt.Sprintf("%s %d %s", l.Name, l.Amount, l.TaxSystem))
	}
	return fmt.Sprintf("%s %s %d (%s)", r.Method, r.Kind, r.Amount, strings.Join(lines, ", "))
}

// R18, R24: every movement of money is asked to be registered with its
// booking, and what is paid with value that was sold before is not.
func TestR24WhatNeedsAReceipt(t *testing.T) {
	s := openWith(t, till{})
	v := s.visit(10000)
	_, err := s.GrantBalance(boss, v.Client.ID, desk.Grant{Method: "loyalty", Amount: 700, Reason: "birthday"}, desk.Key{})
	s.must(err)
	_, err = s.TopUp(boss, v.Client.ID, by("card", 2000), desk.Key{})
	s.must(err)
	card := s.bought(1500, 1)[0]
	cash := s.takes(v, by("cash", 1000))
	s.takes(v, by("loyalty", 700))
	s.takes(v, by("deposit", 1100))
	s.takes(v, desk.Taking{Method: "gift_card", Amount: 600, Card: card.Code})
	_, link := s.paidByLink(2500)

	var got []string
	for _, w := range s.fiscalJobs() {
		got = append(got, told(w.Receipt))
		s.must(s.Registered(w.Task.ID, fiscal.Record{Number: "N" + w.Receipt.Payment}))
	}
	r := s.givesBack(cash.ID, giving(400, ""))
	s.hears(wants("d1", provider.DisputeLost, link, 500))
	for _, w := range s.fiscalJobs() {
		if w.Receipt.Kind == fiscal.Refund && w.Receipt.Original == "" {
			t.Errorf("a refund of nothing: %+v", w.Receipt)
		}
		got = append(got, told(w.Receipt))
	}
	slices.Sort(got)
	want := []string{"card sale 2000 (Payment in advance 2000 )", "cash refund 400 (Haircut 400 standard)", "cash sale 1000 (Haircut 1000 standard)",
		"cash sale 1500 (Gift card 1500 standard)", "link refund 500 (Haircut 500 standard)", "link sale 2500 (Haircut 2500 standard)"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if f := s.fiscal(r.ID); f.Receipt.Original != "N"+string(cash.ID) || f.Receipt.Key == s.fiscal(cash.ID).Receipt.Key {
		t.Errorf("%+v", f.Receipt)
	}
}

// R24: without a device nothing is asked for, and a refund of what was sold
// then names no sale.
func TestR24FromWhenItIsConfigured(t *testing.T) {
	s := open(t)
	e := s.takes(s.visit(1000), by("cash", 1000))
	if _, ok, err := s.FiscalOf(e.ID); err != nil || ok || len(s.fiscalJobs()) > 0 {
		t.Error("asked for without a device", err)
	}
	later := desk.New(desk.Config{DB: desk.Store(s.Desk), IDs: id.NewSource(&steps{}), Default: "sandbox", Fiscal: till{},
		PublicURL: func() string { return "http://192.0.2.7" }, Providers: map[string]provider.Provider{"sandbox": paper{}}})
	s.Desk = later
	s.givesBack(e.ID, giving(400, ""))
	if work := s.fiscalJobs(); len(work) != 1 || work[0].Receipt.Kind != fiscal.Refund || work[0].Receipt.Original != "" {
		t.Errorf("%+v", work)
	}
}

// steps is randomness enough for a few ids.
type steps struct{ n byte }

func (s *steps) Read(b []byte) (int, error) {
	for i := range b {
		s.n += 37
		b[i] = s.n
	}
	return len(b), nil
}

// R18: what isn't booked isn't registered.
func TestR18NoReceiptOfWhatIsOnlyRehearsed(t *testing.T) {
	s := openWith(t, till{})
	v := s.visit(1000)
	_, err := s.WouldCancel(boss, v.ID, by("cash", 1000), desk.Key{})
	s.must(err)
	_, err = s.TakePayment(boss, v.ID, by("cash", 1001), desk.Key{})
	s.refused(err, "amount_exceeds_due")
	if work := s.fiscalJobs(); len(work) > 0 {
		t.Errorf("%+v", work)
	}
}

// R24: the receipts of a visit that is paid in parts add up to its lines by tax
// system, also when it is changed in between.
func TestR24LinesAddUp(t *testing.T) {
	s := openWith(t, till{})
	d := draft(3000)
	d.Lines = append(d.Lines, visit.Line{Kind: visit.Product, Name: "Oil", Quantity: 2, UnitPrice: 500, TaxSystem: "reduced"},
		visit.Line{Kind: visit.Service, Name: "Wash", Quantity: 1, UnitPrice: 1000, TaxSystem: "standard"})
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	first := s.takes(v, by("cash", 2500))
	if got, want := told(s.fiscal(first.ID).Receipt), "cash sale 2500 (Oil 500 reduced, Haircut 1500 standard, Wash 500 standard)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	v = s.reread(v)
	lines := v.Lines[:1]
	_, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	rest := s.takes(v, by("card", 500))
	if got, want := told(s.fiscal(rest.ID).Receipt), "card sale 500 (Payment -500 reduced, Haircut 1000 standard)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// refusedByTill is a payment whose receipt the device refused, and a refund of
// it that waits.
func (s salon) refusedByTill() (sale ledger.Entry, back desk.Refund) {
	s.t.Helper()
	sale = s.takes(s.visit(1000), by("cash", 1000))
	s.must(s.NotRegistered(s.fiscalJobs()[0].Task.ID, "the day is not open"))
	back = s.givesBack(sale.ID, giving(400, ""))
	if work := s.fiscalJobs(); len(work) > 0 || s.fiscal(back.ID).State != desk.FiscalQueued {
		s.t.Errorf("the refund doesn't wait: %+v", work)
	}
	return sale, back
}

func (s salon) fiscalIs(of id.Payment, want desk.FiscalState) {
	s.t.Helper()
	if f := s.fiscal(of); f.State != want {
		s.t.Errorf("%s is %s (%s), want %s", of, f.State, f.Error, want)
	}
}

// R24: a refused receipt that staff leave as it is takes its refunds with it;
// tried again later, both are sent in order.
func TestR24AcceptedAndTriedAgain(t *testing.T) {
	s := openWith(t, till{})
	sale, back := s.refusedByTill()
	list, err := s.Attention(boss)
	s.must(err)
	if len(list) != 1 || list[0].Kind != desk.FiscalNotMade || list[0].Payment != sale.ID || list[0].Amount != 1000 {
		t.Fatalf("raised %+v", list)
	}
	_, err = s.RefundAttention(boss, list[0].ID, "why not")
	s.refused(err, "nothing_to_refund")
	s.must(s.Accept(boss, list[0].ID))
	s.fiscalIs(back.ID, desk.FiscalFailed)
	second := s.givesBack(sale.ID, giving(100, ""))
	s.fiscalIs(second.ID, desk.FiscalFailed)
	_, err = s.RetryFiscal(boss, back.ID)
	s.refused(err, "sale_not_registered")

	_, err = s.RetryFiscal(boss, sale.ID)
	s.must(err)
	work := s.fiscalJobs()
	if len(work) != 1 || work[0].Receipt.Kind != fiscal.Sale {
		t.Fatalf("%+v", work)
	}
	s.must(s.Registered(work[0].Task.ID, fiscal.Record{Number: "7"}))
	if work = s.fiscalJobs(); len(work) != 2 || work[0].Receipt.Original != "7" || work[1].Receipt.Original != "7" {
		t.Errorf("%+v", work)
	}
}

// R24: one tap tries again, once, and only who may take payments.
func TestR24TryAgain(t *testing.T) {
	s := openWith(t, till{})
	sale, _ := s.refusedByTill()
	viewer := access.Actor{Rights: access.Rights{access.VisitsView}}
	_, err := s.RetryFiscal(viewer, sale.ID)
	s.refused(err, "forbidden")
	list, err := s.Attention(boss)
	s.must(err)
	s.refused(s.RetryAttention(viewer, list[0].ID), "forbidden")
	s.must(s.RetryAttention(boss, list[0].ID))
	if got := s.raised(); len(got) > 0 {
		t.Errorf("still raised %v", got)
	}
	s.refused(s.RetryAttention(boss, list[0].ID), "attention_not_found")
	before := s.fiscal(sale.ID)
	_, err = s.RetryFiscal(boss, sale.ID)
	s.must(err)
	if work := s.fiscalJobs(); len(work) != 1 || work[0].Receipt.Key != before.Receipt.Key {
		t.Errorf("%+v", work)
	}
	_, err = s.RetryFiscal(boss, "p_none")
	s.refused(err, "receipt_not_found")
}

// R24: the answer to an attempt that was given up comes too late to change
// anything, and one that comes twice is taken once.
func TestR24LateAnswers(t *testing.T) {
	s := openWith(t, till{})
	sale := s.takes(s.visit(1000), by("cash", 1000))
	job := s.fiscalJobs()[0].Task.ID
	s.must(s.PostponeFiscal(job, "no answer", time.Minute))
	if f := s.fiscal(sale.ID); f.State != desk.FiscalQueued || f.Error != "no answer" || f.Attempts != 1 {
		t.Errorf("%+v", f)
	}
	s.must(s.Registered(job, fiscal.Record{Number: "7"}))
	s.must(s.Registered(job, fiscal.Record{Number: "8"}))
	s.must(s.NotRegistered(job, "no"))
	s.must(s.PostponeFiscal(job, "no answer", time.Minute))
	if f := s.fiscal(sale.ID); f.State != desk.FiscalDone || f.Record.Number != "7" || f.Record.At.IsZero() || f.Error != "" {
		t.Errorf("%+v", f)
	}
}
