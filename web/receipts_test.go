package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/notify"
	"countersign/daemon/notify/notifytest"
	"countersign/daemon/visit"
)

// told are the deliveries about a visit, as the API tells them.
func (s *salon) told(v visit.Visit) (list []map[string]any) {
	s.t.Helper()
	got := s.api(http.MethodGet, "/visits/"+string(v.ID)+"/deliveries", "")
	if got.status != http.StatusOK {
		s.t.Fatalf("%d %s", got.status, got.text)
	}
	for _, x := range got.json(s.t)["deliveries"].([]any) {
		list = append(list, x.(map[string]any))
	}
	return list
}

// R24, R18: a payment by link sends its receipt by itself, in the client's
// language, and says what became of it.
func TestR24ReceiptGoesOut(t *testing.T) {
	mail, text := &notifytest.Mailbox{By: notify.Email}, &notifytest.Mailbox{By: notify.SMS}
	s := open(t, mail, text)
	v := s.book()
	s.reach(v, `{"name": "Anna Kovács", "email": "anna@example.com", "phone": "+36201234567", "language": "de"}`)
	paid := s.pays(string(v.Token), string(v.ID))
	s.await("both messages", func() bool { return len(mail.Got()) == 1 && len(text.Got()) == 1 })
	letter := mail.Got()[0]
	if letter.To != "anna@example.com" || !strings.Contains(letter.Subject, "SANDBOX Ihr Beleg") || !strings.Contains(letter.Text, s.base+"/p/"+string(v.Token)) ||
		strings.Contains(letter.Text+letter.HTML, v.Client.Name) {
		t.Errorf("%+v", letter)
	}
	s.await("their states", func() bool {
		list := s.told(v)
		return len(list) == 2 && list[0]["state"] == "sent" && list[1]["state"] == "sent"
	})
	if x := s.told(v)[0]; x["channel"] != "email" || x["to"] != "anna@example.com" || x["payment"] != paid || x["kind"] != "receipt" || x["reason"] != "" {
		t.Errorf("%v", x)
	}
	if log := s.log.String(); strings.Contains(log, "anna@example.com") || strings.Contains(log, "+36201234567") {
		t.Error("the log names the client's addresses")
	}
}

// R24: what is taken by hand is sent by hand, once for a tap and again only if
// that is said.
func TestR24ReceiptByHand(t *testing.T) {
	mail := &notifytest.Mailbox{By: notify.Email}
	s := open(t, mail)
	v := s.book()
	s.reach(v, `{"name": "Anna", "email": "anna@example.com"}`)
	taken := s.api(http.MethodPost, "/visits/"+string(v.ID)+"/payments", `{"method": "cash", "amount": 500}`).json(t)["id"].(string)
	at := "/payments/" + taken + "/receipt"
	if len(mail.Got()) != 0 || len(s.told(v)) != 0 {
		t.Error("a receipt of cash went out by itself")
	}
	first := s.api(http.MethodPost, at, `{}`, "Idempotency-Key", "one")
	again := s.api(http.MethodPost, at, `{}`, "Idempotency-Key", "one")
	if first.status != http.StatusOK || again.status != http.StatusOK || len(first.json(t)["deliveries"].([]any)) != 1 {
		t.Errorf("%d %s, again %d", first.status, first.text, again.status)
	}
	s.await("the letter", func() bool { list := s.told(v); return len(list) == 1 && list[0]["state"] == "sent" })
	if got := s.api(http.MethodPost, at, `{"channels": ["email"]}`); got.status != http.StatusConflict || got.code(t) != "receipt_sent" {
		t.Errorf("once more: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, at, `{"again": true}`); got.status != http.StatusOK {
		t.Errorf("again: %d %s", got.status, got.text)
	}
	s.await("the second letter", func() bool { return len(mail.Got()) == 2 })
	if got := s.api(http.MethodPost, at, `{"channels": ["sms"]}`); got.status != http.StatusOK || !strings.Contains(got.text, `"skipped"`) || !strings.Contains(got.text, desk.WhyNotConfigured) {
		t.Errorf("by sms: %d %s", got.status, got.text)
	}
	for body, code := range map[string]string{`{"channels": ["pigeon"]}`: "validation", `{"chanels": []}`: "validation"} {
		if got := s.api(http.MethodPost, at, body); got.status != http.StatusUnprocessableEntity || got.code(t) != code {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	if got := s.api(http.MethodPost, "/payments/p_nothing/receipt", `{}`); got.status != http.StatusNotFound {
		t.Errorf("unknown: %d %s", got.status, got.text)
	}
}

// R24, R38: the tablet's one tap; a second one of an old page sends nothing,
// and the button says that it would be the second.
func TestR24ReceiptByTap(t *testing.T) {
	mail := &notifytest.Mailbox{By: notify.Email}
	s := open(t, mail)
	v := s.book()
	s.reach(v, `{"name": "Anna", "email": "anna@example.com"}`)
	taken := s.api(http.MethodPost, "/visits/"+string(v.ID)+"/payments", `{"method": "cash", "amount": 500}`).json(t)["id"].(string)
	window, c := "/desk/visits/"+string(v.ID), s.tablet(access.Receptionist)
	at := window + "/payments/" + taken + "/receipt"
	if got := s.htmx(c, http.MethodGet, window); !strings.Contains(got.text, "Send receipt") {
		t.Error("it isn't offered")
	}
	if got := s.htmx(s.tablet(access.Finance), http.MethodGet, window); strings.Contains(got.text, "send-receipt") {
		t.Error("it is offered without the right")
	}
	if got := s.htmx(s.tablet(access.Finance), http.MethodPost, at); got.status != http.StatusForbidden {
		t.Errorf("without the right: %d", got.status)
	}
	for range 2 {
		if got := s.htmx(c, http.MethodPost, at, "key", "tap-1"); got.status != http.StatusOK || !strings.Contains(got.text, "anna@example.com") {
			t.Errorf("%d %.300s", got.status, got.text)
		}
	}
	s.await("the letter", func() bool { list := s.told(v); return len(list) == 1 && list[0]["state"] == "sent" })
	if got := s.htmx(c, http.MethodPost, at, "key", "tap-2"); got.status != http.StatusConflict || !strings.Contains(got.text, `data-kind="receipt_sent"`) {
		t.Errorf("a second tap: %d %.300s", got.status, got.text)
	}
	if got := s.htmx(c, http.MethodGet, window); !strings.Contains(got.text, "Send again") || !strings.Contains(got.text, `data-state="sent"`) {
		t.Error("what was sent isn't told")
	}
	other := s.book()
	if got := s.htmx(c, http.MethodPost, "/desk/visits/"+string(other.ID)+"/payments/"+taken+"/receipt"); got.status != http.StatusNotFound {
		t.Errorf("of another visit: %d", got.status)
	}
}

// R24: a location that sends by hand sends nothing by itself, and a client
// without an address is no trouble.
func TestR24ReceiptsByHandOnly(t *testing.T) {
	mail := &notifytest.Mailbox{By: notify.Email}
	s := open(t, mail)
	got := s.post(s.tablet(access.Administrator), "/desk/setup/location", "name", "Lumen", "zone", "Europe/Berlin", "language", "en", "colour", "#14514a", "currency", "EUR")
	if loc, err := s.d.Desk().Location(); err != nil || !loc.ReceiptsByHand {
		t.Fatalf("%d %.300s: %+v, %v", got.status, got.text, loc, err)
	}
	v := s.book()
	s.reach(v, `{"email": "anna@example.com"}`)
	paid := s.pays(string(v.Token), string(v.ID))
	if len(s.told(v)) != 0 || len(mail.Got()) != 0 {
		t.Error("it went out by itself")
	}
	s.reach(v, `{"email": ""}`)
	if got := s.api(http.MethodPost, "/payments/"+paid+"/receipt", `{}`); got.status != http.StatusUnprocessableEntity || got.code(t) != "client_not_reachable" {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// reach changes the client of a visit as it is now.
func (s *salon) reach(v visit.Visit, client string) {
	s.t.Helper()
	tag := s.api(http.MethodGet, "/visits/"+string(v.ID), "").header.Get("ETag")
	if got := s.api(http.MethodPatch, "/visits/"+string(v.ID), `{"client": `+client+`}`, "If-Match", tag); got.status != http.StatusOK {
		s.t.Fatalf("%d %s", got.status, got.text)
	}
}
