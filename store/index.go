package store

import (
	"bytes"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Index finds the records of a collection by values derived from them.
type Index[V any] struct {
	name   string
	keys   func(*V) []string
	unique bool
	bucket []byte // "collection/index", set once by NewCollection
}

// NewIndex describes an index; keys gives the values a record is found by: none, one or several.
func NewIndex[V any](name string, keys func(*V) []string) *Index[V] {
	return &Index[V]{name: named(name), keys: keys}
}

// NewUnique describes an index in which a value belongs to at most one record: Put fails with ErrTaken otherwise.
func NewUnique[V any](name string, keys func(*V) []string) *Index[V] {
	return &Index[V]{name: named(name), keys: keys, unique: true}
}

func (ix *Index[V]) bind(collection string) {
	if ix.bucket != nil {
		panic(fmt.Sprintf("store: the index %s belongs to two collections", ix.bucket))
	}
	ix.bucket = []byte(collection + "/" + ix.name)
}

// An entry's key is the value, escaped so that it sorts like the value and ends visibly, then the record's key; in a
// unique index the record's key is the entry's value instead. A zero byte becomes 00 FF and the end is 00 01, so "a"
// comes before "a\x00" before "ab", and no value's entries are found under another's.
const (
	escByte = 0xFF
	endByte = 0x01
)

func escape(dst []byte, value string) []byte {
	for i := range len(value) {
		dst = append(dst, value[i])
		if value[i] == 0 {
			dst = append(dst, escByte)
		}
	}
	return dst
}

func ended(value string) []byte {
	return append(escape(make([]byte, 0, len(value)+24), value), 0, endByte)
}

func (ix *Index[V]) entry(value string, k []byte) []byte {
	e := ended(value)
	if ix.unique {
		return e
	}
	return append(e, k...)
}

// owner is the key of the record an entry leads to.
func (ix *Index[V]) owner(entry, v []byte) []byte {
	if ix.unique {
		return v
	}
	i := bytes.Index(entry, []byte{0, endByte}) // an escaped zero is never followed by 01
	if i < 0 {
		return nil
	}
	return entry[i+2:]
}

// move is what one index does for one Put or Delete.
type move struct {
	bucket   *bolt.Bucket
	del, add [][]byte
	unique   bool
}

// plan compares the old record's values with the new one's, and looks up who has the new ones if they are unique. It
// writes nothing, so that a Put that fails has changed nothing.
func (ix *Index[V]) plan(tx *Tx, k []byte, old, now []string) (move, error) {
	b, err := tx.unsettled(ix.bucket) // only a unique index is read here, and from those nothing is held back
	if err != nil {
		return move{}, err
	}
	m := move{bucket: b, unique: ix.unique}
	for _, value := range old {
		if !slices.Contains(now, value) {
			m.del = append(m.del, ix.entry(value, k))
		}
	}
	for i, value := range now {
		if slices.Contains(old, value) || slices.Contains(now[:i], value) {
			continue
		}
		e := ix.entry(value, k)
		if ix.unique {
			if other := b.Get(e); other != nil && !bytes.Equal(other, k) {
				return move{}, fmt.Errorf("store: %s %q of %q belongs to %q: %w", ix.bucket, value, k, other, ErrTaken)
			}
		}
		m.add = append(m.add, e)
	}
	return m, nil
}

func (m *move) apply(tx *Tx, k []byte) error {
	for _, e := range m.del {
		if err := m.write(tx, e, nil); err != nil {
			return err
		}
	}
	for _, e := range m.add {
		if err := m.write(tx, e, k); err != nil {
			return err
		}
	}
	return nil
}

// write adds the entry of a record, or removes it when there is none.
func (m *move) write(tx *Tx, entry, k []byte) error {
	switch {
	case !m.unique:
		return tx.entry(m.bucket, entry, k == nil)
	case k == nil:
		return tx.delete(m.bucket, entry)
	}
	return tx.put(m.bucket, entry, k)
}
