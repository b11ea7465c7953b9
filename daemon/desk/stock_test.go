package desk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// product puts a product into the catalogue; it is counted if anything is on hand.
func (s salon) product(name, sku string, onHand int64) string {
	s.t.Helper()
	i, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Product, Name: name, SKU: sku, Price: 1000, Active: true})
	s.must(err)
	if onHand != 0 {
		_, err = s.Move(boss, i.ID, onHand, stock.Receipt, "", desk.Key{})
		s.must(err)
	}
	return i.ID
}

// onHand is the level of one product.
func (s salon) onHand(item string) stock.Level {
	s.t.Helper()
	levels, err := s.OnHand(boss, item)
	s.must(err)
	return levels[0]
}

// R22: every movement by hand is kept with its reason, who made it and why,
// and on hand is their sum.
func TestR22MovementsByHand(t *testing.T) {
	s := open(t)
	oil, other := s.product("Oil", "", 0), s.product("Wax", "", 8)
	if l := s.onHand(oil); l.Counted || l.OnHand != 0 {
		t.Errorf("before any movement: %+v", l)
	}
	made := []stock.Movement{}
	for _, m := range []stock.Movement{
		{Quantity: 12, Reason: stock.Receipt, Note: "  from Kiel "},
		{Quantity: -2, Reason: stock.WriteOff, Note: "broken"},
		{Quantity: -1, Reason: stock.Adjustment},
	} {
		got, err := s.Move(boss, oil, m.Quantity, m.Reason, m.Note, desk.Key{})
		s.must(err)
		made = append([]stock.Movement{got}, made...)
	}
	if made[2].Note != "from Kiel" || made[2].Item != oil || made[2].At.IsZero() || made[2].ID == "" {
		t.Errorf("kept as %+v", made[2])
	}
	found, next, err := s.Movements(boss, oil, "")
	s.must(err)
	if diff := cmp.Diff(made, found); diff != "" || next != "" {
		t.Errorf("the history, next %q (-made +listed):\n%s", next, diff)
	}
	if s.onHand(oil).OnHand != 9 || s.onHand(other).OnHand != 8 {
		t.Errorf("on hand %+v and %+v", s.onHand(oil), s.onHand(other))
	}
}

func TestMovementsByHandAreRefused(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "", 3)
	cut, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Service, Name: "Haircut", Active: true})
	s.must(err)
	for name, c := range map[string]struct {
		item     string
		quantity int64
		why      stock.Reason
		code     string
	}{
		"a sale":           {oil, -1, stock.Sale, "validation"},
		"a return":         {oil, 1, stock.Return, "validation"},
		"nothing":          {oil, 0, stock.Adjustment, "validation"},
		"a wrong sign":     {oil, 2, stock.WriteOff, "validation"},
		"a service":        {cut.ID, 1, stock.Receipt, "product_not_found"},
		"nothing of ours":  {"i_x", 1, stock.Receipt, "product_not_found"},
		"an empty product": {"", 1, stock.Receipt, "product_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Move(boss, c.item, c.quantity, c.why, "", desk.Key{})
			s.refused(err, c.code)
		})
	}
	viewer := access.Actor{Rights: access.Rights{access.VisitsView}}
	if _, err := s.Move(viewer, oil, 1, stock.Receipt, "", desk.Key{}); fault.From(err).Kind != fault.Forbidden {
		t.Errorf("without the right: %v", err)
	}
	if l := s.onHand(oil); l.OnHand != 3 {
		t.Errorf("%+v after nothing was moved", l)
	}
	for _, cursor := range []string{"0", "x", "99", "-1"} {
		_, _, err := s.Movements(boss, oil, cursor)
		s.refused(err, "validation")
	}
}

func TestAMovementIsMadeOnceForItsKey(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "", 3)
	first, err := s.Move(boss, oil, 2, stock.Receipt, "", desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	s.product("Wax", "", 5) // moves in between
	again, err := s.Move(boss, oil, 2, stock.Receipt, "", desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if diff := cmp.Diff(first, again); diff != "" || s.onHand(oil).OnHand != 5 {
		t.Errorf("%d on hand after a repetition (-first +again):\n%s", s.onHand(oil).OnHand, diff)
	}
	_, err = s.Move(boss, oil, 3, stock.Receipt, "", desk.Key{Value: "k", Hash: "other"})
	s.refused(err, "idempotency_key_reused")
}

// A long history comes in pages, newest first, each movement once.
func TestMovementsComeInPages(t *testing.T) {
	s := open(t)
	oil, wax := s.product("Oil", "", 1), s.product("Wax", "", 1)
	for i := range int64(210) {
		_, err := s.Move(boss, oil, i+2, stock.Receipt, "", desk.Key{})
		s.must(err)
		if i%3 == 0 {
			_, err := s.Move(boss, wax, 1, stock.Receipt, "", desk.Key{})
			s.must(err)
		}
	}
	var all []stock.Movement
	cursor, pages := "", 0
	for {
		found, next, err := s.Movements(boss, oil, cursor)
		s.must(err)
		all, cursor, pages = append(all, found...), next, pages+1
		if next == "" {
			break
		}
		_, _, err = s.Movements(boss, wax, next)
		s.refused(err, "validation") // another product's place
	}
	if len(all) != 211 || pages != 3 {
		t.Fatalf("%d movements in %d pages", len(all), pages)
	}
	for i, m := range all {
		if m.Quantity != int64(211-i) {
			t.Fatalf("movement %d is of %d", i, m.Quantity)
		}
	}
}

// stockNews are the changes of stock after a number, as "item on hand".
func (s salon) stockNews(after uint64) (news []string) {
	s.t.Helper()
	found, err := s.Changes(after, 1000)
	s.must(err)
	for _, e := range found {
		if d := e.Value.Data; e.Value.Type == desk.StockChanged && d.OnHand != nil {
			news = append(news, fmt.Sprintf("%s %d", d.Item, *d.OnHand))
		} else if e.Value.Type == desk.StockChanged {
			news = append(news, d.Item+" several")
		}
	}
	return news
}

// R22: whoever follows the changes learns of every movement, and of a file once.
func TestR22ChangesOfStockAreTold(t *testing.T) {
	s := open(t)
	oil, wax := s.product("Oil", "A1", 3), s.product("Wax", "B2", 0)
	after, err := s.LastChange()
	s.must(err)
	v, _, err := s.CreateVisit(boss, visit.Draft{Currency: "EUR", StartsAt: time.Now(), Lines: []visit.Line{
		{Kind: visit.Product, Ref: oil, Name: "Oil", Quantity: 2, UnitPrice: 1000, TaxSystem: "standard"},
		{Kind: visit.Product, Ref: wax, Name: "Wax", Quantity: 1, UnitPrice: 1000, TaxSystem: "standard"}}}, desk.Key{})
	s.must(err)
	s.takes(v, desk.Taking{Method: ledger.Cash, Amount: 3000})
	s.must(s.CountNone(boss, wax))
	s.must(s.CountNone(boss, wax))
	s.must(s.CountNone(boss, oil)) // counted already: it stays
	_, err = s.Import(boss, s.file("kind,sku,name,price,stock\nproduct,A1,Oil,10,7\nproduct,B2,Wax,10,8\n"), false)
	s.must(err)
	_, err = s.Import(boss, s.file("kind,sku,name,price,stock\nproduct,A1,Oil,11,7\n"), false)
	s.must(err)
	if diff := cmp.Diff([]string{oil + " 1", wax + " 0", " several"}, s.stockNews(after)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// R22: none is a count, too: from then on a product is counted, though nothing moved.
func TestR22CountingBeginsAtNone(t *testing.T) {
	s := open(t)
	wax := s.product("Wax", "", 0)
	s.must(s.CountNone(boss, wax))
	if l := s.onHand(wax); !l.Counted || l.OnHand != 0 {
		t.Errorf("counted, none: %+v", l)
	}
	if found, _, err := s.Movements(boss, wax, ""); err != nil || len(found) != 0 {
		t.Errorf("moved %v, %v", found, err)
	}
	_, err := s.Move(boss, wax, 5, stock.Receipt, "", desk.Key{})
	s.must(err)
	if l := s.onHand(wax); l.OnHand != 5 {
		t.Errorf("then five came: %+v", l)
	}
	if err := s.CountNone(access.Actor{Rights: access.Rights{access.VisitsView}}, wax); fault.From(err).Kind != fault.Forbidden {
		t.Errorf("without the right: %v", err)
	}
	if err := s.CountNone(boss, "i_none"); fault.From(err).Kind != fault.Missing {
		t.Errorf("of nothing: %v", err)
	}
}
