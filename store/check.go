package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"
)

// Check reads everything: the pages, every record of every kind, every index entry both ways, every hash. It joins all
// the problems it finds, nil meaning none. Updates wait while it runs.
func (db *DB) Check() error {
	db.lock()
	defer db.writer.Unlock()
	if err := db.refused(); err != nil {
		return err
	}
	btx, err := db.begin(true) // bbolt's check must not meet a writer
	if err != nil {
		return err
	}
	defer btx.Rollback()
	if err := checkPages(db.path); err != nil { // first: what it finds could crash the rest
		return damaged(db.path, err)
	}
	tx := newTx(btx)
	return errors.Join(db.checkTx(tx), db.checkNames(tx))
}

// checkTx checks what the program knows of.
func (db *DB) checkTx(tx *Tx) error {
	var problems []error
	report := func(err error) { problems = append(problems, err) }
	for err := range tx.bolt.Check() {
		report(err)
	}
	for _, k := range db.o.Kinds {
		k.check(tx, func(err error) { report(fmt.Errorf("%s: %w", k.Name(), err)) })
	}
	return errors.Join(problems...)
}

// checkNames finds what the program knows nothing of: left by a kind or an index it no longer has, and harmless, so
// neither a backup nor an upgrade stops at it.
func (db *DB) checkNames(tx *Tx) error {
	known := map[string]bool{metaName: true}
	for _, k := range db.o.Kinds {
		for _, name := range k.buckets() {
			known[name] = true
		}
	}
	var problems []error
	err := tx.bolt.ForEach(func(name []byte, _ *bolt.Bucket) error {
		if !known[string(name)] {
			problems = append(problems, fmt.Errorf("%s: on disk, but not a kind this program has", name))
		}
		return nil
	})
	return errors.Join(append(problems, err)...)
}

func (c *Collection[K, V]) check(tx *Tx, report func(error)) {
	entries := make([]int, len(c.indexes))
	err := c.eachRow(tx, func(_ *bolt.Bucket, k, raw []byte) error {
		v, err := c.decode(k, raw)
		if err != nil {
			report(err)
			return nil
		}
		if own := c.key(&v); string(own) != string(k) {
			report(fmt.Errorf("%q is kept under %q", own, k))
		}
		for i, ix := range c.indexes {
			entries[i] += ix.checkRow(tx, k, &v, report)
		}
		return nil
	})
	if err != nil {
		report(err)
	}
	for i, ix := range c.indexes {
		c.checkIndex(tx, ix, entries[i], report)
	}
}

// checkRow looks for each of a record's values in the index, and counts those.
func (ix *Index[V]) checkRow(tx *Tx, k []byte, v *V, report func(error)) (n int) {
	b, err := tx.bucket(ix.bucket)
	if err != nil {
		return 0 // reported once, by checkIndex
	}
	values := slices.Compact(slices.Sorted(slices.Values(ix.keys(v))))
	for _, value := range values {
		e := ix.entry(value, k)
		got := b.Get(e)
		if got == nil || !bytes.Equal(ix.owner(e, got), k) {
			report(fmt.Errorf("%q is not in %s under %q", k, ix.bucket, value))
			continue
		}
		n++
	}
	return n
}

// checkIndex finds entries no record accounts for: every one checkRow counted is right, so there must be no more.
func (c *Collection[K, V]) checkIndex(tx *Tx, ix *Index[V], want int, report func(error)) {
	b, err := tx.bucket(ix.bucket)
	if err != nil {
		report(err)
		return
	}
	n := 0
	for range tx.walk(b, nil, everything) {
		n++
	}
	if n != want {
		report(fmt.Errorf("%s has %d entries, the records account for %d", ix.bucket, n, want))
	}
}

func (l *Log[T]) check(tx *Tx, report func(error)) {
	b, err := tx.bucket(l.rows)
	if err != nil {
		report(err)
		return
	}
	var prev []byte
	var seq uint64
	for k, raw := range tx.walk(b, nil, everything) {
		if seq++; seq == 1 && !l.chain && len(k) == 8 {
			seq = binary.BigEndian.Uint64(k) // the oldest may have been forgotten
		}
		e, err := l.decode(k, raw)
		if err != nil {
			report(err)
		} else if e.Seq != seq {
			report(fmt.Errorf("entry %d follows entry %d", e.Seq, seq-1))
			seq = e.Seq
		}
		if l.chain && len(raw) >= sha256.Size {
			if !bytes.Equal(link(prev, binary.BigEndian.Uint64(k), raw[sha256.Size:]), raw) {
				report(fmt.Errorf("entry %d was changed, or the one before it: its hash does not fit", seq))
			}
			prev = raw[:sha256.Size]
		}
	}
	if b.Sequence() != seq {
		report(fmt.Errorf("%d entries were appended, the last one is %d", b.Sequence(), seq))
	}
}

func (q *Queue[T]) check(tx *Tx, report func(error)) {
	d, err := tx.bucket(q.due)
	if err != nil {
		report(err)
		return
	}
	tasks, listed := 0, 0
	for t, err := range q.All(tx) {
		tasks++
		if err != nil {
			report(err)
		} else if d.Get(dueKey(t.Due, t.ID)) == nil {
			report(fmt.Errorf("%q is not listed as due at %s", t.ID, t.Due.Format(time.RFC3339Nano)))
		}
	}
	for range tx.walk(d, nil, everything) {
		listed++
	}
	if listed != tasks {
		report(fmt.Errorf("%d tasks, but %d are listed as due", tasks, listed))
	}
}

func (c *Cursors) check(tx *Tx, report func(error)) {
	b, err := tx.bucket(c.rows)
	if err != nil {
		report(err)
		return
	}
	for name, value := range tx.walk(b, nil, everything) {
		if !utf8.Valid(value) {
			report(fmt.Errorf("%q is no text: %x", name, value))
		}
	}
}
