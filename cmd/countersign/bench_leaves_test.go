package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// leaf is one key of a bbolt file.
type leaf struct{ bucket, key string }

// leaves are all keys of a file with their values.
type leaves map[leaf]string

// readLeaves reads a copy: the file itself is locked by who writes to it. No
// transaction may be under way.
func readLeaves(b *testing.B, path string) leaves {
	b.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	still := filepath.Join(filepath.Dir(path), "still.db")
	if err := os.WriteFile(still, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	db, err := bolt.Open(still, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	found := leaves{}
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return bucket.ForEach(func(k, v []byte) error {
				found[leaf{string(name), string(k)}] = string(v)
				return nil
			})
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	return found
}

func (l leaves) size() (bytes int) {
	for k, v := range l {
		bytes += len(k.key) + len(v)
	}
	return bytes
}

// stroke is one write: a value, or the end of a key.
type stroke struct {
	bucket, key, value []byte
	gone               bool
}

// strokes are the writes of one transaction.
type strokes []stroke

// since lists what has to be written to a file that was like before.
func (l leaves) since(before leaves) (todo strokes) {
	for k, v := range l {
		if old, ok := before[k]; !ok || old != v {
			todo = append(todo, stroke{bucket: []byte(k.bucket), key: []byte(k.key), value: []byte(v)})
		}
	}
	for k := range maps.Keys(before) {
		if _, ok := l[k]; !ok {
			todo = append(todo, stroke{bucket: []byte(k.bucket), key: []byte(k.key), gone: true})
		}
	}
	slices.SortFunc(todo, func(a, b stroke) int {
		return strings.Compare(string(a.bucket)+string(a.key), string(b.bucket)+string(b.key))
	})
	return todo
}

// write carries the strokes out. Logs only grow at their end, and the store
// packs their pages full; so does this, or it would write more pages.
func (s strokes) write(tx *bolt.Tx) error {
	for _, w := range s {
		bucket := tx.Bucket(w.bucket)
		if w.gone {
			if err := bucket.Delete(w.key); err != nil {
				return err
			}
			continue
		}
		if name := string(w.bucket); name == "ledger" || name == "changes" || name == "audit" {
			bucket.FillPercent = 1
		}
		if err := bucket.Put(w.key, w.value); err != nil {
			return err
		}
	}
	return nil
}
