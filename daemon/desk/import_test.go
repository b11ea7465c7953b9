package desk_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/visit"
)

// file reads rows as they come from outside.
func (s salon) file(text string) []catalogue.Row {
	s.t.Helper()
	rows, err := catalogue.Read(strings.NewReader(text), "EUR")
	s.must(err)
	return rows
}

// outcomes are what rows came to, as "number outcome" and what is wrong.
func outcomes(done desk.Imported) (all []string) {
	for _, r := range done.Rows {
		one := fmt.Sprintf("%d %s", r.Number, r.Outcome)
		for _, f := range r.Faults {
			one += " " + f.Location
		}
		all = append(all, one)
	}
	return all
}

// everything is the catalogue with its stock, without ids.
func (s salon) everything() string {
	s.t.Helper()
	rows, err := s.Export(boss)
	s.must(err)
	var b bytes.Buffer
	s.must(catalogue.Write(&b, rows, "EUR", "en"))
	return b.String()
}

const first = `kind,sku,name,price,min,max,tax_system,stock,active,uses,days,value
service,,Haircut,35,30,50,,,yes,,,
product,A1,Oil,22.90,,,,4,yes,,,
product,,Comb,5,,,,,yes,,,
product,B2,Wax,9,,,,0,yes,,,
membership,,Ten haircuts,290,,,,,yes,10,365,
gift_card,,Gift card,50,,,,,no,,1095,55
`

func TestAFileMakesTheCatalogueAndComesBack(t *testing.T) {
	s := open(t)
	empty := s.everything()
	dry, err := s.Import(boss, s.file(first), true)
	s.must(err)
	if dry.Created != 6 || dry.Rows[0].Item.ID != "" || s.everything() != empty {
		t.Errorf("a dry run came to %+v and left\n%s", dry, s.everything())
	}
	done, err := s.Import(boss, s.file(first), false)
	s.must(err)
	if diff := cmp.Diff(dry, done, cmpopts.IgnoreFields(catalogue.Item{}, "ID")); diff != "" {
		t.Errorf("the dry run said otherwise (-dry +done):\n%s", diff)
	}
	oil, wax := done.Rows[1].Item, done.Rows[3].Item
	if l := s.onHand(oil.ID); l.OnHand != 4 || oil.Price != 2290 {
		t.Errorf("%+v with %+v", oil, l)
	}
	if l := s.onHand(wax.ID); !l.Counted || l.OnHand != 0 {
		t.Errorf("none on hand is %+v", l)
	}
	if l := s.onHand(done.Rows[2].Item.ID); l.Counted {
		t.Errorf("a product without a number is %+v", l)
	}
	written, last := s.everything(), s.last()
	again, err := s.Import(boss, s.file(written), false)
	s.must(err)
	if again.Unchanged != 6 || len(again.Rows) != 6 || s.everything() != written || s.last() != last {
		t.Errorf("what was written came back as %v", outcomes(again))
	}
}

func TestRowsFindTheirItems(t *testing.T) {
	s := open(t)
	_, err := s.Import(boss, s.file(first+"product,C3,Shampoo,9,,,,,,,,\nproduct,C4,Shampoo,12,,,,,,,,\nproduct,,Shampoo,7,,,,,,,,\nproduct,,Twins,1,,,,,,,,\n"), false)
	s.must(err)
	s.item(catalogue.Item{Kind: visit.Product, Name: "twins"})
	for _, c := range []struct {
		name, row, want string
		is              func(i catalogue.Item) bool
	}{
		{"by SKU, renamed", "product,a1,Hair oil,23,,,,,,,,", "changed", func(i catalogue.Item) bool { return i.Name == "Hair oil" && i.SKU == "a1" && i.Version == 2 }},
		{"by SKU, another kind", "service,B2,Wax,9,,,,,,,,", "bad kind", nil},
		{"by name", "product,,COMB,6,,,,,,,,", "changed", func(i catalogue.Item) bool { return i.Name == "COMB" && i.Price == 600 }},
		{"by name, with a SKU now", "product,D1,Comb,6,,,,,,,,", "changed", func(i catalogue.Item) bool { return i.SKU == "D1" }},
		{"by name, one with another SKU", "product,A9,Oil,1,,,,,,,,", "created", nil},
		{"by name, one without a SKU first", "product,,Shampoo,8,,,,,,,,", "changed", func(i catalogue.Item) bool { return i.SKU == "" && i.Price == 800 }},
		{"by name, one with a SKU else", "product,,Wax,9,,,,,,,,", "changed", func(i catalogue.Item) bool { return i.SKU == "" }},
		{"by name, of two", "product,,Twins,1,,,,,,,,", "bad name", nil},
		{"another kind of that name", "service,,Comb,5,,,,,,,,", "created", nil},
		{"a retired one", "gift_card,,Gift card,50,,,,,no,,1095,55", "unchanged", nil},
		{"sold again", "gift_card,,Gift card,50,,,,,yes,,1095,55", "changed", func(i catalogue.Item) bool { return i.Active }},
		{"no such tax system", "service,,Colour,5,,,reduced,,,,,", "bad tax_system", nil},
		{"the tax system it had", "service,,Odd,5,,,odd,,,,,", "unchanged", nil},
	} {
		if c.name == "the tax system it had" {
			s.item(catalogue.Item{Kind: visit.Service, Name: "Odd", Price: 500, TaxSystem: "odd"})
		}
		done, err := s.Import(boss, s.file(strings.SplitN(first, "\n", 2)[0]+"\n"+c.row+"\n"), true)
		s.must(err)
		if got := outcomes(done); got[0] != "2 "+c.want || c.is != nil && !c.is(done.Rows[0].Item) {
			t.Errorf("%s: %v, %+v", c.name, got, done.Rows[0].Item)
		}
	}
}

// A file from elsewhere may have one name with and without a SKU, in any order.
func TestOneNameWithAndWithoutASKU(t *testing.T) {
	for _, text := range []string{"product,C3,Shampoo,9\nproduct,,Shampoo,7\nproduct,C4,Shampoo,12\n", "product,,Shampoo,7\nproduct,C3,Shampoo,9\nproduct,C4,Shampoo,12\n"} {
		s := open(t)
		text = "kind,sku,name,price\n" + text
		for _, want := range []desk.Imported{{Created: 3}, {Unchanged: 3}} {
			done, err := s.Import(boss, s.file(text), false)
			s.must(err)
			if done.Created != want.Created || done.Unchanged != want.Unchanged {
				t.Errorf("%v", outcomes(done))
			}
		}
	}
}

// One bad row, and nothing of the file is there; the refusal names each.
func TestAFileIsTakenWholeOrNotAtAll(t *testing.T) {
	s := open(t)
	s.product("Oil", "A1", 3)
	before, last := s.everything(), s.last()
	text := "kind,sku,name,price,stock,tax_system\nproduct,A1,Oil,7,9,\nproduct,B2,Wax,x,1,\nservice,,Cut,1,2,\nproduct,,New,1,,none\nproduct,,New 2,1,,\nproduct,,new 2,1,,\n"
	dry, err := s.Import(boss, s.file(text), true)
	s.must(err)
	want := []string{"2 changed", "3 bad price", "4 bad stock", "5 bad tax_system", "6 created", "7 bad name"}
	if got := outcomes(dry); !slices.Equal(got, want) || dry.Bad != 4 {
		t.Errorf("the dry run: %v, want %v", got, want)
	}
	if r := dry.Rows[0]; r.WasOnHand == nil || *r.WasOnHand != 3 || *r.OnHand != 9 || r.Was.Price != 1000 || r.Item.Price != 700 {
		t.Errorf("the changed row: %+v", r)
	}
	_, err = s.Import(boss, s.file(text), false)
	f := s.refused(err, "import_refused")
	var where []string
	for _, field := range f.Fields {
		where = append(where, field.Location)
	}
	if want := []string{"body.rows[3].price", "body.rows[4].stock", "body.rows[5].tax_system", "body.rows[7].name"}; !slices.Equal(where, want) {
		t.Errorf("refused for %v, want %v", where, want)
	}
	if s.everything() != before || s.last() != last {
		t.Errorf("something of it is there:\n%s", s.everything())
	}
	viewer := access.Actor{Rights: access.Rights{access.VisitsView}}
	for _, dry := range []bool{true, false} {
		if _, err := s.Import(viewer, nil, dry); fault.From(err).Kind != fault.Forbidden {
			t.Errorf("without the right: %v", err)
		}
	}
	if _, err := s.Export(viewer); fault.From(err).Kind != fault.Forbidden {
		t.Errorf("export without the right: %v", err)
	}
}

// last is the number of the newest line of the audit log.
func (s salon) last() (n uint64) {
	s.t.Helper()
	n, err := desk.Audited(s.Desk)
	s.must(err)
	return n
}

// R22: what a file says is on hand is counted, by movements that explain it.
func TestR22AFileCountsTheStock(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "A1", 900_000)
	count := func(n string) {
		t.Helper()
		_, err := s.Import(boss, s.file("kind,sku,name,price,stock\nproduct,A1,Oil,10,"+n+"\n"), false)
		s.must(err)
	}
	count("-900000") // further than one movement goes
	if l := s.onHand(oil); l.OnHand != -900_000 {
		t.Errorf("%+v", l)
	}
	found, _, err := s.Movements(boss, oil, "")
	s.must(err)
	if len(found) != 3 || found[0].Quantity+found[1].Quantity != -1_800_000 || found[0].Note == "" {
		t.Errorf("explained by %+v", found)
	}
	count("")
	count("-900000")
	if again, _, err := s.Movements(boss, oil, ""); err != nil || len(again) != 3 {
		t.Errorf("nothing new moved %d times, %v", len(again), err)
	}
}
