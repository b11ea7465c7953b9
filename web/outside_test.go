package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/provider/sandbox"
	"countersign/web"
)

// R39: a webhook that isn't signed, is too large, or is for nobody changes
// nothing, whoever's site it comes from.
func TestHooksThatAreRefused(t *testing.T) {
	s := open(t)
	before := s.dump()
	for _, hook := range []struct {
		name, provider, body string
		status               int
	}{
		{"unsigned", "sandbox", `{"id": "e_1", "type": "session.paid"}`, http.StatusBadRequest},
		{"nothing", "sandbox", "", http.StatusBadRequest},
		{"too large", "sandbox", strings.Repeat("x", 2<<20), http.StatusRequestEntityTooLarge},
		{"for nobody", "nobody", "{}", http.StatusNotFound},
	} {
		got := s.do(client(nil), http.MethodPost, "/hooks/"+hook.provider, hook.body, "Origin", "https://provider.example")
		if got.status != hook.status || got.code(t) == "" {
			t.Errorf("%s: %d %.200s", hook.name, got.status, got.text)
		}
	}
	if s.dump() != before {
		t.Error("a refused webhook changed something")
	}
}

// A webhook that is signed and makes no sense is not our own fault: it is told
// so, changes nothing, and stands in the log.
func TestHookThatIsGenuineAndUnreadable(t *testing.T) {
	s := open(t)
	keys, err := os.ReadFile(filepath.Join(s.dir, "sandbox.key"))
	s.must(err)
	_, secret, _ := strings.Cut(strings.TrimSpace(string(keys)), " ")
	before := s.dump()
	for _, body := range []string{"not JSON", `{"type": 7}`} {
		got := s.do(client(nil), http.MethodPost, "/hooks/sandbox", body, sandbox.SignatureHeader, sandbox.Sign(secret, time.Now(), []byte(body)))
		if got.status != http.StatusUnprocessableEntity || got.code(t) != "webhook_unreadable" {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	if s.dump() != before {
		t.Error("it changed something")
	}
	if log := s.log.String(); !strings.Contains(log, "a genuine webhook can't be read") || strings.Contains(log, "a request failed") {
		t.Errorf("the log says\n%s", log)
	}
}

// A webhook that was taken in is answered by the word that Adyen looks for,
// and which is as good as any for the others.
func TestHookThatIsTakenIn(t *testing.T) {
	s := open(t)
	keys, err := os.ReadFile(filepath.Join(s.dir, "sandbox.key"))
	s.must(err)
	_, secret, _ := strings.Cut(strings.TrimSpace(string(keys)), " ")
	body := `{"id":"e_1","account":"` + sandbox.DefaultAccount + `","type":"` + sandbox.EventNotice + `"}`
	got := s.do(client(nil), http.MethodPost, "/hooks/sandbox", body, sandbox.SignatureHeader, sandbox.Sign(secret, time.Now(), []byte(body)))
	if got.status != http.StatusOK || got.text != "[accepted]" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %q %v", got.status, got.text, got.header)
	}
}

// Ready is said once every provider was read; health says that we answer.
func TestHealth(t *testing.T) {
	s := open(t)
	for _, p := range []string{"/healthz", "/readyz"} {
		if got := s.do(client(nil), http.MethodGet, p, ""); got.status != http.StatusOK || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", p, got.status, got.text)
		}
	}
	if got := s.do(client(nil), http.MethodGet, "/readyz", "").json(t); got["ready"] != true || got["synced"] != true || len(got["providers"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
	if got := s.do(client(nil), http.MethodGet, "/", ""); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk" {
		t.Errorf("/: %d %v", got.status, got.header)
	}
}

// R39: a page elsewhere can't reach us by a name of its own, whatever address it
// gives to that name; by ours, and by those that nobody can have, everybody can.
func TestR39OtherHostsAreRefused(t *testing.T) {
	s := open(t)
	l, err := s.d.Desk().Location()
	s.must(err)
	l.PublicURL = "https://Pay.Lumen.example:8443"
	s.must(s.d.Desk().SaveLocation(access.System(), l))
	named := web.New(s.d, web.Options{Hosts: []string{"salon.example.com"}})
	ask := func(host, path string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = host
		w := httptest.NewRecorder()
		named.ServeHTTP(w, r)
		return w.Code
	}
	for _, host := range []string{"salon.example.com", "SALON.example.com:8791", "salon.example.com.", "pay.lumen.example", "pay.lumen.example:443",
		"localhost", "localhost:1", "reception", "reception.local", "reception.fritz.box:8791", "192.168.7.9:8791", "127.0.0.1", "[fd00::1]:8791", "[::1]"} {
		if got := ask(host, "/healthz"); got != http.StatusOK {
			t.Errorf("asked as %q: %d", host, got)
		}
	}
	for _, host := range []string{"evil.example", "evil.example:8791", "", "salon.example.com.evil.example", "127.0.0.1.evil.example", "192.168.7.9.nip.io",
		".", "xlocal.de", "x.local.de", "evil.example#.local", "pay.lumen.example.evil"} {
		for _, path := range []string{"/healthz", "/desk/signin", "/display", "/api/v1/visits", "/sandbox/x", "/p/x"} {
			if got := ask(host, path); got != http.StatusMisdirectedRequest {
				t.Errorf("%s asked as %q: %d", path, host, got)
			}
		}
	}
	if got := ask("hooks.example", "/hooks/sandbox"); got != http.StatusMethodNotAllowed {
		t.Errorf("a webhook by its own name: %d", got)
	}
}

// A proxy on this computer says who asks; nobody else is believed.
func TestAddressesBehindAProxy(t *testing.T) {
	s := open(t)
	handler := web.New(s.d, web.Options{})
	ask := func(from, forwarded string) int {
		r := httptest.NewRequest(http.MethodGet, "/p/wrong", nil)
		r.Host, r.RemoteAddr = "localhost", from
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		_, _ = io.Copy(io.Discard, w.Body)
		return w.Code
	}
	for range 12 {
		ask("127.0.0.1:1", "192.0.2.66, 203.0.113.9") // the last word is the proxy's own
		ask("198.51.100.7:1", "203.0.113.50")         // a liar
	}
	for _, x := range []struct {
		from, forwarded string
		status          int
	}{
		{"127.0.0.1:1", "203.0.113.9", 429},
		{"127.0.0.1:1", "192.0.2.66", 404},
		{"127.0.0.1:1", "203.0.113.50", 404},
		{"198.51.100.7:1", "203.0.113.51", 429},
	} {
		if got := ask(x.from, x.forwarded); got != x.status {
			t.Errorf("from %s for %s: %d", x.from, x.forwarded, got)
		}
	}
}
