package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"countersign/store"
)

// A file that is only looked at is read like any other, and keeps every byte;
// nothing is made where there is none, nor made of an older one.
func TestReadOnlyChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	rows, more := store.NewLog[string]("rows"), store.NewLog[string]("more")
	look := func(kinds ...store.Kind) (*store.DB, error) {
		return store.Open(path, store.Options{Program: "look", Kinds: kinds, ReadOnly: true})
	}
	if _, err := look(rows); err == nil {
		t.Error("a file that isn't there was opened")
	}
	db, err := store.Open(path, store.Options{Program: "look", Kinds: []store.Kind{rows}})
	if err != nil {
		t.Fatal(err)
	}
	add := func(tx *store.Tx) error { _, err := rows.Append(tx, "a"); return err }
	if err := db.Update(add); err != nil {
		t.Fatal(err)
	}
	if _, err := look(rows); !errors.Is(err, store.ErrLocked) {
		t.Errorf("beside its writer: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if db, err = look(rows); err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *store.Tx) error {
		if n, err := rows.Last(tx); n != 1 || err != nil {
			t.Errorf("%d entries, %v", n, err)
		}
		return nil
	})
	if err != nil || db.Update(add) == nil {
		t.Errorf("read with %v, and written to", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := look(rows, more); !errors.Is(err, store.ErrOlder) {
		t.Errorf("of a version that had no such kind: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file is another: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the folder has %v", left)
	}
}
