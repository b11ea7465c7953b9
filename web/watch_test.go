package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider/sandbox"
)

// numbers asks for them as a collector on this computer does.
func (s *salon) numbers(headers ...string) answer {
	s.t.Helper()
	return s.do(client(nil), http.MethodGet, "/metrics", "", headers...)
}

// R38: the numbers are for who is on this computer, and from elsewhere for who
// may manage the settings: a program by its token, staff by their session.
func TestR38WhoReadsTheNumbers(t *testing.T) {
	s := open(t)
	poor, err := s.d.Desk().CreateToken(access.System(), "crm", access.Rights{access.VisitsView, access.Reports}, 0)
	s.must(err)
	right, err := s.d.Desk().CreateToken(access.System(), "watch", access.Rights{access.SettingsManage}, 0)
	s.must(err)
	from := []string{"X-Forwarded-For", "192.0.2.9"}
	_, port, _ := strings.Cut(strings.TrimPrefix(s.base, "http://"), ":")
	for _, ask := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"beside the daemon", nil, http.StatusOK},
		{"through a proxy", from, http.StatusUnauthorized},
		{"through a proxy that takes what it is told", []string{"X-Forwarded-For", "127.0.0.1"}, http.StatusUnauthorized},
		{"through another proxy", []string{"Forwarded", "for=192.0.2.9"}, http.StatusUnauthorized},
		{"by the salon's name", []string{"Host", "reception.local:" + port}, http.StatusUnauthorized},
		{"with no right to it", append(from, "Authorization", "Bearer "+poor), http.StatusForbidden},
		{"with a wrong token", append(from, "Authorization", "Bearer cs_wrong"), http.StatusUnauthorized},
		{"with the right to it", append(from, "Authorization", "Bearer "+right), http.StatusOK},
	} {
		r, err := http.NewRequest(http.MethodGet, s.base+"/metrics", nil)
		s.must(err)
		for i := 0; i < len(ask.headers); i += 2 {
			if r.Header.Set(ask.headers[i], ask.headers[i+1]); ask.headers[i] == "Host" {
				r.Host = ask.headers[i+1]
			}
		}
		got, err := client(nil).Do(r)
		s.must(err)
		got.Body.Close()
		if got.StatusCode != ask.status {
			t.Errorf("%s: %d, want %d", ask.name, got.StatusCode, ask.status)
		}
	}
	for _, role := range access.Roles() {
		want := http.StatusForbidden
		if role == access.Administrator {
			want = http.StatusOK
		}
		if got := s.do(s.tablet(role), http.MethodGet, "/metrics", "", from...); got.status != want {
			t.Errorf("%s: %d, want %d", role, got.status, want)
		}
	}
}

// busy is a salon in the middle of a day: a display, a payment by link, one in
// cash, a client who is paying, one whose bank asked for another amount, and
// addresses that are nobody's.
func (s *salon) busy() (secrets []string) {
	s.t.Helper()
	g := s.hang()
	code := g.see("pair").Code
	s.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "By the window"}`).wants(s.t, "pairing", http.StatusCreated)
	g.painted(g.see("idle"))
	paid, cash, open := s.book(), s.book(), s.book()
	to, _ := s.asked(paid)
	s.presses(to, paid)
	s.api(http.MethodPost, "/visits/"+string(cash.ID)+"/payments", `{"method": "cash", "amount": 2500}`)
	s.asked(open)
	s.strays("Maria Rossi")
	tablet := s.tablet(access.Administrator)
	for _, at := range []string{"/p/" + string(paid.Token), "/s/" + string(open.Token), "/p/nobody0000000000000000", "/wp-login.php?user=anna",
		"/desk/visits/" + string(cash.ID), "/desk/list?q=Kovacs", "/api/v1/visits/" + string(open.ID), "/q/front", "/nowhere/" + string(paid.ID)} {
		s.do(tablet, http.MethodGet, at, "")
	}
	for _, v := range []string{string(paid.ID), string(cash.ID), string(open.ID), string(paid.Token), string(cash.Token), string(open.Token), paid.Code, cash.Code, open.Code} {
		if v != "" {
			secrets = append(secrets, v)
		}
	}
	for _, id := range s.staff {
		secrets = append(secrets, string(id))
	}
	return append(secrets, s.token, code, "Anna", "Kovacs", "Maria", "Rossi", "36201234567", "anna@", "window", "Studio Lumen", "wp-login", "nowhere", "nobody0")
}

// R39: the numbers of a busy salon name no client, no visit, no token and no
// address: routes are told by their pattern.
func TestR39NumbersNameNobody(t *testing.T) {
	s := open(t)
	secrets := s.busy()
	text := s.numbers().text
	for _, secret := range secrets {
		// A code of four digits may be part of a number: labels alone are looked at then.
		if strings.Contains(text, secret) && (len(secret) > 6 || strings.Contains(strings.Join(regexp.MustCompile(`\{.*\}`).FindAllString(text, -1), "\n"), secret)) {
			t.Errorf("%q is in the numbers", secret)
		}
	}
	for _, route := range []string{`route="/p/{token}",status="2xx"`, `route="/desk/visits/{id}"`, `route="/api/v1/visits/{id}"`, `route="unmatched",status="4xx"`} {
		if !strings.Contains(text, route) {
			t.Errorf("no %s in\n%s", route, text)
		}
	}
}

// Issue 5: the numbers say how reading each provider goes, what waits, and who
// is connected.
func TestNumbersOfABusySalon(t *testing.T) {
	s := open(t)
	s.busy()
	s.await("the jobs", func() bool {
		l, err := s.d.Desk().Load()
		return err == nil && l.Jobs[desk.JobCreate] == 0
	})
	got := s.numbers()
	if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || !strings.HasPrefix(kind, "text/plain; version=0.0.4") || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", got.status, got.header)
	}
	for _, want := range []string{
		`countersign_build_info{goarch="[a-z0-9]+",goos="[a-z]+",goversion="go[^"]+",version="test"} 1`,
		`countersign_synced 1`, `countersign_store_up 1`, `countersign_store_size_bytes [1-9].*`, `countersign_store_commit_duration_seconds_count [1-9].*`,
		`countersign_provider_up{provider="sandbox"} 1`, `countersign_provider_last_success_timestamp_seconds{provider="sandbox"} 1\.[0-9]+e\+09`,
		`countersign_provider_lag_seconds{provider="sandbox"} [0-9]+`, `countersign_provider_failing{cause="keys",provider="sandbox"} 0`,
		`countersign_provider_open_checkouts{provider="sandbox"} 1`, `countersign_jobs_waiting{kind="create"} 0`, `countersign_jobs_failing{kind="refund"} 0`,
		`countersign_deliveries_waiting 0`, `countersign_attention_open 1`,
		`countersign_displays_paired 1`, `countersign_displays_connected 1`, `countersign_displays_behind 0`, `go_goroutines [1-9].*`,
	} {
		if !regexp.MustCompile("(?m)^" + want + "$").MatchString(got.text) {
			t.Errorf("no %s", want)
		}
	}
	booked := regexp.MustCompile(`(?m)^countersign_payments_confirmed_total\{provider="sandbox",way="(?:poll|webhook|lookup)"\} ([0-9]+)$`).FindAllStringSubmatch(got.text, -1)
	if sum := len(booked); sum != 3 {
		t.Errorf("payments by %d ways in\n%s", sum, got.text)
	}
	for _, line := range strings.Split(got.text, "\n") {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "# TYPE "), " "); ok && strings.HasPrefix(line, "# TYPE ") &&
			!strings.HasPrefix(name, "countersign_") && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is not named after this program", name)
		}
	}
}

// Issue 5: of a provider that can't be read the numbers say why, by a word that
// stays the same, and nothing of when it was last read.
func TestNumbersOfAProviderThatIsShut(t *testing.T) {
	s := open(t)
	_, err := s.d.Desk().SetUp(access.System(), desk.Account{Name: "stripe", Kind: "stripe", Live: true, Title: "Studio Lumen", Hint: "wxyz"})
	s.must(err)
	text := s.numbers().text
	for _, want := range []string{`countersign_provider_up{provider="stripe"} 0`, `countersign_provider_failing{cause="keys",provider="stripe"} 1`,
		`countersign_provider_failing{cause="unreachable",provider="stripe"} 0`, `countersign_provider_up{provider="sandbox"} 1`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, `lag_seconds{provider="stripe"}`) || strings.Contains(text, "wxyz") {
		t.Errorf("too much is said of it:\n%s", text)
	}
}

// R28: a display that has not painted what it was sent counts as behind, until
// it says that it has; and a genuine webhook says when it came.
func TestNumbersFollowDisplaysAndWebhooks(t *testing.T) {
	s := open(t)
	g := s.hang()
	s.api(http.MethodPost, "/displays/pair", `{"code": "`+g.see("pair").Code+`", "desk": "front", "name": "Front"}`).wants(t, "pairing", http.StatusCreated)
	idle := g.see("idle")
	says := func(line string) func() bool {
		return func() bool { return strings.Contains(s.numbers().text, "\n"+line) }
	}
	if !says("countersign_displays_behind 1\n")() {
		t.Error("a display that painted nothing isn't behind")
	}
	g.painted(idle)
	s.await("the display", says("countersign_displays_behind 0\n"))
	const hooks = "countersign_provider_last_webhook_timestamp_seconds"
	s.do(client(nil), http.MethodPost, "/hooks/sandbox", `{}`)
	if says(hooks + `{provider="sandbox"}`)() {
		t.Error("a forged webhook counts")
	}
	keys, err := os.ReadFile(filepath.Join(s.dir, "sandbox.key"))
	s.must(err)
	_, secret, _ := strings.Cut(strings.TrimSpace(string(keys)), " ")
	body := `{"id":"e_1","account":"` + sandbox.DefaultAccount + `","type":"` + sandbox.EventNotice + `"}`
	s.do(client(nil), http.MethodPost, "/hooks/sandbox", body, sandbox.SignatureHeader, sandbox.Sign(secret, time.Now(), []byte(body)))
	if !says(hooks + `{provider="sandbox"} 1.`)() {
		t.Error("a genuine webhook doesn't count")
	}
}
