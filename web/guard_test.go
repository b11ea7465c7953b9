package web_test

import (
	"net/http"
	"testing"

	"countersign/daemon/access"
)

// R39: what a page of another site makes a browser send is refused.
func TestCrossSiteIsRefused(t *testing.T) {
	s := open(t)
	v := s.book()
	boss := s.tablet(access.Administrator)
	before := s.dump()
	for _, p := range []string{
		"/desk/signin", "/desk/signout", "/desk/visits", "/desk/visits/" + string(v.ID), "/desk/visits/" + string(v.ID) + "/cash",
		"/desk/visits/" + string(v.ID) + "/show", "/desk/setup/location", "/desk/setup/staff", "/p/" + string(v.Token) + "/pay",
		"/p/" + string(v.Token) + "/open", "/api/v1/visits", "/api/v1/visits/" + string(v.ID) + "/payments",
	} {
		for _, how := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}, {"Origin", "null"},
		} {
			got := s.do(boss, http.MethodPost, p, "amount=25&key=k", append(how, "Content-Type", "application/x-www-form-urlencoded")...)
			if got.status != http.StatusForbidden || got.code(t) != "cross_site" {
				t.Errorf("POST %s with %v: %d %.100s", p, how, got.status, got.text)
			}
		}
	}
	if s.dump() != before {
		t.Error("a request of another site changed something")
	}
}
