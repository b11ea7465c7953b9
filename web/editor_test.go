package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

func newVisit(over ...string) []string {
	form := map[string]string{"client_name": "Ben Weber", "client_phone": "", "client_email": "", "client_language": "de", "date": "2026-11-22", "time": "10:30",
		"staff": "", "status": "arrived", "line_id": "", "line_kind": "service", "line_ref": "i_cut", "line_name": "Haircut", "line_quantity": "1",
		"line_price": "35,00", "line_discount": "", "line_tax": "standard"}
	for i := 0; i+1 < len(over); i += 2 {
		form[over[i]] = over[i+1]
	}
	var pairs []string
	for name, value := range form {
		pairs = append(pairs, name, value)
	}
	return pairs
}

func (s *salon) visits() []visit.Visit {
	s.t.Helper()
	found, _, err := s.d.Desk().Visits(access.System(), desk.Query{})
	s.must(err)
	return found
}

// R1, R2: the form makes a visit; what is wrong is marked, and what was typed stays.
func TestVisitForm(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	for name, bad := range map[string][]string{
		"no amount":       {"line_price", "lots"},
		"three decimals":  {"line_price", "35,001"},
		"negative":        {"line_price", "-35", "line_ref", ""},
		"no quantity":     {"line_quantity", "x"},
		"a huge amount":   {"line_price", "99999999999999", "line_ref", ""},
		"too much off":    {"line_discount", "36"},
		"no date":         {"date", "soon"},
		"no time":         {"time", "25:00"},
		"an early date":   {"date", "1999-01-01"},
		"a late date":     {"date", "2101-01-01"},
		"no email":        {"client_email", "<script>"},
		"no phone":        {"client_phone", "call me"},
		"a long name":     {"client_name", strings.Repeat("x", 10_000)},
		"a nameless line": {"line_name", " "},
	} {
		got := s.htmx(c, http.MethodPost, "/desk/visits", newVisit(bad...)...)
		got.wants(t, name, http.StatusUnprocessableEntity, `class="wrong"`, `data-test="save"`)
	}
	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "55", "client_name", "Ben & Co")...).
		wants(t, "outside the range", http.StatusUnprocessableEntity, `name="confirm"`, "Ben &amp; Co", `value="55"`)
	if n := len(s.visits()); n != 0 {
		t.Fatalf("%d visits were made of forms with mistakes", n)
	}
	got := s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "55", "confirm", "i_cut=5500")...)
	v := s.visits()[0]
	got.wants(t, "saved", http.StatusOK, "€55.00", "Ben Weber")
	if to := got.header.Get("HX-Push-Url"); to != "/desk?date=2026-11-22&visit="+string(v.ID) || got.header.Get("HX-Trigger") != "desk:list" {
		t.Errorf("%v", got.header)
	}
	if v.Lines[0].UnitPrice != 5500 || v.StartsAt.UTC().Format("15:04") != "09:30" {
		t.Errorf("%+v", v)
	}
	if got := s.post(c, "/desk/visits", newVisit()...); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/desk?date=2026-11-22&visit=v_") {
		t.Errorf("without script: %d %v", got.status, got.header)
	}
}

// R4: a second tablet's edit isn't lost, and isn't overwritten.
func TestVisitFormConflict(t *testing.T) {
	s := open(t)
	v := s.book()
	at := "/desk/visits/" + string(v.ID)
	c := s.tablet(access.Receptionist)
	s.do(c, http.MethodGet, at+"/edit", "", "HX-Request", "true").wants(t, "the form", http.StatusOK, `name="version" value="1"`, `value="25.00"`)
	edit := newVisit("version", "1", "client_name", "First", "line_id", string(v.Lines[0].ID), "line_ref", "")
	s.htmx(c, http.MethodPost, at, edit...).wants(t, "the first edit", http.StatusOK, "First")
	edit = newVisit("version", "1", "client_name", "Second", "line_ref", "")
	s.htmx(c, http.MethodPost, at, edit...).wants(t, "the second edit", http.StatusPreconditionFailed, "Second", `name="version" value="2"`, `data-kind="conflict"`)
	if got := s.visits()[0]; got.Client.Name != "First" || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	s.htmx(c, http.MethodPost, at, newVisit("version", "2")...).wants(t, "while paying", http.StatusConflict, `data-kind="blocked"`)
	s.htmx(c, http.MethodPost, at+"/unblock").wants(t, "lifted", http.StatusOK, `data-kind="unblocked"`)
	s.htmx(c, http.MethodPost, at, newVisit("version", "2", "line_ref", "")...).wants(t, "after the block", http.StatusOK, "Ben Weber")
}
