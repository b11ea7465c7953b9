package vault_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"countersign/daemon/vault"
)

func TestKeepsAndForgets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	v := vault.Open(dir, "")
	if _, err := v.Get("stripe"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("nothing kept yet: %v", err)
	}
	for _, secrets := range []map[string]string{{"key": "sk_live_1", "webhook": "whsec"}, {"key": "sk_live_2"}} {
		if err := v.Put("stripe", secrets); err != nil {
			t.Fatal(err)
		}
		if got, err := vault.Open(dir, "").Get("stripe"); err != nil || !maps.Equal(got, secrets) {
			t.Errorf("got %v, %v", got, err)
		}
	}
	if err := v.Put("stripe-test", map[string]string{"key": "other"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.Remove("stripe"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Get("stripe"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("removed: %v", err)
	}
	if got, err := v.Get("stripe-test"); err != nil || got["key"] != "other" {
		t.Errorf("the other: %v, %v", got, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// Keys are stored unreadable for others.
func TestOthersCantRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // DPAPI keeps others out there, not modes
	}
	dir := filepath.Join(t.TempDir(), "keys")
	if err := vault.Open(dir, "").Put("stripe", map[string]string{"key": "sk"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "stripe.key"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// What systemd hands over counts, and isn't changed.
func TestCredentials(t *testing.T) {
	dir, given := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(given, "countersign.stripe"), []byte(`{"key":"given"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	v := vault.Open(dir, given)
	if !v.Given("stripe") || v.Given("adyen") || v.Given("../stripe") || vault.Open(dir, "").Given("stripe") {
		t.Error("what is given isn't known")
	}
	if got, err := v.Get("stripe"); err != nil || got["key"] != "given" {
		t.Errorf("%v, %v", got, err)
	}
	if err := v.Put("stripe", map[string]string{"key": "typed"}); !errors.Is(err, vault.ErrGiven) {
		t.Errorf("put: %v", err)
	}
	if err := v.Remove("stripe"); !errors.Is(err, vault.ErrGiven) {
		t.Errorf("remove: %v", err)
	}
	if err := v.Put("adyen", map[string]string{"key": "typed"}); err != nil {
		t.Errorf("another: %v", err)
	}
}

// A damaged file tells what is damaged and nothing of what is in it; no name
// leads out of the folder.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	for content, bad := range map[string]string{"half": `{"key":"sk_live_secret`, "list": `["sk_live_secret"]`, "long": strings.Repeat("sk_live_secret", 10000)} {
		if err := os.WriteFile(filepath.Join(dir, "stripe.key"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := vault.Open(dir, "").Get("stripe")
		if err == nil || errors.Is(err, vault.ErrNone) || len(got) > 0 || strings.Contains(err.Error(), "sk_live") {
			t.Errorf("%s: %v, %v", content, got, err)
		}
	}
	for _, name := range []string{"", "..", "../stripe", "a/b", "Stripe", "stripe.key"} {
		if err := vault.Open(dir, "").Put(name, map[string]string{"key": "x"}); err == nil {
			t.Errorf("%q was a name", name)
		}
		if _, err := vault.Open(dir, "").Get(name); !errors.Is(err, vault.ErrNone) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
