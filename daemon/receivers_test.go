package daemon_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/webhook"
)

// ear is a receiver that notes what it is sent, and under which headers.
type ear struct {
	mu     sync.Mutex
	heads  []http.Header
	bodies [][]byte
}

func (e *ear) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heads, e.bodies = append(e.heads, r.Header), append(e.bodies, body)
}

func (e *ear) last() (http.Header, []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.bodies)
	if n == 0 {
		return http.Header{}, nil
	}
	return e.heads[n-1], e.bodies[n-1]
}

// tried tests a receiver, and waits longer for the outcome than staff do: a busy
// disk may take its time.
func (b *branch) tried(which id.Subscriber) (desk.Message, error) {
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	m, err := b.TestReceiver(ctx, access.System(), which)
	for err == nil && m.State == desk.MessageWaiting && ctx.Err() == nil {
		changed := b.Desk().Changed()
		if m, err = b.Desk().MessageByID(access.System(), m.ID); err != nil || m.State != desk.MessageWaiting {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return m, err
}

// R39: a receiver on loopback, where the settings allow it, is sent what it can
// verify; its secret is in the vault alone, not in the store, nor in the log.
func TestR39ReceiverOnLoopback(t *testing.T) {
	b := newBranch(t)
	b.stop()
	log := &bytes.Buffer{}
	b.cfg.PrivateReceivers, b.cfg.Log = true, zerolog.New(zerolog.SyncWriter(log)).Level(zerolog.DebugLevel)
	b.open()
	e := &ear{}
	server := httptest.NewServer(e)
	defer server.Close()
	s, secret, err := b.AddReceiver(access.System(), server.URL+"/hooks?key=1", []string{desk.VisitChanged}) // none happens
	b.must(err)
	m, err := b.tried(s.ID)
	b.must(err)
	h, body := e.last()
	if m.State != desk.MessageDelivered || h.Get("webhook-id") != m.ID || !strings.Contains(string(body), `"type":"webhook.test"`) {
		t.Errorf("%+v\n%v\n%s", m, h, body)
	}
	b.must(webhook.Verify(h, time.Now(), body, secret))
	server.Close()
	if m, err = b.tried(s.ID); err != nil || m.State != desk.MessageFailed || m.Outcome != desk.OutcomeUnreachable {
		t.Errorf("closed: %+v, %v", m, err)
	}
	b.stop()
	b.open()
	for _, file := range []string{"countersign.db", "sandbox.db"} {
		raw, err := os.ReadFile(filepath.Join(b.cfg.Data, file))
		b.must(err)
		if bytes.Contains(raw, []byte(secret)) || bytes.Contains(raw, []byte(secret[6:40])) {
			t.Errorf("the secret is in %s", file)
		}
	}
	keys, err := filepath.Glob(filepath.Join(b.cfg.Data, "keys", "receiver-*.key"))
	b.must(err)
	if len(keys) != 1 {
		t.Errorf("%v", keys)
	}
	b.must(b.RemoveReceiver(access.System(), s.ID))
	if keys, _ = filepath.Glob(filepath.Join(b.cfg.Data, "keys", "*")); len(keys) != 0 {
		t.Errorf("its secret is still there: %v", keys)
	}
	b.stop() // nobody writes to the log any more
	if said := log.String(); strings.Contains(said, "whsec") || strings.Contains(said, "127.0.0.1:") {
		t.Error(said)
	}
}

// R39: without the setting nobody is added who is private, and a name that
// turns out to be is not dialled.
func TestR39PrivateReceiverRefused(t *testing.T) {
	b := newBranch(t)
	e := &ear{}
	server := httptest.NewServer(e)
	defer server.Close()
	for _, url := range []string{server.URL, strings.Replace(server.URL, "http:", "https:", 1), "https://localhost/x"} {
		_, _, err := b.AddReceiver(access.System(), url, nil)
		wantCode(t, err, "validation")
	}
	if _, err := os.Stat(filepath.Join(b.cfg.Data, "keys")); err == nil {
		t.Error("something was kept of what was refused")
	}
	b.stop()
	b.cfg.PrivateReceivers, b.cfg.Receivers = true, webhook.NewClient(false)
	b.open()
	s, _, err := b.AddReceiver(access.System(), server.URL, nil)
	b.must(err)
	m, err := b.TestReceiver(t.Context(), access.System(), s.ID)
	if _, body := e.last(); err != nil || m.Outcome != desk.OutcomePrivate || body != nil {
		t.Errorf("%+v, %v, %s", m, err, body)
	}
}

// R39: for a day after it was renewed, also twice, the secret before signs as
// well; then the new one alone.
func TestR39RenewedSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		b.stop()
		e := &ear{}
		b.cfg.PrivateReceivers, b.cfg.Receivers = true, &http.Client{Transport: providertest.Serve(t, e)}
		b.open()
		s, first, err := b.AddReceiver(access.System(), "http://crm.local/", []string{desk.VisitChanged})
		b.must(err)
		second, err := b.RenewReceiver(access.System(), s.ID)
		b.must(err)
		time.Sleep(time.Hour)
		third, err := b.RenewReceiver(access.System(), s.ID)
		b.must(err)
		fits := func(when string, secrets ...string) {
			t.Helper()
			m, err := b.TestReceiver(t.Context(), access.System(), s.ID)
			h, body := e.last()
			if err != nil || m.State != desk.MessageDelivered {
				t.Fatal(m, err)
			}
			if n := len(strings.Fields(h.Get("webhook-signature"))); n != len(secrets) {
				t.Errorf("%s: %d signatures", when, n)
			}
			for _, secret := range secrets {
				if err := webhook.Verify(h, time.Now(), body, secret); err != nil {
					t.Errorf("%s: %v", when, err)
				}
			}
		}
		fits("at once", third, second, first)
		time.Sleep(23*time.Hour + 30*time.Minute)
		fits("the first one's day is over", third, second)
		time.Sleep(time.Hour)
		fits("all days are over", third)
		b.must(os.Remove(filepath.Join(b.cfg.Data, "keys", "receiver-"+string(s.ID[2:])+".key")))
		if m, err := b.TestReceiver(t.Context(), access.System(), s.ID); err != nil || m.Outcome != desk.OutcomeNoSecret {
			t.Errorf("%+v, %v", m, err)
		}
		again, err := b.RenewReceiver(access.System(), s.ID)
		b.must(err)
		fits("after it was lost", again)
	})
}
