package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	person "countersign/daemon/client"
	"countersign/daemon/desk"
)

// Typing a name or a number offers who is known, by name and last digits.
func TestKnownClientsAreOffered(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	for _, one := range []person.Client{{Name: "Anna Kovács", Phone: "+36201234567"}, {Name: "Anna Nagy", Email: "anna.nagy@example.com"}, {Name: "Ben", Phone: "+36207654321"}} {
		s.meets(one)
	}
	got := s.htmx(c, http.MethodGet, "/desk/clients/offers?client_name=ann")
	got.wants(t, "ann", http.StatusOK, "Anna Kovács", "… 4567", "Anna Nagy", "anna.nagy@example.com", `data-by="name"`)
	if strings.Contains(got.text, "Ben") || strings.Contains(got.text, "+36") {
		t.Error("offers somebody else, or a whole number")
	}
	for q, wants := range map[string]string{"client_phone=4321": "Ben", "client_phone=%2B36+20+765": "Ben", "client_phone=0036201234567": "Anna Kovács"} {
		s.htmx(c, http.MethodGet, "/desk/clients/offers?"+q).wants(t, q, http.StatusOK, wants, `data-by="phone"`)
	}
	for _, q := range []string{"client_name=a", "client_phone=43", "client_name=zz", ""} {
		if got := s.htmx(c, http.MethodGet, "/desk/clients/offers?"+q); got.status != http.StatusOK || strings.Contains(got.text, `data-test="offer"`) {
			t.Errorf("%q offers: %.300s", q, got.text)
		}
	}
}

// Who is chosen fills the form and ties the visit; untied, the visit is somebody else's, and a name
// alone is nobody's.
func TestAVisitIsTiedToAClient(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	noah := s.meets(person.Client{Name: "Noah"})
	anna := s.meets(person.Client{Name: "Anna", Phone: "+36201234567", Language: "de"})
	s.htmx(c, http.MethodGet, "/desk/clients/who?client="+string(anna.ID)).wants(t, "chosen", http.StatusOK, `name="client_id" value="`+string(anna.ID)+`"`, `value="Anna"`,
		`value="&#43;36201234567"`, `value="de" selected`, "readonly", `data-test="untie"`)
	s.htmx(c, http.MethodGet, "/desk/clients/who?client=c_nobody").wants(t, "nobody", http.StatusNotFound)
	s.htmx(c, http.MethodGet, "/desk/clients/who?client_name=Anna").wants(t, "untied", http.StatusOK, `name="client_id" value=""`, `value="Anna"`, `name="client_phone" type="tel" value=""`, `data-test="offer"`)
	s.page(c, "/desk?visit=new&client="+string(noah.ID)).wants(t, "a new visit of Noah", http.StatusOK, `name="client_id" value="`+string(noah.ID)+`"`, `value="Noah"`)

	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("client_id", string(noah.ID), "client_name", "Noah")...).
		wants(t, "tied", http.StatusOK, `href="/desk/clients/`+string(noah.ID)+`"`)
	v := s.visits()[0]
	if v.Client.ID != noah.ID {
		t.Fatalf("it is %q's", v.Client.ID)
	}
	at := "/desk/visits/" + string(v.ID)
	s.htmx(c, http.MethodGet, at+"/edit").wants(t, "to edit", http.StatusOK, `data-test="tied"`, "Known client.")
	save := func(version string, over ...string) {
		t.Helper()
		form := newVisit(append([]string{"version", version, "line_id", string(v.Lines[0].ID)}, over...)...)
		s.htmx(c, http.MethodPost, at, form...).wants(t, "version "+version, http.StatusOK)
		v = s.visits()[0]
	}
	save("1", "client_id", "", "client_name", "Noah")
	if v.Client.ID != "" {
		t.Errorf("another Noah is %q", v.Client.ID)
	}
	save("2", "client_id", string(anna.ID), "client_name", "Anna", "client_phone", "+36201234567")
	if v.Client.ID != anna.ID {
		t.Errorf("Anna is %q", v.Client.ID)
	}
	save("3", "client_id", "c_nobody", "client_name", "Zoe")
	if v.Client.ID != "" || v.Client.Name != "Zoe" {
		t.Errorf("nobody's id made %+v", v.Client)
	}
	all, _, err := s.d.Desk().Clients(access.System(), desk.ClientQuery{})
	if err != nil || len(all) != 2 {
		t.Errorf("a name made a client: %+v, %v", all, err)
	}
}

// Without script the form's buttons look for known clients, tie and untie, and keep the rest.
func TestAClientIsChosenWithoutScript(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	anna := s.meets(person.Client{Name: "Anna", Phone: "+36201234567"})
	s.post(c, "/desk/visits", newVisit("seek", "1", "client_id", "", "client_name", "ann")...).
		wants(t, "looked for", http.StatusOK, `type="submit" name="tie" value="`+string(anna.ID)+`"`, `value="ann"`, `value="Haircut"`)
	tied := s.post(c, "/desk/visits", newVisit("tie", string(anna.ID), "client_id", "", "client_name", "ann")...)
	tied.wants(t, "tied", http.StatusOK, `name="client_id" value="`+string(anna.ID)+`"`, `type="submit" class="btn slim" name="untie"`, `value="Haircut"`)
	s.post(c, "/desk/visits", newVisit("untie", "1", "client_id", string(anna.ID), "client_name", "Anna", "client_phone", "+36201234567")...).
		wants(t, "untied", http.StatusOK, `name="client_id" value=""`, `value="Anna"`, `name="client_phone" type="tel" value=""`, `value="Haircut"`)
	if n := len(s.visits()); n != 0 {
		t.Errorf("%d visits were made by choosing", n)
	}
}
