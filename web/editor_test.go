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

// R2: the range is asked beside the line and beside the button, together with all that is wrong.
func TestR2ThePriceIsAskedWhereItIs(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "55", "client_phone", "call me")...).
		wants(t, "a price and a number", http.StatusUnprocessableEntity, "€55.00 is outside the usual €30.00–€50.00.", "Is that meant? Then save it with this price.", "This is not a telephone number.")
	for name, x := range map[string]struct {
		bad  []string
		says string
	}{
		"too much":            {[]string{"line_price", "99999999999"}, "Please enter an amount from €0.00 to €999,999,999.99."},
		"far too much":        {[]string{"line_price", "99999999999999999999"}, "Please enter an amount from €0.00 to €999,999,999.99."},
		"less than nothing":   {[]string{"line_price", "-5"}, "Please enter an amount from €0.00 to €999,999,999.99."},
		"a wrong discount":    {[]string{"line_discount", "-5"}, "Please enter an amount from €0.00 to €999,999,999.99."},
		"too much off":        {[]string{"line_discount", "36"}, "The discount is more than this costs."},
		"no quantity":         {[]string{"line_quantity", "0"}, "Please enter a whole number from 1 to 10,000."},
		"a worthless card":    {[]string{"line_kind", "gift_card", "line_ref", "", "line_price", "0"}, "A gift card needs an amount, such as 25.00."},
		"an address":          {[]string{"client_email", "<script>"}, "This is not an email address."},
		"a nameless line too": {[]string{"line_name", " ", "line_price", "55"}, "is outside the usual"},
	} {
		s.htmx(c, http.MethodPost, "/desk/visits", newVisit(x.bad...)...).wants(t, name, http.StatusUnprocessableEntity, x.says, `class="wrong"`)
	}
	if n := len(s.visits()); n != 0 {
		t.Fatalf("%d visits were made of forms with mistakes", n)
	}
}

// R1: what the lines come to is said while they are typed.
func TestR1TheFormAddsUp(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	v := s.book()
	for path, x := range map[string]struct {
		form []string
		want string
	}{
		"/desk/visits/new/sum":                   {newVisit("line_quantity", "3", "line_discount", "5,50"), "<b>€99.50</b>"},
		"/desk/visits/" + string(v.ID) + "/sum":  {newVisit("line_price", "lots"), "<b>–</b>"},
		"/desk/visits/new/sum?of=something+huge": {newVisit("line_quantity", "9999999999", "line_price", "999999999999"), "<b>–</b>"},
	} {
		s.htmx(c, http.MethodPost, path, x.form...).wants(t, path, http.StatusOK, x.want)
	}
	s.htmx(c, http.MethodGet, "/desk/visits/"+string(v.ID)+"/edit").wants(t, "the form", http.StatusOK, "<b>€25.00</b>")
	if got := s.htmx(s.tablet(access.Viewer), http.MethodPost, "/desk/visits/new/sum", newVisit()...); got.status != http.StatusForbidden {
		t.Errorf("a viewer: %d", got.status)
	}
}
