package stock_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"countersign/daemon/fault"
	"countersign/daemon/stock"
)

func TestR22MovementsFitTheirReason(t *testing.T) {
	for _, c := range []struct {
		reason   stock.Reason
		quantity int64
		note     string
		wrong    string // the field that is refused
	}{
		{stock.Receipt, 1, "", ""},
		{stock.Receipt, stock.Most, "", ""},
		{stock.Receipt, stock.Most + 1, "", "body.quantity"},
		{stock.Receipt, -1, "", "body.quantity"},
		{stock.Receipt, 0, "", "body.quantity"},
		{stock.Return, 1, "", ""},
		{stock.Return, -1, "", "body.quantity"},
		{stock.Sale, -1, "", ""},
		{stock.Sale, 1, "", "body.quantity"},
		{stock.WriteOff, -stock.Most, "broken", ""},
		{stock.WriteOff, -stock.Most - 1, "", "body.quantity"},
		{stock.WriteOff, 1, "", "body.quantity"},
		{stock.Adjustment, 3, "", ""},
		{stock.Adjustment, -3, "", ""},
		{stock.Adjustment, 0, "", "body.quantity"},
		{stock.Adjustment, -9223372036854775808, "", "body.quantity"},
		{"gift", 1, "", "body.reason"},
		{"", 1, "", "body.reason"},
		{stock.Receipt, 1, strings.Repeat("ü", 200), ""},
		{stock.Receipt, 1, strings.Repeat("ü", 201), "body.note"},
		{stock.Receipt, 1, "a\nb", "body.note"},
		{stock.Receipt, 1, "a\xffb", "body.note"},
	} {
		err := stock.Movement{Item: "i_1", Quantity: c.quantity, Reason: c.reason, Note: c.note}.Check()
		got := ""
		if f := fault.From(err); f != nil {
			got = f.Fields[0].Location
		}
		if got != c.wrong {
			t.Errorf("%s of %d, note %.10q: refused for %q, want %q", c.reason, c.quantity, c.note, got, c.wrong)
		}
	}
}

func TestOnlyMovementsByHandBeginTheCounting(t *testing.T) {
	for reason, byHand := range map[stock.Reason]bool{stock.Receipt: true, stock.Adjustment: true, stock.WriteOff: true,
		stock.Sale: false, stock.Return: false} {
		m := stock.Movement{Item: "i_1", Reason: reason, Quantity: 2}
		if reason == stock.WriteOff || reason == stock.Sale {
			m.Quantity = -2
		}
		l, err := stock.Level{}.After(m)
		if l.Counted != byHand || reason.ByHand() != byHand || errors.Is(err, stock.ErrUncounted) == byHand {
			t.Errorf("%s: %+v, %v", reason, l, err)
		}
	}
	if short := (stock.Level{}).Short(5); short != 0 {
		t.Errorf("a product that isn't counted is short of %d", short)
	}
}

// R22: on hand is the sum of the movements, whatever they are, and what is
// short is never more than what is wanted.
func TestR22OnHandIsTheSumOfMovements(t *testing.T) {
	reasons := []stock.Reason{stock.Receipt, stock.Sale, stock.Return, stock.Adjustment, stock.WriteOff, "gift"}
	rapid.Check(t, func(t *rapid.T) {
		l, sum, counted := stock.Level{Item: "i_1"}, int64(0), false
		for range rapid.IntRange(0, 20).Draw(t, "movements") {
			m := stock.Movement{Item: "i_1", Reason: rapid.SampledFrom(reasons).Draw(t, "reason"),
				Quantity: rapid.Int64Range(-stock.Most-2, stock.Most+2).Draw(t, "quantity")}
			next, err := l.After(m)
			if err != nil {
				if next != l {
					t.Fatalf("a refused movement changed %+v to %+v", l, next)
				}
				continue
			}
			l, sum, counted = next, sum+m.Quantity, true
		}
		if l.OnHand != sum || l.Counted != counted {
			t.Fatalf("%+v after movements of %d", l, sum)
		}
		wanted := rapid.Int64Range(0, 100).Draw(t, "wanted")
		short := l.Short(wanted)
		if short < 0 || short > wanted || counted && short == 0 != (sum >= wanted || wanted == 0) {
			t.Fatalf("%d wanted of %d on hand: %d short", wanted, sum, short)
		}
	})
}
