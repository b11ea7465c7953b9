package desk_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
	"countersign/store"
)

func giving(amount int64, method string) desk.Giving {
	return desk.Giving{Amount: amount, Reason: "not what was wanted", Method: method}
}

func (s salon) givesBack(p id.Payment, g desk.Giving) desk.Refund {
	s.t.Helper()
	r, err := s.RefundPayment(boss, p, g, desk.Key{})
	s.must(err)
	return r
}

// paidByLink is a visit paid by link, and its payment.
func (s salon) paidByLink(prices ...int64) (visit.Visit, ledger.Entry) {
	s.t.Helper()
	v := s.visit(prices...)
	s.says(s.opened(v), provider.Paid, "paid "+string(v.ID))
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	return s.reread(v), entries[0]
}

// refundJob is the one job that is due, handed out.
func (s salon) refundJob() desk.Work {
	s.t.Helper()
	jobs, _, err := s.DueJobs(10)
	s.must(err)
	at := slices.IndexFunc(jobs, func(j store.Task[desk.Job]) bool { return j.Value.Kind == desk.JobRefund })
	if at < 0 {
		s.t.Fatalf("no refund is queued: %v", jobs)
	}
	w, ok, err := s.TakeJob(jobs[at].ID, time.Minute)
	if err != nil || !ok {
		s.t.Fatal(ok, err)
	}
	return w
}

func made(w desk.Work, status string) provider.Refund {
	return provider.Refund{ID: "re_" + w.Refund.Key, Key: w.Refund.Key, Payment: w.Refund.Payment, Session: w.Refund.Session,
		Amount: w.Refund.Amount, Currency: w.Refund.Currency, Status: status, Reason: "the account is closed"}
}

// R23: what was taken by hand goes back by hand, in parts, never more than it was.
func TestR23RefundByHand(t *testing.T) {
	s := open(t)
	v := s.visit(5000)
	cash := s.takes(v, by("cash", 3000))
	s.givesBack(cash.ID, giving(1000, ""))
	if v = s.reread(v); v.Refunded != 1000 || v.Due() != 3000 || v.PaymentState() != visit.PartiallyPaid {
		t.Errorf("refunded %d, due %d, %s", v.Refunded, v.Due(), v.PaymentState())
	}
	_, err := s.RefundPayment(boss, cash.ID, giving(2001, ""), desk.Key{})
	if f := s.refused(err, "amount_exceeds_refundable"); f.Details["refundable"] != int64(2000) {
		t.Errorf("%+v", f.Details)
	}
	r := s.givesBack(cash.ID, giving(2000, "card"))
	if r.State != desk.RefundMade || s.reread(v).PaymentState() != visit.Refunded {
		t.Errorf("%+v, %s", r, s.reread(v).PaymentState())
	}
	_, err = s.RefundPayment(boss, cash.ID, giving(1, ""), desk.Key{})
	s.refused(err, "nothing_to_refund")
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	var registers []string
	for _, e := range entries {
		registers = append(registers, string(e.Kind)+" "+e.Register)
	}
	if !slices.Equal(registers, []string{"payment cash", "refund cash", "refund card"}) {
		t.Errorf("%v", registers)
	}
}

// R16, R23: what was paid by a balance goes back to it, and nowhere else.
func TestR23RefundToBalances(t *testing.T) {
	s := open(t)
	v := s.visit(5000)
	_, err := s.TopUp(boss, v.Client.ID, by("cash", 2000), desk.Key{})
	s.must(err)
	deposit := s.takes(v, by("deposit", 1500))
	card := s.bought(1000, 1)[0]
	gift := s.takes(v, desk.Taking{Method: "gift_card", Amount: 1000, Card: card.Code})
	for _, p := range []ledger.Entry{deposit, gift} {
		_, err := s.RefundPayment(boss, p.ID, giving(100, "cash"), desk.Key{})
		s.refused(err, "validation")
		s.givesBack(p.ID, giving(400, ""))
	}
	held, err := s.Balances(boss, v.Client.ID)
	s.must(err)
	left, err := s.CardByCode(boss, card.Code)
	s.must(err)
	if held.Deposit != 900 || left.Balance != 400 {
		t.Errorf("deposit %d, card %d", held.Deposit, left.Balance)
	}
}

// R23: a payment by link goes back through its provider, and is booked when
// the provider says so, once.
func TestR23RefundThroughTheProvider(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	r := s.givesBack(paid.ID, giving(1000, ""))
	if r.State != desk.RefundAsked || s.reread(v).Refunded != 0 {
		t.Fatalf("%+v", r)
	}
	_, err := s.RefundPayment(boss, paid.ID, giving(1501, ""), desk.Key{})
	s.refused(err, "amount_exceeds_refundable")
	w := s.refundJob()
	if w.Refund.Amount != 1000 || w.Refund.Key != string(r.ID) || w.Refund.Payment != paid.ProviderPayment {
		t.Errorf("asked for %+v", w.Refund)
	}
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundPending)))
	if got, err := s.RefundOf(r.ID); err != nil || got.State != desk.RefundAsked {
		t.Errorf("%+v, %v", got, err)
	}
	done := made(w, provider.RefundSucceeded)
	s.hears(provider.Event{ID: "e9", Type: provider.EventRefund, At: time.Now(), Refund: &done})
	s.must(s.RefundAnswered(w.Task.ID, done))
	s.hears(provider.Event{ID: "e10", Type: provider.EventRefund, At: time.Now(), Refund: &done})
	if v = s.reread(v); v.Refunded != 1000 || len(s.raised()) != 0 {
		t.Errorf("refunded %d, raised %v", v.Refunded, s.raised())
	}
	if got, err := s.RefundOf(r.ID); err != nil || got.State != desk.RefundMade {
		t.Errorf("%+v, %v", got, err)
	}
}

// R23: an event that doesn't say whose refund it is, before the answer that
// does: it is booked once.
func TestR23RefundWhoseEventHasNoKey(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	r := s.givesBack(paid.ID, giving(2500, ""))
	w := s.refundJob()
	anonymous := made(w, provider.RefundSucceeded)
	anonymous.Key = ""
	s.hears(provider.Event{ID: "e9", Type: provider.EventRefund, At: time.Now(), Refund: &anonymous})
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	if got, err := s.RefundOf(r.ID); err != nil || got.State != desk.RefundMade || s.reread(v).Refunded != 2500 {
		t.Errorf("%+v, %v, refunded %d", got, err, s.reread(v).Refunded)
	}
}

// R23: a refund that the provider won't make, or makes to nothing, frees the
// payment again, and staff are told.
func TestR23RefundThatFails(t *testing.T) {
	for name, fail := range map[string]func(salon, desk.Work) error{
		"refused": func(s salon, w desk.Work) error { return s.RefundRefused(w.Task.ID, "no") },
		"later": func(s salon, w desk.Work) error {
			failed := made(w, provider.RefundFailed)
			return s.Confirm("sandbox", []provider.Event{{ID: "e9", Type: provider.EventRefund, At: time.Now(), Refund: &failed}}, "")
		},
		"answered": func(s salon, w desk.Work) error { return s.RefundAnswered(w.Task.ID, made(w, provider.RefundFailed)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			v, paid := s.paidByLink(2500)
			s.givesBack(paid.ID, giving(2500, ""))
			s.must(fail(s, s.refundJob()))
			if !slices.Equal(s.raised(), []string{desk.RefundNotMade}) || s.reread(v).Refunded != 0 {
				t.Errorf("raised %v, refunded %d", s.raised(), s.reread(v).Refunded)
			}
			s.givesBack(paid.ID, giving(2500, "cash"))
		})
	}
}

// R23: two tablets at once never give back more than there was.
func TestR23TwoTabletsRefund(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2500)
	var both sync.WaitGroup
	for range 2 {
		for _, method := range []string{"", "cash", "card"} {
			both.Go(func() { _, _ = s.RefundPayment(boss, paid.ID, giving(1000, method), desk.Key{}) })
		}
	}
	both.Wait()
	for range 2 {
		jobs, _, err := s.DueJobs(10)
		s.must(err)
		if slices.ContainsFunc(jobs, func(j store.Task[desk.Job]) bool { return j.Value.Kind == desk.JobRefund }) {
			w := s.refundJob()
			s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
		}
	}
	if v = s.reread(v); v.Refunded != 2000 {
		t.Errorf("refunded %d", v.Refunded)
	}
}

// R22: a refund ends the cards that it takes the money of; one that was used
// refuses it, with the reason.
func TestR22RefundOfCards(t *testing.T) {
	s := open(t)
	d := draft(1000)
	d.Lines = append(d.Lines, visit.Line{Kind: visit.GiftCard, Name: "Gift card", Quantity: 2, UnitPrice: 2000})
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	cash := s.takes(v, by("cash", 5000))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	other := s.visit(500)
	s.takes(other, desk.Taking{Method: "gift_card", Amount: 500, Card: cards[0].Code})
	s.givesBack(cash.ID, giving(1000, "")) // the service alone
	states := func() (active int) {
		cards, err := s.VisitCards(boss, v.ID)
		s.must(err)
		for _, c := range cards {
			if c.State == desk.CardActive {
				active++
			}
		}
		return active
	}
	if states() != 2 {
		t.Errorf("%d cards are good after the service was given back", states())
	}
	_, err = s.RefundPayment(boss, cash.ID, giving(2001, ""), desk.Key{})
	if f := s.refused(err, "card_used"); f.Details["card"] != cards[0].Code {
		t.Errorf("%+v", f.Details)
	}
	if states() != 2 {
		t.Error("a refused refund ended a card")
	}
	s.givesBack(cash.ID, giving(2000, ""))
	if states() != 1 {
		t.Errorf("%d cards are good", states())
	}
	_, err = s.TakePayment(boss, other.ID, desk.Taking{Method: "gift_card", Amount: 1, Card: cards[1].Code}, desk.Key{})
	if codeOf(err) != "nothing_due" && codeOf(err) != "card_void" {
		t.Errorf("a void card pays: %v", err)
	}
}

// R22, R23: where the provider gave back more than was paid, the rest can still
// be given back.
func TestR23RefundAfterTooMuchWasGivenBack(t *testing.T) {
	s := open(t)
	v, paid := s.paidByLink(2000)
	lines := append(slices.Clone(v.Lines), visit.Line{Kind: visit.Service, Name: "Wash", Quantity: 1, UnitPrice: 500})
	v, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	cash := s.takes(v, by("cash", 500))
	s.hears(refundEvent("e1", "r1", provider.Session{ID: paid.Session, Payment: paid.ProviderPayment, Currency: "EUR"}, 3000))
	s.givesBack(cash.ID, giving(500, ""))
	if v = s.reread(v); v.Refunded != 3500 {
		t.Errorf("refunded %d", v.Refunded)
	}
}

// R20: money that belongs to no visit is assigned by staff, pays like any
// other, and is given back like any other.
func TestR20AssignUnmatched(t *testing.T) {
	s := open(t)
	stray := provider.Session{ID: "stray", Status: provider.Paid, Payment: "pp", Amount: 2500, Currency: "EUR", PaidAt: time.Now()}
	s.hears(provider.Event{ID: "e1", At: time.Now(), Session: stray})
	list, err := s.Attention(boss)
	s.must(err)
	v := s.visit(2500)
	s.refused(s.Assign(access.Actor{Rights: access.Rights{access.VisitsView}}, list[0].ID, v.ID), "forbidden")
	s.must(s.Assign(boss, list[0].ID, v.ID))
	if v = s.reread(v); v.PaymentState() != visit.FullyPaid || len(s.raised()) != 0 {
		t.Errorf("%s, raised %v", v.PaymentState(), s.raised())
	}
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	if len(entries) != 1 || entries[0].Visit != v.ID || entries[0].Register != "acquiring:sandbox" || len(entries[0].Flags) != 0 {
		t.Fatalf("%+v", entries)
	}
	s.refused(s.Assign(boss, list[0].ID, v.ID), "attention_not_found")
	s.hears(refundEvent("e2", "r2", stray, 1000))
	if v = s.reread(v); v.Refunded != 1000 {
		t.Errorf("refunded %d", v.Refunded)
	}
}

// R20: one tap gives back what came too much, and the list is short again.
func TestR20RefundFromTheList(t *testing.T) {
	s := open(t)
	v, _ := s.paidByLink(2500)
	p := provider.Session{ID: "ses_again", Reference: "", Status: provider.Paid, Payment: "again", Amount: 700, Currency: "EUR", PaidAt: time.Now()}
	s.hears(provider.Event{ID: "e1", At: time.Now(), Session: p})
	list, err := s.Attention(boss)
	s.must(err)
	r, err := s.RefundAttention(boss, list[0].ID, "unknown payer")
	s.must(err)
	w := s.refundJob()
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	if got, err := s.RefundOf(r.ID); err != nil || got.State != desk.RefundMade || len(s.raised()) != 0 || s.reread(v).Refunded != 0 {
		t.Errorf("%+v, %v, raised %v", got, err, s.raised())
	}
	s.hears(provider.Event{ID: "e2", At: time.Now(), Session: provider.Session{ID: "third", Status: provider.Paid, Payment: "t", Amount: 1, Currency: "EUR"}})
	list, err = s.Attention(boss)
	s.must(err)
	s.must(s.Accept(boss, list[0].ID))
	if len(s.raised()) != 0 {
		t.Errorf("raised %v", s.raised())
	}
}

// R22: products leave the stock when their visit is paid up, whoever pays, and
// come back when a refund says so.
func TestR22StockFollowsTheMoney(t *testing.T) {
	s := open(t)
	oil, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Product, Name: "Oil", Price: 900, Active: true})
	s.must(err)
	_, err = s.Move(boss, oil.ID, 10, stock.Receipt, "", desk.Key{})
	s.must(err)
	onHand := func() int64 {
		levels, err := s.OnHand(boss, oil.ID)
		s.must(err)
		return levels[0].OnHand
	}
	sold := func() visit.Visit {
		d := draft()
		d.Lines = []visit.Line{{Kind: visit.Product, Ref: oil.ID, Name: "Oil", Quantity: 3, UnitPrice: 900}}
		v, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		return v
	}
	v := sold()
	cash := s.takes(v, by("cash", 2000))
	if onHand() != 10 {
		t.Errorf("%d on hand before it was paid up", onHand())
	}
	s.takes(v, by("card", 700))
	if onHand() != 7 {
		t.Errorf("%d on hand", onHand())
	}
	line := s.reread(v).Lines[0].ID
	_, err = s.RefundPayment(boss, cash.ID, desk.Giving{Amount: 1, Return: []desk.Returned{{Line: line, Quantity: 4}}}, desk.Key{})
	s.refused(err, "validation")
	s.givesBack(cash.ID, desk.Giving{Amount: 900, Reason: "one too many", Return: []desk.Returned{{Line: line, Quantity: 1}}})
	if onHand() != 8 {
		t.Errorf("%d on hand after one came back", onHand())
	}
	s.takes(v, by("cash", 900))
	if onHand() != 7 {
		t.Errorf("%d on hand after it was paid again", onHand())
	}
	linked := sold()
	s.says(s.opened(linked), provider.Paid, "e1")
	if onHand() != 4 {
		t.Errorf("%d on hand after a payment by link", onHand())
	}
	entries, err := s.VisitPayments(boss, linked.ID)
	s.must(err)
	s.givesBack(entries[0].ID, desk.Giving{Amount: 2700, Return: []desk.Returned{{Line: s.reread(linked).Lines[0].ID, Quantity: 3}}})
	if onHand() != 4 {
		t.Errorf("%d on hand before the provider gave it back", onHand())
	}
	w := s.refundJob()
	s.must(s.RefundAnswered(w.Task.ID, made(w, provider.RefundSucceeded)))
	if onHand() != 7 {
		t.Errorf("%d on hand at last", onHand())
	}
}
