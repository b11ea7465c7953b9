package static

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(method, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	Handler().ServeHTTP(answer, httptest.NewRequest(method, path, nil))
	return answer
}

func TestFilesAreKeptForEverUnderTheirHash(t *testing.T) {
	for name, kind := range map[string]string{"base.css": "text/css", "desk.js": "text/javascript", "inter-latin.woff2": "font/woff2", "icon.svg": "image/svg+xml", "htmx.LICENSE.txt": "text/plain"} {
		answer := get("GET", URL(name))
		if answer.Code != http.StatusOK || answer.Body.Len() == 0 {
			t.Errorf("%s: %d, %d bytes", name, answer.Code, answer.Body.Len())
		}
		if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("%s is %q", name, got)
		}
		if got := answer.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s is kept %q", name, got)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{Prefix + "000000000000/base.css", URL("missing.css"), URL(""), URL("../icons/check.svg"), Prefix, "/"} {
		if answer := get("GET", path); answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
	if answer := get("POST", URL("base.css")); answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", answer.Code)
	}
}

// Fonts are named by relative addresses: they must be there under the same hash.
func TestSheetsNameOnlyFilesThatAreThere(t *testing.T) {
	for _, sheet := range []string{"base.css", "desk.css", "phone.css"} {
		for _, match := range regexp.MustCompile(`url\("([^"]+)"\)`).FindAllStringSubmatch(get("GET", URL(sheet)).Body.String(), -1) {
			if answer := get("GET", URL(match[1])); answer.Code != http.StatusOK {
				t.Errorf("%s names %s: %d", sheet, match[1], answer.Code)
			}
		}
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	for name, inside := range icons() {
		if !strings.Contains(inside, "<") || strings.Contains(inside, "<svg") || strings.Contains(inside, "style=") {
			t.Errorf("%s: %q", name, inside)
		}
	}
	if Icon("no such icon") != "" {
		t.Error("an unknown icon draws something")
	}
}
