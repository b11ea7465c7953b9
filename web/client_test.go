package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// unknownTokens are right in shape, nearly, or not at all.
func unknownTokens(v visit.Visit) []string {
	t := string(v.Token)
	return []string{"aaaaaaaaaaaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAAAAAAA", t[:25], t + "a", t[:25] + "9", "x", "%00", "..%2f..%2fetc%2fpasswd",
		strings.Repeat("a", 2000), "%F0%9F%92%B6", string(v.ID), "aaaaaaaaaaaaaaaaaaaaaaaaa\u212a"}
}

// R6, R9: the page says what is due, in the client's language, and sets no cookie.
func TestClientPage(t *testing.T) {
	s := open(t)
	v := s.book()
	for _, p := range []string{"/p/" + string(v.Token), "/s/" + string(v.Token), "/S/" + strings.ToUpper(string(v.Token))} {
		got := s.do(client(nil), http.MethodGet, p, "")
		if got.status != http.StatusOK || !strings.Contains(got.text, "€25.00") || !strings.Contains(got.text, `data-state="active"`) {
			t.Errorf("GET %s: %d %.300s", p, got.status, got.text)
		}
		if got.header.Get("Set-Cookie") != "" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: %v", p, got.header)
		}
		if strings.Contains(got.text, "data-auto") == strings.HasPrefix(p, "/p/") {
			t.Errorf("GET %s: only a scanned page goes on by itself", p)
		}
		if head := s.do(client(nil), http.MethodHead, p, ""); head.status != http.StatusOK || head.text != "" {
			t.Errorf("HEAD %s: %d", p, head.status)
		}
	}
	if got := s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "", "Accept-Language", "de-AT,de;q=0.9"); !strings.Contains(got.text, `lang="de"`) || !strings.Contains(got.text, "25,00") {
		t.Errorf("in German: %.300s", got.text)
	}
	if got := s.do(client(nil), http.MethodGet, "/p/"+string(v.Token)+"/status", ""); got.json(t)["state"] != "active" {
		t.Errorf("status: %s", got.text)
	}
}

// R39: whoever guesses gets the same page for every wrong token, then has to
// wait; guests with a right link at the same address don't.
func TestUnknownLinks(t *testing.T) {
	s := open(t)
	v := s.book()
	before, first := s.dump(), ""
	for i, token := range unknownTokens(v)[:9] {
		got := s.do(client(nil), http.MethodGet, "/p/"+token, "")
		if i == 0 {
			first = got.text
		}
		if got.status != http.StatusNotFound || got.text != first || strings.Contains(got.text, "Lumen") {
			t.Errorf("/p/%.40s: %d %.200s", token, got.status, got.text)
		}
	}
	begun, through := time.Now(), 0
	for i := range 60 {
		method, p := http.MethodGet, []string{"/p/%s", "/s/%s", "/p/%s/status", "/p/%s/open", "/p/%s/pay"}[i%5]
		if i%5 > 2 {
			method = http.MethodPost
		}
		got := s.do(client(nil), method, fmt.Sprintf(p, unknownTokens(v)[i%12]), "")
		if got.status != http.StatusNotFound && got.status != http.StatusTooManyRequests {
			t.Errorf("%s %s: %d", method, p, got.status)
		}
		if got.status == http.StatusNotFound {
			through++
		} else if got.header.Get("Retry-After") == "" {
			t.Errorf("guess %d: no Retry-After", i)
		}
	}
	// On a slow machine time passes, and with it another guess is let through.
	if most := 6 + int(time.Since(begun)/time.Second); through > most {
		t.Errorf("%d guesses of 60 were let through, at most %d should be", through, most)
	}
	if got := s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), ""); got.status != http.StatusOK {
		t.Errorf("a right link of the same address: %d", got.status)
	}
	if s.dump() != before {
		t.Error("guessing stored something")
	}
}

// R10 to R13, R20: a person goes on, pays at the provider, and comes back.
func TestClientPays(t *testing.T) {
	s := open(t)
	v := s.book()
	at := "/p/" + string(v.Token)
	opened := s.do(client(nil), http.MethodPost, at+"/open", "{}", "Content-Type", "application/json")
	to, _ := opened.json(t)["redirect"].(string)
	if opened.status != http.StatusOK || !strings.HasPrefix(to, s.base+"/sandbox/pay/") {
		t.Fatalf("%d %s", opened.status, opened.text)
	}
	if again := s.do(client(nil), http.MethodPost, at+"/pay", ""); again.status != http.StatusSeeOther || again.header.Get("Location") != to {
		t.Errorf("opened again: %d %v", again.status, again.header)
	}
	if got := s.do(client(nil), http.MethodGet, at, ""); !strings.Contains(got.text, `data-state="in_progress"`) {
		t.Errorf("while paying: %.300s", got.text)
	}
	blocked := s.api(http.MethodPost, "/visits/"+string(v.ID)+"/payments", `{"method": "cash", "amount": 100}`)
	if p := blocked.json(t); blocked.status != http.StatusConflict || p["code"] != "visit_blocked" || p["blocked_until"] == nil {
		t.Errorf("cash while paying: %d %s", blocked.status, blocked.text)
	}
	s.do(client(nil), http.MethodPost, strings.TrimPrefix(to, s.base)+"/pay", "")
	s.await("the payment", func() bool {
		return s.do(client(nil), http.MethodGet, at+"/status", "").json(t)["state"] == "paid"
	})
	if got := s.do(client(nil), http.MethodGet, at, ""); !strings.Contains(got.text, `data-state="paid"`) || !strings.Contains(got.text, "€25.00") {
		t.Errorf("the receipt: %.300s", got.text)
	}
	// R11: closed for good.
	if got := s.do(client(nil), http.MethodPost, at+"/open", "{}"); got.status != http.StatusConflict || got.code(t) != "link_completed" {
		t.Errorf("opened once more: %d %s", got.status, got.text)
	}
	if got := s.do(client(nil), http.MethodPost, at+"/pay", ""); got.status != http.StatusSeeOther || got.header.Get("Location") != at {
		t.Errorf("paid once more: %d %v", got.status, got.header)
	}
	ledger := s.api(http.MethodGet, "/payments", "").json(t)["payments"].([]any)
	if len(ledger) != 1 || ledger[0].(map[string]any)["register"] != "acquiring:sandbox" {
		t.Errorf("the ledger: %v", ledger)
	}
}

// R32: the printed code leads to whichever visit is up.
func TestDeskCode(t *testing.T) {
	s := open(t)
	v := s.book()
	if got := s.do(client(nil), http.MethodGet, "/q/front", ""); got.status != http.StatusOK || !strings.Contains(got.text, `data-state="waiting"`) {
		t.Errorf("nothing is up: %d %.300s", got.status, got.text)
	}
	if got := s.do(client(nil), http.MethodGet, "/q/front/status", ""); got.json(t)["url"] != "" {
		t.Errorf("nothing is up: %s", got.text)
	}
	s.must(s.d.Desk().Show(access.System(), v.ID, "front", false))
	if got := s.do(client(nil), http.MethodGet, "/q/front", ""); got.status != http.StatusSeeOther || got.header.Get("Location") != "/s/"+string(v.Token) {
		t.Errorf("a visit is up: %d %v", got.status, got.header)
	}
	if got := s.do(client(nil), http.MethodGet, "/q/back/status", ""); got.json(t)["url"] != "" {
		t.Errorf("another desk: %s", got.text)
	}
	if got := s.do(client(nil), http.MethodGet, "/q/roof", ""); got.status != http.StatusNotFound {
		t.Errorf("no such desk: %d", got.status)
	}
}

// What people type is text, wherever it is shown.
func TestScriptsAreText(t *testing.T) {
	s := open(t)
	evil := `<script>alert(1)</script><img src=x onerror=alert(2)>"'{{.}}`
	boss := access.System()
	l, err := s.d.Desk().Location()
	s.must(err)
	l.Name = evil
	s.must(s.d.Desk().SaveLocation(boss, l))
	_, err = s.d.Desk().SavePlace(boss, desk.Place{ID: "front", Name: evil})
	s.must(err)
	_, err = s.d.Desk().SaveItem(boss, catalogue.Item{Kind: visit.Service, Name: evil, SKU: evil[:60], TaxSystem: evil[:60], Active: true})
	s.must(err)
	_, err = s.d.Desk().SaveStaff(boss, desk.StaffDraft{ID: s.staff[access.Administrator], Name: evil, Role: access.Administrator, Active: true})
	s.must(err)
	v, _, err := s.d.Desk().CreateVisit(boss, visit.Draft{ExternalID: evil, Client: visit.Client{Name: evil}, Staff: s.staff[access.Administrator],
		Lines: []visit.Line{{Kind: visit.Service, Ref: evil, Name: evil, Quantity: 2, UnitPrice: 100, TaxSystem: evil[:60]}}}, desk.Key{})
	s.must(err)
	c := s.tablet(access.Administrator)
	for _, p := range []string{"/p/" + string(v.Token), "/s/" + string(v.Token), "/q/front", "/desk/signin", "/desk?visit=" + string(v.ID), "/desk?q=" + "%3Cscript%3E",
		"/desk/visits/" + string(v.ID) + "/edit", "/desk/visits/" + string(v.ID) + "/pay", "/desk/setup?section=location", "/desk/setup?section=desks",
		"/desk/setup?section=staff", "/desk/catalogue", "/desk/catalogue?q=alert", "/desk/catalogue?item=new", "/desk/catalogue/taxes", "/desk/items", "/desk/setup?pair=%3Cscript%3Ealert(1)", "/desk/signin?next=%22%3E%3Cscript%3E"} {
		got := s.do(c, http.MethodGet, p, "", "Accept", "text/html")
		if got.status != http.StatusOK || strings.Contains(got.text, "<script>") || strings.Contains(got.text, "<img src=x") {
			t.Errorf("GET %s: %d shows what was typed as it was typed", p, got.status)
		}
	}
}
