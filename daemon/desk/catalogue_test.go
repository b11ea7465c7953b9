package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/visit"
)

func (s salon) item(i catalogue.Item) catalogue.Item {
	s.t.Helper()
	i.Active = true
	saved, err := s.SaveItem(boss, i)
	s.must(err)
	return saved
}

// names are those of what a query finds.
func (s salon) names(q desk.ItemQuery) (names []string) {
	s.t.Helper()
	found, _, err := s.FindItems(boss, q)
	s.must(err)
	for _, i := range found {
		names = append(names, i.Name)
	}
	return names
}

func TestR2ItemsAreEditedByVersion(t *testing.T) {
	s := open(t)
	cut := s.item(catalogue.Item{Kind: visit.Service, Name: " Haircut ", Price: 3500})
	if cut.Version != 1 || cut.Name != "Haircut" || cut.TaxSystem != visit.DefaultTaxSystem || cut.ID == "" {
		t.Errorf("saved as %+v", cut)
	}
	same, err := s.SaveItem(boss, cut)
	s.must(err)
	if same != cut {
		t.Errorf("saving nothing new made %+v", same)
	}
	cut.Price = 3600
	dearer, err := s.SaveItem(boss, cut)
	s.must(err)
	if dearer.Version != 2 || dearer.Price != 3600 {
		t.Errorf("edited to %+v", dearer)
	}
	_, err = s.SaveItem(boss, cut) // R4: based on what somebody else changed meanwhile
	if f := s.refused(err, "version_mismatch"); f.Kind != fault.Stale || f.Details["version"] != int64(2) {
		t.Errorf("a stale edit: %+v", f)
	}
	unversioned := dearer
	unversioned.Version = 0
	_, err = s.SaveItem(boss, unversioned)
	s.refused(err, "version_mismatch")
	other := dearer
	other.Kind = visit.Product
	_, err = s.SaveItem(boss, other)
	s.refused(err, "validation")
	_, err = s.SaveItem(boss, catalogue.Item{ID: "i_x", Version: 1, Kind: visit.Service, Name: "X"})
	s.refused(err, "item_not_found")
	_, err = s.Item(boss, "i_x")
	s.refused(err, "item_not_found")
	got, err := s.Item(boss, cut.ID)
	s.must(err)
	if got != dearer {
		t.Errorf("kept %+v", got)
	}
}

// R2: products are known by their SKU, so no two items have one.
func TestR2NoTwoItemsHaveOneSKU(t *testing.T) {
	s := open(t)
	oil := s.item(catalogue.Item{Kind: visit.Product, Name: "Oil", SKU: "Ab-1"})
	s.item(catalogue.Item{Kind: visit.Product, Name: "Without"})
	s.item(catalogue.Item{Kind: visit.Product, Name: "Without, too"})
	_, err := s.SaveItem(boss, catalogue.Item{Kind: visit.GiftCard, Name: "Card", SKU: " aB-1 "})
	f := s.refused(err, "sku_taken")
	if f.Kind != fault.Unprocessable || len(f.Fields) != 1 || f.Fields[0].Location != "body.sku" {
		t.Errorf("refused as %+v", f)
	}
	wax := s.item(catalogue.Item{Kind: visit.Product, Name: "Wax", SKU: "2"})
	wax.SKU = "AB-1"
	_, err = s.SaveItem(boss, wax)
	s.refused(err, "sku_taken")
	oil.SKU = "AB-1" // its own, written otherwise
	oil = s.item(oil)
	oil.SKU, oil.Active = "", false
	_, err = s.SaveItem(boss, oil)
	s.must(err)
	s.item(wax) // it is free again
}

func TestItemsAreCreatedOnceForAKey(t *testing.T) {
	s := open(t)
	draft := catalogue.Item{ID: "i_mine", Version: 7, Kind: visit.Product, Name: "Oil"}
	first, err := s.CreateItem(boss, draft, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	again, err := s.CreateItem(boss, draft, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if first != again || first.ID == "i_mine" || first.Version != 1 {
		t.Errorf("created %+v, then %+v", first, again)
	}
	items, err := s.Items(boss)
	s.must(err)
	if len(items) != 1 {
		t.Errorf("%d items", len(items))
	}
	_, err = s.CreateItem(boss, draft, desk.Key{Value: "k", Hash: "other"})
	s.refused(err, "idempotency_key_reused")
}

func TestTheCatalogueNeedsItsRight(t *testing.T) {
	s := open(t)
	viewer := access.Actor{Rights: access.Rights{access.VisitsView}}
	for name, do := range map[string]func(a access.Actor) error{
		"save":     func(a access.Actor) error { _, err := s.SaveItem(a, catalogue.Item{}); return err },
		"create":   func(a access.Actor) error { _, err := s.CreateItem(a, catalogue.Item{}, desk.Key{}); return err },
		"save tax": func(a access.Actor) error { _, err := s.SaveTaxSystem(a, catalogue.TaxSystem{}); return err },
		"create tax": func(a access.Actor) error {
			_, err := s.CreateTaxSystem(a, catalogue.TaxSystem{}, desk.Key{})
			return err
		},
	} {
		if err := do(viewer); fault.From(err).Kind != fault.Forbidden {
			t.Errorf("%s without the right: %v", name, err)
		}
	}
	for name, do := range map[string]func(a access.Actor) error{
		"item":        func(a access.Actor) error { _, err := s.Item(a, ""); return err },
		"items":       func(a access.Actor) error { _, err := s.Items(a); return err },
		"find":        func(a access.Actor) error { _, _, err := s.FindItems(a, desk.ItemQuery{}); return err },
		"tax systems": func(a access.Actor) error { _, err := s.TaxSystems(a); return err },
		"tax system":  func(a access.Actor) error { _, err := s.TaxSystem(a, ""); return err },
		"stock":       func(a access.Actor) error { _, err := s.Stock(a); return err },
		"on hand":     func(a access.Actor) error { _, err := s.OnHand(a, ""); return err },
		"movements":   func(a access.Actor) error { _, _, err := s.Movements(a, "", ""); return err },
	} {
		if err := do(access.Actor{}); fault.From(err).Kind != fault.Forbidden {
			t.Errorf("%s without any right: %v", name, err)
		}
		if err := do(viewer); err != nil && fault.From(err).Kind == fault.Forbidden {
			t.Errorf("%s with the right: %v", name, err)
		}
	}
}

// R8: the ordinary tax system is there from the first day, and stays.
func TestR8TaxSystems(t *testing.T) {
	s := open(t)
	systems, err := s.TaxSystems(boss)
	s.must(err)
	if diff := cmp.Diff([]catalogue.TaxSystem{catalogue.Standard()}, systems); diff != "" {
		t.Errorf("a fresh file (-want +got):\n%s", diff)
	}
	reduced, err := s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "Reduced 7 %", Rate: 700, Active: true}, desk.Key{Value: "k"})
	s.must(err)
	again, err := s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "Reduced 7 %", Rate: 700, Active: true}, desk.Key{Value: "k"})
	s.must(err)
	if reduced.ID != "reduced-7" || reduced.Version != 1 || again != reduced {
		t.Errorf("created %+v, then %+v", reduced, again)
	}
	_, err = s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "reduced 7"}, desk.Key{})
	s.refused(err, "validation")
	_, err = s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "Standard"}, desk.Key{})
	s.refused(err, "validation")
	_, err = s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "??"}, desk.Key{})
	s.refused(err, "validation")

	normal := systems[0]
	normal.Name, normal.Rate = "Normal", 1900
	normal, err = s.SaveTaxSystem(boss, normal)
	s.must(err)
	stale := catalogue.Standard()
	stale.Rate = 1
	_, err = s.SaveTaxSystem(boss, stale)
	s.refused(err, "version_mismatch")
	ended := normal
	ended.Active = false
	_, err = s.SaveTaxSystem(boss, ended)
	s.refused(err, "validation")
	_, err = s.SaveTaxSystem(boss, catalogue.TaxSystem{ID: "none", Name: "None"})
	s.refused(err, "tax_system_not_found")

	exempt, err := s.CreateTaxSystem(boss, catalogue.TaxSystem{Name: "Exempt", Active: true}, desk.Key{})
	s.must(err)
	systems, err = s.TaxSystems(boss)
	s.must(err)
	if diff := cmp.Diff([]catalogue.TaxSystem{normal, exempt, reduced}, systems); diff != "" {
		t.Errorf("the ordinary one first, then by name (-want +got):\n%s", diff)
	}
}

func TestItemsAreFoundByTheBeginningsOfWords(t *testing.T) {
	s := open(t)
	for _, i := range []catalogue.Item{
		{Kind: visit.Product, Name: "L'Oréal Shampoo 250 ml", SKU: "SH-250"},
		{Kind: visit.Product, Name: "Shiny Shampoo", SKU: "20410001"},
		{Kind: visit.Product, Name: "Dry shampoo", SKU: "2041"},
		{Kind: visit.Product, Name: "Öl", SKU: "7"},
		{Kind: visit.Service, Name: "Shave"},
		{Kind: visit.Membership, Name: "Shaves, ten"},
	} {
		s.item(i)
	}
	gone := s.item(catalogue.Item{Kind: visit.Product, Name: "Old shampoo", SKU: "9"})
	gone.Active = false
	_, err := s.SaveItem(boss, gone)
	s.must(err)
	for _, c := range []struct {
		q    desk.ItemQuery
		want []string
	}{
		{desk.ItemQuery{Q: "sh"}, []string{"Shave", "L'Oréal Shampoo 250 ml", "Dry shampoo", "Shiny Shampoo", "Shaves, ten"}},
		{desk.ItemQuery{Q: "sh", Kind: visit.Product}, []string{"L'Oréal Shampoo 250 ml", "Dry shampoo", "Shiny Shampoo"}},
		{desk.ItemQuery{Q: "sh", Kind: visit.Product, Limit: 2}, []string{"L'Oréal Shampoo 250 ml", "Dry shampoo"}},
		{desk.ItemQuery{Q: "SHAM dry"}, []string{"Dry shampoo"}},
		{desk.ItemQuery{Q: "dry sham"}, []string{"Dry shampoo"}},
		{desk.ItemQuery{Q: "loreal"}, nil},
		{desk.ItemQuery{Q: "oreal sh"}, []string{"L'Oréal Shampoo 250 ml"}},
		{desk.ItemQuery{Q: "ol"}, []string{"Öl"}},
		{desk.ItemQuery{Q: "ÖL"}, []string{"Öl"}},
		{desk.ItemQuery{Q: "sh250"}, []string{"L'Oréal Shampoo 250 ml"}},
		{desk.ItemQuery{Q: "sh-250"}, []string{"L'Oréal Shampoo 250 ml"}},
		{desk.ItemQuery{Q: "2041"}, []string{"Dry shampoo", "Shiny Shampoo"}}, // the whole SKU first
		{desk.ItemQuery{Q: "204", Kind: visit.Service}, nil},
		{desk.ItemQuery{Q: "2041", Kind: visit.Service}, nil},
		{desk.ItemQuery{Q: "9"}, nil},
		{desk.ItemQuery{Q: "9", Retired: true}, []string{"Old shampoo"}},
		{desk.ItemQuery{Q: "sham", Retired: true, Kind: visit.Product}, []string{"Dry shampoo", "L'Oréal Shampoo 250 ml", "Shiny Shampoo", "Old shampoo"}},
		{desk.ItemQuery{Q: "sh x"}, nil},
		{desk.ItemQuery{Q: "hampoo"}, nil},
		{desk.ItemQuery{Q: " - ", Kind: visit.Product}, []string{"Dry shampoo", "L'Oréal Shampoo 250 ml", "Öl", "Shiny Shampoo"}},
		{desk.ItemQuery{Kind: "nothing"}, nil},
	} {
		got, want := s.names(c.q), c.want
		if c.q.Q == "sh" && c.q.Limit == 0 || c.q.Retired { // order is looked at by the others
			got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v finds %q, want %q", c.q, got, want)
		}
	}
}

// A renamed item is found by its new name, a retired one among the retired.
func TestWhatIsFoundFollowsEdits(t *testing.T) {
	s := open(t)
	i := s.item(catalogue.Item{Kind: visit.Product, Name: "Oil", SKU: "1"})
	i.Name, i.SKU = "Balm", "2"
	i = s.item(i)
	i.Active = false
	_, err := s.SaveItem(boss, i)
	s.must(err)
	for _, q := range []desk.ItemQuery{{Q: "oil", Retired: true}, {Q: "1", Retired: true}, {Q: "balm"}, {Q: "2"}, {}} {
		if got := s.names(q); got != nil {
			t.Errorf("%+v finds %q", q, got)
		}
	}
	for _, q := range []desk.ItemQuery{{Q: "balm", Retired: true}, {Q: "2", Retired: true}, {Retired: true}} {
		if got := s.names(q); !slices.Equal(got, []string{"Balm"}) {
			t.Errorf("%+v finds %q", q, got)
		}
	}
}

// A long catalogue comes in pages, each item once, by kind and name.
func TestItemsComeInPages(t *testing.T) {
	s := open(t)
	var want []string
	for _, kind := range catalogue.Kinds() {
		for n := range 7 {
			name := fmt.Sprintf("%s %c", kind, 'A'+n/2) // some have one name
			s.item(catalogue.Item{Kind: kind, Name: name})
			want = append(want, name)
		}
	}
	for _, limit := range []int{1, 3, 7, 28, 500, 1000} {
		var got []string
		seen, cursor := map[string]bool{}, ""
		for range 40 {
			found, next, err := s.FindItems(boss, desk.ItemQuery{Limit: limit, Cursor: cursor})
			s.must(err)
			for _, i := range found {
				if seen[i.ID] {
					t.Errorf("%s came twice", i.Name)
				}
				seen[i.ID] = true
				got = append(got, i.Name)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %q", limit, got)
		}
	}
}
