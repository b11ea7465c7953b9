package web_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
)

// public are the addresses that are no matter of a role: who asks there is a
// client's phone, a screen, another program that signs, or not known yet.
func public() map[string]string {
	return map[string]string{
		"GET /":                            "leads to the tablet",
		"GET /healthz":                     "says that we answer, and nothing else",
		"GET /readyz":                      "says what is missing, to whoever watches over it",
		"GET /metrics":                     "asks itself who it is: TestR38WhoReadsTheNumbers",
		"GET /brand.css":                   "the location's colour",
		"GET /p/{token}":                   "the client's page, known by its token",
		"GET /s/{token}":                   "the same",
		"GET /S/{token}":                   "the same",
		"GET /p/{token}/status":            "the same",
		"POST /p/{token}/open":             "the same",
		"POST /p/{token}/pay":              "the same",
		"GET /q/{desk}":                    "the printed code: leads to what is shown to everybody",
		"GET /q/{desk}/status":             "the same",
		"GET /Q/{desk}":                    "the same",
		"GET /p/{token}/receipt.pdf":       "the client's page, known by its token",
		"GET /desk/signin":                 "the door",
		"POST /desk/signin":                "the door",
		"POST /desk/signout":               "the door, from inside",
		"GET /desk/ws":                     "asks itself who it is: TestSocketIsRefused",
		"GET /print/qr/{desk}.pdf":         "for who sees visits, programs too: TestR33PrintRefuses",
		"GET /print/qr/{desk}.svg":         "the same",
		"GET /print/qr/{desk}.preview.svg": "the same",
		"POST /hooks/{provider}":           "signed: TestHooksThatAreRefused",
		"GET /api/v1/openapi.json":         "describes the operations",
		"GET /api/v1/docs":                 "describes the operations",
		"GET /api/v1/docs.css":             "describes the operations",
		"/static/*":                        "our own files",
		"/display":                         "a screen, known by its key",
		"/display/*":                       "a screen, known by its key",
		"/sandbox/*":                       "another company's side: its own signatures and pages",
	}
}

// judged are the addresses that a golden of the rights speaks of, as "GET /path".
func judged(t *testing.T, name, method string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for row := range strings.Lines(string(text)) {
		words := strings.Fields(row)
		if method != "" {
			words = append([]string{method}, words...)
		}
		all = append(all, words[0]+" "+words[1])
	}
	return all
}

// R38: every address of the router is either in a golden of the rights, or is
// public for a reason; and the goldens speak of no address that is gone.
func TestR38EveryAddressIsJudged(t *testing.T) {
	s := open(t)
	rights := slices.Concat(judged(t, "rights.golden", ""), judged(t, "forms.golden", http.MethodPost), judged(t, "pages.golden", http.MethodGet))
	known, seen := public(), map[string]bool{}
	s.must(chi.Walk(s.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		at := method + " " + strings.Replace(route, "/desks/{desk}", "/desks/front", 1)
		seen[at], seen[route] = true, true
		if !slices.Contains(rights, at) && known[at] == "" && known[route] == "" {
			t.Errorf("%s is in no golden of the rights, and isn't public", at)
		}
		if known[at] != "" && slices.Contains(rights, at) {
			t.Errorf("%s is public, and judged by role", at)
		}
		return nil
	}))
	for _, at := range rights {
		if !seen[at] {
			t.Errorf("a golden of the rights has %s, which the router doesn't", at)
		}
	}
	for at := range known {
		if !seen[at] && known[at] != "" {
			t.Errorf("%s is said to be public, and isn't there", at)
		}
	}
}

// R38: which pages each role sees on the tablet, and that none is shown to who
// hasn't signed in.
func TestR38RightsOfPages(t *testing.T) {
	s := open(t)
	v := s.book()
	var lines []string
	tablets := map[access.Role]*http.Client{}
	for _, role := range access.Roles() {
		tablets[role] = s.tablet(role)
	}
	for _, at := range s.addresses(v, http.MethodGet) {
		_, p, _ := strings.Cut(at, " ")
		if p != "/desk" && !strings.HasPrefix(p, "/desk/") || p == "/desk/signin" || p == "/desk/ws" {
			continue
		}
		if got := s.do(client(nil), http.MethodGet, p, "", "Accept", "text/html"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/desk/signin") {
			t.Errorf("%s is shown to a stranger: %d", p, got.status)
		}
		var may []string
		for _, role := range access.Roles() {
			if got := s.htmx(tablets[role], http.MethodGet, p); got.status != http.StatusForbidden {
				may = append(may, string(role))
			}
		}
		lines = append(lines, fmt.Sprintf("%-44s %s", strings.ReplaceAll(p, string(v.ID), "{id}"), strings.Join(may, " ")))
	}
	golden(t, "pages.golden", strings.Join(lines, "\n")+"\n")
}
