package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/daemon/access"
)

// built builds the program as make does, once, into the repository's bin
// folder, and returns where it is.
var built = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", "countersign-test"))
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return path, nil
})

// site is a data folder, and the program that runs on it as its own process,
// at an address that stays the same through all its lives.
type site struct {
	t       testing.TB
	program string
	data    string
	config  string   // its settings; none unless told
	env     []string // besides the test's own
	listen  string
	base    string
	token   string
	http    *http.Client
	process *exec.Cmd
	ended   chan struct{}
	said    *bytes.Buffer
}

// emptySite is a site whose daemon wasn't started yet.
func emptySite(t testing.TB) *site {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: its path is too long for the control socket.
	data, err := os.MkdirTemp("", "countersign")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	h := &site{t: t, program: program, data: data, config: os.DevNull, listen: freeAddress(t),
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	h.base = "http://" + h.listen
	t.Cleanup(h.http.CloseIdleConnections)
	t.Cleanup(h.kill)
	return h
}

func newSite(t testing.TB) *site {
	t.Helper()
	h := emptySite(t)
	h.start()
	h.token = h.newToken()
	return h
}

// freeAddress is one that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (h *site) command(args ...string) *exec.Cmd {
	c := exec.Command(h.program, append(args, "--data", h.data, "--config", h.config)...)
	c.Env = append(os.Environ(), "STATE_DIRECTORY=", "CONFIGURATION_DIRECTORY=", "NOTIFY_SOCKET=")
	c.Env = append(c.Env, h.env...)
	return c
}

// start starts a life, and returns once it is ready to show codes.
func (h *site) start() {
	h.t.Helper()
	h.launch()
	h.await("the daemon is ready", 20*time.Second, func(ctx context.Context) bool {
		return h.ask(ctx, http.MethodGet, "/readyz", nil, nil) == http.StatusOK
	})
}

// launch starts a life and doesn't wait for it.
func (h *site) launch() {
	h.t.Helper()
	h.said = &bytes.Buffer{}
	h.process = h.command("run", "--listen", h.listen)
	h.process.Stdout, h.process.Stderr = h.said, h.said
	if err := h.process.Start(); err != nil {
		h.t.Fatal(err)
	}
	process, ended := h.process, make(chan struct{})
	h.ended = ended
	go func() {
		_ = process.Wait() // how it ended is the test's own doing
		close(ended)
	}()
}

// kill ends a life as a power cut would, as far as a process can tell.
func (h *site) kill() {
	if h.process == nil {
		return
	}
	_ = h.process.Process.Kill() // it may have ended by itself, which a failed await tells
	<-h.ended
	h.http.CloseIdleConnections()
	h.process = nil
}

// await asks until something is so. A daemon that ended by itself, or takes
// too long, fails the test with what it said.
func (h *site) await(what string, within time.Duration, so func(context.Context) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	look := time.NewTicker(3 * time.Millisecond)
	defer look.Stop()
	for !so(ctx) {
		select {
		case <-look.C:
		case <-h.ended:
			h.t.Fatalf("the daemon ended before this: %s\n%s", what, h.said)
		case <-ctx.Done():
			h.t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// ask sends a request as a program with a token would, reads the answer into
// into if it is a good one, and returns its status; 0 if none came.
func (h *site) ask(ctx context.Context, method, path string, body, into any, headers ...string) int {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0
		}
		sent = bytes.NewReader(raw)
	}
	if strings.HasPrefix(path, "/") {
		path = h.base + path
	}
	r, err := http.NewRequestWithContext(ctx, method, path, sent)
	if err != nil {
		return 0
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := h.http.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0 // the daemon died in the middle of its answer
	}
	if into != nil && res.StatusCode < 300 && json.Unmarshal(raw, into) != nil {
		return 0
	}
	return res.StatusCode
}

func (h *site) newToken() string {
	h.t.Helper()
	said, err := h.command("token", "create", "--name", "blackbox", "--rights", access.All().String(), "--json").Output()
	var made struct{ Token string }
	if err = errors.Join(err, json.Unmarshal(said, &made)); err != nil || made.Token == "" {
		h.t.Fatalf("token create: %v: %s", err, said)
	}
	return made.Token
}

// verify runs countersign verify, on the running daemon or on its file.
func (h *site) verify() {
	h.t.Helper()
	if said, err := h.command("verify").CombinedOutput(); err != nil {
		h.t.Fatalf("countersign verify: %v\n%s", err, said)
	}
}

// newVisit makes a visit over the API; false if no good answer came.
func (h *site) newVisit(ctx context.Context, key string) (v saidVisit, ok bool) {
	return h.newVisitAt(ctx, key, 4500)
}

// newVisitAt is newVisit with a price of its own, in minor units.
func (h *site) newVisitAt(ctx context.Context, key string, price int) (v saidVisit, ok bool) {
	draft := map[string]any{"client": map[string]any{"name": "Anna Kovács " + key}, "status": "arrived",
		"lines": []map[string]any{{"kind": "service", "name": "Haircut", "quantity": 1, "unit_price": price}}}
	status := h.ask(ctx, http.MethodPost, "/api/v1/visits", draft, &v, "Idempotency-Key", "visit-"+key)
	return v, status == http.StatusCreated || status == http.StatusOK
}

// saidVisit, saidPayment and saidLink are what the API says.
type saidVisit struct {
	ID           string     `json:"id"`
	Due          int64      `json:"due"`
	LinkState    string     `json:"link_state"`
	PaymentState string     `json:"payment_state"`
	Blocked      *time.Time `json:"blocked_until"`
}

type saidPayment struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Visit    string `json:"visit"`
	Method   string `json:"method"`
	Register string `json:"register"`
	Amount   int64  `json:"amount"`
	Checkout string `json:"checkout"`
}

type saidLink struct {
	Token string `json:"token"`
}

// link returns the token of a visit's payment link.
func (h *site) link(ctx context.Context, visit string) (token string, ok bool) {
	var l saidLink
	status := h.ask(ctx, http.MethodGet, "/api/v1/visits/"+visit+"/link", nil, &l)
	return l.Token, status == http.StatusOK
}

// open goes on to pay, and returns the address of the provider's page.
func (h *site) open(ctx context.Context, token string) (page string, ok bool) {
	var to struct{ Redirect string }
	status := h.ask(ctx, http.MethodPost, "/p/"+token+"/open", nil, &to)
	return to.Redirect, status == http.StatusOK && to.Redirect != ""
}

// pay presses Pay on the sandbox's page; true once it answered that it is paid.
func (h *site) pay(ctx context.Context, page string) bool {
	return h.ask(ctx, http.MethodPost, page+"/pay", nil, nil, "Origin", h.base, "Sec-Fetch-Site", "same-origin") == http.StatusSeeOther
}

// ledger reads all entries there are; false if no good answer came.
func (h *site) ledger(ctx context.Context) (all []saidPayment, ok bool) {
	for cursor := ""; ; {
		var page struct {
			Payments []saidPayment `json:"payments"`
			Next     string        `json:"next_cursor"`
		}
		status := h.ask(ctx, http.MethodGet, "/api/v1/payments?limit=500&cursor="+url.QueryEscape(cursor), nil, &page)
		if status != http.StatusOK {
			return nil, false
		}
		all = append(all, page.Payments...)
		if cursor = page.Next; cursor == "" {
			return all, true
		}
	}
}

// company reads the sandbox's own list: how often it was paid, by checkout.
func (h *site) company(ctx context.Context) (paid map[string][]int64, ok bool) {
	raw, err := os.ReadFile(filepath.Join(h.data, "sandbox.key"))
	if err != nil {
		return nil, false
	}
	key, _, _ := strings.Cut(string(raw), " ")
	var list struct {
		Payments []struct {
			Reference string `json:"reference"`
			Amount    int64  `json:"amount"`
		} `json:"payments"`
	}
	status := h.ask(ctx, http.MethodGet, "/sandbox/v1/payments", nil, &list, "Authorization", "Bearer "+key)
	paid = map[string][]int64{}
	for _, p := range list.Payments {
		paid[p.Reference] = append(paid[p.Reference], p.Amount)
	}
	return paid, status == http.StatusOK
}
