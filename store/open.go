package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The store's own bucket: whose file this is and in which shape.
const (
	metaName    = "meta"
	programKey  = "program"
	schemaKey   = "schema"
	defaultWait = 300 * time.Millisecond
)

// Open opens the file, or makes it. A file it refuses (ErrLocked, ErrNewer, ErrForeign, ErrDamaged) is left as it was.
// An older file is copied to <path>.pre-upgrade-vN-<time> and then migrated; a migration that fails leaves the file at
// the version before it. With ReadOnly the file stays as it is, whatever happens.
func Open(path string, o Options) (*DB, error) {
	if err := unique(o.Kinds); err != nil {
		return nil, err
	}
	if o.LockWait <= 0 {
		o.LockWait = defaultWait
	}
	db := &DB{path: path, o: o, schema: 1 + len(o.Migrations)}
	if err := db.inspect(); err != nil {
		return nil, err
	}
	b, err := db.openBolt(path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	db.bolt = b
	if o.ReadOnly {
		return db.asItIs()
	}
	if err := db.prepare(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return db, nil
}

// inspect looks at an existing file before it is opened for writing, since bbolt may write to it at once and trusts
// what it reads: a damaged page would be a panic, and one beyond the end of the file the end of the process.
func (db *DB) inspect() error {
	info, err := os.Stat(db.path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Mode().IsRegular() && info.Size() == 0) {
		return nil // new, or a crash between making it and writing its first pages
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return foreign(db.path, db.o.Program, "it is no file", nil)
	}
	b, err := db.openBolt(db.path, true)
	if err != nil {
		return err
	}
	if err = checkPages(db.path); err != nil {
		err = damaged(db.path, err)
	} else {
		_, err = db.identify(b)
	}
	return errors.Join(err, b.Close())
}

func (db *DB) openBolt(path string, readOnly bool) (b *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a page beyond the end of the file
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, damaged(path, fmt.Errorf("%v", r))
		}
	}()
	b, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout:      db.o.LockWait,
		FreelistType: bolt.FreelistArrayType,
		NoSync:       db.o.NoSync,
		NoStatistics: true,
		ReadOnly:     readOnly,
	})
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, locked(path, db.o.Program, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s cannot be opened: %w", path, err)
	default:
		return nil, db.unreadable(path, err)
	}
}

// unreadable tells a database whose first pages are gone from a file that never was one.
func (db *DB) unreadable(path string, cause error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 1<<16)
	n, err := io.ReadFull(f, head)
	if err != nil && n == 0 {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	for i := 0; i+4 <= n; i += 4 {
		if binary.NativeEndian.Uint32(head[i:]) == boltMagic {
			return damaged(path, cause)
		}
	}
	if start := head[:min(n, 1<<12)]; bytes.Equal(start, make([]byte, len(start))) {
		return damaged(path, cause)
	}
	return foreign(path, db.o.Program, "it is no database at all", cause)
}

// identify reads the schema version of our own file: 0 when nothing has been put into it yet.
func (db *DB) identify(b *bolt.DB) (version int, err error) {
	err = b.View(func(btx *bolt.Tx) error {
		meta := btx.Bucket([]byte(metaName))
		if meta == nil {
			if k, _ := btx.Cursor().First(); k == nil {
				return nil
			}
			return foreign(db.path, db.o.Program, "another program's database", nil)
		}
		program := string(meta.Get([]byte(programKey)))
		if program != db.o.Program {
			return foreign(db.path, db.o.Program, fmt.Sprintf("it belongs to %q", program), nil)
		}
		raw := meta.Get([]byte(schemaKey))
		if len(raw) != 8 {
			return damaged(db.path, fmt.Errorf("its schema version is %x", raw))
		}
		version = int(binary.BigEndian.Uint64(raw))
		if version > db.schema {
			return newer(db.path, db.o.Program, version, db.schema)
		}
		return nil
	})
	return version, err
}

// prepare brings an open file to where transactions can begin.
func (db *DB) prepare() error {
	if info, err := os.Stat(db.path); err == nil && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(db.path, 0o600); err != nil { // copied by hand, perhaps: it holds names and phone numbers
			return err
		}
	}
	version, err := db.identify(db.bolt) // again: somebody may have had it since inspect
	if err != nil {
		return err
	}
	if version == 0 {
		return db.update(db.create, nil)
	}
	if version < db.schema {
		if err := db.migrate(version); err != nil {
			return err
		}
	}
	return db.update(db.complete, nil)
}

// asItIs is a file that is only looked at, if nothing would have to be done to it first.
func (db *DB) asItIs() (*DB, error) {
	version, err := db.identify(db.bolt)
	if err == nil && version < db.schema {
		err = older(db.path, db.o.Program)
	}
	if err == nil {
		err = db.bolt.View(db.complain)
	}
	if err != nil {
		return nil, errors.Join(err, db.bolt.Close())
	}
	return db, nil
}

// complain refuses a file that lacks a kind or an index of this program's: reading it would be an error each time.
func (db *DB) complain(btx *bolt.Tx) error {
	for _, k := range db.o.Kinds {
		for _, name := range k.buckets() {
			if btx.Bucket([]byte(name)) == nil {
				return older(db.path, db.o.Program)
			}
		}
	}
	return nil
}

func (db *DB) create(tx *Tx) error {
	meta, err := tx.create([]byte(metaName))
	if err != nil {
		return err
	}
	if err := tx.put(meta, []byte(programKey), []byte(db.o.Program)); err != nil {
		return err
	}
	if err := setSchema(tx, db.schema); err != nil {
		return err
	}
	return db.complete(tx)
}

// complete creates what kinds and indexes were added to the program since the file was last open.
func (db *DB) complete(tx *Tx) error {
	for _, k := range db.o.Kinds {
		if err := k.create(tx); err != nil {
			return fmt.Errorf("store: creating %s: %w", k.Name(), err)
		}
	}
	return nil
}

func setSchema(tx *Tx, version int) error {
	meta, err := tx.bucket([]byte(metaName))
	if err != nil {
		return err
	}
	return tx.put(meta, []byte(schemaKey), binary.BigEndian.AppendUint64(nil, uint64(version)))
}
