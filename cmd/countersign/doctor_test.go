package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kardianos/service"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/provider"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
)

const (
	patientKey    = "rk_live_0123456789abcdefghijklmnop"
	patientSecret = "whsec_0123456789abcdefghijklmnop"
)

// patient is the data of a salon that takes payments by Stripe, whose part its
// stand-in plays, and what a daemon is opened with on it.
func patient(t *testing.T) (*stripetest.Server, daemon.Config) {
	t.Helper()
	company := stripetest.New(stripetest.Options{Key: patientKey, Secret: patientSecret, Account: "acct_1Lumen", Live: true})
	server := httptest.NewServer(company.Handler())
	t.Cleanup(server.Close)
	kind := daemon.Kind{Name: "stripe", Title: "Stripe", Webhooks: true,
		Fields: []provider.Field{{Name: "key", Secret: true}, {Name: "webhook", Secret: true, Optional: true}},
		Open: func(v map[string]string, hc *http.Client) daemon.Checked {
			return stripe.New(stripe.Config{Key: v["key"], Secret: v["webhook"], Base: server.URL, HTTP: hc})
		}}
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := daemon.Config{Data: data, PublicURL: "http://192.0.2.7:8791", Local: "http://127.0.0.1:8791", Kinds: []daemon.Kind{kind}, NoSync: true, Version: version}
	d, err := daemon.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetUpAccount(t.Context(), access.System(), "stripe", "", map[string]string{"key": patientKey, "webhook": patientSecret}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return company, cfg
}

// called is a doctor who comes to data on which nothing runs.
func called(cfg daemon.Config) doctor {
	return doctor{settings: settings{Data: cfg.Data, Listen: "127.0.0.1:0", PublicURL: cfg.PublicURL, File: filepath.Join(cfg.Data, "none.toml")},
		client: http.DefaultClient, kinds: cfg.Kinds, manager: func() (service.Status, error) { return 0, service.ErrNotInstalled }}
}

// of is what was found by a check.
func of(t *testing.T, found []diagnosis, check string) diagnosis {
	t.Helper()
	for _, f := range found {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("%s was not checked: %+v", check, found)
	return diagnosis{}
}

// is holds a diagnosis against a state and words that stand in it.
func (f diagnosis) is(t *testing.T, state string, words ...string) {
	t.Helper()
	text := f.Found + " → " + f.Do
	if f.State != state {
		t.Errorf("%s is %s, want %s: %s", f.Check, f.State, state, text)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s doesn't say %q: %s", f.Check, w, text)
		}
	}
	if state != fine && f.Do == "" {
		t.Errorf("%s doesn't say what to do: %s", f.Check, text)
	}
}

// filesOf is every file of a folder, with its bytes.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			all[path] = "folder"
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// everything that a person or a program is shown of what was found.
func everything(t *testing.T, found []diagnosis) string {
	t.Helper()
	var b bytes.Buffer
	list(&b, found)
	if err := json.NewEncoder(&b).Encode(found); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// R40, issue 5: the permission that a restricted key lacks is called as its
// vendor calls it, while the daemon is stopped and while it runs.
func TestR40DoctorNamesTheMissingPermission(t *testing.T) {
	company, cfg := patient(t)
	of(t, called(cfg).examine(t.Context()), "provider stripe").is(t, fine, "live account", "every permission")
	company.SetFaults(stripetest.Faults{Lacks: "rak_charge_write"})
	const lacks, name = "Charges and Refunds, write", "rak_charge_write"
	found := called(cfg).examine(t.Context())
	of(t, found, "provider stripe").is(t, failing, lacks, name, "API keys")
	of(t, found, "payments").is(t, fine, "New payments go to stripe")
	of(t, found, "clock").is(t, fine, "agrees with the payment provider's")
	if err := failed(found); err == nil || !strings.Contains(err.Error(), "provider stripe") {
		t.Errorf("the command ends with %v", err)
	}
	d, err := daemon.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	c, err := d.Checkup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	of(t, payments(c), "provider stripe").is(t, failing, lacks, name)
}

// R39: no secret is in anything that is said, nor in what a daemon tells.
func TestR39DoctorTellsNoSecret(t *testing.T) {
	company, cfg := patient(t)
	for _, lack := range []string{"", "rak_event_read"} {
		company.SetFaults(stripetest.Faults{Lacks: lack})
		c, err := daemon.CheckupStopped(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		told, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		text := everything(t, called(cfg).examine(t.Context())) + string(told)
		for _, secret := range []string{patientKey, patientSecret, patientKey[len(patientKey)-8:], patientSecret[6:]} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in\n%s", secret, text)
			}
		}
	}
}

// R40: nothing is changed by looking: no byte of any file, and no file more or less.
func TestR40DoctorChangesNothing(t *testing.T) {
	_, cfg := patient(t)
	before := filesOf(t, cfg.Data)
	found := called(cfg).examine(t.Context())
	of(t, found, "data").is(t, fine)
	of(t, found, "store").is(t, fine)
	if diff := cmp.Diff(before, filesOf(t, cfg.Data)); diff != "" {
		t.Errorf("-before +after\n%.2000s", diff)
	}
}

// R41: a provider that can't be reached is told of, with keys that can't be read.
func TestR41DoctorWithoutAProvider(t *testing.T) {
	_, cfg := patient(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	of(t, called(cfg).examine(gone), "provider stripe").is(t, failing, "can't be reached")
	if err := os.RemoveAll(filepath.Join(cfg.Data, "keys")); err != nil {
		t.Fatal(err)
	}
	of(t, called(cfg).examine(t.Context()), "provider stripe").is(t, failing, "keys can't be read")
}
