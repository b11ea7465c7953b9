package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	bolt "go.etcd.io/bbolt"
)

// Backup copies the file as it is now to path while work goes on, checks the copy, and only then gives it its name. A
// file of that name is not overwritten: ErrExists.
func (db *DB) Backup(path string) error {
	if err := db.refused(); err != nil {
		return err
	}
	return db.copyTo(path, db.checkCopy)
}

func (db *DB) copyTo(path string, check func(string) error) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, exists(path))
	}
	part, err := db.writeCopy(path)
	if part != "" {
		defer os.Remove(part) // its second name, or what is left of a failure
	}
	if err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	if err := check(part); err != nil {
		return fmt.Errorf("the copy for %s is not whole: %w", path, err)
	}
	return db.publish(part, path)
}

func exists(path string) error {
	return &refusal{ErrExists, fmt.Sprintf("%s exists already and is not overwritten: choose another name.", path), nil}
}

// writeCopy writes a snapshot to a file beside path, and returns that file's name as soon as there is one.
func (db *DB) writeCopy(path string) (part string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*") // 0600
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	btx, err := db.begin(false)
	if err != nil {
		return f.Name(), err
	}
	defer btx.Rollback()
	if _, err := btx.WriteTo(f); err != nil || db.o.NoSync {
		return f.Name(), err
	}
	return f.Name(), f.Sync()
}

func (db *DB) checkCopy(part string) error {
	if err := checkPages(part); err != nil {
		return err
	}
	b, err := db.openBolt(part, true)
	if err != nil {
		return err
	}
	err = b.View(func(btx *bolt.Tx) error { return db.checkTx(newTx(btx)) })
	return errors.Join(err, b.Close())
}

// publish gives the copy its name. A link, unlike a rename, never replaces what somebody else put there meanwhile;
// where the file system has no links, a rename has to do.
func (db *DB) publish(part, path string) error {
	err := os.Link(part, path)
	if errors.Is(err, fs.ErrExist) {
		return exists(path)
	}
	if err != nil {
		if err := os.Rename(part, path); err != nil {
			return err
		}
	}
	if db.o.NoSync {
		return nil
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the new name survive a power cut. Windows cannot, and does not need to.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
