package main

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kardianos/service"

	"countersign/daemon"
	"countersign/daemon/confirm"
	"countersign/daemon/provider/providertest"
)

// R40: how much room is left decides against what is kept.
func TestR40DoctorOfTheDisk(t *testing.T) {
	roomOf(50<<20, 1<<20).is(t, failing, "50 MB", "Make room now")
	roomOf(5<<30, 60<<30).is(t, failing, "5.0 GB")
	roomOf(500<<20, 1<<20).is(t, warning, "500 MB", "soon")
	roomOf(3<<30, 2<<30).is(t, warning, "3.0 GB", "take 2.0 GB")
	roomOf(50<<30, 2<<30).is(t, fine)
}

// R39, R40: whoever else may read what is secret is told of, with the command
// that mends it; a folder alone gives away little.
func TestR39DoctorOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	at := func(mode fs.FileMode) diagnosis {
		t.Helper()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		return doctor{settings: settings{Data: dir}}.folder()[0]
	}
	if err := os.WriteFile(filepath.Join(dir, "stripe.key"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	at(0o700).is(t, fine, "nobody else can read it")
	at(0o755).is(t, warning, "may look into", "chmod 700")
	if err := os.Chmod(filepath.Join(dir, "stripe.key"), 0o640); err != nil {
		t.Fatal(err)
	}
	at(0o700).is(t, failing, "stripe.key", "chmod -R go=")
}

// R40, R41: the clock is held against the provider's, to half a minute.
func TestR41DoctorOfTheClock(t *testing.T) {
	at := func(skew time.Duration) daemon.Checkup { return daemon.Checkup{Zone: "Europe/Berlin", Skew: &skew} }
	timekeeping(at(-29 * time.Second))[0].is(t, fine, "Europe/Berlin")
	timekeeping(at(95 * time.Second))[0].is(t, failing, "1m35s slow", "set-ntp")
	timekeeping(at(-time.Hour))[0].is(t, failing, "1h0m0s fast")
	timekeeping(daemon.Checkup{Zone: "UTC"})[0].is(t, fine, "No payment provider")
	timekeeping(daemon.Checkup{Zone: "Europe/Atlantis"})[0].is(t, failing, "Atlantis", "Set up")
}

// R40: a certificate is told of before it ends, and one that phones refuse.
func TestR40DoctorOfTheCertificate(t *testing.T) {
	lasts("pay.example", 2*24*time.Hour).is(t, failing, "2 more days")
	lasts("pay.example", 10*24*time.Hour).is(t, warning, "10 more days", "by itself")
	lasts("pay.example", 60*24*time.Hour).is(t, fine)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	doctor{roots: roots}.certificate(t.Context(), server.URL)[0].is(t, fine, "127.0.0.1", "more days")
	doctor{roots: x509.NewCertPool()}.certificate(t.Context(), server.URL)[0].is(t, failing, "refuse", "Renew")
	if found := (doctor{}).certificate(t.Context(), "http://192.0.2.7:8791"); found != nil {
		t.Errorf("of plain http: %v", found)
	}
}

// R40: the public address is asked, and it has to be us who answer.
func TestR40DoctorOfTheAddress(t *testing.T) {
	asked := func(h http.HandlerFunc) doctor {
		return doctor{running: true, client: &http.Client{Transport: providertest.Serve(t, h)}}
	}
	us := asked(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":"ok","version":"dev"}`))
	})
	us.address(t.Context(), "http://192.0.2.7:8791")[0].is(t, fine, "can be reached")
	us.address(t.Context(), "http://127.0.0.1:8791")[0].is(t, warning, "Only this computer")
	us.address(t.Context(), "http://nobody.invalid")[0].is(t, failing, "nobody.invalid can't be found")
	other := asked(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) })
	other.address(t.Context(), "http://192.0.2.7")[0].is(t, failing, "another program answers")
	stopped := doctor{client: http.DefaultClient}
	stopped.address(t.Context(), "http://192.0.2.7")[0].is(t, fine, "once Countersign runs")
}

// R35, R40: providers that aren't read, and webhooks that don't come, are told of.
func TestR35DoctorOfConfirmations(t *testing.T) {
	c := daemon.Checkup{PublicURL: "https://pay.example", Accounts: []daemon.AccountCheck{{Name: "stripe", Title: "Stripe", Webhooks: true}},
		Sync: []confirm.State{{Provider: "stripe", Synced: true, Lag: 12}}}
	d := doctor{}
	of(t, d.confirmations(c), "sync stripe").is(t, fine, "12s ago")
	of(t, d.confirmations(c), "webhooks stripe").is(t, fine, "none was due")
	c.Polled = map[string]uint64{"stripe": 3}
	of(t, d.confirmations(c), "webhooks stripe").is(t, warning, "no webhook came", "https://pay.example/hooks/stripe")
	c.Sync[0].LastHook = time.Now()
	of(t, d.confirmations(c), "webhooks stripe").is(t, fine, "The last one came")
	c.Sync[0].Lag = 900
	of(t, d.confirmations(c), "sync stripe").is(t, failing, "15m0s ago")
	c.Sync[0] = confirm.State{Provider: "stripe", Lag: -1}
	of(t, d.confirmations(c), "sync stripe").is(t, warning, "not read yet")
	c.Sync[0] = confirm.State{Provider: "stripe", Cause: confirm.CauseUnreachable, Problem: "The payment provider can't be reached."}
	of(t, d.confirmations(c), "sync stripe").is(t, failing, "can't be reached", "Nothing is lost")
}

// R31, R40: codes that are too fine for the distance are told of.
func TestR31DoctorOfTheCode(t *testing.T) {
	of(t, doctor{}.within(daemon.Checkup{Zone: "UTC", Fine: true}), "code").is(t, warning, "hard to scan", "shorter public_url")
}

// R34, R40: that no real money is taken is said; with no provider it fails.
func TestR34DoctorOfPayments(t *testing.T) {
	payments(daemon.Checkup{})[0].is(t, failing, "nobody can pay by link")
	payments(daemon.Checkup{Preferred: "sandbox"})[0].is(t, warning, "no real payments")
	payments(daemon.Checkup{Preferred: "stripe-test"})[0].is(t, warning, "stripe-test, a test account")
	payments(daemon.Checkup{Preferred: "stripe"})[0].is(t, fine)
}

// R28, R40: a display that is gone for an hour is called by its name.
func TestR28DoctorOfDisplays(t *testing.T) {
	now := time.Now()
	c := daemon.Checkup{Displays: []daemon.DisplayCheck{{Name: "Window", Online: true}, {Name: "Door", LastSeen: now.Add(-time.Minute)}}}
	doctor{running: true}.displays(c, now)[0].is(t, fine, "1 of 2")
	doctor{}.displays(c, now)[0].is(t, fine, "2 paired")
	c.Displays[1].LastSeen = now.Add(-2 * time.Hour)
	doctor{running: true}.displays(c, now)[0].is(t, warning, "Door (since", "browser")
	doctor{running: true}.displays(daemon.Checkup{}, now)[0].is(t, warning, "No display is paired")
}

// R40: the service is told apart from a daemon that somebody started.
func TestR40DoctorOfTheService(t *testing.T) {
	at := func(state service.Status, err error, running bool) diagnosis {
		return doctor{running: running, manager: func() (service.Status, error) { return state, err }}.service()
	}
	at(service.StatusRunning, nil, true).is(t, fine)
	at(service.StatusRunning, nil, false).is(t, warning, "not on the data")
	at(service.StatusStopped, nil, true).is(t, warning, "by hand")
	at(service.StatusStopped, nil, false).is(t, failing, "journalctl")
	at(0, service.ErrNotInstalled, true).is(t, warning, "power cut", "service install")
	at(0, errors.New("no systemd"), true).is(t, warning, "no systemd")
}
