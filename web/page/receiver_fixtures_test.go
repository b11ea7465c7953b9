package page

import "strings"

// events are all types that a receiver may want, of which some are picked.
func events(picked ...string) (all []EventPick) {
	for kind := range strings.FieldsSeq("visit_changed link_opened checkout_changed payment_booked refund_booked delivery_changed fiscal_changed attention_raised display_changed scene_shown stock_changed provider_changed sync_changed") {
		e := EventPick{Kind: kind, Name: strings.Replace(kind, "_", ".", 1)}
		for _, p := range picked {
			e.Selected = e.Selected || p == kind
		}
		all = append(all, e)
	}
	return all
}

const longAddress = "https://hooks.accounting-and-bookkeeping-for-salons.example.com/v2/tenants/7f3a9c1e5b2d4f6081a3c5e7092b4d6f/inbound/countersign/events?environment=production&region=eu-central-1"

func receivers() Receivers {
	return Receivers{List: []ReceiverRow{
		{ID: "w_1", URL: "https://crm.example.com/hooks", Host: "crm.example.com", State: "good", Last: "10:41", Picked: 2, Tested: &MessageRow{State: "delivered"}},
		{ID: "w_2", URL: longAddress, Host: "hooks.accounting-and-bookkeeping-for-salons-in-the-whole-of-europe.example.com", State: "failing", Last: "21 Nov, 18:05", Since: "21 Nov, 18:07", Why: "status", Code: 502, Waiting: 41, Tested: &MessageRow{State: "failed", Why: "timeout"}},
		{ID: "w_3", URL: "https://b.example.com", Host: "b.example.com", State: "good", Last: "10:02", Failed: 3, Waiting: 1, Picked: 1, Tested: &MessageRow{State: "waiting"}},
		{ID: "w_4", URL: "https://c.example.com", Host: "c.example.com", State: "failing", Since: "19 Nov, 09:00", Why: "unknown_host", Many: true, Failed: 1},
		{ID: "w_5", URL: "https://old.example.com", Host: "old.example.com", State: "gone", Last: "10:02"},
		{ID: "w_6", URL: "https://d.example.com", Host: "d.example.com", State: "off"},
		{ID: "w_7", URL: "http://192.0.2.20:9000/", Host: "192.0.2.20:9000", State: "new"},
	}}
}

func openReceiver(s *Setup) {
	all := receivers()
	row := all.List[1]
	row.Open, row.Failed, row.Tested = true, 2, nil
	row.Messages = []MessageRow{{Kind: "payment_booked", At: "10:38", State: "waiting", Why: "status", Code: 400, Tries: 7, ID: "msg_1"}, {Kind: "visit_changed", At: "10:31", State: "failed", Why: "timeout", Tries: 71, ID: "msg_2"},
		{Kind: "webhook_test", At: "10:30", State: "failed", Why: "certificate", Tries: 1}, {Kind: "checkout_changed", At: "10:29", State: "delivered", ID: "msg_3", Tries: 1}}
	for _, why := range []string{"redirect", "gone", "unreachable", "unknown_host", "private", "no_secret", "too_late", "off"} {
		row.Messages = append(row.Messages, MessageRow{Kind: "refund_booked", At: "10:12", State: "failed", Why: why, Code: 308, ID: "msg_4"})
	}
	s.Software = Receivers{List: []ReceiverRow{all.List[0], row}, Form: &ReceiverForm{ID: "w_2", URL: longAddress, Events: events("payment_booked", "refund_booked")}}
}

func receiverFixtures() []fixture {
	return []fixture{
		{"setup-software", setup("software", func(s *Setup) { s.Software = receivers() }), true, false},
		{"setup-software-none", setup("software", nil), true, false},
		{"setup-software-open", setup("software", openReceiver), true, false},
		{"setup-software-new", setup("software", func(s *Setup) {
			s.Software.Form = &ReceiverForm{URL: "ftp://crm.example.com", Private: true, Events: events()}
			s.Errors = map[string]string{"url": "This is not an address such as https://crm.example.com/hooks.", "types": "This has a type of event that there isn't."}
		}), true, false},
		{"setup-software-secret", setup("software", func(s *Setup) {
			s.Software.List = receivers().List[:1]
			s.Software.Secret = &ReceiverSecret{Host: "crm.example.com", Value: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", Renewed: true}
		}), true, false},
	}
}
