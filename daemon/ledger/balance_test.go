package ledger_test

import (
	"errors"
	"fmt"
	"testing"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"

	"pgregory.net/rapid"
)

// draw makes a day of payments and refunds for a few visits, some unmatched, in two currencies.
func draw(t *rapid.T) []ledger.Entry {
	var entries, payments []ledger.Entry
	for i := range rapid.IntRange(0, 40).Draw(t, "entries") {
		next := id.Payment(fmt.Sprintf("p_%d", i))
		if len(payments) > 0 && rapid.Bool().Draw(t, "refund") {
			of := rapid.SampledFrom(payments).Draw(t, "of")
			left := ledger.Refundable(of, entries)
			if left == 0 {
				continue
			}
			back := of
			back.ID, back.Refunds, back.Amount = next, of.ID, rapid.Int64Range(1, left).Draw(t, "back")
			entries = append(entries, must(t)(ledger.Refund(back)))
			continue
		}
		e := ledger.Entry{
			ID: next, Client: "c_1", Card: "g_1", Visit: rapid.SampledFrom([]id.Visit{"v_1", "v_2", "v_3"}).Draw(t, "visit"),
			Method:   rapid.SampledFrom([]string{"cash", "card", "deposit", "gift_card", "link"}).Draw(t, "method"),
			Amount:   rapid.Int64Range(1, money.Max).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]money.Currency{"EUR", "JPY"}).Draw(t, "currency"),
		}
		if e.Method == "link" {
			e.Provider = rapid.SampledFrom([]string{"sandbox", "stripe"}).Draw(t, "provider")
			if rapid.Bool().Draw(t, "unmatched") {
				e.Visit = ""
			}
		}
		entries = append(entries, must(t)(ledger.Payment(e)))
		payments = append(payments, entries[len(entries)-1])
	}
	return entries
}

// R25: after every entry the accounts balance, a visit's account says what the sums say, and what
// the registers hold, with what was spent of balances, is what visits paid and what waits unmatched.
func TestR25AnyEntriesBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := draw(t)
		b := ledger.Balances{}
		for i, e := range entries {
			if err := b.Post(e); err != nil {
				t.Fatal(err)
			}
			if err := b.Balanced(); err != nil {
				t.Fatal(err)
			}
			paid, refunded, err := ledger.SumVisit(entries[:i+1], e.Visit, e.Currency)
			if err != nil {
				t.Fatal(err)
			}
			if e.Visit != "" && b.Visit(e.Currency, e.Visit) != paid-refunded {
				t.Fatalf("%s: account %d, paid %d, refunded %d", e.Visit, b.Visit(e.Currency, e.Visit), paid, refunded)
			}
		}
		for c := range b {
			var held, owed int64
			for _, register := range []string{"cash", "card", "acquiring:sandbox", "acquiring:stripe"} {
				held += b.Register(c, register)
			}
			held -= b.Balance(c, ledger.ClientAccount("c_1", "deposit")) + b.Balance(c, ledger.CardAccount("g_1"))
			for _, v := range []id.Visit{"v_1", "v_2", "v_3"} {
				owed += b.Visit(c, v)
			}
			owed -= b[c][ledger.UnmatchedAccount("sandbox")] + b[c][ledger.UnmatchedAccount("stripe")]
			if held != owed {
				t.Fatalf("%s: registers hold %d, visits and unmatched say %d", c, held, owed)
			}
		}
	})
}

// R25: the order of posting makes no difference to what stands on the accounts.
func TestR25OrderMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := draw(t)
		b, shuffled := ledger.Balances{}, ledger.Balances{}
		for _, e := range entries {
			if err := b.Post(e); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range rapid.Permutation(entries).Draw(t, "order") {
			if err := shuffled.Post(e); err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(b) != fmt.Sprint(shuffled) {
			t.Fatalf("%v\n%v", b, shuffled)
		}
	})
}

// R25: one account that was written by hand is noticed.
func TestR25ImbalanceIsNoticed(t *testing.T) {
	b := ledger.Balances{"EUR": {"register:cash": 100, "visit:v_1": -99}}
	if err := b.Balanced(); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("got %v", err)
	}
}
