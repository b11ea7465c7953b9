package page

func clientRows() ClientRows {
	return ClientRows{Selected: "c_1", More: "/desk/clients?cursor=kovacs+bela%2Fc_9", MoreRows: "/desk/clients/list?cursor=kovacs+bela%2Fc_9", Rows: []ClientRow{
		{"c_1", "Anna Kovacs", "+36 20 123 4567", "/desk/clients/c_1"},
		{"c_2", "Bartholomew Featherstonehaugh-Cholmondeley of Wriothesley", "bartholomew.featherstonehaugh-cholmondeley@wriothesley-estates.example.com", "/desk/clients/c_2"},
		{"c_3", "Jon Reyes", "+1 415-555-2671", "/desk/clients/c_3"}, {"c_4", "ليلى حداد", "+971 50 123 4567", "/desk/clients/c_4"},
		{"c_5", "Nina", "", "/desk/clients/c_5"}, {"c_6", "+49 30 123456", "", "/desk/clients/c_6"},
	}}
}

func clientSide() ClientList {
	return ClientList{Rows: clientRows(), Selected: "c_1", CanAdd: true}
}

func clientPast() ClientPast {
	return ClientPast{ID: "c_1", Older: "/desk/clients/c_1?more=2", Sum: "€325.00", Inside: true,
		Balances: []Balance{{"loyalty", "€7.00", false}, {"cashback", "€0.00", true}, {"deposit", "€250.00", false}},
		Cards: []IssuedCard{{Name: "Gift card", Code: "K7Q2-MX4P", Left: "€30.00", Until: "22 November 2027", State: "active"},
			{Name: "Ten visits", Code: "9WXT-3HHB", Left: "7", Uses: true, State: "active"}, {Name: "Gift card", Code: "ABCD-EFGH", Left: "€12.00", Until: "1 May 2026", State: "expired"}},
		Visits: []Row{{ID: "v_3", Date: "2026-11-22", Time: "Today, 10:30", What: "Haircut, shampoo", Chip: Chip{Kind: "part", Amount: "€25.00"}},
			{ID: "v_2", Date: "2026-10-01", Time: "1 Oct, 09:00", What: "Consultation and complete colour correction with treatment, first of three appointments", Chip: Chip{Kind: "paid"}},
			{ID: "v_1", Date: "2025-12-24", Time: "24 Dec 2025, 15:00", Chip: Chip{Kind: "no_show"}}},
		Paid: []PaidRow{{At: "today, 10:38", Visit: "v_3", Date: "2026-11-22", Method: "cashback", By: "Eva", Amount: "€20.00"},
			{At: "1 Oct, 10:12", Visit: "v_2", Date: "2026-10-01", Method: "link", Amount: "€80.00", Flags: []string{"late"}},
			{At: "1 Oct, 10:20", Visit: "v_2", Date: "2026-10-01", Method: "cash", Refund: true, By: "Maria-Magdalena von Hohenstein-Wittgenstein", Amount: "−€5.00"},
			{At: "24 Dec 2025, 15:10", Method: "card", By: "Jonas", Amount: "€250.00"}},
		Changes: []BalanceChange{{Cause: "used", Method: "cashback", Amount: "−€20.00", At: "today, 10:38", By: "Eva", Visit: "v_3", Date: "2026-11-22"},
			{Cause: "given", Method: "loyalty", Amount: "+€7.00", At: "1 Oct, 10:30", By: "Eva", Note: "waited half an hour, and was very kind about it"},
			{Cause: "paid_in", Method: "deposit", Amount: "+€250.00", At: "24 Dec 2025, 15:10", By: "Jonas"}},
	}
}

func openClient(change func(*Client)) Clients {
	grant := GrantForm{Client: "c_1", Key: "k-1", Method: "loyalty", Symbol: "€"}
	deposit := DepositForm{Client: "c_1", Key: "k-2", Method: "cash", Symbol: "€"}
	c := Client{ID: "c_1", Name: "Anna Kovacs", Contact: []string{"+36 20 123 4567", "a@example.com"}, Language: "English", CanEdit: true,
		Note: "Tea, no sugar.\nAllergic to ammonia.", Past: clientPast(), Grant: &grant, Deposit: &deposit}
	if change != nil {
		change(&c)
	}
	return Clients{Shell: busyShell(), List: clientSide(), Client: &c}
}

// busyShell is that of somebody who may do everything: the rail is at its longest.
func busyShell() Shell {
	s := shell()
	s.CanCount = true
	return s
}

func clientForms() []fixture {
	languages := []Option{{"", "–", false}, {"en", "English", true}, {"de", "Deutsch", false}}
	form := func(change func(*ClientForm)) Clients {
		f := ClientForm{ID: "c_1", Title: "Anna Kovacs", Version: 3, Name: "Anna Kovacs", Phone: "+36 20 123 4567", Email: "a@example.com", Languages: languages, Note: "Tea, no sugar."}
		change(&f)
		return Clients{Shell: busyShell(), List: clientSide(), Form: &f}
	}
	return []fixture{
		{"client-edit", form(func(*ClientForm) {}), true, false},
		{"client-new", form(func(f *ClientForm) { *f = ClientForm{Key: "k-3", Languages: languages} }), true, false},
		{"client-wrong", form(func(f *ClientForm) {
			f.Phone, f.Email, f.Problem = "none", "a.example.com", &Problem{Kind: "invalid"}
			f.Errors = map[string]string{"phone": "This is not a telephone number.", "email": "This is not an email address."}
		}), true, false},
		{"client-taken", form(func(f *ClientForm) {
			f.Problem, f.Taken = &Problem{Kind: "phone_taken"}, &ClientRow{ID: "c_2", Name: "Bartholomew Featherstonehaugh-Cholmondeley of Wriothesley"}
		}), true, false},
		{"client-stale", form(func(f *ClientForm) {
			f.Stale, f.Version, f.Theirs = true, 4, []Theirs{{"phone", "+36 20 765 4321"}, {"note", ""}}
		}), true, false},
	}
}

func clientFixtures() []fixture {
	nobody := Clients{Shell: busyShell(), List: clientSide()}
	nobody.List.Selected, nobody.List.Rows.Selected = "", ""
	missed := nobody
	missed.List = ClientList{Q: "zzz", CanAdd: true}
	hits := nobody
	hits.List.Q, hits.List.Rows = "an", ClientRows{Rows: clientRows().Rows[:2]}
	later := nobody
	later.List.Later = true
	all := []fixture{
		{"clients", nobody, true, false}, {"clients-none", Clients{Shell: busyShell(), List: ClientList{CanAdd: true}}, true, false},
		{"clients-found", hits, true, false}, {"clients-found-nothing", missed, true, false}, {"clients-later", later, true, false},
		{"client-list", hits.List, true, true}, {"client-rows", clientRows(), true, true}, {"client-past", clientPast(), true, true},
		{"client", openClient(nil), true, false},
		{"client-viewer", openClient(func(c *Client) {
			c.CanEdit, c.Grant, c.Deposit = false, nil, nil
			for i := range c.Past.Cards {
				c.Past.Cards[i].Code = ""
			}
		}), true, false},
		{"client-fresh", openClient(func(c *Client) {
			c.Contact, c.Language, c.Note, c.Saved = nil, "", "", true
			c.Past = ClientPast{ID: "c_1", Balances: []Balance{{"loyalty", "€0.00", true}, {"cashback", "€0.00", true}, {"deposit", "€0.00", true}}}
		}), true, false},
		{"client-large", openClient(func(c *Client) {
			c.Name, c.Notice = "Bartholomew Featherstonehaugh-Cholmondeley of Wriothesley", &Booked{Cause: "paid_in", Method: "deposit", Amount: "€9,999,999.99"}
			c.Past.Balances = []Balance{{"loyalty", "€9,999,999.99", false}, {"cashback", "€9,999,999.99", false}, {"deposit", "€9,999,999.99", false}}
			c.Past.Sum = "€9,999,999.99"
		}), true, false},
		{"client-grant-refused", openClient(func(c *Client) {
			c.Grant.Open, c.Grant.Off, c.Grant.Amount, c.Grant.Problem = true, true, "700", &Problem{Kind: "insufficient_balance"}
			c.Grant.Errors = map[string]string{"reason": "Please say why, in up to 200 characters."}
			c.Deposit.Open, c.Deposit.Method, c.Deposit.Amount, c.Deposit.Problem = true, "card", "much", &Problem{Kind: "invalid"}
			c.Deposit.Errors = map[string]string{"amount": "Please enter an amount, such as 25.00."}
		}), true, false},
	}
	return append(append(all, clientForms()...), whoFixtures()...)
}

// whoFixtures are the part of a visit's form that says whose it is.
func whoFixtures() []fixture {
	list, offering := dayList(), visitForm()
	offers := Offers{By: "name", More: true, Rows: []Offer{{"c_1", "Anna Kovacs", "4567", ""}, {"c_7", "Anna Nagy", "", "anna.nagy@example.com"},
		{"c_2", "Annabella Featherstonehaugh-Cholmondeley of Wriothesley", "0001", ""}, {"c_8", "Anna", "", ""}}}
	offering.ID, offering.Lines = "", nil
	offering.Client = ClientFields{Name: "Ann", Language: offering.Client.Language, Offers: offers}
	offers.Plain, offers.By, offers.More = true, "phone", false
	return []fixture{
		{"form-offers", Desk{Shell: busyShell(), List: list, Form: &offering}, true, false}, {"offers", offers, true, true}, {"offers-none", Offers{By: "name"}, true, true},
		{"who", Who{Client: visitForm().Client, Focus: true}, true, true},
	}
}
