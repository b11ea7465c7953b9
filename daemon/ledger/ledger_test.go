package ledger_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"

	"github.com/google/go-cmp/cmp"
)

func taken(method, provider string) ledger.Entry {
	return ledger.Entry{
		ID: "p_1", Visit: "v_1", Method: method, Provider: provider, Amount: 2500, Currency: "EUR",
		ReceivedAt: time.Date(2026, 11, 22, 9, 44, 2, 0, time.UTC), VisitDate: "2026-11-22",
	}
}

func must(t interface {
	Helper()
	Fatal(...any)
}) func(ledger.Entry, error) ledger.Entry {
	return func(e ledger.Entry, err error) ledger.Entry {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

// R16, R21: where money lands, by method.
func TestR21Registers(t *testing.T) {
	for _, c := range []struct {
		method, provider, register string
		debit                      ledger.Account
	}{
		{"cash", "", "cash", "register:cash"},
		{"card", "", "card", "register:card"},
		{"loyalty", "", "loyalty", "client:c_1:loyalty"},
		{"cashback", "", "cashback", "client:c_1:cashback"},
		{"gift_card", "", "gift_card", "card:g_1"},
		{"deposit", "", "deposit", "client:c_1:deposit"},
		{"link", "sandbox", "acquiring:sandbox", "acquiring:sandbox"},
		{"link", "stripe", "acquiring:stripe", "acquiring:stripe"},
	} {
		e := taken(c.method, c.provider)
		e.Client, e.Card = "c_1", "g_1"
		e = must(t)(ledger.Payment(e))
		if e.Register != c.register || e.Debit != c.debit || e.Credit != "visit:v_1" || e.Kind != ledger.KindPayment {
			t.Errorf("%s: %+v", c.method, e)
		}
		if e.Flags == nil {
			t.Errorf("%s: flags are null in the API", c.method)
		}
	}
}

// R23: a refund takes from the register the money came in by.
func TestR23RefundReversesThePayment(t *testing.T) {
	payment := must(t)(ledger.Payment(taken("link", "sandbox")))
	back := payment
	back.ID, back.Amount, back.Refunds = "p_2", 500, payment.ID
	refund := must(t)(ledger.Refund(back))
	if refund.Debit != payment.Credit || refund.Credit != payment.Debit || refund.Register != "acquiring:sandbox" {
		t.Errorf("got %+v", refund)
	}
	if left := ledger.Refundable(payment, []ledger.Entry{payment, refund}); left != 2000 {
		t.Errorf("%d can be given back, want 2000", left)
	}
}

// R20: money for no visit waits, is assigned by staff, and can be given back in either state.
func TestR20UnmatchedIsKeptAndAssigned(t *testing.T) {
	stray := taken("link", "sandbox")
	stray.Visit, stray.Flags = "", []string{ledger.Unmatched, ledger.Late, ledger.Late}
	stray = must(t)(ledger.Payment(stray))
	if stray.Credit != "unmatched:sandbox" || !cmp.Equal(stray.Flags, []string{"late", "unmatched"}) {
		t.Errorf("got %+v", stray)
	}
	move := stray
	move.ID = "p_2"
	assigned := must(t)(ledger.Assign(move, "v_1", "2026-11-22"))
	back := assigned
	back.ID, back.Refunds = "p_3", assigned.ID
	refund := must(t)(ledger.Refund(back))

	b := ledger.Balances{}
	for i, want := range []map[ledger.Account]int64{
		{"acquiring:sandbox": 2500, "unmatched:sandbox": -2500},
		{"acquiring:sandbox": 2500, "unmatched:sandbox": 0, "visit:v_1": -2500},
		{"acquiring:sandbox": 0, "unmatched:sandbox": 0, "visit:v_1": 0},
	} {
		if err := b.Post([]ledger.Entry{stray, assigned, refund}[i]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b["EUR"]); diff != "" {
			t.Errorf("after entry %d (-want +got):\n%s", i, diff)
		}
	}
	if _, err := ledger.Assign(assigned, "v_2", ""); !errors.Is(err, ledger.ErrTampered) {
		t.Errorf("assigned twice: %v", err)
	}
}

// R25: what can't be booked, and that a register or account can't be typed by hand.
func TestR25Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*ledger.Entry)
		want  error
	}{
		"no id":                {func(e *ledger.Entry) { e.ID = "" }, ledger.ErrID},
		"nothing":              {func(e *ledger.Entry) { e.Amount = 0 }, ledger.ErrAmount},
		"less than nothing":    {func(e *ledger.Entry) { e.Amount = -1 }, ledger.ErrAmount},
		"no currency":          {func(e *ledger.Entry) { e.Currency = "" }, ledger.ErrCurrency},
		"no method":            {func(e *ledger.Entry) { e.Method = "" }, ledger.ErrMethod},
		"unknown method":       {func(e *ledger.Entry) { e.Method = "barter" }, ledger.ErrMethod},
		"link of nobody":       {func(e *ledger.Entry) { e.Method = "link" }, ledger.ErrMethod},
		"payment that refunds": {func(e *ledger.Entry) { e.Refunds = "p_0" }, ledger.ErrRefunds},
		"cash for nobody":      {func(e *ledger.Entry) { e.Visit = "" }, ledger.ErrHolder},
		"points of nobody":     {func(e *ledger.Entry) { e.Method = "loyalty" }, ledger.ErrHolder},
		"a card without one":   {func(e *ledger.Entry) { e.Method, e.Client = "gift_card", "c_1" }, ledger.ErrHolder},
		"points for nothing":   {func(e *ledger.Entry) { e.Method, e.Client, e.Visit = "loyalty", "c_1", "" }, ledger.ErrHolder},
	} {
		e := taken("cash", "")
		c.spoil(&e)
		if got, err := ledger.Payment(e); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	restoring := taken("cash", "")
	restoring.Refunds, restoring.Restores = "p_0", "p_9"
	if _, err := ledger.Refund(restoring); !errors.Is(err, ledger.ErrRefunds) {
		t.Errorf("a refund that restores: %v", err)
	}
	if _, err := ledger.Refund(taken("cash", "")); !errors.Is(err, ledger.ErrRefunds) {
		t.Errorf("a refund of nothing: %v", err)
	}
	forged := taken("cash", "")
	forged.Register, forged.Debit = "card", "register:card"
	if e := must(t)(ledger.Payment(forged)); e.Register != "cash" || e.Debit != "register:cash" {
		t.Errorf("got %+v", e)
	}
}

// R25: an entry that was changed in the file is found.
func TestR25CheckFindsTampering(t *testing.T) {
	good := must(t)(ledger.Payment(taken("cash", "")))
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*ledger.Entry){
		"register": func(e *ledger.Entry) { e.Register = "card" },
		"debit":    func(e *ledger.Entry) { e.Debit = "register:card" },
		"credit":   func(e *ledger.Entry) { e.Credit = "visit:v_2" },
		"visit":    func(e *ledger.Entry) { e.Visit = "v_2" },
		"method":   func(e *ledger.Entry) { e.Method = "card" },
		"kind":     func(e *ledger.Entry) { e.Kind = "gift" },
		"turned":   func(e *ledger.Entry) { e.Kind, e.Refunds = ledger.KindRefund, "p_0" },
		"amount":   func(e *ledger.Entry) { e.Amount = -e.Amount },
	} {
		e := good
		spoil(&e)
		if err := e.Check(); err == nil {
			t.Errorf("%s: not found", name)
		}
		b := ledger.Balances{}
		if err := b.Post(e); err == nil || len(b) != 0 {
			t.Errorf("%s: posted, %v", name, b)
		}
	}
}

// R19: another currency is booked, and pays for nothing of the visit.
func TestR19OtherCurrencyIsBookedApart(t *testing.T) {
	euros := must(t)(ledger.Payment(taken("cash", "")))
	other := taken("link", "sandbox")
	other.ID, other.Currency, other.Flags = "p_2", "USD", []string{ledger.CurrencyMismatch}
	dollars := must(t)(ledger.Payment(other))
	paid, refunded, err := ledger.SumVisit([]ledger.Entry{euros, dollars}, "v_1", "EUR")
	if paid != 2500 || refunded != 0 || err != nil {
		t.Errorf("paid %d, refunded %d, %v", paid, refunded, err)
	}
}

// R25: an account that would overflow refuses, and both sides stay as they were.
func TestR25OverflowPostsNothing(t *testing.T) {
	b := ledger.Balances{}
	e := taken("cash", "")
	e.Amount = 1<<63 - 1
	big := must(t)(ledger.Payment(e))
	if err := b.Post(big); err != nil {
		t.Fatal(err)
	}
	big.ID = "p_2"
	if err := b.Post(big); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v", err)
	}
	if b.Register("EUR", "cash") != 1<<63-1 || b.Visit("EUR", "v_1") != 1<<63-1 || b.Balanced() != nil {
		t.Errorf("got %v", b)
	}
	entries := []ledger.Entry{big, big}
	if _, _, err := ledger.SumVisit(entries, id.Visit("v_1"), "EUR"); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v", err)
	}
}

// The stored form is a promise to every file that was ever written.
func TestEntryOnDisk(t *testing.T) {
	got, err := json.Marshal(must(t)(ledger.Payment(taken("cash", ""))))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"p_1","kind":"payment","visit":"v_1","method":"cash","provider":"","register":"cash",` +
		`"amount":2500,"currency":"EUR","debit":"register:cash","credit":"visit:v_1",` +
		`"received_at":"2026-11-22T09:44:02Z","visit_date":"2026-11-22","checkout":"","session":"",` +
		`"provider_payment":"","refunds":"","staff":"","flags":[]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
