package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"countersign/daemon/desk"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

func of(ref, name string, quantity int64) visit.Line {
	return visit.Line{Kind: visit.Product, Ref: ref, Name: name, Quantity: quantity, UnitPrice: 1000}
}

func (s salon) sells(accept bool, lines ...visit.Line) (visit.Visit, error) {
	d := draft()
	d.Lines, d.AcceptShort = lines, accept
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	return v, err
}

func (s salon) policy(sell string) {
	s.t.Helper()
	l, err := s.Location()
	s.must(err)
	l.SellWithoutStock = sell
	s.must(s.SaveLocation(boss, l))
}

// short are the lines that a refusal names.
func (s salon) short(err error) []desk.ShortLine {
	s.t.Helper()
	return s.refused(err, "out_of_stock").Details["lines"].([]desk.ShortLine)
}

// R2: selling what isn't there asks; accepted, it is sold all the same.
func TestR2SellingWhatIsNotThereAsks(t *testing.T) {
	s := open(t)
	oil, wax, free := s.product("Oil", "", 3), s.product("Wax", "", 1), s.product("Comb", "", 0)
	treatment := of(oil, "Oil treatment", 9)
	treatment.Kind = visit.Service // it names the product, and takes none off the shelf
	lines := []visit.Line{of(oil, "Oil", 2), of(free, "Comb", 99), of(wax, "Wax", 2), of(oil, "Oil, another", 2), of("", "By hand", 99), of("i_x", "Theirs", 99), treatment}
	_, err := s.sells(false, lines...)
	want := []desk.ShortLine{{Index: 0, Ref: oil, Name: "Oil", Wanted: 4, OnHand: 3}, {Index: 2, Ref: wax, Name: "Wax", Wanted: 2, OnHand: 1},
		{Index: 3, Ref: oil, Name: "Oil, another", Wanted: 4, OnHand: 3}}
	if diff := cmp.Diff(want, s.short(err), cmpopts.IgnoreFields(desk.ShortLine{}, "ID")); diff != "" {
		t.Errorf("short (-want +got):\n%s", diff)
	}
	f := s.refused(err, "out_of_stock")
	if f.Details["acceptable"] != true || len(f.Fields) != 3 || f.Fields[1].Location != "body.lines[2].quantity" {
		t.Errorf("refused as %+v", f)
	}
	v, err := s.sells(true, lines...)
	s.must(err)
	s.takes(v, by("cash", v.Due()))
	if s.onHand(oil).OnHand != -1 || s.onHand(wax).OnHand != -1 || s.onHand(free).Counted {
		t.Errorf("after the sale: %+v, %+v, %+v", s.onHand(oil), s.onHand(wax), s.onHand(free))
	}
	_, err = s.sells(false, of(oil, "Oil", 1)) // less than nothing is no more than nothing
	s.short(err)
}

// R2: where the location says so, nobody can accept it.
func TestR2SellingWhatIsNotThereIsRefused(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "", 3)
	s.policy(desk.RefuseWithoutStock)
	_, err := s.sells(true, of(oil, "Oil", 4))
	if f := s.refused(err, "out_of_stock"); f.Details["acceptable"] != false {
		t.Errorf("refused as %+v", f)
	}
	v, err := s.sells(false, of(oil, "Oil", 3))
	s.must(err)
	lines := v.Lines
	lines[0].Quantity = 4
	_, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines, AcceptShort: true})
	s.short(err)
	s.policy(desk.AskWithoutStock)
	_, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines, AcceptShort: true})
	s.must(err)
	l, err := s.Location()
	s.must(err)
	l.SellWithoutStock = "never"
	s.refused(s.SaveLocation(boss, l), "validation")
}

// R2: an edit is judged by what it adds. What was sold before, or is as it was,
// asks nothing.
func TestR2OnlyWhatGrewIsAskedAbout(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "", 3)
	v, err := s.sells(false, of(oil, "Oil", 2), of(oil, "Oil, another", 1))
	s.must(err)
	_, err = s.Move(boss, oil, -3, stock.WriteOff, "broken", desk.Key{})
	s.must(err)
	edit := func(change func(lines []visit.Line) []visit.Line) error {
		lines := change(append([]visit.Line{}, v.Lines...))
		edited, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
		if err == nil {
			v = edited
		}
		return err
	}
	s.must(edit(func(l []visit.Line) []visit.Line { l[0].UnitPrice = 900; return l }))
	s.must(edit(func(l []visit.Line) []visit.Line { l[0].Quantity, l[1].Quantity = 1, 2; return l }))
	s.short(edit(func(l []visit.Line) []visit.Line { l[0].Quantity = 3; return l }))
	if got := s.short(edit(func(l []visit.Line) []visit.Line { return append(l, of(oil, "More oil", 1)) })); len(got) != 1 || got[0].Index != 2 || got[0].Wanted != 4 {
		t.Errorf("lines as they were are named: %+v", got)
	}
	s.must(edit(func(l []visit.Line) []visit.Line { return append(l[1:], of("", "By hand", 5)) }))

	_, err = s.Move(boss, oil, 2, stock.Receipt, "", desk.Key{})
	s.must(err)
	s.takes(v, by("cash", v.Due())) // two of oil leave the shelf
	v = s.reread(v)
	if s.onHand(oil).OnHand != 0 {
		t.Fatalf("on hand %+v", s.onHand(oil))
	}
	s.must(edit(func(l []visit.Line) []visit.Line { l[0].UnitPrice = 800; return l }))
	if got := s.short(edit(func(l []visit.Line) []visit.Line { l[0].Quantity = 3; return l })); got[0].Wanted != 1 {
		t.Errorf("what was handed out is wanted again: %+v", got)
	}
}

// R5: the booking system repeating itself is asked nothing.
func TestR5RepeatingASaleAsksNothing(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "", 1)
	d := draft()
	d.ExternalID, d.Lines = "b-1", []visit.Line{of(oil, "Oil", 1)}
	_, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	_, err = s.Move(boss, oil, -1, stock.WriteOff, "", desk.Key{})
	s.must(err)
	_, created, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	if created {
		t.Error("a second visit")
	}
	d.Lines[0].Quantity = 2
	_, _, err = s.CreateVisit(boss, d, desk.Key{})
	s.short(err)
	d.AcceptShort = true
	_, _, err = s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
}
