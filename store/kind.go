package store

import (
	"fmt"
	"strings"
)

// Kind is anything that is kept on disk: a Collection, a Log, a Queue or Cursors.
type Kind interface {
	// Name is unique in the file; it never changes once there are files with it.
	Name() string

	buckets() []string                              // everything it keeps, its own name first
	create(tx *Tx) error                            // what is missing, indexes filled
	reindex(tx *Tx) error                           // indexes made anew, after migrations
	check(tx *Tx, report func(error))               // every record, every index entry
	dump(tx *Tx, line func(record any) error) error // in key order
}

// named refuses names that could be mistaken for another kind's index or for the store's own bucket. Names are
// literals of the program, so a bad one is a bug and panics.
func named(name string) string {
	if name == "" || name == metaName || strings.ContainsAny(name, "/ \x00") {
		panic(fmt.Sprintf("store: %q is no name for a kind or an index", name))
	}
	return name
}

func createMissing(tx *Tx, name []byte) error {
	if tx.bolt.Bucket(name) != nil {
		return nil
	}
	_, err := tx.create(name)
	return err
}

func unique(kinds []Kind) error {
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.Name()] {
			return fmt.Errorf("store: the kind %q is listed twice", k.Name())
		}
		seen[k.Name()] = true
	}
	return nil
}
