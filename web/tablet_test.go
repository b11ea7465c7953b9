package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// htmx asks for a part of a page.
func (s *salon) htmx(c *http.Client, method, path string, pairs ...string) answer {
	s.t.Helper()
	form := []string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form = append(form, pairs[i]+"="+strings.NewReplacer("+", "%2B", " ", "+", "&", "%26", "#", "%23").Replace(pairs[i+1]))
	}
	return s.do(c, method, path, strings.Join(form, "&"), "HX-Request", "true", "Content-Type", "application/x-www-form-urlencoded")
}

// wants reports what an answer lacks.
func (a answer) wants(t *testing.T, what string, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, want %d: %.300s", what, a.status, status, a.text)
	}
	for _, text := range texts {
		if !strings.Contains(a.text, text) {
			t.Errorf("%s doesn't say %q", what, text)
		}
	}
}

// R38, R39: a PIN lets in; guessing it is slowed, then stopped, also for who
// knows it.
func TestSignIn(t *testing.T) {
	s := open(t)
	stranger := client(nil)
	s.do(stranger, http.MethodGet, "/desk/signin", "").wants(t, "the door", http.StatusOK, "receptionist", "viewer")
	if got := s.do(stranger, http.MethodGet, "/desk?date=2026-11-22", "", "Accept", "text/html"); got.status != http.StatusSeeOther ||
		got.header.Get("Location") != "/desk/signin?next=%2Fdesk%3Fdate%3D2026-11-22" {
		t.Errorf("a page: %d %v", got.status, got.header)
	}
	if got := s.htmx(stranger, http.MethodGet, "/desk/list"); got.status != http.StatusUnauthorized || got.header.Get("HX-Redirect") != "/desk/signin" {
		t.Errorf("a part of a page: %d %v", got.status, got.header)
	}
	for next, to := range map[string]string{"/desk/setup?pair=K7Q2MX": "/desk/setup?pair=K7Q2MX", "https://elsewhere.example/": "/desk",
		"//elsewhere.example": "/desk", "/desk/../x": "/desk", `/\elsewhere.example`: "/desk", "/desk/signin": "/desk", "javascript:alert(1)": "/desk"} {
		got := s.post(client(nil), "/desk/signin", "staff", string(s.staff[access.Manager]), "pin", pin, "next", next)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != to {
			t.Errorf("next %s: %d %s", next, got.status, got.header.Get("Location"))
		}
	}
	statuses := []int{}
	for range 8 {
		got := s.post(stranger, "/desk/signin", "staff", string(s.staff[access.Viewer]), "pin", "0000")
		statuses = append(statuses, got.status)
		if got.header.Get("Set-Cookie") != "" || got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") == "" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
	if statuses[0] != http.StatusUnauthorized || !slices.Contains(statuses, http.StatusTooManyRequests) {
		t.Errorf("wrong PINs: %v", statuses)
	}
	if got := s.post(stranger, "/desk/signin", "staff", string(s.staff[access.Viewer]), "pin", pin); got.status != http.StatusTooManyRequests {
		t.Errorf("the right PIN after guessing: %d", got.status)
	}
}

// The cookie can't be read by scripts, and goes only where it may.
func TestSessionCookie(t *testing.T) {
	s := open(t)
	for proto, secure := range map[string]bool{"http": false, "https": true} {
		got := s.do(client(nil), http.MethodPost, "/desk/signin", "staff="+string(s.staff[access.Finance])+"&pin="+pin,
			"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-Proto", proto)
		cookie := got.header.Get("Set-Cookie")
		for _, want := range []string{"countersign_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("over %s: %s", proto, cookie)
			}
		}
		if strings.Contains(cookie, "Secure") != secure {
			t.Errorf("over %s: %s", proto, cookie)
		}
	}
}

// A session ends with the right to have one.
func TestStaffWhoLeft(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Viewer)
	_, err := s.d.Desk().SaveStaff(access.System(), desk.StaffDraft{ID: s.staff[access.Viewer], Name: "viewer", Role: access.Viewer, Active: false})
	s.must(err)
	if got := s.do(c, http.MethodGet, "/desk", "", "Accept", "text/html"); got.status != http.StatusSeeOther {
		t.Errorf("%d", got.status)
	}
	if got := s.do(c, http.MethodGet, "/api/v1/visits", ""); got.status != http.StatusUnauthorized {
		t.Errorf("%d", got.status)
	}
}

// R39: who knows an old PIN is out once there is a new one; another change keeps sessions.
func TestNewPINEndsSessions(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Viewer)
	save := func(pin string) {
		t.Helper()
		_, err := s.d.Desk().SaveStaff(access.System(), desk.StaffDraft{ID: s.staff[access.Viewer], Name: "Vera", Role: access.Viewer, PIN: pin, Active: true})
		s.must(err)
	}
	save("")
	if got := s.do(c, http.MethodGet, "/api/v1/visits", ""); got.status != http.StatusOK {
		t.Errorf("renamed: %d", got.status)
	}
	save("9182")
	if got := s.do(c, http.MethodGet, "/api/v1/visits", ""); got.status != http.StatusUnauthorized {
		t.Errorf("new PIN: %d", got.status)
	}
}

// R38: what each role can do on the tablet; nothing of what it can't is stored.
func TestRightsOfForms(t *testing.T) {
	s := open(t)
	v := s.book()
	tablets := map[access.Role]*http.Client{}
	for _, role := range access.Roles() {
		tablets[role] = s.tablet(role)
	}
	var lines []string
	for _, at := range s.addresses(v, http.MethodPost) {
		_, p, _ := strings.Cut(at, " ")
		if !strings.HasPrefix(p, "/desk/") || strings.HasPrefix(p, "/desk/sign") {
			continue
		}
		may := []string{}
		for _, role := range access.Roles() {
			// Empty forms: whoever may is told that something is missing.
			if got := s.htmx(tablets[role], http.MethodPost, p); got.status != http.StatusForbidden {
				may = append(may, string(role))
			}
		}
		lines = append(lines, fmt.Sprintf("%-44s %s", strings.ReplaceAll(p, string(v.ID), "{id}"), strings.Join(may, " ")))
	}
	golden(t, "forms.golden", strings.Join(lines, "\n")+"\n")
	// R7: without the right, the payment block isn't there.
	s.htmx(tablets[access.Receptionist], http.MethodGet, "/desk/visits/"+string(v.ID)).wants(t, "the receptionist's visit", http.StatusOK, `data-test="show-qr"`, `data-test="edit"`, "<bdi>&#43;36 20 123 4567</bdi>")
	for role, missing := range map[access.Role]string{access.Viewer: `data-test="pay"`, access.Finance: `data-test="show-qr"`} {
		if got := s.htmx(tablets[role], http.MethodGet, "/desk/visits/"+string(v.ID)); got.status != http.StatusOK || strings.Contains(got.text, missing) {
			t.Errorf("the %s sees %s", role, missing)
		}
	}
}

// R16: money by hand, in the words of the till.
func TestTakingMoney(t *testing.T) {
	s := open(t)
	v := s.book()
	at := "/desk/visits/" + string(v.ID)
	c := s.tablet(access.Receptionist)
	for _, bad := range []string{"", "x", "-5", "0", "25.01", "25,001", "1e3", "99999999999999999999"} {
		s.htmx(c, http.MethodPost, at+"/cash", "amount", bad, "key", "k-"+bad, "tab", "cash").wants(t, "cash "+bad, http.StatusUnprocessableEntity, `data-test="problem"`)
	}
	for _, none := range []string{"-5", "0", "99999999999"} {
		s.htmx(c, http.MethodPost, at+"/cash", "amount", none, "key", "k"+none, "tab", "cash").wants(t, "cash "+none, http.StatusUnprocessableEntity, "Please enter an amount, such as 25.00.", `class="field off"`)
	}
	// People hand over notes: what is due is taken, and the change is said.
	s.htmx(c, http.MethodPost, at+"/cash", "amount", "30", "key", "note", "tab", "cash").wants(t, "a note", http.StatusUnprocessableEntity, "Take €25.00 and give back €5.00.", `value="25.00"`)
	s.htmx(c, http.MethodPost, at+"/card", "amount", "30", "key", "more", "tab", "card").wants(t, "too much by card", http.StatusUnprocessableEntity, `data-kind="amount_exceeds_due"`)
	for range 2 {
		got := s.htmx(c, http.MethodPost, at+"/cash", "amount", "20,00", "key", "one", "tab", "cash")
		got.wants(t, "cash 20", http.StatusOK, `data-kind="taken"`, "€5.00")
		if got.header.Get("HX-Trigger") != "desk:visit, desk:list" {
			t.Errorf("%v", got.header)
		}
	}
	if got := s.visits()[0]; got.Paid != 2000 {
		t.Errorf("paid %d", got.Paid)
	}
	s.htmx(c, http.MethodPost, at+"/card", "amount", "5", "key", "two").wants(t, "card 5", http.StatusOK, `data-state="nothing_due"`)
	s.htmx(c, http.MethodPost, at+"/card", "amount", "5", "key", "three").wants(t, "card 5 more", http.StatusConflict, `data-kind="nothing_due"`)
}

// R16, R22: what the client holds is offered, and a gift card gives what it has, once for a tap.
func TestTakingBalancesAndGiftCards(t *testing.T) {
	s := open(t)
	sold, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.GiftCard, Name: "Gift card", Quantity: 1, UnitPrice: 1200}}}, desk.Key{})
	s.must(err)
	_, err = s.d.Desk().TakePayment(access.System(), sold.ID, desk.Taking{Method: "cash", Amount: 1200}, desk.Key{})
	s.must(err)
	cards, err := s.d.Desk().VisitCards(access.System(), sold.ID)
	s.must(err)
	v := s.book()
	_, err = s.d.Desk().GrantBalance(access.System(), v.Client.ID, desk.Grant{Method: "loyalty", Amount: 700, Reason: "welcome"}, desk.Key{})
	s.must(err)
	at := "/desk/visits/" + string(v.ID)
	c := s.tablet(access.Receptionist)
	s.htmx(c, http.MethodGet, at+"/pay?tab=more", "").wants(t, "more", http.StatusOK, `data-kind="loyalty"`, `value="7.00"`)
	s.htmx(c, http.MethodPost, at+"/loyalty", "amount", "7.01", "key", "one", "tab", "more").wants(t, "too many points", http.StatusUnprocessableEntity, `data-kind="insufficient_balance"`)
	s.htmx(c, http.MethodPost, at+"/loyalty", "amount", "7.00", "key", "two", "tab", "more").wants(t, "points", http.StatusOK, `data-kind="taken"`, "€18.00")
	s.htmx(c, http.MethodPost, at+"/gift_card", "gift_card", "2222-2222", "key", "three", "tab", "more").wants(t, "unknown card", http.StatusUnprocessableEntity, `data-kind="gift_card_not_found"`, `value="2222-2222"`)
	for range 2 {
		s.htmx(c, http.MethodPost, at+"/gift_card", "gift_card", strings.ToLower(cards[0].Code), "key", "four", "tab", "more").wants(t, "card", http.StatusOK, `data-kind="taken"`, "€6.00")
	}
	s.htmx(c, http.MethodPost, at+"/gift_card", "gift_card", cards[0].Code, "key", "five", "tab", "more").wants(t, "empty card", http.StatusUnprocessableEntity, `data-kind="card_empty"`)
	member, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Membership, Name: "Ten", Quantity: 1, UnitPrice: 100}}}, desk.Key{})
	s.must(err)
	_, err = s.d.Desk().TakePayment(access.System(), member.ID, desk.Taking{Method: "cash", Amount: 100}, desk.Key{})
	s.must(err)
	cards, err = s.d.Desk().VisitCards(access.System(), member.ID)
	s.must(err)
	s.htmx(c, http.MethodPost, at+"/gift_card", "gift_card", cards[0].Code, "key", "six", "tab", "more").wants(t, "a membership", http.StatusUnprocessableEntity, `data-kind="card_is_membership"`, cards[0].Code)
}

// R29: shown is said once a display has painted; until then the tablet says
// what is missing.
func TestShowAndHide(t *testing.T) {
	s := open(t)
	v, other := s.book(), s.book()
	c := s.tablet(access.Receptionist)
	at := "/desk/visits/" + string(v.ID)
	s.htmx(c, http.MethodPost, at+"/show", "desk", "front").wants(t, "no display", http.StatusOK, `data-kind="no_display"`, `data-test="hide"`)
	s.do(c, http.MethodGet, "/desk/list", "", "HX-Request", "true").wants(t, "the list", http.StatusOK, `data-kind="on_screen"`)
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	// Another visit at the desk of a client who is paying: asked first.
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(other.ID)+"/show", "desk", "front").
		wants(t, "a busy desk", http.StatusConflict, `data-kind="desk_busy"`, "Anna Kovacs", `data-test="show-anyway"`)
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(other.ID)+"/show", "desk", "front", "replace", "1").wants(t, "shown anyway", http.StatusOK, `data-test="hide"`)
	// The old page's Hide leaves the new visit alone.
	s.htmx(c, http.MethodPost, at+"/hide", "desk", "front").wants(t, "hide", http.StatusOK)
	if scene, err := s.d.Desk().SceneOf("front"); err != nil || scene.Visit != other.ID {
		t.Errorf("%+v %v", scene, err)
	}
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(other.ID)+"/hide", "desk", "front").wants(t, "hide", http.StatusOK, `data-kind="hidden"`)
	if scene, err := s.d.Desk().SceneOf("front"); err != nil || scene.Visit != "" {
		t.Errorf("%+v %v", scene, err)
	}
	s.htmx(c, http.MethodPost, at+"/show", "desk", "roof").wants(t, "no such desk", http.StatusNotFound)
}

// Every form of Set up saves, or says what is wrong beside what was typed.
func TestSetUp(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	location := []string{"name", "Salon Ö", "currency", "eur", "zone", "Europe/Vienna", "language", "en", "colour", "#aa3366", "public_url", "", "show_names", "1"}
	for _, form := range []struct {
		section, path string
		good, bad     []string
		want          string
	}{
		{"location", "location", location, append(slices.Clone(location[2:]), "name", ""), "Europe/Vienna"},
		{"location", "location", location, append(slices.Clone(location[:10]), "public_url", "javascript:alert(1)"), "javascript:alert(1)"},
		{"location", "location", location, append(slices.Clone(location[:2]), "currency", "XXX", "zone", "Nowhere/At All", "language", "en", "colour", "red"), "Nowhere/At All"},
		{"desks", "desks", []string{"id", "", "name", "Nails"}, []string{"id", "", "name", " "}, `class="wrong"`},
		{"staff", "staff", []string{"id", "", "name", "Mira", "role", "viewer", "pin", "2468", "active", "1"}, []string{"id", "", "name", "Mira", "role", "king", "pin", "12"}, `class="wrong"`},
	} {
		before := s.dump()
		s.post(c, "/desk/setup/"+form.path, form.bad...).wants(t, form.path+" wrong", http.StatusUnprocessableEntity, form.want, `data-test="problem"`)
		if s.dump() != before {
			t.Errorf("%s: a form with mistakes stored something", form.path)
		}
		if got := s.post(c, "/desk/setup/"+form.path, form.good...); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/setup?section="+form.section+"&saved=1" {
			t.Errorf("%s: %d %v %.300s", form.path, got.status, got.header, got.text)
		}
	}
	l, err := s.d.Desk().Location()
	s.must(err)
	if l.Name != "Salon Ö" || !l.ShowNames || l.Currency != "EUR" {
		t.Errorf("%+v", l)
	}
	s.post(c, "/desk/setup/displays/pair", "code", "K7Q2MX", "desk", "front", "name", "One").wants(t, "a wrong code", http.StatusNotFound, `value="K7Q2MX"`, `data-kind="bad_code"`)
	stopped := 0
	for range 12 {
		if got := s.post(c, "/desk/setup/displays/pair", "code", "K7Q2MX", "desk", "front", "name", "One"); got.status == http.StatusTooManyRequests {
			stopped++
		}
	}
	if stopped == 0 {
		t.Error("R39: guessing pairing codes isn't slowed")
	}
	s.post(c, "/desk/setup/displays/d_nothing/revoke").wants(t, "no such display", http.StatusNotFound)
	s.post(c, "/desk/setup/items", "id", "i_new", "kind", "product", "name", "Oil", "price", "1").wants(t, "an id of one's own", http.StatusNotFound)
	s.do(c, http.MethodGet, "/desk/setup?pair=K7Q2MX", "", "Accept", "text/html").wants(t, "a scanned code", http.StatusOK, `data-section="displays"`, `value="K7Q2MX"`)
}

// R13: every part of the tablet that shows a block knows when it ends.
func TestR13BlocksSayWhenTheyEnd(t *testing.T) {
	s := open(t)
	v := s.book()
	boss := s.tablet(access.Administrator)
	look := func() []string {
		text := s.do(boss, http.MethodGet, "/desk?visit="+string(v.ID), "", "Accept", "text/html").text
		return regexp.MustCompile(`(id="visit"|id="pay"|data-kind="paying")[^>]*data-ends="(8[5-9][0-9]|900)"`).FindAllString(text, -1)
	}
	if found := look(); len(found) != 0 {
		t.Errorf("without a block: %v", found)
	}
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	if found := look(); len(found) != 3 {
		t.Errorf("with one: %v", found)
	}
}
