package store

import (
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// manyWrites is after how many writes a transaction holds index entries back. bbolt splits no page before the commit,
// and each new key moves all that come after it in its page: ten thousand words in no order would be moved ten
// thousand times. Smaller transactions write at once.
const manyWrites = 1000

// entry writes an entry of an index that isn't unique, or removes it, now or together with others.
func (tx *Tx) entry(b *bolt.Bucket, key []byte, gone bool) error {
	switch {
	case tx.writes >= manyWrites && len(key) <= bolt.MaxKeySize:
		tx.hold(b, key, gone)
		return nil
	case gone:
		return tx.delete(b, key)
	}
	return tx.put(b, key, []byte{})
}

func (tx *Tx) hold(b *bolt.Bucket, key []byte, gone bool) {
	if tx.held == nil {
		tx.held = map[*bolt.Bucket]map[string]bool{}
	}
	if tx.held[b] == nil {
		tx.held[b] = map[string]bool{}
	}
	tx.held[b][string(key)] = gone
	tx.writes++
}

// settle writes what is held back for a bucket, in the order of the keys: before somebody reads it, and at the end.
func (tx *Tx) settle(b *bolt.Bucket) {
	held := tx.held[b]
	if len(held) == 0 {
		return
	}
	delete(tx.held, b)
	for _, key := range slices.Sorted(maps.Keys(held)) {
		err := error(nil)
		if held[key] {
			err = tx.delete(b, []byte(key))
		} else {
			err = tx.put(b, []byte(key), []byte{})
		}
		if err != nil && tx.broken == nil { // a walk has nobody to tell: the Update fails
			tx.broken = fmt.Errorf("store: an index entry could not be written: %w", err)
		}
	}
}

// settled writes everything that is still held back.
func (tx *Tx) settled() error {
	for b := range maps.Clone(tx.held) {
		tx.settle(b)
	}
	return tx.broken
}
