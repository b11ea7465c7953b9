// Package store keeps records on disk: typed collections with indexes, append-only logs, job queues and cursors,
// all in one bbolt file. It knows nothing of what the records mean, and nothing else may import bbolt.
//
// A kind of record is a descriptor made once (NewCollection, NewLog, NewChain, NewQueue, NewCursors) and listed in
// Options.Kinds, so that everything on disk can be named, checked, dumped and backed up. Descriptors hold no data and
// are safe for concurrent use; every method takes the transaction it works in.
//
//	err := db.Update(func(tx *store.Tx) error {
//		if err := visits.Put(tx, v); err != nil {
//			return err
//		}
//		_, err := changes.Append(tx, change)
//		return err
//	})
//
// The file:
//
//	store.go       DB, Options, View, Update, Changed
//	tx.go          Tx, and the cursor walk that survives writes
//	open.go        Open and its refusals; errors.go their sentences
//	migrate.go     older files: backup, then one transaction a migration
//	collection.go  rows; index.go their indexes; find.go reading by index
//	log.go         logs and hash chains
//	queue.go       jobs by due time
//	cursors.go     named positions
//	pace.go        how long commits took
//	pages.go       a reader of the page tree that no damage can crash
//	check.go       everything agrees; backup.go, dump.go copies
package store

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Stage is a moment of a commit at which Options.Fault may cut the power.
type Stage int

// The stages of a commit.
const (
	BeforeCommit Stage = iota // everything is decided, nothing is on disk
	AfterCommit               // everything is on disk, nobody has been told
)

// Options says whose file it is and what is kept in it.
type Options struct {
	// Program is written into a new file; a file with another name is refused.
	Program string
	// Kinds lists everything the file holds. What is missing on disk is created, indexes included.
	Kinds []Kind
	// Migrations bring an older file up to date, in order; the schema version is 1 + len(Migrations).
	Migrations []Migration
	// LockWait bounds the wait for another process to let go of the file; 300 ms when zero.
	LockWait time.Duration
	// ReadOnly opens a file to look at it, and changes nothing of it: it must be there, and an older one is refused
	// (ErrOlder). Every Update fails.
	ReadOnly bool
	// NoSync skips fsync. For tests: a power cut may then lose or damage the file.
	NoSync bool
	// Fault, for tests, is called at each stage of every commit of an Update or a migration. An error at BeforeCommit
	// rolls back, one at AfterCommit comes too late to; after either the DB refuses everything with that error.
	Fault func(Stage) error
}

// Migration changes the records of an older file, inside its own transaction. It reads rows with All and Get: indexes
// are not kept up while migrations run, they are rebuilt in the last one's transaction.
type Migration func(*Tx) error

// DB is an open file. It is safe for concurrent use; one Update runs at a time, Views run beside it.
type DB struct {
	bolt   *bolt.DB
	path   string
	o      Options
	schema int

	writer sync.Mutex            // held through an Update, its Fault stages included
	dead   atomic.Pointer[error] // once set, the answer to everything
	laps   stopwatch

	mu      sync.Mutex
	changed chan struct{} // made by the first Changed after a commit
}

// Path is where the file is.
func (db *DB) Path() string { return db.path }

// Schema is the version of the records' shape: 1 + len(Options.Migrations).
func (db *DB) Schema() int { return db.schema }

// Close waits for running transactions and lets go of the file. Closing twice is harmless.
func (db *DB) Close() error { return db.bolt.Close() }

// View runs fn on a snapshot. Long Views keep old pages from being reused and can hold up a growing file.
func (db *DB) View(fn func(*Tx) error) error {
	if err := db.refused(); err != nil {
		return err
	}
	btx, err := db.begin(false)
	if err != nil {
		return err
	}
	defer btx.Rollback()
	return fn(newTx(btx))
}

// Update runs fn in the only write transaction. If fn returns an error or panics nothing it did remains; if it wrote
// nothing, nothing is committed. An Update inside an Update panics instead of waiting for itself for ever.
func (db *DB) Update(fn func(*Tx) error) error {
	return db.update(fn, db.o.Fault)
}

func (db *DB) update(fn func(*Tx) error, fault func(Stage) error) error {
	db.lock()
	defer db.writer.Unlock()
	if err := db.refused(); err != nil {
		return err
	}
	btx, err := db.begin(true)
	if err != nil {
		return err
	}
	defer btx.Rollback() // a no-op after a commit; also on a panic or Goexit in fn
	tx := newTx(btx)
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.settled(); err != nil {
		return err
	}
	if tx.writes == 0 {
		return nil
	}
	return db.commit(btx, fault)
}

func (db *DB) commit(btx *bolt.Tx, fault func(Stage) error) error {
	if err := db.cut(fault, BeforeCommit); err != nil {
		return err
	}
	id, begun := btx.ID(), time.Now()
	if err := btx.Commit(); err != nil {
		return db.commitFailed(id, err)
	}
	db.laps.lap(time.Since(begun))
	err := db.cut(fault, AfterCommit)
	db.broadcast()
	return err
}

// commitFailed tells a clean rollback (a full disk, say) from a failure after the new meta page was written: then
// nobody can say whether the transaction will be there after a restart, so the DB stops instead of guessing.
func (db *DB) commitFailed(id int, cause error) error {
	err := fmt.Errorf("%s could not be written: %w", db.path, cause)
	clean := db.bolt.View(func(btx *bolt.Tx) error {
		if btx.ID() >= id {
			return errors.New("half committed")
		}
		return nil
	})
	if clean != nil {
		err = fmt.Errorf("%s was perhaps written, perhaps not: start again to find out: %w", db.path, cause)
		db.dead.Store(&err)
	}
	return err
}

func (db *DB) cut(fault func(Stage) error, at Stage) error {
	if fault == nil {
		return nil
	}
	err := fault(at)
	if err != nil {
		db.dead.Store(&err)
	}
	return err
}

func (db *DB) refused() error {
	if err := db.dead.Load(); err != nil {
		return *err
	}
	return nil
}

func (db *DB) begin(writable bool) (*bolt.Tx, error) {
	btx, err := db.bolt.Begin(writable)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return nil, fmt.Errorf("%s: %w", db.path, ErrClosed)
	}
	return btx, err
}

// Changed returns a channel that is closed after the next commit. It carries no data: take it before reading, read,
// then wait, and no commit falls in the gap.
func (db *DB) Changed() <-chan struct{} {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.changed == nil {
		db.changed = make(chan struct{})
	}
	return db.changed
}

func (db *DB) broadcast() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.changed != nil {
		close(db.changed)
		db.changed = nil
	}
}

// lock takes the writer's turn. Only when it is taken is it worth looking whether this very goroutine has it.
func (db *DB) lock() {
	if db.writer.TryLock() {
		return
	}
	if insideUpdate() {
		panic("store: Update inside Update: a transaction must not open another")
	}
	db.writer.Lock()
}

// insideUpdate finds a second update frame on this goroutine's stack. It cannot tell one DB from another, and need
// not: waiting for one file while holding another is the same mistake.
func insideUpdate() bool {
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	updates := 0
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "store.(*DB).update") {
			updates++
		}
		if updates > 1 || !more {
			return updates > 1
		}
	}
}
