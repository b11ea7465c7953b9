// Package storetest opens stores for tests, and fails the tests that leave one in disorder.
package storetest

import (
	"errors"
	"path/filepath"
	"testing"

	"countersign/store"
)

// Open opens a new store in a folder of the test's own, without fsync. When the test is over the file is opened once
// more and checked, whatever state the test left it in: closed, cut off by a fault, reopened and closed again.
func Open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	o.NoSync = true
	db, err := store.Open(filepath.Join(t.TempDir(), "store.db"), o)
	if err != nil {
		t.Fatalf("opening a new store: %v", err)
	}
	path := db.Path()
	t.Cleanup(func() {
		if err := errors.Join(db.Close(), verify(path, o)); err != nil {
			t.Errorf("the store after the test: %v", err)
		}
	})
	return db
}

// verify is what every test ends with: after a reopening nothing is in memory that could hide a fault on disk.
func verify(path string, o store.Options) error {
	o.Fault = nil
	db, err := store.Open(path, o)
	if err != nil {
		return err
	}
	return errors.Join(db.Check(), db.Close())
}
