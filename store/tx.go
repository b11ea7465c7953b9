package store

import (
	"bytes"
	"fmt"
	"iter"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Tx is one transaction. It belongs to the goroutine running the function it was given to, and ends with it.
type Tx struct {
	bolt      *bolt.Tx
	now       time.Time
	writes    int  // counts changes, so that walks know to find their place again
	migrating bool // indexes are not kept up, and must not be read

	// read remembers the index values of records this Update has read, by collection and key: most Puts follow a Get,
	// and need not decode the old record a second time to know its entries.
	read map[string][][]string

	// held are index entries that a large Update writes later, by bucket: true for one that goes. broken is what went
	// wrong with them.
	held   map[*bolt.Bucket]map[string]bool
	broken error
}

func newTx(btx *bolt.Tx) *Tx {
	return &Tx{bolt: btx, now: time.Now().UTC().Round(0)} // Round drops the monotonic part: what is stored reads back equal
}

// Now is the moment the transaction began, in UTC: the one time of everything it decides.
func (tx *Tx) Now() time.Time { return tx.now }

// Writable says whether this is an Update.
func (tx *Tx) Writable() bool { return tx.bolt.Writable() }

// Drop removes a kind, or an index by "kind/index", that the program no longer has. For migrations; what was never
// there is no error.
func (tx *Tx) Drop(name string) error {
	b := tx.bolt.Bucket([]byte(name))
	if b == nil {
		return nil
	}
	tx.writes++
	delete(tx.held, b)
	return tx.bolt.DeleteBucket([]byte(name))
}

// bucket is a bucket as everything so far has made it.
func (tx *Tx) bucket(name []byte) (*bolt.Bucket, error) {
	b, err := tx.unsettled(name)
	if err == nil {
		tx.settle(b)
	}
	return b, err
}

// unsettled is a bucket from which something may be held back: for those who read nothing that could be.
func (tx *Tx) unsettled(name []byte) (*bolt.Bucket, error) {
	if b := tx.bolt.Bucket(name); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("store: %q is not on disk: is it in Options.Kinds?", name)
}

func (tx *Tx) writable(name []byte) (*bolt.Bucket, error) {
	if !tx.bolt.Writable() {
		return nil, errReadOnly
	}
	return tx.bucket(name)
}

func (tx *Tx) put(b *bolt.Bucket, k, v []byte) error {
	tx.writes++
	return b.Put(k, v)
}

func (tx *Tx) delete(b *bolt.Bucket, k []byte) error {
	tx.writes++
	return b.Delete(k)
}

func (tx *Tx) create(name []byte) (*bolt.Bucket, error) {
	tx.writes++
	return tx.bolt.CreateBucket(name)
}

// walk yields the keys from the first at or after from for as long as in says so. bbolt's cursors lose their place
// when the bucket changes under them; after a write made between two steps this one looks its place up again.
func (tx *Tx) walk(b *bolt.Bucket, from []byte, in func(k []byte) bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := b.Cursor()
		k, v := c.Seek(from)
		for k != nil && in(k) {
			writes, at := tx.writes, k
			if !yield(k, v) {
				return
			}
			if tx.writes == writes {
				k, v = c.Next()
				continue
			}
			tx.settle(b)
			if k, v = c.Seek(at); bytes.Equal(k, at) {
				k, v = c.Next()
			}
		}
	}
}

func everything([]byte) bool { return true }
