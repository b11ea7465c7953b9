package desk

import (
	"crypto/rand"
	"slices"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// Verify finds every count that doesn't say what the ledger and the count
// before it say.
func TestVerifyFindsACountThatIsNotSo(t *testing.T) {
	for name, change := range map[string]func(*DayClose){
		"as it was":              func(*DayClose) {},
		"with more than came":    func(c *DayClose) { c.In++ },
		"with less than went":    func(c *DayClose) { c.Out-- },
		"opened with another":    func(c *DayClose) { c.Opening++ },
		"of entries before it":   func(c *DayClose) { c.Seq = 1 },
		"with another's number":  func(c *DayClose) { c.Number = 1 },
		"since another time":     func(c *DayClose) { c.Since = c.At },
		"of what counted before": func(c *DayClose) { c.In += 500 },
	} {
		db := storetest.Open(t, store.Options{Program: "countersign", Kinds: Kinds()})
		d := New(Config{DB: db, IDs: id.NewSource(rand.Reader)})
		v, _, err := d.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 5000}}}, Key{})
		if err != nil {
			t.Fatal(err)
		}
		for _, amount := range []int64{500, 700} {
			if _, err := d.TakePayment(access.System(), v.ID, Taking{Method: ledger.Cash, Amount: amount}, Key{}); err != nil {
				t.Fatal(err)
			}
			if amount == 500 {
				if _, err := d.CloseDay(access.System(), Counting{Counted: 500}, Key{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		err = d.update(func(o *op) error {
			c, _, err := o.drawer()
			if err != nil {
				return err
			}
			change(&c)
			_, err = o.closes.Append(o.tx, c)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if found := slices.Contains(rules(t, d), "day close"); found != (name != "as it was") {
			t.Errorf("%s: found %t", name, found)
		}
	}
}
