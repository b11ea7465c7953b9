package store

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// migrate copies the file and brings it from version to db.schema, one transaction a step. The last step also makes
// the indexes anew: migrations may change what they are made from, and whatever stopped half-way goes on to that step.
func (db *DB) migrate(version int) error {
	from := version
	saved, err := db.preUpgrade(from)
	if err != nil {
		return err
	}
	for ; version < db.schema; version++ {
		if err := db.update(db.step(version), db.o.Fault); err != nil {
			if version == from && db.refused() == nil {
				err = errors.Join(err, os.Remove(saved)) // the file is as it was; retries must not fill the disk with copies
			}
			return fmt.Errorf("%s could not be upgraded from schema %d to %d: %w", db.path, version, version+1, err)
		}
	}
	if err := db.View(db.checkTx); err != nil { // nobody writes before Open returns
		return damaged(db.path, fmt.Errorf("by its upgrade; the copy made before it is %s: %w", saved, err))
	}
	return nil
}

func (db *DB) step(version int) func(*Tx) error {
	return func(tx *Tx) error {
		for _, k := range db.o.Kinds {
			if err := createMissing(tx, []byte(k.Name())); err != nil {
				return err
			}
		}
		tx.migrating = true
		if err := db.o.Migrations[version-1](tx); err != nil {
			return err
		}
		tx.migrating = false
		if version+1 == db.schema {
			for _, k := range db.o.Kinds {
				if err := k.reindex(tx); err != nil {
					return fmt.Errorf("reindexing %s: %w", k.Name(), err)
				}
			}
		}
		return setSchema(tx, version+1)
	}
}

// preUpgrade copies the file to beside itself under a name that is free.
func (db *DB) preUpgrade(version int) (string, error) {
	stem := fmt.Sprintf("%s.pre-upgrade-v%d-%s", db.path, version, time.Now().UTC().Format("20060102T150405Z"))
	name := stem
	for n := 2; ; n++ {
		err := db.copyTo(name, checkPages)
		if !errors.Is(err, ErrExists) {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", stem, n)
	}
}
