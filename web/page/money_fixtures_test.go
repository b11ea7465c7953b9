package page

// moneyStates are those about what was paid, held and given back.
func moneyStates() []visitState {
	return []visitState{
		{"given", func(v *Visit, p *PayBlock) {
			v.Payments = []Movement{{Method: "cash", Amount: "€20.00", At: "10:38", By: "Eva", Give: "p_1"},
				{Method: "cash", Refund: true, Amount: "−€5.00", At: "10:41", By: "Eva", Note: "the wrong shampoo"},
				{Method: "link", Refund: true, Amount: "(€10.00)", At: "10:43", By: "Maria-Magdalena", State: "pending", Note: "too long a wait"},
				{Method: "link", Refund: true, Amount: "(€2.00)", At: "10:44", By: "Eva", State: "failed", Note: "a tip by mistake"}}
			p.Notice = &Notice{Kind: "giving", Text: "€10.00"}
		}},
		{"refunded", func(v *Visit, p *PayBlock) {
			v.Payments = []Movement{{Method: "cash", Amount: "€45.00", At: "10:38", By: "Eva"}, {Method: "cash", Refund: true, Amount: "−€45.00", At: "10:41", By: "Eva", Note: "too cold"}}
			v.Due, v.Paid, p.Due, p.Back = "€45.00", "€0.00", "€45.00", "€45.00"
		}},
		{"declined", func(v *Visit, p *PayBlock) {
			v.Blocked, v.CanEdit = "10:57", false
			p.Tab, p.Blocked, p.Declined, p.CanUnblock, p.Steps = "cash", "10:57", true, true, []Step{{Kind: "opened", Time: "10:42:07"}, {Kind: "failed", Time: "10:43:02"}}
		}},
		{"fiscal", func(v *Visit, _ *PayBlock) {
			v.Payments = []Movement{{Method: "cash", Amount: "€20.00", At: "10:38", By: "Eva", Give: "p_1", Fiscal: &FiscalReceipt{State: "done", Number: "FS-000041"}},
				{Method: "cash", Refund: true, Amount: "−€5.00", At: "10:41", By: "Eva", Note: "the wrong shampoo", Fiscal: &FiscalReceipt{State: "waiting"}},
				{Method: "link", Amount: "€10.00", At: "10:43", Fiscal: &FiscalReceipt{State: "queued", Reason: "the fiscal device didn't answer"}},
				{Method: "card", Amount: "€2.00", At: "10:44", By: "Eva", Give: "p_4", Fiscal: &FiscalReceipt{State: "failed", Reason: "The fiscal day isn't open. (HTTP 422)", Retry: "p_4"}}}
		}},
		{"cards", func(v *Visit, p *PayBlock) {
			v.Cards = []IssuedCard{{Name: "Gift card", Code: "K7Q2-MX4P", Left: "€30.00", Until: "22 November 2027", State: "active"},
				{Name: "Ten visits", Code: "9WXT-3HHB", Left: "7", Uses: true, State: "active"}, {Name: "Gift card", Code: "ABCD-EFGH", Left: "€0.00", State: "void"}}
		}},
		{"sent", func(v *Visit, p *PayBlock) {
			v.Payments = []Movement{{Method: "cash", Amount: "€20.00", At: "10:38", By: "Eva", Give: "p_1", Send: "p_1", SendKey: "k-3"},
				{Method: "link", Amount: "€25.00", At: "10:44", Give: "p_2", Send: "p_2", SendKey: "k-4", SendAgain: true}}
			v.Due, v.Paid, p.Completed = "€0.00", "€45.00", true
			v.Sent = []Sent{{Channel: "email", To: "a@example.com", State: "sent", At: "10:44"}, {Channel: "sms", To: "+36201234567", State: "queued", At: "10:44", Reason: "the gateway can't be reached"},
				{Channel: "email", To: "bartholomew.featherstonehaugh-cholmondeley@example.com", State: "failed", At: "10:46", Reason: "the mail server refused the address, with 550"},
				{Channel: "sms", To: "+36201234567", State: "unclear", At: "10:47", Why: "interrupted"}, {Channel: "whatsapp", State: "skipped", At: "10:47", Why: "not_configured"}}
		}},
		{"membership", func(v *Visit, p *PayBlock) {
			v.Lines[0].ID, v.Lines[0].Offer, v.Key = "l_1", &Membership{Card: "g_1", Name: "Ten visits", Left: "3", Of: "10"}, "k-3"
			v.ByCode = []Option{{Value: "l_1", Text: "Haircut"}}
		}},
		{"covered", func(v *Visit, p *PayBlock) {
			v.Lines[0].Covered, v.Lines[0].Undo, v.Total, v.Due, p.Due = "Ten visits", true, "€95.00", "€75.00", "€75.00"
			v.Lines = append(v.Lines, Line{ID: "l_3", Name: "Massage 60 min", Detail: "Standard VAT", Total: "€70.00", Offer: &Membership{Card: "g_2", Name: "A month of everything"}},
				Line{ID: "l_4", Name: "Beard", Detail: "Standard VAT", Total: "€15.00"})
			v.ByCode, v.MemberCode, v.Problem = []Option{{Value: "l_3", Text: "Massage 60 min"}, {Value: "l_4", Text: "Beard"}}, "K7Q2-MX4Q", &Problem{Kind: "membership_not_found"}
			v.Cards = []IssuedCard{{Name: "Ten visits", Code: "9WXT-3HHB", Left: "7", Uses: true, State: "stopped"}}
		}},
		{"more", func(v *Visit, p *PayBlock) {
			p.Tab, p.Held = "more", []Held{{Method: "loyalty", Balance: "€7.00", Input: "7.00"}, {Method: "deposit", Balance: "€250.00", Input: "25.00"}}
		}},
		{"more-wrong-code", func(v *Visit, p *PayBlock) {
			p.Tab, p.Code, p.Problem = "more", "K7Q2-MX4Q", &Problem{Kind: "gift_card_not_found"}
		}},
	}
}
