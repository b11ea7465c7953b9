package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/daemon/access"
	person "countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

func (s *salon) meets(c person.Client) person.Client {
	s.t.Helper()
	c, err := s.d.Desk().SaveClient(access.System(), c, desk.Key{})
	s.must(err)
	return c
}

func (s *salon) page(c *http.Client, path string) answer {
	s.t.Helper()
	return s.do(c, http.MethodGet, path, "", "Accept", "text/html")
}

// R38: everybody at the desk looks clients up; who may edit visits edits them, who takes payments
// gives and takes, and sees the codes of cards, which are as good as their balance.
func TestR38RightsOfTheClientsPages(t *testing.T) {
	s := open(t)
	sold := s.api(http.MethodPost, "/visits", `{"client": {"name": "Anna", "phone": "+36201234567"}, "lines": [{"kind": "gift_card", "name": "Gift card", "quantity": 1, "unit_price": 3000}]}`).json(t)
	s.api(http.MethodPost, "/visits/"+sold["id"].(string)+"/payments", `{"method": "card", "amount": 3000}`)
	at := "/desk/clients/" + sold["client"].(map[string]any)["id"].(string)
	cards, err := s.d.Desk().VisitCards(access.System(), id.Visit(sold["id"].(string)))
	s.must(err)
	for _, role := range access.Roles() {
		c, has := s.tablet(role), role.Rights()
		window := s.page(c, at)
		window.wants(t, string(role), http.StatusOK, "Anna", "€30.00 on it", "Paid by card")
		s.page(c, "/desk").wants(t, "the rail", http.StatusOK, `href="/desk/clients"`)
		s.htmx(c, http.MethodGet, "/desk/clients/list?q=ann").wants(t, "the list", http.StatusOK, "Anna")
		takes, edits := has.Has(access.TakePayments), has.Has(access.VisitsEdit)
		for what, may := range map[string]bool{cards[0].Code: takes, "/grants": takes, "/deposits": takes, `data-test="edit-client"`: edits, `data-test="add-client"`: edits} {
			if strings.Contains(window.text, what) != may {
				t.Errorf("%s sees %s: %t", role, what, !may)
			}
		}
		if visit := s.page(c, "/desk/visits/"+sold["id"].(string)); strings.Contains(visit.text, cards[0].Code) != takes {
			t.Errorf("%s sees the code in the visit: %t", role, !takes)
		}
		want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[edits]
		for _, form := range []string{at + "/edit", "/desk/clients/new", "/desk/clients/offers?client_name=ann", "/desk/clients/who"} {
			s.page(c, form).wants(t, string(role)+" at "+form, want)
		}
	}
	s.page(s.tablet(access.Viewer), "/desk/clients/c_nobody").wants(t, "nobody", http.StatusNotFound)
}

// The list is in order, in pages, and found in as it is typed.
func TestClientsAreListedAndFound(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	s.page(c, "/desk/clients").wants(t, "nobody yet", http.StatusOK, "No clients yet", `data-test="add-client"`)
	for i := range 60 {
		s.meets(person.Client{Name: fmt.Sprintf("Client %02d", i), Phone: fmt.Sprintf("+362012345%02d", i)})
	}
	first := s.page(c, "/desk/clients")
	first.wants(t, "the first", http.StatusOK, "Client 00", "&#43;36 20 123 4500", "Client 49", "The first 50")
	next := regexp.MustCompile(`hx-get="(/desk/clients/list\?[^"]*cursor=[^"]*)"`).FindStringSubmatch(first.text)
	if next == nil || strings.Contains(first.text, "Client 50") {
		t.Fatalf("no way on, or all at once: %v", next)
	}
	rest := s.htmx(c, http.MethodGet, html.UnescapeString(next[1]))
	rest.wants(t, "the rest", http.StatusOK, "Client 50", "Client 59")
	if strings.Contains(rest.text, "more-clients") || strings.Contains(rest.text, "Client 49") {
		t.Error("the rest goes on, or begins too early")
	}
	s.page(c, html.UnescapeString(strings.Replace(next[1], "/list", "", 1))).wants(t, "without script", http.StatusOK, "Client 50", "From the beginning")
	s.htmx(c, http.MethodGet, "/desk/clients/list?q=4507").wants(t, "by its last digits", http.StatusOK, "Client 07", "1 client found", `id="clients-summary"`)
	s.htmx(c, http.MethodGet, "/desk/clients/list?q=zzz").wants(t, "zzz", http.StatusOK, "Nothing found", `href="/desk/clients/new?q=zzz"`)
	s.page(c, "/desk/clients/new?q=zo%C3%AB").wants(t, "what wasn't found", http.StatusOK, `name="name" value="zoë"`, "Client 00")
	s.page(c, "/desk/clients/new?q=%2B36209876543").wants(t, "a number", http.StatusOK, `name="phone" type="tel" value="&#43;36 20 987 6543"`)
}

// R4: a client is added once, changed on the version that was seen, and what is wrong is said at
// its field, with what was typed kept.
func TestR4ClientForms(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	ben := s.meets(person.Client{Name: "Ben", Phone: "+36207654321"})
	fresh := []string{"key", "k", "name", "Anna", "phone", "+36 20 123 4567", "email", "anna@example.com", "language", "de", "note", "tea\r\nno sugar"}
	var at string
	for range 2 { // a double tap makes one
		got := s.post(c, "/desk/clients", fresh...)
		got.wants(t, "added", http.StatusSeeOther)
		if to := got.header.Get("Location"); at != "" && to != at {
			t.Errorf("a second client at %s, not %s", to, at)
		}
		at = got.header.Get("Location")
	}
	s.page(c, at).wants(t, "saved", http.StatusOK, `data-kind="saved"`, "&#43;36 20 123 4567", "Deutsch", "tea\nno sugar")
	at = strings.TrimSuffix(at, "?saved=1")
	before := s.dump()
	for name, x := range map[string]struct {
		form  []string
		texts []string
	}{
		"nothing":        {[]string{"name", " "}, []string{"A name, a number or an address is needed."}},
		"no number":      {[]string{"phone", "none"}, []string{"This is not a telephone number.", `value="none"`}},
		"no address":     {[]string{"email", "a.example.com"}, []string{"This is not an email address.", `value="a.example.com"`}},
		"Ben's number":   {[]string{"name", "Bea", "phone", "+36 20 765-4321"}, []string{`href="/desk/clients/` + string(ben.ID) + `"`, "That is the number of", `value="Bea"`, "765-4321"}},
		"the key again":  {[]string{"key", "k", "name", "Cleo"}, []string{"This form was sent already", `value="Cleo"`}},
		"a note's bytes": {[]string{"name", "A", "note", "a\x07"}, []string{`class="wrong"`}},
	} {
		s.post(c, "/desk/clients", x.form...).wants(t, name, http.StatusUnprocessableEntity, append(x.texts, `data-test="problem"`)...)
	}
	if s.dump() != before {
		t.Error("what was refused was stored")
	}
	form := s.page(c, at+"/edit")
	form.wants(t, "to edit", http.StatusOK, `name="version" value="1"`, `value="de" selected`)
	edit := []string{"version", "1", "name", "Anna Kovács", "phone", "+36201234567", "email", "", "language", "de", "note", "tea"}
	s.post(c, at, edit...).wants(t, "edited", http.StatusSeeOther)
	edit[3] = "Anna Nagy"
	stale := s.post(c, at, edit...)
	stale.wants(t, "on an old version", http.StatusPreconditionFailed, `data-kind="conflict"`, "Name: <bdi>Anna Kovács</bdi>", "Email: nothing any more", "Note: <bdi>tea</bdi>",
		`name="version" value="2"`, `value="Anna Nagy"`)
	if strings.Contains(stale.text, "Phone: <bdi>") {
		t.Error("the number is said to be changed")
	}
	s.post(c, at, "name", "Anna").wants(t, "without a version", http.StatusUnprocessableEntity)
	s.post(c, "/desk/clients/c_nobody", "version", "1", "name", "Anna").wants(t, "nobody", http.StatusNotFound)
	boss := s.tablet(access.Administrator)
	s.post(boss, "/desk/setup/location", "name", "Salon", "currency", "EUR", "zone", "Europe/Berlin", "language", "de", "colour", "#aa3366").wants(t, "German", http.StatusSeeOther)
	s.post(c, "/desk/clients", "phone", "none").wants(t, "in German", http.StatusUnprocessableEntity, "Das ist keine Telefonnummer.")
}

// R16: points, cashback and deposits are booked once for a form, never below zero, and what was
// typed stays where it was refused.
func TestR16GrantsAndDepositsOnTheTablet(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Finance)
	anna := s.meets(person.Client{Name: "Anna", Phone: "+36201234567"})
	at := "/desk/clients/" + string(anna.ID)
	var booked string
	for range 2 {
		got := s.post(c, at+"/grants", "key", "one", "method", "loyalty", "act", "give", "amount", "7,00", "reason", "birthday")
		got.wants(t, "given", http.StatusSeeOther)
		booked = got.header.Get("Location")
	}
	s.page(c, booked).wants(t, "given", http.StatusOK, `data-kind="given"`, "Loyalty points: €7.00 given.", "birthday", "&#43;€7.00")
	for range 2 {
		s.post(c, at+"/deposits", "key", "two", "method", "cash", "amount", "50").wants(t, "a deposit", http.StatusSeeOther)
	}
	s.post(c, at+"/grants", "key", "three", "method", "loyalty", "act", "take_off", "amount", "2", "reason", "a slip").wants(t, "taken off", http.StatusSeeOther)
	if held, err := s.d.Desk().Balances(access.System(), anna.ID); err != nil || held != (desk.Balances{Loyalty: 500, Deposit: 5000}) {
		t.Fatalf("%+v %v", held, err)
	}
	before := s.dump()
	s.post(c, at+"/grants", "key", "four", "method", "cashback", "act", "take_off", "amount", "1", "reason", "another").
		wants(t, "below zero", http.StatusUnprocessableEntity, "That is more than is left there.", `value="take_off" checked`, `value="cashback" checked`, `value="another"`, `value="four"`, " open>")
	s.post(c, at+"/grants", "key", "five", "method", "loyalty", "amount", "1", "reason", " ").wants(t, "no reason", http.StatusUnprocessableEntity, "Please say why")
	s.post(c, at+"/grants", "key", "one", "method", "loyalty", "amount", "8", "reason", "birthday").wants(t, "the key again", http.StatusUnprocessableEntity, "This form was sent already")
	s.post(c, at+"/grants", "key", "six", "method", "deposit", "amount", "1", "reason", "x").wants(t, "a deposit for nothing", http.StatusUnprocessableEntity)
	s.post(c, at+"/deposits", "key", "seven", "method", "loyalty", "amount", "1").wants(t, "a deposit of points", http.StatusUnprocessableEntity)
	for _, bad := range []string{"", "x", "0", "-5", "1.234", "999999999999999"} {
		for _, form := range []string{"/grants", "/deposits"} {
			s.post(c, at+form, "method", map[string]string{"/grants": "loyalty", "/deposits": "card"}[form], "amount", bad, "reason", "x").
				wants(t, form+" of "+bad, http.StatusUnprocessableEntity, "Please enter an amount", " open>")
		}
	}
	s.post(c, "/desk/clients/c_nobody/grants", "method", "loyalty", "amount", "1", "reason", "x").wants(t, "nobody's", http.StatusNotFound)
	if s.dump() != before {
		t.Error("what was refused was stored")
	}
	if other := s.meets(person.Client{Name: "Ben"}); strings.Contains(s.page(c, "/desk/clients/"+string(other.ID)+"?"+strings.SplitN(booked, "?", 2)[1]).text, "given.") {
		t.Error("Ben is told what Anna was given")
	}
}

// What a client had and paid: every payment and refund, and the money of it once.
func TestWhatAClientHadAndPaid(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	v := s.book()
	at := "/desk/clients/" + string(v.Client.ID)
	s.post(c, at+"/deposits", "method", "card", "amount", "20").wants(t, "a deposit", http.StatusSeeOther)
	for method, amount := range map[string]int64{"deposit": 1000, "cash": 700} {
		_, err := s.d.TakePayment(t.Context(), access.System(), v.ID, desk.Taking{Method: method, Amount: amount}, desk.Key{})
		s.must(err)
	}
	window := s.page(c, at)
	window.wants(t, "the window", http.StatusOK, "Deposit by card", "Paid in cash", "Deposit used", `data-test="client-sum">€27.00<`, "€8.00 left",
		`href="/desk?date=`+v.Day(v.StartsAt.Location())+`&amp;visit=`+string(v.ID)+`"`, "Haircut", `<b>€10.00</b>Deposit`, "−€10.00")
	part := s.htmx(c, http.MethodGet, at+"/past")
	part.wants(t, "what changes", http.StatusOK, `id="client-past"`, `id="balances"`, "Deposit used")
	if strings.Contains(part.text, "<form") {
		t.Error("what is fetched anew has a form in it")
	}
	s.htmx(c, http.MethodGet, "/desk/clients/c_nobody/past").wants(t, "nobody's", http.StatusNotFound)
	for range 11 {
		_, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{ID: v.Client.ID}}, desk.Key{})
		s.must(err)
	}
	if n := strings.Count(s.page(c, at).text, `data-test="client-visit"`); n != 10 {
		t.Errorf("%d visits at first", n)
	}
	more := s.page(c, at+"?more=2")
	if n := strings.Count(more.text, `data-test="client-visit"`); n != 12 || strings.Contains(more.text, `data-test="older"`) {
		t.Errorf("%d visits of 12, and more to come", n)
	}
}
