package ledger_test

import (
	"errors"
	"testing"

	"countersign/daemon/ledger"

	"github.com/google/go-cmp/cmp"
)

// R16, R22: what clients and cards hold, from being given to being spent, refunded and taken off.
func TestR16Holdings(t *testing.T) {
	of := func(method string, amount int64, change func(*ledger.Entry)) ledger.Entry {
		e := taken(method, "")
		e.Amount = amount
		change(&e)
		return e
	}
	client := func(e *ledger.Entry) { e.Visit, e.Client = "", "c_1" }
	card := func(e *ledger.Entry) { e.Visit, e.Card = "", "g_1" }
	topUp := must(t)(ledger.Payment(of("cash", 5000, client)))
	spent := must(t)(ledger.Payment(of("deposit", 2000, func(e *ledger.Entry) { e.Client = "c_1" })))
	back := spent
	back.ID, back.Refunds, back.Amount = "p_9", spent.ID, 500
	paidBack := topUp
	paidBack.ID, paidBack.Refunds, paidBack.Amount = "p_10", topUp.ID, 1000
	b := ledger.Balances{}
	for i, step := range []struct {
		entry ledger.Entry
		want  map[ledger.Account]int64
	}{
		{topUp, map[ledger.Account]int64{"register:cash": 5000, "client:c_1:deposit": -5000}},
		{spent, map[ledger.Account]int64{"register:cash": 5000, "client:c_1:deposit": -3000, "visit:v_1": -2000}},
		{must(t)(ledger.Refund(back)), map[ledger.Account]int64{"register:cash": 5000, "client:c_1:deposit": -3500, "visit:v_1": -1500}},
		{must(t)(ledger.Refund(paidBack)), map[ledger.Account]int64{"register:cash": 4000, "client:c_1:deposit": -2500, "visit:v_1": -1500}},
		{must(t)(ledger.Grant(of("gift_card", 3000, card))), map[ledger.Account]int64{"register:cash": 4000, "client:c_1:deposit": -2500,
			"visit:v_1": -1500, "card:g_1": -3000, "granted:gift_card": 3000}},
		{must(t)(ledger.Withdrawal(of("gift_card", 3000, card))), map[ledger.Account]int64{"register:cash": 4000, "client:c_1:deposit": -2500,
			"visit:v_1": -1500, "card:g_1": 0, "granted:gift_card": 0}},
	} {
		if err := b.Post(step.entry); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, b["EUR"]); diff != "" {
			t.Errorf("after entry %d (-want +got):\n%s", i, diff)
		}
		if err := b.Balanced(); err != nil {
			t.Error(err)
		}
	}
	if got := b.Balance("EUR", ledger.ClientAccount("c_1", ledger.Deposit)); got != 2500 {
		t.Errorf("the client holds %d", got)
	}
	for _, e := range []ledger.Entry{of("cash", 100, client), of("deposit", 100, client)} {
		if _, err := ledger.Grant(e); !errors.Is(err, ledger.ErrHolder) {
			t.Errorf("%s was given for nothing: %v", e.Method, err)
		}
	}
}

// R16: an entry says which balance it changes and by how much.
func TestR16Holding(t *testing.T) {
	points := taken("loyalty", "")
	points.Client = "c_1"
	pays := must(t)(ledger.Payment(points))
	given := must(t)(ledger.Grant(points))
	back := pays
	back.ID, back.Refunds = "p_2", pays.ID
	for _, c := range []struct {
		entry ledger.Entry
		of    ledger.Account
		by    int64
	}{
		{pays, "client:c_1:loyalty", -2500}, {given, "client:c_1:loyalty", 2500},
		{must(t)(ledger.Refund(back)), "client:c_1:loyalty", 2500}, {must(t)(ledger.Payment(taken("cash", ""))), "", 0},
	} {
		if of, by := c.entry.Holding(); of != c.of || by != c.by {
			t.Errorf("%s by %s changes %q by %d, want %q by %d", c.entry.Kind, c.entry.Method, of, by, c.of, c.by)
		}
	}
}
