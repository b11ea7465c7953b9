package daemon_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/visit"
)

// acme is a company whose keys say what they are: acme_live_… and acme_test_….
type acme struct {
	*sandbox.Client
	key      string
	currency string // of the account; "" for all
	told     *func() string
}

// HookAt notes where webhooks go.
func (a acme) HookAt(address func() string) { *a.told = address }

// Name is the kind's.
func (a acme) Name() string { return "acme" }

// Check asks for its events, and reads the mode off the key.
func (a acme) Check(ctx context.Context) (provider.Holder, error) {
	_, err := a.Events(ctx, "", 1)
	holder := "acct_1"
	if a.key == otherKey {
		holder = "acct_2"
	}
	return provider.Holder{ID: holder, Name: "Studio Lumen", Currency: a.currency, Live: strings.HasPrefix(a.key, "acme_live_")}, err
}

// branch is a daemon whose staff can set up acme, which takes two keys.
type branch struct {
	*daemon.Daemon
	t    *testing.T
	cfg  daemon.Config
	stop func()
	hook string        // what acme was opened with
	told func() string // where acme sends its webhooks
	// weather is between the daemon and the company, by the key it is asked with.
	weather map[string]*providertest.Weather
	roads   map[string]*road
}

// road leads to the company, and counts who goes there.
type road struct {
	http.RoundTripper
	asked atomic.Int64
}

// RoundTrip counts a request.
func (r *road) RoundTrip(q *http.Request) (*http.Response, error) {
	r.asked.Add(1)
	return r.RoundTripper.RoundTrip(q)
}

const (
	liveKey  = "acme_live_0123456789abcdef"
	testKey  = "acme_test_0123456789abcdef"
	otherKey = "acme_live_ofAnotherHolder0"
)

func newBranch(t *testing.T) *branch {
	t.Helper()
	b := &branch{t: t, weather: map[string]*providertest.Weather{}, roads: map[string]*road{}}
	for _, key := range []string{liveKey, testKey, otherKey} {
		company, err := sandbox.OpenServer(filepath.Join(t.TempDir(), "company.db"), sandbox.ServerOptions{
			Key: key, Secret: "s", PublicURL: "http://acme.test", NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = company.Close() })
		b.weather[key] = providertest.NewWeather(providertest.Serve(t, company.Handler()))
		b.roads[key] = &road{RoundTripper: b.weather[key]}
	}
	kind := daemon.Kind{Name: "acme", Title: "aCme", Fields: []provider.Field{{Name: "key", Secret: true}, {Name: "merchant", Optional: true}, {Name: "currency", Optional: true}, {Name: "hook", Secret: true, Optional: true, Several: true}},
		Open: func(values map[string]string, _ *http.Client) daemon.Checked {
			b.hook = values["hook"]
			way, ok := b.roads[values["key"]]
			if !ok {
				way = b.roads[liveKey] // which doesn't know the key
			}
			return acme{sandbox.New(sandbox.Config{Base: "http://acme.test", Key: values["key"], Secret: "s", HTTP: &http.Client{Transport: way}}), values["key"], values["currency"], &b.told}
		}}
	b.cfg = daemon.Config{Data: t.TempDir(), PublicURL: "http://192.0.2.7", Local: "http://127.0.0.1", Log: zerolog.Nop(),
		NoSync: true, Kinds: []daemon.Kind{kind}}
	b.open()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *branch) open() {
	b.t.Helper()
	d, err := daemon.Open(b.cfg)
	b.must(err)
	ctx, cancel := context.WithCancel(b.t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.must(d.Run(ctx)) })
	b.Daemon, b.stop = d, func() { cancel(); running.Wait(); b.must(d.Close()) }
}

func (b *branch) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *branch) set(name, key string) (desk.Account, error) {
	return b.SetUpAccount(b.t.Context(), access.System(), "acme", name, map[string]string{"key": key, "merchant": " M1 "})
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if f := fault.From(err); err == nil || f == nil || f.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// R34: keys are tried before they are kept, entered once, and there again
// after a restart; the provider is read from then on.
func TestR34SetUpAProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", "acme_live_wrong")
		wantCode(t, err, "keys_refused")
		_, err = b.set("", "")
		wantCode(t, err, "validation")
		_, err = b.set("", "acme live")
		wantCode(t, err, "validation")
		if _, err := os.Stat(filepath.Join(b.cfg.Data, "keys")); err == nil {
			t.Error("something was kept of what was refused")
		}
		a, err := b.set("", liveKey)
		b.must(err)
		if a.Name != "acme" || !a.Live || a.Hint != "cdef" || a.Settings["merchant"] != "M1" || a.Settings["key"] != "" {
			t.Errorf("%+v", a)
		}
		time.Sleep(time.Minute)
		b.reads("acme")
		a, err = b.set("acme", "") // the key that is kept
		b.must(err)
		if a.Hint != "cdef" {
			t.Errorf("%+v", a)
		}
		b.stop()
		b.open()
		time.Sleep(time.Minute)
		b.reads("acme")
		if p, err := b.pays(); err != nil || p != "acme" {
			t.Errorf("paid at %q, %v", p, err)
		}
		if brand, err := b.Desk().Screens().Brand(); err != nil || brand.Provider != "aCme" {
			t.Errorf("displays call it %q, %v", brand.Provider, err)
		}
	})
}

// R35: a provider that wants to know is told where its webhooks go, by the name
// of its account, while that can be reached from outside.
func TestR35WhereWebhooksGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", testKey)
		b.must(err)
		if got := b.told(); got != "" {
			t.Errorf("with an address of the salon's network they go to %q", got)
		}
		b.stop()
		b.told, b.cfg.PublicURL = nil, "https://pay.example.com"
		b.open()
		if got := b.told(); got != "https://pay.example.com/hooks/acme-test" {
			t.Errorf("they go to %q", got)
		}
	})
}

// R19: an account in another currency could take no payment here, and is
// refused before it is anybody's choice.
func TestR19AccountInAnotherCurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		set := func(currency string) error {
			_, err := b.SetUpAccount(t.Context(), access.System(), "acme", "", map[string]string{"key": testKey, "currency": currency})
			return err
		}
		wantCode(t, set("GBP"), "currency_mismatch")
		b.must(set("EUR"))
	})
}

// R39: while one secret of webhooks takes over from another both are taken.
func TestR39TwoSecretsOfWebhooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		for hook, code := range map[string]string{" whsec_old  whsec_new\n": "", "whsec_ä": "validation", "whsec_\x00": "validation"} {
			_, err := b.SetUpAccount(t.Context(), access.System(), "acme", "", map[string]string{"key": testKey, "hook": hook})
			if code != "" {
				wantCode(t, err, code)
			} else if b.must(err); b.hook != "whsec_old whsec_new" {
				t.Errorf("opened with %q", b.hook)
			}
		}
	})
}

// reads wants a provider's events to be read.
func (b *branch) reads(name string) {
	b.t.Helper()
	status, err := b.Status()
	b.must(err)
	for _, s := range status.Providers {
		if s.Provider == name && s.Synced && s.Problem == "" {
			return
		}
	}
	b.t.Errorf("%s isn't read: %+v", name, status.Providers)
}

// pays opens a new visit's link, and gives where its checkout is.
func (b *branch) pays() (string, error) {
	b.t.Helper()
	v, _, err := b.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	b.must(err)
	if _, err := b.OpenLink(b.t.Context(), v.Token); err != nil {
		return "", err
	}
	c, err := b.Desk().LastCheckout(v.ID)
	return c.Provider, err
}

// R34: test and live are two accounts, and never mixed.
func TestR34TestModeIsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		a, err := b.set("", testKey)
		b.must(err)
		if a.Name != "acme-test" || a.Live {
			t.Fatalf("%+v", a)
		}
		if p, err := b.pays(); err != nil || p != "acme-test" {
			t.Fatalf("paid at %q, %v", p, err)
		}
		_, err = b.set("", liveKey)
		wantCode(t, err, "checkouts_open")
		if files := b.keyFiles(); len(files) != 1 {
			t.Errorf("the refused key was kept: %v", files)
		}
	})
}

// R30, R34: a company that closes its account while a page is open keeps the
// reception from nothing for longer than a day, not even after a restart.
func TestR34ClosedAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", liveKey)
		b.must(err)
		_, err = b.pays()
		b.must(err)
		b.weather[liveKey].Set(providertest.Answer(http.StatusUnauthorized, "", ""))
		time.Sleep(2 * time.Hour)
		wantCode(t, b.RemoveAccount(access.System(), "acme"), "checkouts_open")
		b.stop()
		time.Sleep(26 * time.Hour)
		b.cfg.Sandbox = new(bool) // nobody serves it here
		b.open()
		time.Sleep(time.Minute)
		if status, err := b.Status(); err != nil || !status.Synced {
			t.Errorf("%+v, %v", status, err)
		}
		b.must(b.RemoveAccount(access.System(), "acme"))
		if list, err := b.Desk().Attention(access.System()); err != nil || len(list) != 1 || list[0].Kind != desk.LostCheckout {
			t.Errorf("raised %+v, %v", list, err)
		}
	})
}

// An account whose keys were lost keeps nobody from the others.
func TestR34LostKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", liveKey)
		b.must(err)
		b.stop()
		b.must(os.Remove(b.keyFiles()[0]))
		b.open()
		time.Sleep(time.Minute)
		_, err = b.pays()
		wantCode(t, err, "provider_unavailable")
		if status, err := b.Status(); err != nil || len(status.Providers) != 2 || status.Providers[1].Problem == "" {
			t.Errorf("%+v, %v", status, err)
		}
		b.must(b.Desk().Prefer(access.System(), "sandbox"))
		b.must(b.RemoveAccount(access.System(), "acme"))
		wantCode(t, b.RemoveAccount(access.System(), "acme"), "provider_not_found")
	})
}

// R34: keys of the other mode don't replace those of an account; as a new provider
// they are taken.
func TestR34KeysOfTheOtherMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", liveKey)
		b.must(err)
		_, err = b.set("acme", testKey)
		wantCode(t, err, "keys_other_mode")
		if all, _, err := b.Desk().Accounts(); err != nil || len(all) != 1 {
			t.Errorf("there are %+v, %v", all, err)
		}
		_, err = b.set("", testKey)
		b.must(err)
		_, err = b.set("acme-test", liveKey)
		wantCode(t, err, "keys_other_mode")
	})
}
