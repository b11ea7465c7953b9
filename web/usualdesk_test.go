package web_test

import (
	"net/http"
	"regexp"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// R29: a tablet remembers the desk that it showed a code at, and offers it for
// the next visit; one that is gone is forgotten.
func TestR29ATabletRemembersItsDesk(t *testing.T) {
	s := open(t)
	_, err := s.d.Desk().SavePlace(access.System(), desk.Place{Name: "Upstairs"})
	s.must(err)
	chosen := regexp.MustCompile(`id="pay-state">.*name="desk" value="([a-z]+)"`)
	offered := func(c *http.Client) string {
		found := chosen.FindStringSubmatch(s.htmx(c, http.MethodGet, "/desk/visits/"+string(s.book().ID)+"/pay").text)
		if found == nil {
			t.Fatal("no desk is chosen")
		}
		return found[1]
	}
	one, other := s.tablet(access.Receptionist), s.tablet(access.Receptionist)
	first := offered(one)
	next := map[string]string{"front": "upstairs", "upstairs": "front"}[first]
	if next == "" {
		next = "upstairs"
	}
	s.post(one, "/desk/visits/"+string(s.book().ID)+"/show", "desk", next).wants(t, "shown", http.StatusOK)
	if got := offered(one); got != next {
		t.Errorf("the tablet offers %s, it showed at %s", got, next)
	}
	if got := offered(other); got != first {
		t.Errorf("another tablet offers %s", got)
	}
	s.post(one, "/desk/visits/"+string(s.book().ID)+"/show", "desk", "roof")
	if got := offered(one); got != next {
		t.Errorf("a desk that isn't there is remembered: %s", got)
	}
}

// R29: a desk that is picked is remembered at once, before a code is shown
// there; one that isn't there is refused. Whoever only looks remembers nothing.
func TestR29APickedDeskIsRememberedAtOnce(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	at := "/desk/visits/" + string(s.book().ID)
	chosen := regexp.MustCompile(`id="pay-state">.*name="desk" value="([a-z]+)"`)
	offered := func() string {
		return chosen.FindStringSubmatch(s.htmx(c, http.MethodGet, "/desk/visits/"+string(s.book().ID)+"/pay").text)[1]
	}
	first := offered()
	other := map[string]string{"front": "back", "back": "front"}[first]
	s.htmx(c, http.MethodGet, at+"/pay?tab=link&desk="+other).wants(t, "looked", http.StatusOK)
	if got := offered(); got != first {
		t.Errorf("who only looks at %s is offered it", got)
	}
	s.htmx(c, http.MethodPost, at+"/desk?tab=link", "desk", other).wants(t, "picked", http.StatusOK, `id="desk-`+other+`" aria-pressed="true"`)
	if got := offered(); got != other {
		t.Errorf("picked %s, offered %s", other, got)
	}
	s.htmx(c, http.MethodPost, at+"/desk?tab=link", "desk", "roof").wants(t, "no such desk", http.StatusUnprocessableEntity, `data-test="problem"`)
	if got := offered(); got != other {
		t.Errorf("after a desk that isn't there: %s", got)
	}
	s.htmx(s.tablet(access.Viewer), http.MethodPost, at+"/desk", "desk", other).wants(t, "without the right", http.StatusForbidden)
}

// R29: on a fresh tablet the desk with a display that is there is chosen, not
// the first of the alphabet.
func TestR29AFreshTabletChoosesADeskWithADisplay(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	offers := func(desk string) {
		t.Helper()
		s.htmx(c, http.MethodGet, "/desk/visits/"+string(s.book().ID)+"/pay").wants(t, "offered", http.StatusOK, `id="desk-`+desk+`" aria-pressed="true"`)
	}
	offers("back")
	x, err := s.d.Desk().PairDisplay(access.System(), "a hash of a key", "front", "Asleep")
	s.must(err)
	offers("front")
	g := s.hang()
	s.api(http.MethodPost, "/displays/pair", `{"code": "`+g.see("pair").Code+`", "desk": "back", "name": "Awake"}`)
	g.painted(g.see("idle"))
	s.await("the display", func() bool { return len(s.d.Hub().Presence()) > 0 })
	offers("back")
	s.must(s.d.Desk().RevokeDisplay(access.System(), x.ID))
	offers("back")
}
