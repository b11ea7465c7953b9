package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Collection keeps records of type V as JSON under keys of type K, with indexes that always agree with them.
type Collection[K ~string, V any] struct {
	name    string
	rows    []byte
	key     func(*V) K
	indexes []*Index[V]
}

// NewCollection describes a collection; key says under what a record is kept. The indexes belong to it alone.
func NewCollection[K ~string, V any](name string, key func(*V) K, ix ...*Index[V]) *Collection[K, V] {
	c := &Collection[K, V]{name: named(name), rows: []byte(name), key: key, indexes: ix}
	for _, x := range ix {
		x.bind(name)
	}
	return c
}

// Name is the collection's name on disk.
func (c *Collection[K, V]) Name() string { return c.name }

// Get reads the record kept under k; false when there is none.
func (c *Collection[K, V]) Get(tx *Tx, k K) (V, bool, error) {
	var v V
	b, err := tx.bucket(c.rows)
	if err != nil {
		return v, false, err
	}
	raw := b.Get([]byte(k))
	if raw == nil {
		return v, false, nil
	}
	v, err = c.load(tx, []byte(k), raw)
	return v, err == nil, err
}

// Put keeps v, replacing what was under its key. It fails with ErrTaken, having changed nothing, when a unique index
// has one of its values for another record. A record that reads the same as before is not written.
func (c *Collection[K, V]) Put(tx *Tx, v V) error {
	b, err := tx.writable(c.rows)
	if err != nil {
		return err
	}
	k := []byte(c.key(&v))
	if len(k) == 0 {
		return fmt.Errorf("store: a record of %s has no key", c.name)
	}
	raw, err := json.Marshal(&v)
	if err != nil {
		return fmt.Errorf("store: %s %q cannot be encoded: %w", c.name, k, err)
	}
	old := b.Get(k)
	if bytes.Equal(old, raw) {
		return nil
	}
	if err := c.indexChange(tx, k, old, &v); err != nil {
		return err
	}
	return tx.put(b, k, raw)
}

// Delete removes the record under k; one that is not there is no error.
func (c *Collection[K, V]) Delete(tx *Tx, k K) error {
	b, err := tx.writable(c.rows)
	if err != nil {
		return err
	}
	old := b.Get([]byte(k))
	if old == nil {
		return nil
	}
	if err := c.indexChange(tx, []byte(k), old, nil); err != nil {
		return err
	}
	return tx.delete(b, []byte(k))
}

// All walks every record in the order of the keys. A record that cannot be decoded is yielded as an error, and the
// walk goes on. Records may be put and deleted meanwhile.
func (c *Collection[K, V]) All(tx *Tx) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		b, err := tx.bucket(c.rows)
		if err != nil {
			yield(*new(V), err)
			return
		}
		for k, raw := range tx.walk(b, nil, everything) {
			if !yield(c.decode(k, raw)) {
				return
			}
		}
	}
}

// Count is the number of records. It walks the pages; it is for checks and pages of statistics.
func (c *Collection[K, V]) Count(tx *Tx) (int, error) {
	b, err := tx.bucket(c.rows)
	if err != nil {
		return 0, err
	}
	if tx.Writable() { // bbolt's own count does not see what this transaction wrote
		n := 0
		for range tx.walk(b, nil, everything) {
			n++
		}
		return n, nil
	}
	return b.Stats().KeyN, nil
}

func (c *Collection[K, V]) decode(k, raw []byte) (V, error) {
	var v V
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("store: %s %q cannot be decoded: %w", c.name, k, err)
	}
	return v, nil
}

// indexChange moves the index entries of the record under k from its old bytes to v; nil for none of either. A
// migration's records are indexed when it is over.
func (c *Collection[K, V]) indexChange(tx *Tx, k, old []byte, v *V) error {
	if len(c.indexes) == 0 || tx.migrating {
		return nil
	}
	was, err := c.before(tx, k, old)
	if err != nil {
		return err
	}
	is := c.values(v)
	moves := make([]move, len(c.indexes))
	for i, ix := range c.indexes {
		if moves[i], err = ix.plan(tx, k, at(was, i), at(is, i)); err != nil {
			return err
		}
	}
	for i := range moves {
		if err := moves[i].apply(tx, k); err != nil {
			return err
		}
	}
	return nil
}

// load decodes a record and, in an Update, remembers its index values for the Put that may follow.
func (c *Collection[K, V]) load(tx *Tx, k, raw []byte) (V, error) {
	v, err := c.decode(k, raw)
	if err != nil || len(c.indexes) == 0 || !tx.Writable() || tx.migrating {
		return v, err
	}
	if tx.read == nil {
		tx.read = map[string][][]string{}
	}
	tx.read[c.memo(k)] = c.values(&v)
	return v, nil
}

func (c *Collection[K, V]) memo(k []byte) string { return c.name + "/" + string(k) }

// before is the index values of what is kept under k, remembered or decoded. A remembered one is forgotten: it is
// about to change.
func (c *Collection[K, V]) before(tx *Tx, k, old []byte) ([][]string, error) {
	if old == nil {
		return nil, nil
	}
	name := c.memo(k)
	if was, ok := tx.read[name]; ok {
		delete(tx.read, name)
		return was, nil
	}
	v, err := c.decode(k, old)
	return c.values(&v), err
}

// values are copies: an index may return a slice of the record itself, which its reader goes on to change.
func (c *Collection[K, V]) values(v *V) [][]string {
	if v == nil {
		return nil
	}
	all := make([][]string, len(c.indexes))
	for i, ix := range c.indexes {
		all[i] = slices.Clone(ix.keys(v))
	}
	return all
}

func at(values [][]string, i int) []string {
	if values == nil {
		return nil
	}
	return values[i]
}

func (c *Collection[K, V]) buckets() []string {
	names := []string{c.name}
	for _, ix := range c.indexes {
		names = append(names, string(ix.bucket))
	}
	return names
}

func (c *Collection[K, V]) create(tx *Tx) error {
	if err := createMissing(tx, c.rows); err != nil {
		return err
	}
	for _, ix := range c.indexes {
		if tx.bolt.Bucket(ix.bucket) != nil {
			continue
		}
		if err := c.fill(tx, ix); err != nil {
			return err
		}
	}
	return nil
}

func (c *Collection[K, V]) reindex(tx *Tx) error {
	for _, ix := range c.indexes {
		if err := tx.Drop(string(ix.bucket)); err != nil {
			return err
		}
	}
	return c.create(tx)
}

// fill makes one index from the rows.
func (c *Collection[K, V]) fill(tx *Tx, ix *Index[V]) error {
	if _, err := tx.create(ix.bucket); err != nil {
		return err
	}
	return c.eachRow(tx, func(_ *bolt.Bucket, k, raw []byte) error {
		v, err := c.decode(k, raw)
		if err != nil {
			return err
		}
		m, err := ix.plan(tx, k, nil, ix.keys(&v))
		if err != nil {
			return err
		}
		return m.apply(tx, k)
	})
}

func (c *Collection[K, V]) eachRow(tx *Tx, fn func(b *bolt.Bucket, k, raw []byte) error) error {
	b, err := tx.bucket(c.rows)
	if err != nil {
		return err
	}
	return b.ForEach(func(k, raw []byte) error { return fn(b, k, raw) })
}
