package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
)

var errMigrating = errors.New("store: indexes cannot be read in a migration, they are rebuilt after it: use All")

// Where walks the records that have value in ix, in the order of their keys. Like All it yields records that cannot be
// decoded as errors, and allows writes meanwhile.
func (c *Collection[K, V]) Where(tx *Tx, ix *Index[V], value string) iter.Seq2[V, error] {
	e := ended(value)
	return c.find(tx, ix, e, func(k []byte) bool { return bytes.HasPrefix(k, e) })
}

// Between walks the records with a value x in ix such that from ≤ x < to, in the order of x.
func (c *Collection[K, V]) Between(tx *Tx, ix *Index[V], from, to string) iter.Seq2[V, error] {
	end := escape(nil, to)
	return c.find(tx, ix, escape(nil, from), func(k []byte) bool { return bytes.Compare(k, end) < 0 })
}

// Prefix walks the records with a value in ix that begins with p, in the order of the values.
func (c *Collection[K, V]) Prefix(tx *Tx, ix *Index[V], p string) iter.Seq2[V, error] {
	e := escape(nil, p)
	return c.find(tx, ix, e, func(k []byte) bool { return bytes.HasPrefix(k, e) })
}

// Keys walks the keys of the records that Prefix would, and reads none of them: a search for several values compares
// keys and reads what is left.
func (c *Collection[K, V]) Keys(tx *Tx, ix *Index[V], p string) iter.Seq2[K, error] {
	e := escape(nil, p)
	return func(yield func(K, error) bool) {
		entries, err := tx.bucket(ix.bucket)
		if err := errors.Join(err, c.findable(tx, ix)); err != nil {
			yield("", err)
			return
		}
		for entry, v := range tx.walk(entries, e, func(k []byte) bool { return bytes.HasPrefix(k, e) }) {
			if !yield(K(ix.owner(entry, v)), nil) {
				return
			}
		}
	}
}

// First is the first record Where would walk: the only one, if the index is unique.
func (c *Collection[K, V]) First(tx *Tx, ix *Index[V], value string) (V, bool, error) {
	for v, err := range c.Where(tx, ix, value) {
		return v, err == nil, err
	}
	return *new(V), false, nil
}

func (c *Collection[K, V]) find(tx *Tx, ix *Index[V], from []byte, in func([]byte) bool) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		entries, err := tx.bucket(ix.bucket)
		rows, err2 := tx.bucket(c.rows)
		if err := errors.Join(err, err2, c.findable(tx, ix)); err != nil {
			yield(*new(V), err)
			return
		}
		for e, v := range tx.walk(entries, from, in) {
			k := ix.owner(e, v)
			raw := rows.Get(k)
			if raw == nil {
				if !yield(*new(V), fmt.Errorf("store: %s leads to %q, which is not there", ix.bucket, k)) {
					return
				}
				continue
			}
			if !yield(c.load(tx, k, raw)) {
				return
			}
		}
	}
}

func (c *Collection[K, V]) findable(tx *Tx, ix *Index[V]) error {
	if tx.migrating {
		return errMigrating
	}
	for _, x := range c.indexes {
		if x == ix {
			return nil
		}
	}
	return fmt.Errorf("store: %s is not an index of %s", ix.name, c.name)
}
