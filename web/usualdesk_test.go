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
