package page

func companies() Companies {
	return Companies{Kinds: []CompanyKind{{"adyen", "Adyen"}, {"stripe", "Stripe"}, {"sumup", "SumUp"}}, List: []CompanyRow{
		{ID: "sandbox", Title: "Sandbox", State: "sandbox", Synced: "10:42:07", Fixed: true},
		{ID: "stripe", Title: "Stripe", State: "live", Holder: "Studio Lumen GmbH & Co. KG, Salon am Gendarmenmarkt", Hint: "4f2a", Preferred: true, Synced: "10:42:06", Tried: true},
		{ID: "adyen-test", Title: "Adyen", State: "test", Holder: "LumenECOM", Hint: "77c0", Cause: "keys", Said: "The API key is missing the role Checkout webservice role."},
		{ID: "sumup", Title: "SumUp", State: "live", Cause: "unreachable", Synced: "09:12:55"},
	}}
}

// notReached are notices of every reason why confirmations don't come in.
func notReached() Notices {
	return Notices{Sync: []SyncTrouble{{"unreachable", "Stripe", "10:31", false, ""}, {"keys", "Adyen", "", true, "payments"}, {"storage", "SumUp", "09:12", false, ""},
		{"receiver_failing", "crm.example.com", "", true, "software"}, {"receiver_given_up", "books.example.com", "", false, ""}, {"receiver_gone", "old.example.com", "", false, ""}}}
}

func companyFixtures() []fixture {
	return []fixture{
		{"setup-payments", setup("payments", func(s *Setup) { s.Payments = companies() }), true, false},
		{"setup-payments-links", setup("payments", func(s *Setup) {
			s.Payments = Companies{List: companies().List[1:2], Links: "hosted", LinksAt: "Stripe"}
		}), true, false},
		{"setup-payments-no-links", setup("payments", func(s *Setup) {
			s.Payments = Companies{List: companies().List[:1], Links: "not_hosted", LinksAt: "Sandbox"}
		}), true, false},
		{"companies", companies(), true, true},
		{"setup-payments-none", setup("payments", nil), true, false},
		{"setup-payments-form", setup("payments", func(s *Setup) {
			s.Errors = map[string]string{"account": "This is missing."}
			s.Payments.Form = &CompanyForm{Kind: "adyen", Title: "Adyen", ID: "adyen-test", Hook: "https://pay.example.com/hooks/adyen", Said: "The API key is missing the role Checkout webservice role.",
				Fields: []CompanyField{{Kind: "key", Secret: true, Kept: true}, {Kind: "account"}, {Kind: "hmac", Secret: true}, {Kind: "prefix", Value: "1797a841fbb37ca7-AdyenDemo", Optional: true}, {Kind: "webhook", Secret: true, Optional: true}, {Kind: "merchant", Value: "MH4H92C7"}}}
		}), true, false},
		{"setup-payments-good", setup("payments", func(s *Setup) {
			s.Payments.Form = &CompanyForm{Kind: "stripe", Title: "Stripe", Fields: []CompanyField{{Kind: "key", Secret: true}}, Tried: &CompanyRow{State: "test", Holder: "Studio Lumen"}}
		}), true, false},
		{"setup-payments-rehearsing", setup("payments", func(s *Setup) {
			s.Payments = Companies{Ready: "Stripe", List: companies().List[1:3]}
			s.Payments.List[0].Preferred, s.Payments.List[1].Preferred = false, true
		}), true, false},
		{"setup-payments-another", setup("payments", func(s *Setup) {
			s.Payments.Form = &CompanyForm{Kind: "stripe", Title: "Stripe", Fields: []CompanyField{{Kind: "key", Secret: true}}, Before: "Studio Lumen (acct_1Lumen)", After: "Salon Example (acct_2Other)", Another: "acct_2Other"}
		}), true, false},
		{"setup-payments-deaf", setup("payments", func(s *Setup) {
			s.Problem = &Problem{Kind: "keys_untried"}
			s.Payments.Form = &CompanyForm{Kind: "adyen", Title: "Adyen", Deaf: true, Fields: []CompanyField{{Kind: "key", Secret: true, Given: true}, {Kind: "account"}}}
		}), true, false},
	}
}
