package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/provider"
)

// strays is money of no visit that we know, a notice each.
func (s *salon) strays(names ...string) {
	s.t.Helper()
	for _, name := range names {
		stray := provider.Session{ID: name, Status: provider.Paid, Payment: "pay_" + name, Amount: 1000, Currency: "EUR", PaidAt: time.Now()}
		s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e_" + name, At: time.Now(), Session: stray}}, ""))
	}
}

// R20: a notice is on every page of the tablet, and the pages that are open learn
// of it; one tap deals with it there.
func TestR20NoticesAreOnEveryPage(t *testing.T) {
	s := open(t)
	v := s.book()
	c := s.tablet(access.Administrator)
	ws, _, err := s.dial(c, "", nil)
	s.must(err)
	s.strays("one")
	s.hear(ws, "attention.raised")
	for _, at := range []string{"/desk", "/desk?visit=new", "/desk?visit=" + string(v.ID), "/desk/catalogue", "/desk/catalogue?item=new", "/desk/catalogue/taxes", "/desk/catalogue/file",
		"/desk/reports", "/desk/reports/drawer", "/desk/setup", "/desk/setup?section=staff"} {
		s.do(c, http.MethodGet, at, "", "Accept", "text/html").wants(t, at, http.StatusOK, `data-test="attention"`, `data-kind="unmatched"`, `id="notices-said" role="status"`, "One thing needs attention")
	}
	part := s.do(c, http.MethodGet, "/desk/attention?visit="+string(v.ID), "", "HX-Request", "true")
	part.wants(t, "the part", http.StatusOK, `data-test="assign"`, `id="bell"`)
	list, err := s.d.Desk().Attention(access.System())
	s.must(err)
	s.strays("two", "three")
	at := "/desk/attention/" + string(list[0].ID)
	s.htmx(c, http.MethodPost, at, "act", "accept", "to", string(v.ID)).wants(t, "one of three", http.StatusOK, "2 things need attention", `data-test="notices"`)
	s.htmx(c, http.MethodPost, at, "act", "accept").wants(t, "the second tap", http.StatusConflict, `data-kind="settled"`)
	s.htmx(c, http.MethodPost, at, "act", "burn").wants(t, "another act", http.StatusUnprocessableEntity, `data-kind="invalid"`)
	s.do(c, http.MethodGet, "/desk/attention?visit=v_gone", "", "HX-Request", "true").wants(t, "beside a visit that is gone", http.StatusOK, `data-test="attention"`)
	for _, left := range s.raised() {
		s.htmx(c, http.MethodPost, "/desk/attention/"+left, "act", "accept")
	}
	if got := s.do(c, http.MethodGet, "/desk/attention", ""); strings.Contains(got.text, "attention") || !strings.Contains(got.text, "bell none") {
		t.Errorf("all is dealt with: %s", got.text)
	}
}

// raised are the ids of what waits to be dealt with.
func (s *salon) raised() (ids []string) {
	s.t.Helper()
	list, err := s.d.Desk().Attention(access.System())
	s.must(err)
	for _, x := range list {
		ids = append(ids, string(x.ID))
	}
	return ids
}
