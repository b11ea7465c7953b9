package desk

import (
	"crypto/rand"
	"slices"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/id"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// stocked is a desk with two products, one of which is counted.
func stocked(t *testing.T, onHand int64) (d *Desk, counted, free string) {
	t.Helper()
	db := storetest.Open(t, store.Options{Program: "countersign", Kinds: Kinds()})
	d = New(Config{DB: db, IDs: id.NewSource(rand.Reader)})
	for i, to := range []*string{&counted, &free} {
		saved, err := d.SaveItem(access.System(), catalogue.Item{Kind: visit.Product, Name: []string{"Oil", "Wax"}[i], Active: true})
		if err != nil {
			t.Fatal(err)
		}
		*to = saved.ID
	}
	if _, err := d.Move(access.System(), counted, onHand, stock.Receipt, "", Key{}); err != nil {
		t.Fatal(err)
	}
	return d, counted, free
}

// rules are the rules that a file breaks.
func rules(t *testing.T, d *Desk) (broken []string) {
	t.Helper()
	problems, err := Verify(d.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		broken = append(broken, p.Rule)
	}
	return broken
}

// R22: what a payment moves, through the one way there is. A product that isn't
// counted, or isn't ours, is sold without end.
func TestR22SalesAndReturnsMoveWhatIsCounted(t *testing.T) {
	d, counted, free := stocked(t, 5)
	for _, m := range []stock.Movement{
		{Item: counted, Quantity: -7, Reason: stock.Sale, Visit: "v_1", Payment: "p_1"},
		{Item: counted, Quantity: 3, Reason: stock.Return, Visit: "v_1", Payment: "p_2"},
		{Item: free, Quantity: -1, Reason: stock.Sale, Visit: "v_1"},
		{Item: "", Quantity: -1, Reason: stock.Sale, Visit: "v_1"},
		{Item: "somebody's", Quantity: -1, Reason: stock.Sale, Visit: "v_1"},
	} {
		if err := d.update(func(o *op) error { return o.move(m) }); err != nil {
			t.Fatal(err)
		}
	}
	levels, err := d.Stock(access.System())
	if err != nil || len(levels) != 1 || levels[counted] != (stock.Level{Item: counted, OnHand: 1, Counted: true}) {
		t.Errorf("levels %v, %v", levels, err)
	}
	if err := d.update(func(o *op) error { return o.move(stock.Movement{Item: counted, Quantity: 7, Reason: stock.Sale}) }); err == nil {
		t.Error("a sale added to the stock")
	}
	if broken := rules(t, d); broken != nil {
		t.Errorf("verify: %v", broken)
	}
}

// R22: verify finds a level that isn't the sum of its movements, one that is
// missing, and a movement out of its product's history.
func TestR22VerifyHoldsLevelsAgainstMovements(t *testing.T) {
	for name, breakIt := range map[string]func(o *op, item string) error{
		"a piece more": func(o *op, item string) error {
			return o.levels.Put(o.tx, level{Level: stock.Level{Item: item, OnHand: 6, Counted: true}, Last: 1})
		},
		"no level": func(o *op, item string) error { return o.levels.Delete(o.tx, item) },
		"a movement beside the history": func(o *op, item string) error {
			_, err := o.movements.Append(o.tx, movement{Movement: stock.Movement{ID: "m_x", Item: item, Quantity: 1, Reason: stock.Receipt}})
			return err
		},
	} {
		d, counted, _ := stocked(t, 5)
		if broken := rules(t, d); broken != nil {
			t.Fatalf("verify before: %v", broken)
		}
		if err := d.update(func(o *op) error { return breakIt(o, counted) }); err != nil {
			t.Fatal(err)
		}
		if broken := rules(t, d); !slices.Contains(broken, "R22") {
			t.Errorf("%s: verify says %v", name, broken)
		}
	}
}
