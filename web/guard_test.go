package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// R39: what a page of another site makes a browser send is refused, at every
// address that could change something.
func TestCrossSiteIsRefused(t *testing.T) {
	s := open(t)
	v := s.book()
	boss := s.tablet(access.Administrator)
	before := s.dump()
	tried := 0
	for _, at := range s.addresses(v, http.MethodPost, http.MethodPatch, http.MethodDelete) {
		method, p, _ := strings.Cut(at, " ")
		if strings.HasPrefix(p, "/hooks/") || strings.HasPrefix(p, "/sandbox/") || strings.HasSuffix(p, "/x") || p == "/display" {
			continue // signed, another company's, or nothing that changes
		}
		tried++
		for _, how := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}, {"Origin", "null"},
		} {
			got := s.do(boss, method, p, "amount=25&key=k", append(how, "Content-Type", "application/x-www-form-urlencoded")...)
			if got.status != http.StatusForbidden || got.code(t) != "cross_site" {
				t.Errorf("%s with %v: %d %.100s", at, how, got.status, got.text)
			}
		}
	}
	if tried < 25 {
		t.Errorf("only %d addresses were tried", tried)
	}
	if s.dump() != before {
		t.Error("a request of another site changed something")
	}
}

// R9: no GET changes anything, whoever asks, however often.
func TestReadingChangesNothing(t *testing.T) {
	s := open(t)
	v := s.book()
	boss := s.tablet(access.Administrator)
	before := s.dump()
	for range 2 {
		for _, at := range s.addresses(v, http.MethodGet) {
			_, p, _ := strings.Cut(at, " ")
			for _, who := range []*http.Client{boss, client(nil)} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					got := s.do(who, method, p, "", "Accept", "text/html")
					if got.status >= http.StatusInternalServerError {
						t.Errorf("%s %s: %d %.200s", method, p, got.status, got.text)
					}
				}
			}
			s.api(http.MethodGet, strings.TrimPrefix(p, "/api/v1"), "")
		}
	}
	for _, p := range []string{"/desk?visit=" + string(v.ID), "/desk?visit=new", "/desk?q=anna", "/desk?date=2026-01-02",
		"/desk/visits/" + string(v.ID) + "/pay?tab=cash", "/desk/setup?pair=K7Q2MX", "/desk/catalogue?item=new"} {
		if got := s.do(boss, http.MethodGet, p, "", "Accept", "text/html"); got.status != http.StatusOK {
			t.Errorf("GET %s: %d %.200s", p, got.status, got.text)
		}
	}
	if after := s.dump(); after != before {
		t.Errorf("reading changed the store:\n%s", difference(before, after))
	}
}

// difference is the lines that only one of two texts has.
func difference(before, after string) string {
	var b strings.Builder
	for i, pair := range [][2]string{{before, after}, {after, before}} {
		for line := range strings.SplitSeq(pair[0], "\n") {
			if !strings.Contains(pair[1], line) {
				b.WriteString([]string{"- ", "+ "}[i] + line + "\n")
			}
		}
	}
	return b.String()
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := open(t)
	v := s.book()
	for _, p := range []string{"/", "/desk/signin", "/healthz", "/api/v1/docs", "/api/v1/visits", "/p/" + string(v.Token), "/p/nothing", "/nothing"} {
		got := s.do(client(nil), http.MethodGet, p, "", "Accept", "text/html")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Security-Policy": "frame-ancestors 'none'",
			"Permissions-Policy": "camera=()", "X-Request-Id": "",
		} {
			if said := got.header.Get(name); said == "" || !strings.Contains(said, want) {
				t.Errorf("GET %s: %s is %q", p, name, said)
			}
		}
		if csp := got.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("GET %s: %s", p, csp)
		}
	}
}

// What the log says can be given to anybody: no token, no query, no name.
func TestLogsKeepSecrets(t *testing.T) {
	s := open(t)
	v := s.book()
	boss := s.tablet(access.Administrator)
	s.api(http.MethodGet, "/visits?q=Kovacs", "")
	s.api(http.MethodPost, "/visits", `{"client": {"name": "Zebedee"}, "wrong": 1}`)
	s.do(client(nil), http.MethodGet, "/api/v1/visits", "", "Authorization", "Bearer cs_guessedguessed")
	for _, p := range []string{"/p/", "/s/", "/S/", "/P/", "/nowhere/"} {
		s.do(boss, http.MethodGet, p+string(v.Token), "")
		s.do(boss, http.MethodGet, p+strings.ToUpper(string(v.Token)), "")
	}
	s.do(boss, http.MethodPost, "/p/"+string(v.Token)+"/open", "{}")
	s.do(boss, http.MethodGet, "/desk?q=Kovacs", "")
	s.post(client(nil), "/desk/signin", "staff", string(s.staff[access.Viewer]), "pin", "918273")
	// Ids and durations are digits by chance, and sometimes a PIN's.
	log := regexp.MustCompile(`"(request|took|bytes)":"?[0-9a-f.]*`).ReplaceAllString(strings.ToLower(s.log.String()), "")
	if !strings.Contains(log, "/p/{token}") {
		t.Errorf("the log has no routes:\n%s", log)
	}
	for _, secret := range []string{string(v.Token), s.token, "guessed", "kovacs", "zebedee", "918273", pin, "cs_"} {
		if strings.Contains(log, strings.ToLower(secret)) {
			t.Errorf("the log has %q", secret)
		}
	}
}
