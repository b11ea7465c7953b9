package page

import "slices"

// The states of every page, as fixtures: the goldens, the escaping test and the
// screenshots all draw these.

type fixture struct {
	name string
	page Page
	wide bool // the tablet's; the others are a phone's
	part bool // a fragment
}

func fixtures() []fixture {
	var all []fixture
	all = append(all, doorFixtures()...)
	all = append(all, deskFixtures()...)
	all = append(all, formFixtures()...)
	all = append(all, setupFixtures()...)
	all = append(all, companyFixtures()...)
	all = append(all, receiverFixtures()...)
	all = append(all, shelfFixtures()...)
	all = append(all, reportFixtures()...)
	all = append(all, foundFixtures()...)
	all = append(all, clientFixtures()...)
	return append(all, phoneFixtures()...)
}

func doorFixtures() []fixture {
	people := []Person{{"s_4", "Ali", "viewer"}, {"s_1", "Eva Lindqvist", "receptionist"}, {"s_2", "Jonas", "finance"}, {"s_3", "Maria-Magdalena von Hohenstein-Wittgenstein", "administrator"}}
	return []fixture{
		{"signin", SignIn{Location: "Studio Lumen", Sandbox: true, Staff: people, Next: "/desk"}, true, false},
		{"signin-nobody", SignIn{Location: "Studio Lumen"}, true, false},
		{"signin-pin", SignIn{Location: "Studio Lumen", Chosen: &people[1], Next: "/desk"}, true, false},
		{"signin-slow", SignIn{Location: "Studio Lumen", Chosen: &people[3], Problem: &Problem{Kind: "slow_down", Wait: "30 s"}}, true, false},
	}
}

func shell() Shell {
	return Shell{Location: "Studio Lumen", Staff: "Eva", CanSell: true, CanSetUp: true, After: 41, Now: "10:42", Zone: "UTC"}
}

func dayList() List {
	return List{
		Date: "2026-11-22", Heading: "Sunday 22", Previous: "2026-11-21", Next: "2026-11-23", Due: "€412.00", Count: 9, Selected: "v_3", CanCreate: true,
		Rows: []Row{
			{"v_1", "2026-11-22", "09:00", "Marta Nowak", "Colour, cut", Chip{Kind: "paid"}},
			{"v_2", "2026-11-22", "09:45", "Jon Reyes", "Beard trim", Chip{Kind: "overpaid"}},
			{"v_3", "2026-11-22", "10:30", "Anna Kovacs", "Haircut, shampoo", Chip{Kind: "on_screen"}},
			{"v_4", "2026-11-22", "11:00", "Lea Martin", "Massage 60 min", Chip{Kind: "part", Amount: "€40.00"}},
			{"v_5", "2026-11-22", "11:30", "Omar Haddad", "Haircut", Chip{Kind: "due", Amount: "€30.00"}},
			{"v_6", "2026-11-22", "12:15", "", "Gift card", Chip{Kind: "due", Amount: "€50.00"}},
			{"v_7", "2026-11-22", "13:00", "Bartholomew Featherstonehaugh-Cholmondeley", "Consultation, colour correction, cut, treatment", Chip{Kind: "due", Amount: "€9,999,999.99"}},
			{"v_8", "2026-11-22", "14:00", "ليلى حداد", "", Chip{Kind: "no_show"}},
			{"v_9", "2026-11-22", "15:00", "Nina", "Haircut", Chip{Kind: "paying"}},
		},
	}
}

func payingSteps() []Step {
	return []Step{{Kind: "shown", Where: "Reception 1", Time: "10:42:07"}, {Kind: "opened", Time: "10:42:31"}, {Kind: "paying", Until: "10:57", Now: true}, {Kind: "next"}}
}

func payBlock() PayBlock {
	return PayBlock{
		Visit: "v_3", Tab: "link", CanLink: true, CanTake: true, Due: "€25.00", DueInput: "25.00", Key: "k-1",
		Link: "https://pay.example.com/p/abcdefghijklmnopqrstuvwxyz", Desks: []DeskChoice{{ID: "front", Name: "Reception 1", Selected: true, Screens: 1, Online: 1}},
	}
}

func openVisit() Visit {
	pay := payBlock()
	return Visit{
		ID: "v_3", Version: 3, Date: "2026-11-22", Client: "Anna Kovacs", ClientID: "c_1", When: "Today 10:30", Staff: "Eva", Status: "arrived", Code: "4831", Contact: []string{"+36 20 123 4567", "a@example.com"},
		Lines: []Line{{Name: "Haircut", Detail: "€30–€50 · Standard VAT", Total: "€35.00"}, {Name: "Shampoo 250 ml", Detail: "1 × €10.00 · SKU 2041", Total: "€10.00"}},
		Total: "€45.00", Payments: []Movement{{Method: "cashback", Amount: "€20.00", At: "10:38", By: "Eva"}}, Paid: "€20.00", Due: "€25.00", CanEdit: true, Pay: &pay,
	}
}

// visitWith is the open visit with something changed in it.
func visitWith(change func(*Visit, *PayBlock)) *Visit {
	v := openVisit()
	change(&v, v.Pay)
	return &v
}

func desk(v *Visit) Desk { return Desk{Shell: shell(), List: dayList(), Visit: v} }

func deskFixtures() []fixture {
	empty := List{Date: "2026-11-23", Heading: "Monday 23", Previous: "2026-11-22", Next: "2026-11-24", Today: "2026-11-22", CanCreate: true}
	found := empty
	found.Q = "zzz"
	broken := empty
	broken.Problem = &Problem{Kind: "search_failed"}
	sandbox := desk(visitWith(func(*Visit, *PayBlock) {}))
	sandbox.Sandbox = true
	sandbox.Notices.List = []Attention{
		{ID: "a_1", Kind: "duplicate", Visit: "v_1", Date: "2026-11-22", Client: "Marta Nowak", Amount: "€80.00", At: "10:40", Refund: "€80.00", Accept: true},
		{ID: "a_2", Kind: "unmatched", Amount: "€12.00", At: "10:41", Assign: "Anna Kovacs", Refund: "€12.00", Accept: true, To: "v_3", Day: "2026-11-22"}, {ID: "a_3", Text: "The provider has not answered for ten minutes.", At: "10:42"},
	}
	sandbox.Notices.Waiting = 2
	taken := desk(visitWith(func(*Visit, *PayBlock) {}))
	taken.Notices.List = []Attention{
		{ID: "a_1", Kind: "card_used_refunded", Visit: "v_1", Date: "2026-11-22", Client: "Marta Nowak", Amount: "€80.00", Code: "9WXT-3HHB", At: "10:40", Accept: true, Release: true},
		{ID: "a_2", Kind: "goods_refunded", Visit: "v_1", Date: "2026-11-22", Client: "Marta Nowak", Amount: "€80.00", At: "10:40", Accept: true},
		{ID: "a_3", Kind: "won_back", Visit: "v_2", Date: "2026-11-22", Client: "Jon Reyes", Amount: "€30.00", At: "10:41", Refund: "€30.00", Accept: true},
	}
	one := desk(visitWith(func(*Visit, *PayBlock) {}))
	one.Notices.List = sandbox.Notices.List[:1]
	refused := sandbox.Notices
	refused.Problem = &Problem{Kind: "settled"}
	refused.List = append(slices.Clone(refused.List), Attention{ID: "a_4", Kind: "refund_unclear", Visit: "v_1", Date: "2026-11-22", Client: "Marta Nowak",
		Amount: "€80.00", At: "10:40", Settle: true})
	opened := sandbox
	opened.Notices = refused
	nothing := desk(nil)
	nothing.List.Selected = ""
	all := []fixture{
		{"desk", desk(visitWith(func(*Visit, *PayBlock) {})), true, false},
		{"desk-nothing-open", nothing, true, false},
		{"desk-no-visits", Desk{Shell: shell(), List: empty}, true, false},
		{"desk-nothing-found", Desk{Shell: shell(), List: found}, true, false},
		{"desk-list-problem", Desk{Shell: shell(), List: broken}, true, false},
		{"desk-attention", sandbox, true, false},
		{"desk-taken-back", taken, true, false},
		{"desk-attention-one", one, true, false},
		{"desk-attention-open", opened, true, false},
		{"notices", sandbox.Notices, true, true},
		{"notices-none", Notices{}, true, true}, {"notices-sync", notReached(), true, true},
		{"notices-refused", refused, true, true},
		{"list", dayList(), true, true},
		{"visit", openVisit(), true, true},
	}
	for _, state := range visitStates() {
		all = append(all, fixture{"visit-" + state.name, desk(visitWith(state.change)), true, false})
	}
	give := RefundForm{Visit: "v_3", Payment: "p_1", Method: "link", At: "10:38", Left: "€20.00", Input: "20.00", Key: "k-2",
		Ways: []string{"link", "cash", "card"}, Chosen: "link", Goods: []Good{{Line: "l_2", Name: "Shampoo 250 ml", Quantity: 2}}}
	wrong := give
	wrong.Ways, wrong.Chosen, wrong.Method, wrong.Goods = []string{"deposit"}, "deposit", "deposit", nil
	wrong.Problem, wrong.Input, wrong.Reason = &Problem{Kind: "amount_exceeds_refundable"}, "200", "a slip"
	used := give
	used.Left, used.Input, used.Whole, used.Codes, used.Goods = "€254.50", "254.50", "€300.00", "KWJR-83JV", nil
	used.Ends = []EndingCard{{ID: "g_1", Name: "Ten haircuts", Code: "9WXT-3HHB", Price: "€200.00"}}
	bad := give
	bad.Problem, bad.Input, bad.Wrong = &Problem{Kind: "amount_invalid", Example: "25.00"}, "-5", "amount"
	return append(all, fixture{"refund-form-used", used, true, true}, fixture{"refund-form-amount", bad, true, true}, fixture{"pay-block", payBlock(), true, true}, fixture{"refund-form", give, true, true}, fixture{"refund-form-wrong", wrong, true, true})
}

type visitState struct {
	name   string
	change func(*Visit, *PayBlock)
}

func visitStates() []visitState {
	return append(append(shownStates(), moneyStates()...), []visitState{
		{"without-right", func(v *Visit, _ *PayBlock) { v.Pay = nil }},
		{"mixed-tax", func(v *Visit, p *PayBlock) {
			v.Lines[1].Clash = true
			v.Clash, p.Clash = []string{"Haircut", "Shampoo 250 ml"}, []string{"Haircut", "Shampoo 250 ml"}
		}},
		{"nothing-due", func(v *Visit, p *PayBlock) { v.Due, p.Due, p.NoDue = "€0.00", "€0.00", true }},
		{"overpaid", func(v *Visit, p *PayBlock) {
			v.Due, p.Due, p.NoDue, v.Over, v.Paid = "€0.00", "€0.00", true, "€5.00", "€50.00"
			v.Payments = append(v.Payments, Movement{Method: "link", Amount: "€30.00", At: "10:44", Flags: []string{"late", "duplicate"}})
		}},
		{"completed", func(_ *Visit, p *PayBlock) {
			p.Completed, p.Steps = true, []Step{{Kind: "shown", Where: "Reception 1", Time: "10:42:07"}, {Kind: "paid", Amount: "€25.00", Time: "10:44:02"}}
		}},
		{"empty", func(v *Visit, p *PayBlock) {
			v.Client, v.ClientID, v.Contact, v.Staff, v.Lines, v.Payments, v.Paid, v.Total, v.Due, p.Empty = "", "", nil, "", nil, nil, "", "€0.00", "€0.00", true
		}},
		{"large", func(v *Visit, p *PayBlock) {
			v.Client = "Bartholomew Featherstonehaugh-Cholmondeley of Wriothesley"
			v.Lines[0].Name, v.Lines[0].Total = "Consultation and complete colour correction with treatment, first of three appointments", "€9,999,999.99"
			v.Total, v.Due, p.Due = "€9,999,999.99", "€9,999,999.99", "€9,999,999.99"
			p.Desks[0].Name = "Reception at the large entrance"
		}},
		{"conflict", func(v *Visit, _ *PayBlock) { v.Conflict = &Conflict{Changed: []string{"lines", "status"}, By: "Jonas"} }},
		{"cash", func(_ *Visit, p *PayBlock) { p.Tab = "cash" }},
		{"card-problem", func(_ *Visit, p *PayBlock) { p.Tab, p.Problem = "card", &Problem{Kind: "amount_exceeds_due"} }},
		{"cash-blocked", func(v *Visit, p *PayBlock) {
			p.Tab, p.Blocked, p.Ends, v.Blocked, v.Ends, v.CanEdit = "cash", "10:57", 840, "10:57", 840, false
		}},
	}...)
}

// shownStates are those about the desk's screen.
func shownStates() []visitState {
	here := DeskChoice{ID: "front", Name: "Reception 1", Selected: true, Screens: 1, Online: 1, Painted: true}
	return []visitState{
		{"sending", func(_ *Visit, p *PayBlock) {
			sent := here
			sent.Painted = false
			p.Shown, p.Notice = &sent, &Notice{Kind: "not_painted", Name: "Reception 1"}
		}},
		{"link-not-asked", func(_ *Visit, p *PayBlock) { p.Link, p.Waits, p.LinkAt = "", "not_asked", "Stripe" }},
		{"link-making", func(_ *Visit, p *PayBlock) { p.Link, p.Waits, p.LinkAt, p.Shown = "", "making", "Stripe", &here }},
		{"link-unreachable", func(_ *Visit, p *PayBlock) { p.Link, p.Waits, p.LinkAt, p.Shown = "", "unreachable", "Stripe", &here }},
		{"link-refused", func(_ *Visit, p *PayBlock) { p.Link, p.Waits, p.LinkAt, p.Shown = "", "refused", "Stripe", &here }},
		{"shown", func(_ *Visit, p *PayBlock) {
			p.Shown, p.Steps = &here, []Step{{Kind: "shown", Where: "Reception 1", Time: "10:42:07"}, {Kind: "next"}}
		}},
		{"paying", func(v *Visit, p *PayBlock) {
			p.Shown, p.Steps, p.Blocked, p.Paying, p.CanUnblock = &here, payingSteps(), "10:57", true, true
			v.Blocked, v.Ends, v.CanEdit, p.Ends = "10:57", 840, false, 840
		}},
		{"failed", func(_ *Visit, p *PayBlock) {
			p.Steps = []Step{{Kind: "opened", Time: "10:42:31"}, {Kind: "failed", Time: "10:43:02"}, {Kind: "refused", Why: "the amount must be at least €0.50", Time: "10:43:05"}, {Kind: "cancelled", Time: "10:43:10"}}
		}},
		{"busy", func(_ *Visit, p *PayBlock) { p.Busy = &Busy{Desk: "front", Name: "Reception 1", Client: "Nina"} }},
		{"other-visit", func(_ *Visit, p *PayBlock) { p.Desks[0].Other, p.Desks[0].Client = true, "Mei Tanaka" }},
		{"other-visit-unnamed", func(_ *Visit, p *PayBlock) { p.Desks[0].Other = true }},
		{"offline", func(_ *Visit, p *PayBlock) { p.Desks[0].Online = 0 }},
		{"no-display", func(_ *Visit, p *PayBlock) { p.Desks[0].Online, p.Desks[0].Screens = 0, 0 }},
		{"no-desk", func(_ *Visit, p *PayBlock) { p.Desks = nil }},
		{"desks", func(_ *Visit, p *PayBlock) {
			p.Desks = append(p.Desks, DeskChoice{ID: "upstairs", Name: "Upstairs", Screens: 1}, DeskChoice{ID: "garden", Name: "Garden door", Screens: 2, Online: 1})
		}},
	}
}

func visitForm() VisitForm {
	return VisitForm{
		ID: "v_3", Version: 3, Date: "2026-11-22", Time: "10:30", Status: "arrived", Statuses: []string{"booked", "confirmed", "arrived", "done", "no-show", "cancelled"},
		Client: ClientFields{ID: "c_1", Known: "Anna Kovacs", Name: "Anna Kovacs", Phone: "+36201234567", Email: "a@example.com", Language: []Option{{"en", "English", true}, {"de", "Deutsch", false}}},
		Staff:  []Option{{"s_1", "Eva", true}, {"s_2", "Jonas", false}}, TaxSystems: taxOptions(), Currency: "€", Sum: "€43.50", Found: found(),
		Lines: []LineFields{
			{ID: "l_1", Kind: "service", Ref: "i_1", Name: "Haircut", Quantity: "1", Price: "35.00", Tax: "standard", Range: "€30–€50"},
			{ID: "l_2", Kind: "product", Ref: "i_2", Name: "Shampoo 250 ml", Quantity: "1", Price: "10.00", Discount: "1.50", Tax: "standard", Counted: true, OnHand: 12},
		},
	}
}

func formFixtures() []fixture {
	edit := visitForm()
	fresh := visitForm()
	fresh.ID, fresh.Client, fresh.Lines, fresh.Status = "", ClientFields{}, nil, "arrived"
	wrong := visitForm()
	wrong.Problem, wrong.OutsideRange, wrong.Confirm = &Problem{Kind: "invalid"}, []string{"Haircut"}, []string{"i_1=5500"}
	wrong.Lines[0].Price, wrong.Lines[0].Ask = "55.00", "€55.00"
	wrong.Errors = map[string]string{"client_phone": "This is not a phone number.", "line_price.1": "Use a number such as 10.00.", "line_quantity.0": "Between 1 and 10 000."}
	stale := visitForm()
	stale.Conflict, stale.Base = &Conflict{Changed: []string{"client", "starts_at", "lines"}, Gone: []string{"Hair oil 50 ml"}, Ask: true}, `{"status":"arrived"}`
	stale.Theirs = map[string]*Elsewhere{"client": {"client", "Anna Kovács · +36 20 765 4321", "asked"}, "starts_at": {"starts_at", "Sunday, 22 November, 11:00", "changed"}}
	stale.Lines[0].Theirs, stale.Lines[1].Theirs = &Elsewhere{"l_1", "Haircut · 1 × €40.00 · Standard", "asked"}, &Elsewhere{"l_2", "", "gone_asked"}
	blocked := visitForm()
	blocked.Blocked, blocked.Unpicked = "10:57", true
	list := dayList()
	return []fixture{
		{"form-edit", Desk{Shell: shell(), List: list, Form: &edit}, true, false}, {"form-new", Desk{Shell: shell(), List: list, Form: &fresh}, true, false},
		{"form-wrong", Desk{Shell: shell(), List: list, Form: &wrong}, true, false}, {"form-stale", Desk{Shell: shell(), List: list, Form: &stale}, true, false}, {"form-blocked", blocked, true, true}, {"form-sum", FormSum{Sum: "€43.50"}, true, true},
	}
}

func setup(section string, change func(*Setup)) Setup {
	desks := []Option{{"front", "Reception 1", true}, {"upstairs", "Upstairs", false}}
	s := Setup{
		Shell: shell(), Section: section, Sections: []string{"location", "payments", "desks", "displays", "slides", "staff", "software"}, Roles: []string{"administrator", "manager", "receptionist", "finance", "viewer"},
		Location: Settings{Name: "Studio Lumen", Currency: "EUR", Zone: "Europe/Berlin", Colour: "#14514a", PublicURL: "https://pay.example.com", Language: []Option{{"en", "English", true}, {"de", "Deutsch", false}}, ShowNames: true, Receipts: true, Channels: true,
			Countries: []Option{{"AT", "Austria", false}, {"DE", "Germany", false}, {"HU", "Hungary", true}}, ZoneCountry: "Germany"},
		Desks: []DeskRow{{"front", "Reception 1", 1, "https://pay.example.com/q/front"}, {"upstairs", "Upstairs", 2, ""}, {"desk-7k2mqp", "Ресепшн", 0, "https://pay.example.com/q/desk-7k2mqp"}},
		Displays: Displays{Pair: PairForm{Desks: desks, Address: "http://192.0.2.10:8080/display"}, List: []DisplayRow{
			{ID: "d_1", Name: "Reception 1", Desk: "Reception 1", Desks: desks, Online: true, Shows: "qr", Client: "Anna Kovacs", Flashed: true, Size: "1920 × 1080", Since: "10:42:07", Version: "1.2.0-4f2a91", Outdated: true},
			{ID: "d_2", Name: "Old television", Desk: "Upstairs", Desks: desks, LastSeen: "21 Nov, 18:05", Twice: true}, {ID: "d_3", Name: "Tablet", Desk: "Upstairs", Desks: desks},
		}},
		Staff: []StaffRow{{"s_1", "Eva Lindqvist", "receptionist", true, true}, {"s_2", "Jonas", "finance", false, false}},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func setupFixtures() []fixture {
	return []fixture{
		{"setup-location", setup("location", func(s *Setup) {
			s.Location.Fine, s.Location.Logo = true, true
			s.Sandbox, s.Board = true, true
			s.Problem, s.Errors = &Problem{Kind: "invalid"}, map[string]string{"zone": "There is no such time zone."}
		}), true, false},
		{"setup-desks", setup("desks", func(s *Setup) { s.Saved = true }), true, false},
		{"setup-desks-none", setup("desks", func(s *Setup) { s.Desks = nil }), true, false},
		{"setup-print", setup("desks", func(s *Setup) {
			at := "/print/qr/front.preview.svg?language=en&paper=a5&template=color"
			s.Print = &PrintForm{Local: true, Desk: "front", Name: "Reception 1", Paper: "a5", Language: s.Location.Language, Preview: at, PDF: "/print/qr/front.pdf", SVG: "/print/qr/front.svg",
				Templates: []Pick{{"color", true}, {"bw", false}}, Papers: []Pick{{"a4", false}, {"a5", true}, {"a6", false}, {"tent", false}}}
		}), true, false},
		{"setup-slides-wrong", setup("slides", func(s *Setup) {
			s.Problem, s.Errors, s.Open = &Problem{Kind: "invalid"}, map[string]string{"seconds": "At least 3, at most 300."}, "i_1"
			s.Idle.Slides = []SlideRow{{"i_1", "team.png", "1080 × 1920", 1, 1, true, true}}
		}), true, false},
		{"setup-print-fine", setup("desks", func(s *Setup) {
			s.Print = &PrintForm{Fine: true, Nameless: true, Desk: "front", Name: "Reception 1", Paper: "a4", Preview: "/print/qr/front.preview.svg?language=en&paper=a5&template=color", PDF: "/print/qr/front.pdf", SVG: "/print/qr/front.svg"}
		}), true, false},
		{"setup-slides", setup("slides", func(s *Setup) {
			s.Idle = Idle{QuietFrom: "22:00", QuietUntil: "07:30", Slides: []SlideRow{{"i_1", "Winter-Angebot_final_2026_neu (3).jpg", "1920 × 1080", 1, 9, true, false}, {"i_2", "team.png", "1080 × 1920", 2, 15, false, true}}}
		}), true, false},
		{"setup-slides-none", setup("slides", func(s *Setup) {
			s.Problem, s.Errors = &Problem{Kind: "invalid"}, map[string]string{"file": "is not a JPEG, PNG or WebP picture", "quiet_until": "must be an hour such as 22:00"}
		}), true, false},
		{"setup-displays", setup("displays", nil), true, false},
		{"setup-displays-none", setup("displays", func(s *Setup) {
			s.Displays.List, s.Displays.Pair.Code, s.Displays.Pair.Problem = nil, "K7Q2MX", &Problem{Kind: "bad_code"}
		}), true, false},
		{"displays", setup("displays", nil).Displays, true, true},
		{"setup-staff", setup("staff", func(s *Setup) { s.Open = "s_2" }), true, false},
		{"setup-staff-new", setup("staff", func(s *Setup) { s.Open = "new" }), true, false},
	}
}

func phoneFixtures() []fixture {
	lumen := Phone{Location: "Studio Lumen"}
	lines := []BillLine{{Name: "Haircut", Amount: "€35.00"}, {Name: "Shampoo 250 ml", Amount: "€10.00"}, {Amount: "−€20.00", Paid: true, Method: "cashback"}}
	long := []BillLine{{Name: "Consultation and complete colour correction with treatment, Donaudampfschifffahrtsgesellschaft", Amount: "€9,999,999.99"}}
	pay := PhonePay{Phone: lumen, Token: "tok", When: "today, 10:30", Due: "€25.00", Lines: lines, Provider: "Stripe", Until: "10:57"}
	scanned := pay
	scanned.Scanned, scanned.Until = true, ""
	large := PhonePay{Phone: Phone{"Praxis für Physiotherapie Bartholomäus Featherstonehaugh", true}, Token: "tok", Due: "€9,999,999.99", Lines: long, Problem: &Problem{Kind: "provider_unavailable"}}
	receipt := PhoneReceipt{Phone: lumen, Token: "tok", Amount: "€25.00", Date: "22 November 2026, 10:44", Number: "p_7hq2", Method: "link", Provider: "Stripe", Code: "4831", Lines: lines, Total: "€45.00", Just: true, Closed: true, File: "/p/tok/receipt.pdf"}
	cards := receipt
	cards.Cards = []IssuedCard{{Name: "Gift card", Code: "K7Q2-MX4P", Left: "€30.00", Until: "22 November 2027", State: "active"}}
	fiscal := receipt
	fiscal.Fiscal, fiscal.Follows = []FiscalPrint{{Number: "FS-000041", Code: "7F3A-99C0-12DE-4B71"}, {Number: "FS-000042", Refund: true, Code: "0C11-AA90-77F2-E3D5", URL: "https://tax.example/v"}}, true
	covered := receipt
	covered.Total = "€25.00"
	covered.Lines = []BillLine{{Name: "Haircut", Amount: "€35.00", Covered: true}, {Name: "Shampoo 250 ml", Amount: "€25.00"}}
	desk := receipt
	desk.Method, desk.Provider, desk.Closed, desk.File, desk.Lines, desk.Location = "cash", "", false, "", lines[:2], "صالون النور"
	old := receipt
	old.Just, old.Left, old.Refunded, old.Sandbox = false, "€50.00", "€5.00", true
	return []fixture{
		{"pay", pay, false, false}, {"scan", scanned, false, false}, {"pay-large", large, false, false},
		{"progress", PhoneProgress{lumen, "tok", "€25.00", "10:57", "Stripe"}, false, false},
		{"receipt", receipt, false, false}, {"receipt-cards", cards, false, false}, {"receipt-covered", covered, false, false}, {"receipt-old", old, false, false}, {"receipt-fiscal", fiscal, false, false}, {"receipt-desk", desk, false, false},
		{"processing", PhoneProcessing{lumen, "tok", "€25.00"}, false, false},
		{"nothing-due", PhoneNothingDue{lumen, "tok", false}, false, false}, {"unavailable", PhoneNothingDue{lumen, "tok", true}, false, false},
		{"unknown", PhoneUnknown{}, false, false}, {"unknown-desk", PhoneUnknown{true}, false, false}, {"too-many", PhoneTooMany{"1 min"}, false, false}, {"too-many-plain", PhoneTooMany{}, false, false},
		{"waiting", PhoneWaiting{lumen, "front"}, false, false},
		{"problem", PhoneProblem{500, "internal", ""}, false, false}, {"problem-forbidden", PhoneProblem{403, "forbidden", "/desk"}, true, false},
		{"problem-not-found", PhoneProblem{404, "visit_not_found", "/desk"}, true, false}, {"problem-unavailable", PhoneProblem{503, "", ""}, false, false},
	}
}
