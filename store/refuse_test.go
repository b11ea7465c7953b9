package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"countersign/store"
	"countersign/store/storetest"
)

// filled is the bytes of a good file with a few thousand pages' worth of everything.
func filled(t *testing.T, s *shop) []byte {
	t.Helper()
	db := storetest.Open(t, s.options())
	for day := range 12 {
		update(t, db, func(tx *store.Tx) error {
			for i := range 20 {
				id := fmt.Sprintf("v_%02d_%03d", day, i)
				b := booking{ID: id, Day: fmt.Sprint(day), Tags: []string{"x", strings.Repeat("y", 40)}, Token: "t" + id}
				_, err := s.changes.Append(tx, strings.Repeat("change ", 20))
				_, err2 := s.ledger.Append(tx, "entry "+id)
				if err := errors.Join(err, err2, s.bookings.Put(tx, b), s.jobs.Add(tx, id, tx.Now(), "call")); err != nil {
					return err
				}
			}
			return s.cursors.Set(tx, "events", fmt.Sprint(day))
		})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func write(t *testing.T, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// refused opens a file that must be refused as want, with a sentence, and be left as it was.
func refused(t *testing.T, path string, o store.Options, want error) {
	t.Helper()
	before, _ := os.ReadFile(path)
	o.NoSync = true
	db, err := store.Open(path, o)
	if err == nil {
		_ = db.Close()
	}
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if text := err.Error(); !strings.HasPrefix(text, path) || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
		t.Errorf("no sentence about the file: %q", text)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the refused file was changed")
	}
}

func TestOpenRefusesWhatIsNotOurs(t *testing.T) {
	o := newShop().options()
	text := []byte(strings.Repeat("not a database\n", 2000))
	for name, raw := range map[string][]byte{"short": text[:20], "a page": text[:4096], "long": text} {
		t.Run(name, func(t *testing.T) { refused(t, write(t, raw), o, store.ErrForeign) })
	}
	t.Run("a folder", func(t *testing.T) { refused(t, t.TempDir(), o, store.ErrForeign) })
	t.Run("another program of ours", func(t *testing.T) {
		raw := filled(t, newShop())
		o := o
		o.Program = "bakery"
		refused(t, write(t, raw), o, store.ErrForeign)
	})
	t.Run("another program's bbolt file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "other.db")
		db, err := bolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("raft")); return err })
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		refused(t, path, o, store.ErrForeign)
	})
}

func TestOpenRefusesALockedFile(t *testing.T) {
	o := newShop().options()
	db := storetest.Open(t, o)
	refused(t, db.Path(), o, store.ErrLocked)
}

func TestOpenRefusesANewerFile(t *testing.T) {
	s := newShop()
	o := s.options()
	o.Migrations = []store.Migration{func(*store.Tx) error { return nil }}
	db := storetest.Open(t, o)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, db.Path(), s.options(), store.ErrNewer)
}

// TestOpenRefusesATruncatedFile cuts the file at every page and in the middle of each. What bbolt allocated ahead is
// not needed: a file cut there is whole.
func TestOpenRefusesATruncatedFile(t *testing.T) {
	s := newShop()
	raw := filled(t, s)
	page := os.Getpagesize()
	used := int(max(metaField(raw, 40), metaField(raw[page:], 40))) * page
	for at := 1; at < used; at += page / 2 {
		refused(t, write(t, raw[:at]), s.options(), store.ErrDamaged)
	}
	for _, at := range []int{used, len(raw)} {
		db, err := store.Open(write(t, raw[:at]), s.options())
		if err != nil {
			t.Fatalf("cut after all %d pages: %v", used/page, err)
		}
		if err := errors.Join(db.Check(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

func metaField(page []byte, at int) uint64 { return binary.NativeEndian.Uint64(page[16+at:]) }

// TestZeroedAndGarbledPagesNeverCrash overwrites each page in turn. Open refuses or, where the page was free or the
// other meta page stands in, Check passes: it never panics, and never serves what it should not.
func TestZeroedAndGarbledPagesNeverCrash(t *testing.T) {
	s := newShop()
	raw := filled(t, s)
	page := os.Getpagesize()
	free := freePages(raw, page)
	for _, fill := range []byte{0x00, 0xFF, 0x41} {
		for id := 2; id*page < int(metaField(newestMeta(raw, page), 40))*page; id++ {
			bad := bytes.Clone(raw)
			copy(bad[id*page:], bytes.Repeat([]byte{fill}, page))
			if path := write(t, bad); !free[uint64(id)] {
				refused(t, path, s.options(), store.ErrDamaged)
			} else if db, err := store.Open(path, s.options()); err != nil {
				t.Errorf("page %d is free, but: %v", id, err)
			} else if err := errors.Join(db.Check(), db.Close()); err != nil {
				t.Errorf("page %d is free, but: %v", id, err)
			}
		}
	}
	bad := bytes.Clone(raw)
	clear(bad[:2*page])
	refused(t, write(t, bad), s.options(), store.ErrDamaged)
	refused(t, write(t, make([]byte, 8*page)), s.options(), store.ErrDamaged)
}

func newestMeta(raw []byte, page int) []byte {
	if metaField(raw, 48) > metaField(raw[page:], 48) {
		return raw
	}
	return raw[page:]
}

func freePages(raw []byte, page int) map[uint64]bool {
	list := raw[int(metaField(newestMeta(raw, page), 32))*page:]
	free := map[uint64]bool{}
	for i := range int(binary.NativeEndian.Uint16(list[10:])) {
		free[binary.NativeEndian.Uint64(list[16+i*8:])] = true
	}
	return free
}

// TestFlippedBitsNeverCrash flips bits all over: the file is refused, or Check finds it, or the bit did not matter.
func TestFlippedBitsNeverCrash(t *testing.T) {
	s := newShop()
	raw := filled(t, s)
	for at := 5; at < len(raw); at += 997 {
		bad := bytes.Clone(raw)
		bad[at] ^= 1 << (at % 8)
		db, err := store.Open(write(t, bad), s.options())
		if err != nil {
			if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrForeign) {
				t.Errorf("byte %d: %v", at, err)
			}
			continue
		}
		_ = db.Check()
		if err := db.Close(); err != nil {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

// TestCheckFindsAFlippedBitInTheLedger: R25. bbolt's own check passes such a file.
func TestCheckFindsAFlippedBitInTheLedger(t *testing.T) {
	s := newShop()
	raw := filled(t, s)
	at := bytes.LastIndex(raw, []byte("entry v_05_007"))
	if at < 0 {
		t.Fatal("the entry is not in the file")
	}
	raw[at+6] ^= 1 // v becomes w, still good JSON
	db, err := store.Open(write(t, raw), s.options())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Check(); err == nil || !strings.Contains(err.Error(), "ledger: entry 108 ") {
		t.Errorf("Check said: %v", err)
	}
	if err := db.Backup(filepath.Join(t.TempDir(), "copy.db")); err == nil {
		t.Error("a damaged ledger was backed up as if whole")
	}
}
