package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// R32, R39: who tries names of desks is slowed as with links, on both
// addresses; the code of a desk that is there is answered all the while, since
// all guests of a salon may share one address.
func TestR39NamesOfDesksAreNotTried(t *testing.T) {
	s := open(t)
	v := s.book()
	s.must(s.d.Desk().Show(access.System(), v.ID, "front", false))
	for _, path := range []string{"/q/roof", "/Q/ROOF", "/q/roof/status"} {
		slowed := 0
		for range 40 {
			switch got := s.do(client(nil), http.MethodGet, path, ""); {
			case got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") != "":
				slowed++
			case got.status != http.StatusNotFound:
				t.Errorf("%s: %d %.200s", path, got.status, got.text)
			}
		}
		if slowed < 20 {
			t.Errorf("%s: %d of 40 tries were slowed", path, slowed)
		}
	}
	if got := s.do(client(nil), http.MethodGet, "/q/front", ""); got.status != http.StatusSeeOther {
		t.Errorf("a guest beside who guesses: %d", got.status)
	}
	status := s.do(client(nil), http.MethodGet, "/q/front/status", "").json(t)
	if len(status) != 1 || status["url"] != "/s/"+string(v.Token) {
		t.Errorf("a waiting phone is told %v", status)
	}
}

// R32: a printed code of a desk that was removed says so, and what to do.
func TestR32APrintedCodeThatIsGone(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	s.post(c, "/desk/setup/desks/back/remove").wants(t, "removed", http.StatusSeeOther)
	gone := s.do(client(nil), http.MethodGet, "/q/back", "", "Accept", "text/html")
	gone.wants(t, "in English", http.StatusNotFound, "This code is no longer in use", "reception")
	german := s.do(client(nil), http.MethodGet, "/q/back", "", "Accept", "text/html", "Accept-Language", "de")
	german.wants(t, "in German", http.StatusNotFound, "Dieser Code gilt nicht mehr")
	if strings.Contains(gone.text, "Lumen") {
		t.Error("it tells whose it was")
	}
}
