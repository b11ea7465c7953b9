package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/webhook"
)

// listener is other software on loopback: what it was sent last, and what it answers.
type listener struct {
	mu     sync.Mutex
	head   http.Header
	body   []byte
	status int
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head, l.body = r.Header, body; l.status != 0 {
		w.WriteHeader(l.status)
	}
}

func (l *listener) heard() (http.Header, []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.body
}

func (l *listener) answers(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = status
}

var (
	secretShape   = regexp.MustCompile(`whsec_[A-Za-z0-9+/]{43}=`)
	receiverShape = regexp.MustCompile(`data-receiver="(w_[a-z0-9]+)"`)
)

// unquoted undoes what a page does to a secret in an attribute.
func unquoted(page string) string { return strings.ReplaceAll(page, "&#43;", "+") }

// R39: a receiver is added on the tablet; its secret is shown this once, and on
// no page, in no answer and in no log after it; what it is sent verifies with it.
func TestR39ReceiverOnTheTablet(t *testing.T) {
	s := openAs(t, func(cfg *daemon.Config) { cfg.PrivateReceivers = true })
	c := s.tablet(access.Administrator)
	ear := &listener{}
	software := httptest.NewServer(ear)
	t.Cleanup(software.Close)
	const section = "/desk/setup?section=software"
	see := func(path string) answer { return s.do(c, http.MethodGet, path, "", "Accept", "text/html") }
	see(section).wants(t, "at first", http.StatusOK, `data-test="add-receiver"`)
	see(section+"&open=new").wants(t, "the form", http.StatusOK, `name="url"`, `value="payment.booked"`)
	s.post(c, "/desk/setup/software", "id", "", "url", "ftp://x").wants(t, "no address", http.StatusUnprocessableEntity, `class="wrong"`, `value="ftp://x"`)
	added := s.post(c, "/desk/setup/software", "id", "", "url", software.URL+"/in", "types", "visit.changed")
	added.wants(t, "added", http.StatusOK, `data-test="copy-secret"`)
	secret := secretShape.FindString(unquoted(added.text))
	found := receiverShape.FindStringSubmatch(added.text)
	if secret == "" || found == nil {
		t.Fatal(added.text)
	}
	at := "/desk/setup/software/" + found[1]
	s.post(c, "/desk/setup/software", "id", "", "url", software.URL+"/in").wants(t, "the same again", http.StatusUnprocessableEntity, "in the list already")
	s.post(c, at+"/test").wants(t, "tested", http.StatusOK, "The test message arrived.")
	head, body := ear.heard()
	if err := webhook.Verify(head, time.Now(), body, secret); err != nil {
		t.Errorf("%v: %v %s", err, head, body)
	}
	ear.answers(http.StatusTeapot)
	s.post(c, at+"/test").wants(t, "refused", http.StatusOK, "error 418")
	renewed := s.post(c, at+"/secret")
	renewed.wants(t, "renewed", http.StatusOK, "24 hours")
	next := secretShape.FindString(unquoted(renewed.text))
	for _, path := range []string{section, section + "&open=" + found[1], "/desk", "/api/v1/events?after=0"} {
		page := see(path)
		if text := unquoted(page.text); strings.Contains(text, "whsec_") || page.status != http.StatusOK {
			t.Errorf("%s: %d, or a secret is on it", path, page.status)
		}
	}
	if log := s.log.String(); strings.Contains(log, secret) || strings.Contains(log, next) || strings.Contains(log, "whsec_") {
		t.Error("a secret is in the log")
	}
	see(section+"&open="+found[1]).wants(t, "opened", http.StatusOK, `data-test="messages"`, "Test message")
	s.post(c, "/desk/setup/software", "id", found[1], "url", "http://127.0.0.1:1/x y").wants(t, "changed badly", http.StatusUnprocessableEntity, `class="wrong"`, `data-test="messages"`)
	s.post(c, at+"/switch").wants(t, "off", http.StatusSeeOther)
	see(section).wants(t, "off", http.StatusOK, `data-test="turn-on"`)
	s.post(c, at+"/test").wants(t, "a test of one that is off", http.StatusConflict, `data-test="problem"`)
	s.post(c, at+"/again", "message", "msg_x").wants(t, "nobody's message", http.StatusNotFound)
	s.post(c, at+"/remove").wants(t, "removed", http.StatusSeeOther)
	s.post(c, at+"/remove").wants(t, "removed twice", http.StatusNotFound)
}

// R39: without the setting, nothing of this computer or its network is taken.
func TestR39PrivateAddressOnTheTablet(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	for _, address := range []string{"https://127.0.0.1/", "https://[::1]/", "https://localhost/", "http://crm.example.com", "https://a:b@crm.example.com"} {
		s.post(c, "/desk/setup/software", "id", "", "url", address).wants(t, address, http.StatusUnprocessableEntity, `class="wrong"`)
	}
	s.post(s.tablet(access.Manager), "/desk/setup/software", "id", "", "url", "https://crm.example.com").wants(t, "without the right", http.StatusForbidden)
}
