package store_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"countersign/store"
	"countersign/store/storetest"
)

// Every commit is counted once, those that wrote nothing or failed not at all, and the limits include each other.
func TestPaceCountsCommits(t *testing.T) {
	rows := store.NewLog[string]("rows")
	db := storetest.Open(t, store.Options{Program: "pace", Kinds: []store.Kind{rows}})
	before := db.Pace().Commits
	for range 3 {
		if err := db.Update(func(tx *store.Tx) error { _, err := rows.Append(tx, "a"); return err }); err != nil {
			t.Fatal(err)
		}
	}
	_ = db.Update(func(*store.Tx) error { return nil })
	_ = db.Update(func(tx *store.Tx) error { _, _ = rows.Append(tx, "b"); return errors.New("no") })
	p := db.Pace()
	if p.Commits-before != 3 || p.Took <= 0 {
		t.Errorf("three commits are counted as %d, which took %v", p.Commits-before, p.Took)
	}
	var last uint64
	for _, limit := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, 5 * time.Second} {
		n, there := p.Within[limit]
		if !there || n < last || n > p.Commits {
			t.Errorf("%d of %d commits took at most %v, %d the limit before", n, p.Commits, limit, last)
		}
		last = n
	}
}

// The size that is told is the file's.
func TestSizeIsTheFiles(t *testing.T) {
	db := storetest.Open(t, store.Options{Program: "pace", Kinds: []store.Kind{store.NewLog[string]("rows")}})
	told, err := db.Size()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if told <= 0 || told > info.Size() {
		t.Errorf("the file has %d bytes, and is said to have %d", info.Size(), told)
	}
}
