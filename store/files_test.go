package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"countersign/store"
	"countersign/store/storetest"
)

func TestBackupWhileWriting(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			err := db.Update(func(tx *store.Tx) error {
				_, err := s.ledger.Append(tx, strings.Repeat("x", 300))
				return errors.Join(err, s.bookings.Put(tx, booking{ID: "a", Day: tx.Now().String()}))
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	dir := t.TempDir()
	for _, name := range []string{"1.db", "2.db", "3.db"} {
		path := filepath.Join(dir, name)
		if err := db.Backup(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := reopened(t, path, s.options()).Check(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	if err := db.Backup(filepath.Join(dir, "1.db")); !errors.Is(err, store.ErrExists) {
		t.Errorf("over another backup: %v", err)
	}
	if err := db.Backup(filepath.Join(dir, "none", "1.db")); err == nil {
		t.Error("a backup into no folder")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*part*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFileIsOursAlone(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	mode := func() os.FileMode {
		info, err := os.Stat(db.Path())
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if mode() != 0o600 {
		t.Errorf("a new file is %v", mode())
	}
	if err := errors.Join(db.Close(), os.Chmod(db.Path(), 0o644)); err != nil {
		t.Fatal(err)
	}
	_ = reopened(t, db.Path(), s.options()).Close()
	if mode() != 0o600 {
		t.Errorf("a file copied by hand stays %v", mode())
	}
}

// wantDump has the hash of 32 zeroes, the number 1 in 8 bytes, and "paid" with its quotes.
const wantDump = `{"program":"shop","schema":1}
{"kind":"bookings","key":"a","value":{"id":"a","day":"\u003cmon\u003e"}}
{"kind":"bookings","key":"b","value":{"id":"b","day":"tue","tags":["x"]}}
{"kind":"changes","seq":1,"value":"made"}
{"kind":"cursors","key":"events","value":"7"}
{"kind":"jobs","key":"j","value":{"due":"2026-03-01T09:00:00Z","added":"2000-01-01T00:00:00Z","value":"call"}}
{"kind":"ledger","seq":1,"hash":"ad76fdec7fb88cc6243a1c64c8744eac1f1b405e628b91079efd7ef9d82bc4ca","value":"paid"}
`

func TestDumpIsStable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // for Added
		s := newShop()
		db := storetest.Open(t, s.options())
		update(t, db, func(tx *store.Tx) error {
			_, err := s.changes.Append(tx, "made")
			_, err2 := s.ledger.Append(tx, "paid")
			return errors.Join(err, err2, s.cursors.Set(tx, "events", "7"), s.jobs.Add(tx, "j", epoch, "call"),
				s.bookings.Put(tx, booking{ID: "b", Day: "tue", Tags: []string{"x"}}),
				s.bookings.Put(tx, booking{ID: "a", Day: "<mon>"}))
		})
		var got strings.Builder
		if err := db.Dump(&got); err != nil {
			t.Fatal(err)
		}
		if got.String() != wantDump {
			t.Errorf("got\n%s\nwant\n%s", got.String(), wantDump)
		}
	})
}
