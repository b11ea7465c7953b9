package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// R39: what Set up refuses, it says beside the field that is wrong, in the row
// that was sent, with what was typed; nothing is half done.
func TestR39RefusedFormsMarkTheField(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	x, err := s.d.Desk().PairDisplay(access.System(), "a hash of a key", "front", "Monitor")
	s.must(err)
	code := s.hang().see("pair").Code
	before := s.dump()
	display := "/desk/setup/displays/" + string(x.ID)
	marked := regexp.MustCompile(`<label class="field[^"]*">[^<]*<(?:input|select)[^>]* name="([a-z_]+)"(?:[^>]*>(?:<option[^>]*>[^<]*</option>)*(?:</select>)?<small class="wrong">|[^>]*>)`)
	for name, form := range map[string]struct {
		path, field, kept string
		pairs             []string
	}{
		"a desk without a name":     {"/desk/setup/desks", "name", "", []string{"id", "", "name", "  "}},
		"a second desk of one name": {"/desk/setup/desks", "name", `value="back ROOM"`, []string{"id", "", "name", "back ROOM"}},
		"a renamed desk, no name":   {"/desk/setup/desks", "name", "", []string{"id", "front", "name", " "}},
		"a desk renamed to another": {"/desk/setup/desks", "name", `value="BACK ROOM"`, []string{"id", "front", "name", "BACK ROOM"}},
		"a pairing without a name":  {"/desk/setup/displays/pair", "name", `value="` + code + `"`, []string{"code", code, "desk", "front", "name", "  "}},
		"a pairing at no desk":      {"/desk/setup/displays/pair", "desk", `value="New one"`, []string{"code", code, "desk", "roof", "name", "New one"}},
		"a display without a name":  {display, "name", "<details class=\"confirm\" open>", []string{"desk", "front", "name", "  "}},
		"a display at no desk":      {display, "desk", "<details class=\"confirm\" open>", []string{"desk", "roof", "name", "Monitor"}},
		"quiet hours that end half": {"/desk/setup/quiet", "quiet_until", `value="7:30"`, []string{"quiet_from", "22:00", "quiet_until", "7:30"}},
		"a role that isn't":         {"/desk/setup/staff", "role", "", []string{"id", "", "name", "Mia", "role", "owner", "pin", "739154", "active", "1"}},
	} {
		got := s.post(c, form.path, form.pairs...)
		got.wants(t, name, http.StatusUnprocessableEntity, form.kept)
		var fields []string
		for _, m := range marked.FindAllStringSubmatch(got.text, -1) {
			if strings.HasSuffix(m[0], `<small class="wrong">`) {
				fields = append(fields, m[1])
			}
		}
		if len(fields) != 1 || fields[0] != form.field {
			t.Errorf("%s: marked are %v", name, fields)
		}
	}
	s.post(c, "/desk/setup/displays/pair", "code", "222222", "desk", "front", "name", "New one").
		wants(t, "a wrong code", http.StatusNotFound, `class="field code off"`, `value="222222"`)
	s.post(c, "/desk/setup/desks", "id", "nosuch", "name", "Q").wants(t, "a desk that isn't there", http.StatusNotFound)
	if s.dump() != before {
		t.Error("something was stored")
	}
}

// R32: desks of any script are added, and removed once nothing stands there.
func TestR32DesksInSetUp(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	for _, name := range []string{"美容室", "Ресепшн", "BACK-ROOM!!"} {
		s.post(c, "/desk/setup/desks", "id", "", "name", name).wants(t, name, http.StatusSeeOther)
	}
	page := s.do(c, http.MethodGet, "/desk/setup?section=desks", "", "Accept", "text/html")
	page.wants(t, "the list", http.StatusOK, `value="美容室"`, `value="Ресепшн"`, `value="Back room"`, `value="BACK-ROOM!!"`, "/q/desk-")
	ids := regexp.MustCompile(`/desks/(desk-[2-9a-hjkmnp-z]{6})/remove`).FindAllStringSubmatch(page.text, -1)
	if len(ids) != 2 {
		t.Fatalf("can be removed: %v", ids)
	}
	at := ids[0][1]
	s.must(s.d.Desk().Show(access.System(), s.book().ID, "back", false))
	s.post(c, "/desk/setup/desks/back/remove").wants(t, "a code is up", http.StatusConflict, "A code is shown at this desk. Please hide it first.")
	x, err := s.d.Desk().PairDisplay(access.System(), "a hash of a key", "front", "Monitor")
	s.must(err)
	s.post(c, "/desk/setup/desks/front/remove").wants(t, "a display stands there", http.StatusConflict, "A display stands at this desk.")
	s.must(s.d.Desk().RevokeDisplay(access.System(), x.ID))
	s.post(c, "/desk/setup/desks/"+at+"/remove").wants(t, "removed", http.StatusSeeOther)
	s.do(client(nil), http.MethodGet, "/q/"+at, "").wants(t, "its printed code", http.StatusNotFound, "This code is no longer in use")
	l, err := s.d.Desk().Location()
	s.must(err)
	l.Language = "de"
	s.must(s.d.Desk().SaveLocation(access.System(), l))
	s.post(c, "/desk/setup/desks/back/remove").wants(t, "in German", http.StatusConflict, "An diesem Platz wird ein Code gezeigt.")
}
