package sandbox_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
)

// serve gives a client to a server nobody runs.
func serve(t *testing.T, s *sandbox.Server) *house {
	tr := providertest.Serve(t, s.Handler())
	return &house{
		Server: s, http: &http.Client{Transport: tr, CheckRedirect: stay},
		client: sandbox.New(sandbox.Config{Base: base + "/", Key: key, Secret: secret, HTTP: &http.Client{Transport: tr}}),
	}
}

func TestOpenNeedsKeyAndSecret(t *testing.T) {
	for _, o := range []sandbox.ServerOptions{{}, {Key: "k"}, {Secret: "s"}} {
		if s, err := sandbox.OpenServer(filepath.Join(t.TempDir(), "s.db"), o); err == nil {
			t.Errorf("opened with %+v", o)
			_ = s.Close()
		}
	}
}

func TestAPINeedsTheKey(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for _, k := range []string{"", "wrong", key + "x"} {
			for _, p := range []string{"sessions/x", "events", "payments", "faults", "deliveries", "nothing"} {
				if res, body := h.call(t, "GET", "/sandbox/v1/"+p, k, ""); res.StatusCode != 401 || !json.Valid([]byte(body)) {
					t.Errorf("%s with %q: %d", p, k, res.StatusCode)
				}
			}
		}
		if res, _ := h.call(t, "GET", "/sandbox/v1/nothing", key, ""); res.StatusCode != 404 {
			t.Errorf("nothing: %d", res.StatusCode)
		}
		stranger := sandbox.New(sandbox.Config{Base: base, Key: "wrong", HTTP: h.http})
		_, err := stranger.Create(t.Context(), request())
		wantKind(t, "create", err, provider.Refused)
	})
}

func TestAPIRefusesOddBodies(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for _, body := range []string{"", "{", "[]", `{"amount":"25"}`, strings.Repeat(" ", 2<<20)} {
			for _, p := range []string{"sessions", "refunds"} {
				if res, _ := h.call(t, "POST", "/sandbox/v1/"+p, key, body); res.StatusCode != 400 {
					t.Errorf("%s without a key: %d", p, res.StatusCode)
				}
				req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/sandbox/v1/"+p, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+key)
				req.Header.Set("Idempotency-Key", "k")
				if res, _ := h.send(t, req); res.StatusCode != 400 {
					t.Errorf("%s: %.20q gives %d", p, body, res.StatusCode)
				}
			}
		}
	})
}

func TestAPIListsPaymentsAndDeliveries(t *testing.T) { // R36
	inBubble(t, func(t *testing.T, h *house) {
		if _, body := h.call(t, "GET", "/sandbox/v1/payments", key, ""); body != `{"payments":[]}` {
			t.Errorf("none: %s", body)
		}
		s := h.create(t)
		must(t)(h.Pay(s.ID))
		paid, err := h.Payments()
		if err != nil || len(paid) != 1 {
			t.Fatal(paid, err)
		}
		if _, err := h.RefundByHand(paid[0].ID, 500, "EUR"); err != nil {
			t.Fatal(err)
		}
		_, body := h.call(t, "GET", "/sandbox/v1/payments", key, "")
		var got struct{ Payments []sandbox.Payment }
		if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Payments) != 1 {
			t.Fatalf("%s: %v", body, err)
		}
		if p := got.Payments[0]; p.Session != s.ID || p.Reference != "r1" || p.Amount != 2500 || p.Refunded != 500 {
			t.Errorf("%+v", p)
		}
		if _, body := h.call(t, "GET", "/sandbox/v1/deliveries", key, ""); body != `{"deliveries":[]}` {
			t.Errorf("deliveries without a hook: %s", body)
		}
	})
}

func TestRefundByHandIsHeardOf(t *testing.T) { // R23
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		paid, err := h.Pay(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // without a key these are two refunds
			if _, err := h.RefundByHand(paid.Payment, 500, "EUR"); err != nil {
				t.Fatal(err)
			}
		}
		p, err := h.client.Events(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		last := p.Events[len(p.Events)-1]
		if last.Type != provider.EventRefund || last.Refund.Key != "" || last.Refund.Amount != 500 || len(p.Events) != 4 {
			t.Errorf("%+v", p.Events)
		}
		if _, err := h.RefundByHand(paid.Payment, 1501, "EUR"); err == nil {
			t.Error("more than is left")
		}
	})
}

func TestPayAnyway(t *testing.T) { // R19, R20
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		if _, err := h.client.Cancel(t.Context(), s.ID); err != nil {
			t.Fatal(err)
		}
		late, err := h.PayAnyway(s.ID, 2400, "USD")
		if err != nil || late.Status != provider.Paid || late.Amount != 2400 || late.Currency != "USD" {
			t.Fatalf("%+v, %v", late, err)
		}
		second, err := h.PayAnyway(s.ID, 2500, "EUR")
		if err != nil || second.Payment == late.Payment || len(took(t, h)) != 2 {
			t.Errorf("%+v, %v", second, err)
		}
	})
}

func TestMethodsOfUnknownSessions(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for name, press := range map[string]func(string) (provider.Session, error){
			"Pay": h.Pay, "PayLater": h.PayLater, "Decline": h.Decline,
		} {
			if _, err := press("nobody"); err == nil {
				t.Errorf("%s of nobody", name)
			}
		}
		if _, err := h.RefundByHand("nobody", 1, "EUR"); err == nil {
			t.Error("a refund of nothing")
		}
	})
}

func TestNoPublicAddressNoSession(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.SetPublicURL("")
		_, err := h.client.Create(t.Context(), request())
		wantKind(t, "create", err, provider.Refused)
	})
}

// TestRestart: the company remembers, and what was to happen happens.
func TestRestart(t *testing.T) { // R10, R36
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "sandbox.db")
		s, err := sandbox.OpenServer(file, options())
		if err != nil {
			t.Fatal(err)
		}
		h := serve(t, s)
		x := h.create(t)
		q := request()
		q.Key, q.Reference = "k2", "r2"
		late, err := h.client.Create(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		must(t)(h.PayLater(late.ID))
		_, cursor := pageTypes(t, h, "")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		h = openAt(t, file, options())
		synctest.Wait()
		got, _ := pageTypes(t, h, cursor)
		if want := provider.EventPaid + " " + provider.EventExpired; got != want {
			t.Errorf("after the restart: %q, want %q", got, want)
		}
		if again, err := h.client.Look(t.Context(), x.ID); err != nil || again.Status != provider.Expired {
			t.Errorf("forgotten: %+v, %v", again, err)
		}
	})
}

func pageTypes(t *testing.T, h *house, cursor string) (types, next string) {
	t.Helper()
	p, err := h.client.Events(t.Context(), cursor, 50)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range p.Events {
		all = append(all, e.Type)
	}
	return strings.Join(all, " "), p.Cursor
}

func TestCloseTwiceAndRunAfter(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		synctest.Wait() // Run has begun
		for range 2 {
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Run(t.Context()); err != sandbox.ErrClosed {
			t.Errorf("Run: %v", err)
		}
		if res, _ := h.call(t, "GET", "/sandbox/v1/payments", key, ""); res.StatusCode != 503 {
			t.Errorf("a request: %d", res.StatusCode)
		}
	})
}
