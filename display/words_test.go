package display

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// R31: what a client reads is said for them, in the location's language: after
// paying at the desk not that the salon is closed, after a failure not that a
// bank declined unless it did, and their name as one is greeted.
func TestR31WhatClientsRead(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.media("light", "reduce")
	s.do(chromedp.EmulateViewport(1920, 1080))
	s.do(chromedp.Navigate(h.srv.URL + "/display"))
	s.view("pair")
	s.paired(h)
	greeted := code(t, "v_1", "€25.00")
	greeted.Greeting = "Anna"
	failed, declined := code(t, "v_2", "€25.00"), code(t, "v_2", "€25.00")
	failed.Kind, declined.Kind, declined.Reason = Failed, Failed, "declined"
	for _, x := range []struct {
		scene      Scene
		view, lang string
		says       []string
		never      []string
	}{
		{Scene{Kind: Closed}, "closed", "en", []string{"All settled", "nothing more to pay", "Thank you"}, []string{"closed", "See you"}},
		{Scene{Kind: Closed}, "closed", "de", []string{"Alles erledigt", "nichts mehr zu bezahlen", "Vielen Dank"}, []string{"geschlossen", "Bis bald"}},
		{failed, "again", "en", []string{"The payment didn’t go through", "scan the code again"}, []string{"bank", "declined"}},
		{failed, "again", "de", []string{"Die Zahlung hat nicht geklappt", "noch einmal scannen"}, []string{"Bank", "abgelehnt"}},
		{declined, "again", "en", []string{"The bank declined the payment", "scan the code again"}, nil},
		{declined, "again", "de", []string{"Die Bank hat die Zahlung abgelehnt", "noch einmal scannen"}, nil},
		{greeted, "qr", "en", []string{"Hello Anna"}, nil},
		{greeted, "qr", "de", []string{"Hallo Anna"}, nil},
	} {
		h.salon.change(func() { h.salon.brand.Language, h.salon.scenes["front"] = x.lang, x.scene })
		h.Wake()
		s.view(x.view)
		s.until(`document.body.innerText.indexOf("` + x.says[0] + `") >= 0`)
		text := s.text()
		for _, want := range x.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s in %s lacks %q:\n%s", x.view, x.lang, want, text)
			}
		}
		for _, word := range x.never {
			if strings.Contains(text, word) {
				t.Errorf("%s in %s says %q:\n%s", x.view, x.lang, word, text)
			}
		}
	}
	s.clean()
}
