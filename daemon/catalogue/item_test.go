package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

func item(change func(*catalogue.Item)) catalogue.Item {
	i := catalogue.Item{Kind: visit.Service, Name: "Haircut", Price: 3500, TaxSystem: "standard", Active: true}
	change(&i)
	return i
}

// locations are the fields that an error names.
func locations(err error) (all []string) {
	if f := fault.From(err); f != nil {
		for _, field := range f.Fields {
			all = append(all, strings.TrimPrefix(field.Location, "body."))
		}
	}
	return all
}

func TestR2WhatAnItemMayBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*catalogue.Item)
		wrong  []string
	}{
		"as it is":            {func(*catalogue.Item) {}, nil},
		"free":                {func(i *catalogue.Item) { i.Price = 0 }, nil},
		"the dearest":         {func(i *catalogue.Item) { i.Price = money.Max }, nil},
		"dearer":              {func(i *catalogue.Item) { i.Price = money.Max + 1 }, []string{"price"}},
		"less than nothing":   {func(i *catalogue.Item) { i.Price = -1 }, []string{"price"}},
		"a range":             {func(i *catalogue.Item) { i.Min, i.Max = 3000, 5000 }, nil},
		"one price":           {func(i *catalogue.Item) { i.Min, i.Max = 3000, 3000 }, nil},
		"up to":               {func(i *catalogue.Item) { i.Max = 3000 }, nil},
		"from":                {func(i *catalogue.Item) { i.Min = 3000 }, []string{"max"}},
		"backwards":           {func(i *catalogue.Item) { i.Min, i.Max = 5000, 3000 }, []string{"min"}},
		"below":               {func(i *catalogue.Item) { i.Min = -1 }, []string{"min"}},
		"above":               {func(i *catalogue.Item) { i.Max = money.Max + 1 }, []string{"max"}},
		"no kind":             {func(i *catalogue.Item) { i.Kind = "" }, []string{"kind"}},
		"no name":             {func(i *catalogue.Item) { i.Name = " \u2003" }, []string{"name"}},
		"a long name":         {func(i *catalogue.Item) { i.Name = strings.Repeat("ü", 120) }, nil},
		"a longer name":       {func(i *catalogue.Item) { i.Name = strings.Repeat("ü", 121) }, []string{"name"}},
		"two lines":           {func(i *catalogue.Item) { i.Name = "a\nb" }, []string{"name"}},
		"no text":             {func(i *catalogue.Item) { i.SKU = "\xff" }, []string{"sku"}},
		"a long SKU":          {func(i *catalogue.Item) { i.SKU = strings.Repeat("1", 65) }, []string{"sku"}},
		"a long tax system":   {func(i *catalogue.Item) { i.TaxSystem = strings.Repeat("1", 65) }, []string{"tax_system"}},
		"a service with uses": {func(i *catalogue.Item) { i.Uses = 1 }, []string{"uses"}},
		"everything": {func(i *catalogue.Item) { *i = catalogue.Item{Price: -1, Uses: -1, Days: -1, Value: -1} },
			[]string{"kind", "name", "price", "uses", "days", "value"}},
		"a membership":    {func(i *catalogue.Item) { i.Kind, i.Uses, i.Days = visit.Membership, 10, 365 }, nil},
		"too many uses":   {func(i *catalogue.Item) { i.Kind, i.Uses = visit.Membership, 10_001 }, []string{"uses"}},
		"a value on it":   {func(i *catalogue.Item) { i.Kind, i.Value = visit.Membership, 1 }, []string{"value"}},
		"a gift card":     {func(i *catalogue.Item) { i.Kind, i.Value, i.Days = visit.GiftCard, 5500, 1095 }, nil},
		"for too long":    {func(i *catalogue.Item) { i.Kind, i.Days = visit.GiftCard, 36_501 }, []string{"days"}},
		"uses of a card":  {func(i *catalogue.Item) { i.Kind, i.Uses = visit.GiftCard, 1 }, []string{"uses"}},
		"days of product": {func(i *catalogue.Item) { i.Kind, i.Days = visit.Product, 1 }, []string{"days"}},
	} {
		if got := locations(item(c.change).Check()); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: refused for %v, want %v", name, got, c.wrong)
		}
	}
}

func TestR2OutsideTheRange(t *testing.T) {
	ranged := item(func(i *catalogue.Item) { i.Min, i.Max = 3000, 5000 })
	for price, want := range map[int64]bool{2999: true, 3000: false, 5000: false, 5001: true, 0: true} {
		if got := ranged.Outside(price); got != want {
			t.Errorf("%d outside of 3000 to 5000: %t", price, got)
		}
		if item(func(*catalogue.Item) {}).Outside(price) {
			t.Errorf("%d is outside of no range", price)
		}
	}
}

func TestR8TaxSystems(t *testing.T) {
	if err := catalogue.Standard().Check(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		is    catalogue.TaxSystem
		wrong []string
	}{
		"reduced":        {catalogue.TaxSystem{ID: "reduced", Name: "Reduced", Rate: 700}, nil},
		"everything":     {catalogue.TaxSystem{Rate: -1}, []string{"id", "name", "rate"}},
		"too much":       {catalogue.TaxSystem{ID: "x", Name: "X", Rate: 10_001}, []string{"rate"}},
		"standard ended": {catalogue.TaxSystem{ID: "standard", Name: "S"}, []string{"active"}},
	} {
		if got := locations(c.is.Check()); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: refused for %v, want %v", name, got, c.wrong)
		}
	}
}

func TestTidyIsWhatPastingLeaves(t *testing.T) {
	got := catalogue.Item{Name: "  Oil ", SKU: " 12 ", TaxSystem: " "}.Tidy()
	if got.Name != "Oil" || got.SKU != "12" || got.TaxSystem != "standard" {
		t.Errorf("tidied to %+v", got)
	}
	if catalogue.SKUKey(" Ab-1 ") != catalogue.SKUKey("aB-1") {
		t.Error("one SKU in two cases is two")
	}
}

func TestWordsThatAnItemIsFoundBy(t *testing.T) {
	for _, c := range []struct {
		name, sku string
		want      []string
	}{
		{"L'Oréal Shampoo 250ml", "SH-250", []string{"l", "oreal", "shampoo", "250ml", "sh", "250", "sh250"}},
		{"Färben & Fönen", "", []string{"farben", "fonen"}},
		{"GROẞE Straße", "4006381333931", []string{"grosse", "strasse", "4006381333931"}},
		{"ヘアカット 12", "", []string{"ヘアカット", "12"}},
		{"!!", " ", nil},
	} {
		if got := (catalogue.Item{Name: c.name, SKU: c.sku}).Words(); !slices.Equal(got, c.want) {
			t.Errorf("%s %s is found by %q, want %q", c.name, c.sku, got, c.want)
		}
	}
	if got := (catalogue.Item{Name: " Öl  (Oil)"}).SortKey(); got != "ol oil" {
		t.Errorf("sorted as %q", got)
	}
}
