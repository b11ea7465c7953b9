package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe/stripetest"
)

// abroad is Stripe as the program itself meets it: under its own name, with a
// certificate, by a proxy that leads nowhere else and may be down.
type abroad struct {
	*stripetest.Server
	env []string

	mu    sync.Mutex
	down  bool
	lines []net.Conn
}

// away cuts the line to the company, or mends it.
func (a *abroad) away(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
	for _, line := range a.lines {
		_ = line.Close()
	}
	a.lines = nil
}

// joined keeps a line, unless it is cut.
func (a *abroad) joined(lines ...net.Conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, lines...)
	return !a.down
}

func (a *abroad) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func goAbroad(t *testing.T, hook string) *abroad {
	t.Helper()
	a := &abroad{Server: stripetest.New(stripetest.Options{Key: patientKey, Secret: patientSecret, Account: "acct_1Lumen", Live: true, HookURL: hook})}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"api.stripe.com"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(a.Handler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.lead(w, r, server.Listener.Addr().String()) }))
	t.Cleanup(proxy.Close)
	a.env = []string{"SSL_CERT_FILE=" + trusted, "SSL_CERT_DIR=", "HTTPS_PROXY=" + proxy.URL, "NO_PROXY="}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go a.Run(ctx)
	return a
}

// lead joins who asks for Stripe with its stand-in.
func (a *abroad) lead(w http.ResponseWriter, r *http.Request, to string) {
	if !a.joined() || r.Method != http.MethodConnect || r.Host != "api.stripe.com:443" {
		http.Error(w, "nothing there", http.StatusBadGateway)
		return
	}
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, "nobody there", http.StatusBadGateway)
		return
	}
	defer there.Close()
	w.WriteHeader(http.StatusOK)
	here, begun, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	if !a.joined(here, there) {
		return
	}
	go func() { _, _ = io.Copy(there, begun); there.Close() }()
	_, _ = io.Copy(here, there)
}

// tabletPIN is what staff sign in with here.
const tabletPIN = "918273"

// tablet signs somebody in who may do everything.
func (h *site) tablet() *http.Client {
	h.t.Helper()
	var made struct{ ID string }
	status := h.ask(h.t.Context(), http.MethodPost, "/api/v1/staff", map[string]any{"name": "Boss", "role": "administrator", "pin": tabletPIN, "active": true}, &made)
	if made.ID == "" {
		h.t.Fatalf("no staff: %d", status)
	}
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar}
	h.t.Cleanup(c.CloseIdleConnections)
	h.posts(c, "/desk/signin", "staff", made.ID, "pin", tabletPIN)
	return c
}

// sees is a page of the tablet's.
func (h *site) sees(c *http.Client, path string) string {
	h.t.Helper()
	res, err := c.Get(h.base + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(page)
}

// posts sends a form, and returns the page that comes of it.
func (h *site) posts(c *http.Client, path string, pairs ...string) string {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", h.base)
	res, err := c.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(page)
}

// R39: nothing that the program prints, at the level that says most, while it is
// set up, paid, refunded, lied to and cut off, and nothing that doctor says of
// it, is a key, a token, a PIN or a card's number.
func TestR39ProcessTellsNoSecret(t *testing.T) {
	t.Parallel() // it mostly waits
	h := emptySite(t)
	company := goAbroad(t, h.base+"/hooks/stripe")
	h.env, h.config = company.env, filepath.Join(h.data, "countersign.toml")
	if err := os.WriteFile(h.config, []byte("log = \"debug\"\nsandbox = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.token = h.newToken()
	c := h.tablet()
	const wrong, card = "rk_live_OfNobodyAtAll0123456789", "4242424242424242"
	h.posts(c, "/desk/setup/payments", "kind", "stripe", "field_key", wrong, "field_webhook", patientSecret)
	h.posts(c, "/desk/setup/payments", "kind", "stripe", "field_key", patientKey, "field_webhook", patientSecret)
	token := h.paysAbroad(company)
	for _, body := range []string{`{"card":"` + card + `"}`, `{`} {
		h.ask(t.Context(), http.MethodPost, "/hooks/stripe", body, nil, "Stripe-Signature", fmt.Sprintf("t=%d,v1=%064x", time.Now().Unix(), 1))
	}
	h.ask(t.Context(), http.MethodGet, "/api/v1/visits", nil, nil, "Authorization", "Bearer "+h.token+"x")
	h.posts(c, "/desk/signin", "staff", "s_nobody", "pin", card)
	company.away(true)
	h.await("the outage is told", 90*time.Second, func(context.Context) bool { return strings.Contains(h.sees(c, "/desk"), `data-test="sync"`) })
	doctor, _ := h.command("doctor").CombinedOutput() // something is wrong, which it says
	_ = h.process.Process.Signal(syscall.SIGTERM)
	<-h.ended
	h.quiet(append(doctor, h.said.Bytes()...), wrong, token, tabletPIN, card, c)
}

// paysAbroad has a visit paid at the company and half of it given back, and
// returns the token of its link.
func (h *site) paysAbroad(company *abroad) (token string) {
	h.t.Helper()
	ctx := h.t.Context()
	v, ok := h.newVisit(ctx, "quiet")
	token, ok2 := h.link(ctx, v.ID)
	page, ok3 := h.open(ctx, token)
	if !ok || !ok2 || !ok3 {
		h.t.Fatalf("no page: %v %v %v\n%s", ok, ok2, ok3, h.said)
	}
	session := page[strings.LastIndexByte(page, '/')+1:]
	if err := company.Pay(strings.SplitN(session, "#", 2)[0]); err != nil {
		h.t.Fatal(err)
	}
	var paid []saidPayment
	h.await("the payment is booked", 60*time.Second, func(ctx context.Context) bool {
		paid, _ = h.ledger(ctx)
		return len(paid) == 1
	})
	h.ask(ctx, http.MethodPost, "/api/v1/payments/"+paid[0].ID+"/refunds", map[string]any{"amount": paid[0].Amount / 2}, nil)
	h.await("the refund is booked", 60*time.Second, func(ctx context.Context) bool {
		paid, _ = h.ledger(ctx)
		return len(paid) == 2
	})
	return token
}

// quiet holds what was printed against every secret of the site, in every form.
func (h *site) quiet(printed []byte, wrong, token, pin, card string, c *http.Client) {
	h.t.Helper()
	secrets := []string{card}
	for _, s := range []string{patientKey, patientSecret, wrong, token, pin, h.token} {
		secrets = append(secrets, providertest.Forms(s)...)
	}
	at, _ := url.Parse(h.base + "/desk")
	for _, cookie := range c.Jar.Cookies(at) {
		if len(cookie.Value) > 12 { // not the desk's name
			secrets = append(secrets, cookie.Value)
		}
	}
	if len(secrets) < 10 || len(printed) < 1000 {
		h.t.Fatalf("%d secrets and %d bytes: too few to hold", len(secrets), len(printed))
	}
	for line := range strings.Lines(string(printed)) {
		if found := providertest.Leaks(line, secrets); found != nil {
			h.t.Errorf("it says %q: %s", found, line)
		}
	}
}
