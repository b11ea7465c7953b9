package daemon_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/store"
)

// keyFiles are the files of secrets of the branch.
func (b *branch) keyFiles() []string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.cfg.Data, "keys", "*.key"))
	b.must(err)
	return files
}

// heard tells whether the company was asked with a key since the last time.
func (b *branch) heard(key string) bool { return b.roads[key].asked.Swap(0) > 0 }

// R34, R41: while keys of another holder take the place of those before, the
// daemon may fail or be killed at any commit: what it asks with afterwards are
// the keys of the holder whose account stands.
func TestR34KeysOfAnotherHolder(t *testing.T) {
	for _, stage := range []store.Stage{store.BeforeCommit, store.AfterCommit} {
		synctest.Test(t, func(t *testing.T) {
			b := newBranch(t)
			_, err := b.set("", liveKey)
			b.must(err)
			b.stop()
			var out atomic.Bool
			b.cfg.Fault = func(at store.Stage) error {
				if out.Load() && at == stage {
					return errPower
				}
				return nil
			}
			b.open()
			time.Sleep(time.Second)
			out.Store(true)
			if _, err := b.set("acme", otherKey); !errors.Is(err, errPower) {
				t.Errorf("stage %v: %v", stage, err)
			}
			out.Store(false)
			b.stop()
			b.heard(liveKey)
			b.heard(otherKey)
			b.open()
			time.Sleep(time.Minute)
			all, _, err := b.Desk().Accounts()
			b.must(err)
			if other := all[0].Holder == "acct_2"; b.heard(otherKey) != other || b.heard(liveKey) == other {
				t.Errorf("stage %v: the account is of %s, and another one was asked", stage, all[0].Holder)
			}
		})
	}
}

// R34: keys of another holder go with the account that they were of, and those
// that weren't taken aren't kept.
func TestR34KeysThatGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		_, err := b.set("", liveKey)
		b.must(err)
		first := b.keyFiles()
		_, err = b.set("acme", otherKey)
		b.must(err)
		if now := b.keyFiles(); len(now) != 1 || now[0] == first[0] {
			t.Errorf("kept: %v, before %v", now, first)
		}
		b.must(b.Desk().Prefer(access.System(), "sandbox"))
		b.must(b.RemoveAccount(access.System(), "acme"))
		if now := b.keyFiles(); len(now) != 0 {
			t.Errorf("kept: %v", now)
		}
	})
}

// R34: keys that the service manager hands over are taken where nothing is typed;
// they are changed there, never here, and written nowhere else.
func TestR34KeysThatAreHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBranch(t)
		b.stop()
		b.cfg.Credentials = t.TempDir()
		b.must(os.WriteFile(filepath.Join(b.cfg.Credentials, "countersign.acme"), []byte(`{"key":"`+liveKey+`"}`), 0o600))
		b.open()
		if name, err := b.GivenKeys("acme"); err != nil || name != "acme" {
			t.Errorf("given: %q, %v", name, err)
		}
		a, err := b.set("", "")
		b.must(err)
		if a.Name != "acme" || a.Hint != "cdef" {
			t.Errorf("%+v", a)
		}
		if name, err := b.GivenKeys("acme"); err != nil || name != "" {
			t.Errorf("once it is set up: %q, %v", name, err)
		}
		_, err = b.set("acme", otherKey)
		wantCode(t, err, "keys_given")
		_, err = b.set("acme", "")
		b.must(err)
		b.stop()
		b.open()
		time.Sleep(time.Minute)
		if p, err := b.pays(); err != nil || p != "acme" {
			t.Errorf("paid at %q, %v", p, err)
		}
		if files := b.keyFiles(); len(files) > 0 {
			t.Errorf("written: %v", files)
		}
	})
}

// R30, R34, R41: where the keys of an account can't be read, and a page may be
// open there, no code is shown until they are entered again, and what was paid
// meanwhile is booked first; or until the page is long over.
func TestR41CodesWaitForKeysThatAreLost(t *testing.T) {
	for name, entered := range map[string]bool{"entered again": true, "never": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBranch(t)
				b.cfg.Sandbox = new(bool) // nobody serves it here
				_, err := b.set("", liveKey)
				b.must(err)
				_, err = b.pays()
				b.must(err)
				b.stop()
				b.must(os.Remove(b.keyFiles()[0]))
				b.open()
				time.Sleep(time.Hour)
				b.isSynced(false)
				if entered {
					_, err = b.set("acme", liveKey)
					b.must(err)
					time.Sleep(time.Second)
				} else {
					time.Sleep(25 * time.Hour)
				}
				b.isSynced(true)
			})
		})
	}
}

func (b *branch) isSynced(want bool) {
	b.t.Helper()
	if status, err := b.Status(); err != nil || status.Synced != want {
		b.t.Errorf("synced %v, want %v: %v", status.Synced, want, err)
	}
}
