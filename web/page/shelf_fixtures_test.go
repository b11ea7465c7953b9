package page

func taxOptions() []Option {
	return []Option{{"standard", "Standard VAT 19 %", true}, {"reduced", "Reduced VAT 7 %", false}}
}

func shelfList() ShelfList {
	return ShelfList{
		Kind: "product", More: true, Selected: "i_2",
		Rows: []ShelfRow{
			{ID: "i_2", Kind: "product", Name: "Shampoo 250 ml", SKU: "2041", Price: "€10.00", Counted: true, OnHand: 12, Active: true},
			{ID: "i_6", Kind: "product", Name: "Conditioner 250 ml", SKU: "2042", Price: "€11.50", Counted: true, OnHand: 0, Active: true},
			{ID: "i_7", Kind: "product", Name: "Comb", Tax: "Standard VAT 19 %", Price: "€3.00", Active: true},
			{ID: "i_8", Kind: "product", Name: "Restructuring overnight treatment with argan oil and keratin, large", SKU: "LUM-TREAT-0000000000000042-XXL", Price: "€9,999,999.99", Counted: true, OnHand: 1000000, Active: true},
			{ID: "i_9", Kind: "product", Name: "زيت الأرغان", SKU: "77", Price: "€24.00", Counted: true, OnHand: -2, Active: true},
			{ID: "i_10", Kind: "product", Name: "Brush, old", SKU: "1001", Price: "€8.00"},
		},
	}
}

func product() ItemForm {
	return ItemForm{
		ID: "i_2", Kind: "product", Name: "Shampoo 250 ml", Title: "Shampoo 250 ml", SKU: "2041", Version: 3, Price: "10.00", TaxSystems: taxOptions(), Active: true, Currency: "€",
		Stock: &Stock{Item: "i_2", Counted: true, OnHand: 12, Cause: "receipt", Key: "k-1", Moves: []Move{
			{"receipt", "+12", 12, "10:38", "Eva", "Invoice 4711", "", "", ""},
			{"sale", "−1", 0, "21 Nov, 18:05", "", "", "v_1", "2026-11-21", "Marta Nowak"},
			{"return", "+1", 1, "21 Nov, 12:10", "Jonas", "", "v_6", "2026-11-21", ""},
			{"write_off", "−1", 0, "20 Nov, 09:00", "Eva", "Fell off the shelf at the entrance and broke", "", "", ""},
			{"adjustment", "−2", 1, "1 Nov, 08:45", "Bartholomew Featherstonehaugh", "", "", "", ""},
		}, Older: "/desk/catalogue?item=i_2&more=2"},
	}
}

// shelf is the catalogue with something changed in it.
func shelf(change func(*Shelf)) Shelf {
	s := Shelf{Shell: shell(), List: shelfList()}
	change(&s)
	return s
}

// itemOf is the catalogue with an item of a kind open.
func itemOf(kind string, change func(*ItemForm)) Shelf {
	return shelf(func(s *Shelf) {
		p := ItemForm{Kind: kind, TaxSystems: taxOptions(), Active: true, Currency: "€"}
		change(&p)
		s.Item, s.List.Kind, s.List.Selected = &p, kind, "new"
	})
}

func shelfFixtures() []fixture {
	all := []fixture{
		{"shelf", shelf(func(s *Shelf) { s.List.Selected = "" }), true, false},
		{"shelf-none", shelf(func(s *Shelf) { s.List = ShelfList{Kind: "service"} }), true, false},
		{"shelf-found", shelf(func(s *Shelf) {
			s.List.Q, s.List.More, s.List.Selected = "sh", false, ""
			s.List.Rows = []ShelfRow{s.List.Rows[0], {ID: "i_11", Kind: "service", Name: "Shave", Tax: "Standard VAT 19 %", Price: "€20.00–€28.00", Active: true}, {ID: "i_12", Kind: "gift_card", Name: "Sharing card", Tax: "Standard VAT 19 %", Price: "€50.00", Active: true}}
		}), true, false},
		{"shelf-found-nothing", shelf(func(s *Shelf) { s.List = ShelfList{Kind: "service", Q: "zzz"} }), true, false},
		{"shelf-list", shelfList(), true, true},
	}
	return append(append(all, itemFixtures()...), cornerFixtures()...)
}

func itemFixtures() []fixture {
	wrong := product()
	wrong.Problem, wrong.Stale = &Problem{Kind: "invalid"}, true
	wrong.Errors = map[string]string{"sku": "is that of Conditioner 250 ml", "price": "Please enter an amount, such as 25.00."}
	wrong.Stock.Problem, wrong.Stock.Quantity, wrong.Stock.Cause = &Problem{Kind: "invalid"}, "0", "write_off"
	wrong.Stock.Errors = map[string]string{"quantity": "Please enter a whole number above 0."}
	fresh := product()
	fresh.Stock, fresh.Saved = &Stock{Item: "i_2", Cause: "receipt", Key: "k-1"}, true
	out := product()
	out.Stock.OnHand, out.Stock.Moved = -2, true
	open := func(p ItemForm) Shelf { return shelf(func(s *Shelf) { s.Item = &p }) }
	return []fixture{
		{"item-product", open(product()), true, false}, {"stock-now", *product().Stock, true, true}, {"item-uncounted", open(fresh), true, false},
		{"item-wrong", open(wrong), true, false}, {"item-out", open(out), true, false},
		{"item-service", itemOf("service", func(p *ItemForm) {
			p.ID, p.Name, p.Title, p.Price, p.Min, p.Max = "i_1", "Haircut", "Haircut", "35.00", "30.00", "50.00"
		}), true, false},
		{"item-new", itemOf("product", func(*ItemForm) {}), true, false},
		{"item-membership", itemOf("membership", func(p *ItemForm) { p.Name, p.Price, p.Uses, p.Days = "Ten cuts", "300.00", "10", "365" }), true, false},
		{"item-gift-card", itemOf("gift_card", func(*ItemForm) {}), true, false},
	}
}

// cornerFixtures are what lies at the foot of the catalogue: tax systems and files.
func cornerFixtures() []fixture {
	taxes := Taxes{New: TaxForm{Active: true}, List: []TaxForm{{"standard", "Standard VAT", 1, "19", true}, {"reduced", "Reduced VAT", 2, "7", true}, {"before-2025", "Before 2025", 4, "8.1", false}}}
	editing, adding := taxes, taxes
	editing.Open, editing.Problem, editing.Errors = "reduced", &Problem{Kind: "invalid"}, map[string]string{"rate": "must be from 0 to 100"}
	adding.Open, adding.Saved = "new", true
	columns := []string{"kind", "sku", "name", "price", "min", "max", "tax_system", "stock", "active", "uses", "days", "value"}
	rows := []FileRow{
		{Number: 2, Outcome: "created", Kind: "product", Name: "Shampoo 500 ml", SKU: "2043", Price: "€18.00"},
		{Number: 3, Outcome: "changed", Kind: "product", Name: "Shampoo 250 ml", SKU: "2041", Price: "€10.50", Changed: []string{"price", "stock"}},
		{Number: 4, Outcome: "unchanged", Kind: "service", Name: "Haircut", Price: "€35.00"},
	}
	bad := []FileRow{
		{Number: 5, Outcome: "bad", Kind: "prodct", Name: "Comb", Price: "", Faults: []FileFault{{"kind", "must be service, product, membership or gift_card"}, {"price", `is not an amount: "3,0,0"`}}},
		{Number: 9, Outcome: "bad", Kind: "product", Name: "", SKU: "2041", Price: "€10.00", Faults: []FileFault{{"name", "is missing"}, {"sku", "is also in row 3"}}},
		{Number: 12, Outcome: "bad", Faults: []FileFault{{"", "has quotation marks that don't match"}}},
	}
	tried := func(t Trial) Shelf { return shelf(func(s *Shelf) { s.File, s.List.Selected = &File{Tried: &t}, "" }) }
	idle := Trial{Name: "same.csv", Tally: Tally{Unchanged: 1}, Rows: rows[2:]}
	return []fixture{
		{"taxes", shelf(func(s *Shelf) { s.Taxes, s.List.Selected = &taxes, "" }), true, false}, {"taxes-edit", shelf(func(s *Shelf) { s.Taxes, s.List.Selected = &editing, "" }), true, false},
		{"taxes-new", shelf(func(s *Shelf) { s.Taxes, s.List.Selected = &adding, "" }), true, false},
		{"file", shelf(func(s *Shelf) { s.File, s.List.Selected = &File{Example: "25.00", Columns: columns}, "" }), true, false},
		{"file-done", shelf(func(s *Shelf) {
			s.File, s.List.Selected = &File{Example: "25.00", Columns: columns, Done: &Tally{Created: 3, Changed: 1}}, ""
		}), true, false},
		{"file-unreadable", shelf(func(s *Shelf) {
			s.File, s.List.Selected = &File{Example: "25.00", Columns: columns, Problem: &Problem{Text: "The file isn't in UTF-8: save it as “CSV UTF-8”."}}, ""
		}), true, false},
		{"file-good", tried(Trial{Name: "catalogue.csv", Data: "kind,name\n", Tally: Tally{Created: 1, Changed: 1, Unchanged: 1198}, Rows: rows, More: 1197}), true, false},
		{"file-bad", tried(Trial{Name: "Katalog Herbst 2026 endgültig (Kopie).csv", Tally: Tally{Created: 1, Changed: 1, Unchanged: 1, Bad: 3}, Rows: append(bad, rows...)}), true, false},
		{"file-idle", tried(idle), true, false},
	}
}

// found is what the search for a line offers before anything is typed.
func found() Found {
	return Found{Kind: "service", Items: []Choice{
		{Ref: "i_1", Kind: "service", Name: "Haircut", Price: "35.00", Tax: "standard", Range: "€30–€50", Label: "€30–€50"},
		{Ref: "i_3", Kind: "service", Name: "Colour", Price: "80.00", Tax: "standard", Label: "€80.00"},
		{Ref: "i_13", Kind: "service", Name: "Consultation, colour correction, cut and treatment", Price: "9999999.99", Tax: "standard", Label: "€9,999,999.99"},
	}}
}

func foundFixtures() []fixture {
	list, hit := dayList(), visitForm()
	hit.Found = Found{Q: "sh", More: true, Items: []Choice{
		{Ref: "i_2", Kind: "product", Name: "Shampoo 250 ml", SKU: "2041", Price: "10.00", Tax: "standard", Label: "€10.00", Counted: true, OnHand: 12},
		{Ref: "i_6", Kind: "product", Name: "Shampoo 500 ml", SKU: "2042", Price: "18.00", Tax: "standard", Label: "€18.00", Counted: true, OnHand: 0},
		{Ref: "i_11", Kind: "service", Name: "Shave", Price: "20.00", Tax: "standard", Range: "€20–€28", Label: "€20–€28"},
	}}
	miss := visitForm()
	miss.Found, miss.Lines = Found{Q: "zzz"}, nil
	none := visitForm()
	none.Found, none.Lines = Found{Kind: "service"}, nil
	short := visitForm()
	short.Lines[1].Quantity, short.Lines[1].Counted, short.Lines[1].OnHand = "15", true, 12
	short.Short, short.AcceptShort, short.SellsShort, short.Confirm = []Short{{"Shampoo 250 ml", 15, 12}}, []string{"i_2=15"}, true, []string{"i_1=35.00"}
	refused := short
	refused.SellsShort, refused.AcceptShort = false, nil
	refused.Short = []Short{{"Shampoo 250 ml", 15, 0}}
	return []fixture{
		{"form-found", Desk{Shell: shell(), List: list, Form: &hit}, true, false}, {"form-found-nothing", Desk{Shell: shell(), List: list, Form: &miss}, true, false},
		{"form-no-items", Desk{Shell: shell(), List: list, Form: &none}, true, false},
		{"form-short", Desk{Shell: shell(), List: list, Form: &short}, true, false}, {"form-short-refused", Desk{Shell: shell(), List: list, Form: &refused}, true, false},
		{"found", hit.Found, true, true}, {"found-plain", Found{Kind: "product", Plain: true}, true, true},
	}
}
