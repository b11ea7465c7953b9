package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/visit"
	"countersign/web"
)

const pin = "4711"

// salon is a whole daemon with its real store, its sandbox and its web side,
// on a port of this computer.
type salon struct {
	t    *testing.T
	dir  string // of its files
	base string
	d    *daemon.Daemon
	log  *notebook
	// routes is every address, as the router has it.
	routes chi.Routes
	// token has every right; staff are by role.
	token string
	staff map[access.Role]id.Staff
}

// notebook is a log that many goroutines write.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends a line.
func (n *notebook) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// open opens a salon for one test; at its end every invariant is held against
// what the test left.
func open(t *testing.T, senders ...notify.Sender) *salon {
	return openWith(t, daemon.Fiscal{}, senders...)
}

// openWith opens a salon that has a fiscal device.
func openWith(t *testing.T, device daemon.Fiscal, senders ...notify.Sender) *salon {
	t.Helper()
	return openAs(t, func(cfg *daemon.Config) { cfg.Fiscal, cfg.Senders = device, senders })
}

// openAs opens a salon whose daemon is set up otherwise than usual.
func openAs(t *testing.T, change func(*daemon.Config)) *salon {
	t.Helper()
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &salon{t: t, dir: t.TempDir(), base: "http://" + listener.Addr().String(), log: &notebook{}, staff: map[access.Role]id.Staff{}}
	logger := zerolog.New(s.log).Level(zerolog.TraceLevel)
	cfg := daemon.Config{Data: s.dir, PublicURL: s.base, Local: s.base, Log: logger, NoSync: true, Version: "test"}
	change(&cfg)
	s.d, err = daemon.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	handler := web.New(s.d, web.Options{Log: logger, Version: "test"})
	s.routes = handler.(chi.Routes)
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	ctx, cancel := context.WithCancel(context.Background())
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	var running sync.WaitGroup
	running.Go(func() { _ = s.d.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		server.Close()
		s.verify()
		if err := s.d.Close(); err != nil {
			t.Error(err)
		}
	})
	s.furnish()
	s.await("the start-up sync", s.d.Desk().IsSynced)
	return s
}

func (s *salon) verify() {
	problems, err := s.d.Verify()
	if err != nil {
		s.t.Error(err)
	}
	for _, p := range problems {
		s.t.Errorf("%s: %s", p.Rule, p.Text)
	}
}

func (s *salon) furnish() {
	boss := access.System()
	l := desk.DefaultLocation()
	l.Name, l.Zone = "Studio Lumen", "Europe/Berlin"
	s.must(s.d.Desk().SaveLocation(boss, l))
	for _, p := range []desk.Place{{ID: "front", Name: "Reception"}, {ID: "back", Name: "Back room"}} {
		_, err := s.d.Desk().SavePlace(boss, p)
		s.must(err)
	}
	for _, role := range access.Roles() {
		one, err := s.d.Desk().SaveStaff(boss, desk.StaffDraft{Name: string(role), Role: role, PIN: pin, Active: true})
		s.must(err)
		s.staff[role] = one.ID
	}
	var err error
	s.token, err = s.d.Desk().CreateToken(boss, "test", access.All(), 0)
	s.must(err)
	_, err = s.d.Desk().SaveItem(boss, catalogue.Item{ID: "i_cut", Kind: visit.Service, Name: "Haircut", Price: 3500, Min: 3000, Max: 5000, Active: true})
	s.must(err)
}

func (s *salon) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// await waits until something is so, woken by the store.
func (s *salon) await(what string, so func() bool) {
	s.t.Helper()
	late := time.After(10 * time.Second)
	for {
		changed := s.d.Desk().Changed()
		if so() {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // not everything awaited is in the store
		case <-late:
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// book makes a visit that costs 25.00.
func (s *salon) book() visit.Visit {
	s.t.Helper()
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{
		Client: visit.Client{Name: "Anna Kovacs", Phone: "+36201234567", Email: "anna@example.com"},
		Status: visit.Arrived, Lines: []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	return v
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

// json reads the answer's body, an object.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		t.Fatalf("not JSON: %v: %.300s", err, a.text)
	}
	return v
}

// code is the problem's.
func (a answer) code(t *testing.T) string {
	t.Helper()
	c, _ := a.json(t)["code"].(string)
	return c
}

// fields are the places that a problem names.
func (a answer) fields(t *testing.T) []string {
	t.Helper()
	var p struct {
		Errors []struct{ Location, Message string } `json:"errors"`
	}
	if err := json.Unmarshal([]byte(a.text), &p); err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, e := range p.Errors {
		at = append(at, e.Location)
	}
	return at
}

// client doesn't follow redirects, and keeps cookies if it has a jar.
func client(jar http.CookieJar) *http.Client {
	return &http.Client{Jar: jar, Timeout: 40 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *salon) do(c *http.Client, method, path, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	s.must(err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := c.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	s.must(err)
	return answer{got.StatusCode, got.Header, string(text)}
}

// api asks with the token that has every right.
func (s *salon) api(method, path, body string, headers ...string) answer {
	s.t.Helper()
	headers = append([]string{"Authorization", "Bearer " + s.token, "Content-Type", "application/json"}, headers...)
	return s.do(client(nil), method, "/api/v1"+path, body, headers...)
}

// tablet signs somebody in, and returns their browser.
func (s *salon) tablet(role access.Role) *http.Client {
	s.t.Helper()
	jar, _ := cookiejar.New(nil)
	c := client(jar)
	got := s.post(c, "/desk/signin", "staff", string(s.staff[role]), "pin", pin)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk" {
		s.t.Fatalf("sign-in: %d %.200s", got.status, got.text)
	}
	return c
}

// post sends a form.
func (s *salon) post(c *http.Client, path string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return s.do(c, http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
}

// dump is everything that is stored.
func (s *salon) dump() string {
	s.t.Helper()
	var b bytes.Buffer
	s.must(s.d.Dump(&b))
	return b.String()
}

// addresses are the routes of some methods, with a real visit, desk and the
// like in the place of their parameters.
func (s *salon) addresses(v visit.Visit, methods ...string) []string {
	s.t.Helper()
	var list []string
	s.must(chi.Walk(s.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if slices.Contains(methods, method) {
			list = append(list, method+" "+strings.NewReplacer("{id}", string(v.ID), "{token}", string(v.Token), "{desk}", "front",
				"{provider}", "sandbox", "/*", "/x").Replace(route))
		}
		return nil
	}))
	slices.Sort(list)
	return slices.Compact(list)
}

// rawSocket is a tablet's socket as bytes, for what no library would send.
func (s *salon) rawSocket(c *http.Client) net.Conn {
	s.t.Helper()
	host := strings.TrimPrefix(s.base, "http://")
	conn, err := net.Dial("tcp", host)
	s.must(err)
	base, err := url.Parse(s.base)
	s.must(err)
	request := "GET /desk/ws HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: countersign.desk.v1\r\n"
	for _, cookie := range c.Jar.Cookies(base) {
		request += "Cookie: " + cookie.String() + "\r\n"
	}
	_, err = io.WriteString(conn, request+"\r\n")
	s.must(err)
	got, err := http.ReadResponse(bufio.NewReader(conn), nil)
	s.must(err)
	if got.StatusCode != http.StatusSwitchingProtocols {
		s.t.Fatalf("no socket: %d", got.StatusCode)
	}
	return conn
}
