package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// The country says how national numbers are read; without one the time zone does.
func TestCountryOfTheLocation(t *testing.T) {
	s := open(t)
	boss := s.tablet(access.Administrator)
	form := []string{"name", "Salon", "currency", "EUR", "zone", "Europe/Berlin", "language", "de", "colour", "#aa3366", "country", "HU"}
	const at = "/desk/setup/location"
	s.do(boss, http.MethodGet, "/desk/setup?section=location", "", "Accept", "text/html").wants(t, "at first", http.StatusOK, "Germany, by the time zone", `<option value="HU">Hungary</option>`)
	s.post(boss, at, form...).wants(t, "Hungary", http.StatusSeeOther)
	got := s.do(boss, http.MethodGet, "/desk/setup?section=location", "", "Accept", "text/html")
	got.wants(t, "in German", http.StatusOK, "Deutschland, nach der Zeitzone", `<option value="HU" selected>Ungarn</option>`)
	if at, z := strings.Index(got.text, ">Österreich<"), strings.Index(got.text, ">Pakistan<"); at < 0 || at > z || strings.Contains(got.text, `value="001"`) {
		t.Errorf("the countries aren't in order: Österreich at %d, Pakistan at %d", at, z)
	}
	if got := s.api(http.MethodPost, "/clients", `{"name": "Anna", "phone": "06 20 123 4567"}`).json(t); got["phone"] != "+36201234567" {
		t.Errorf("%v", got)
	}
	s.post(boss, at, form[:10]...).wants(t, "a form without it", http.StatusSeeOther)
	if l, err := s.d.Desk().Location(); err != nil || l.Country != "HU" {
		t.Errorf("%+v, %v", l, err)
	}
	form[11] = "XX"
	s.post(boss, at, form...).wants(t, "no country", http.StatusUnprocessableEntity, `class="wrong"`)
	form[11] = ""
	s.post(boss, at, form...).wants(t, "by the zone", http.StatusSeeOther)
}

// While payments are made up, who keeps the settings may try out what becomes of
// them on the sandbox's dashboard, and nobody else.
func TestTheSandboxsDashboardIsATapAway(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	s.do(c, http.MethodGet, "/desk/setup", "", "Accept", "text/html").wants(t, "set up", http.StatusOK, `href="/desk/setup/sandbox"`)
	got := s.do(c, http.MethodGet, "/desk/setup/sandbox", "", "Accept", "text/html")
	to := got.header.Get("Location")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(to, "/sandbox/dashboard/enter?ticket=") {
		t.Fatalf("%d to %q", got.status, to)
	}
	if in := s.do(c, http.MethodGet, to, "", "Accept", "text/html"); in.status >= http.StatusBadRequest {
		t.Errorf("the ticket isn't taken: %d", in.status)
	}
	s.do(s.tablet(access.Receptionist), http.MethodGet, "/desk/setup/sandbox", "", "Accept", "text/html").wants(t, "a receptionist", http.StatusForbidden)
}

// Who is refused on a German tablet reads why in German; a program reads English.
func TestRefusalsAreInTheTabletsLanguage(t *testing.T) {
	s := open(t)
	l, err := s.d.Desk().Location()
	s.must(err)
	l.Language = "de"
	s.must(s.d.Desk().SaveLocation(access.System(), l))
	c := s.tablet(access.Administrator)
	s.post(c, "/desk/catalogue/items", "kind", "service", "name", "Schnitt", "price", "5", "min", "9", "max", "7", "active", "1", "key", "k").
		wants(t, "an item", http.StatusUnprocessableEntity, "Das darf nicht über dem Höchstpreis liegen.")
	s.post(c, "/desk/setup/location", "name", "Lumen", "currency", "EUR", "zone", "Mars", "language", "de", "colour", "#14514a").
		wants(t, "the location", http.StatusUnprocessableEntity, "Das ist keine Zeitzone wie Europe/Berlin.")
	if got := s.api(http.MethodPost, "/services", `{"name":"Schnitt","price":500,"min":900,"max":700}`); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "must not be above max") {
		t.Errorf("a program reads %d %s", got.status, got.text)
	}
}
