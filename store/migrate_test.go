package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/store"
	"countersign/store/storetest"
)

// older makes a file of schema 1 with three bookings, and returns where it is.
func older(t *testing.T) string {
	t.Helper()
	s := newShop()
	db := storetest.Open(t, s.options())
	update(t, db, func(tx *store.Tx) error {
		for _, id := range []string{"a", "b", "c"} {
			if err := s.bookings.Put(tx, booking{ID: id, Day: "mon", Token: id}); err != nil {
				return err
			}
		}
		return s.jobs.Add(tx, "j", epoch, "call")
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// A copy: the original is checked as schema 1 when the test ends.
	raw, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	return write(t, raw)
}

// upgrades are two steps: the first moves every booking to another day, the second another hour and a job away.
func upgrades(s *shop, second error) []store.Migration {
	move := func(day string) store.Migration {
		return func(tx *store.Tx) error {
			for b, err := range s.bookings.All(tx) {
				if err != nil {
					return err
				}
				b.Day = day + b.Day
				if err := s.bookings.Put(tx, b); err != nil {
					return err
				}
			}
			return s.jobs.Fail(tx, "j", "moved", epoch.AddDate(1, 0, 0))
		}
	}
	return []store.Migration{move("1"), func(tx *store.Tx) error { return errors.Join(move("2")(tx), second) }}
}

func copies(t *testing.T, path string) []string {
	t.Helper()
	found, err := filepath.Glob(path + ".p*")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestOpenUpgradesAnOlderFile(t *testing.T) {
	s, path := newShop(), older(t)
	o := s.options()
	o.Migrations = upgrades(s, nil)
	db := reopened(t, path, o)
	if db.Schema() != 3 || db.Path() != path {
		t.Errorf("schema %d at %s", db.Schema(), db.Path())
	}
	view(t, db, func(tx *store.Tx) error {
		got, err := gather(s.bookings.Where(tx, s.day, "21mon"))
		if len(got) != 3 || err != nil {
			t.Errorf("by the new day: %v, %v", got, err)
		}
		due, _, err := s.jobs.Next(tx)
		if !due.Equal(epoch.AddDate(1, 0, 0)) {
			t.Errorf("the job is due %v", due)
		}
		return err
	})
	if err := db.Check(); err != nil {
		t.Error(err)
	}
	saved := copies(t, path)
	if len(saved) != 1 || !strings.HasPrefix(saved[0], path+".pre-upgrade-v1-") {
		t.Fatalf("copies: %v", saved)
	}
	before := reopened(t, saved[0], newShop().options())
	if before.Schema() != 1 || before.Check() != nil {
		t.Errorf("the copy before the upgrade: schema %d, %v", before.Schema(), before.Check())
	}
	_ = db.Close()
	reopened(t, path, o)
	if len(copies(t, path)) != 1 {
		t.Error("a file that is up to date was copied again")
	}
}

func TestAFailedMigrationLeavesTheStepBefore(t *testing.T) {
	s, path := newShop(), older(t)
	o := s.options()
	o.Migrations = upgrades(s, errStop)
	for range 3 { // as a service manager would, again and again
		if _, err := store.Open(path, o); !errors.Is(err, errStop) || !strings.Contains(err.Error(), "from schema 2 to 3") {
			t.Fatalf("got %v", err)
		}
	}
	if saved := copies(t, path); len(saved) != 1 || !strings.Contains(saved[0], "-v1-") {
		t.Errorf("copies: %v", saved)
	}
	o.Migrations = upgrades(s, nil)
	db := reopened(t, path, o)
	view(t, db, func(tx *store.Tx) error {
		got, err := gather(s.bookings.Where(tx, s.day, "21mon"))
		if len(got) != 3 {
			t.Errorf("each step once: %v", got)
		}
		return err
	})
	if err := db.Check(); err != nil {
		t.Error(err)
	}
}

// TestAMigrationCutOffGoesOn cuts the power at every commit boundary of an upgrade.
func TestAMigrationCutOffGoesOn(t *testing.T) {
	for cutAt := range 4 {
		s, path := newShop(), older(t)
		o := s.options()
		o.Migrations = upgrades(s, nil)
		n := -1
		o.Fault = func(store.Stage) error {
			if n++; n == cutAt {
				return errStop
			}
			return nil
		}
		if _, err := store.Open(path, o); !errors.Is(err, errStop) {
			t.Fatalf("cut at %d: %v", cutAt, err)
		}
		o.Fault = nil
		db := reopened(t, path, o)
		view(t, db, func(tx *store.Tx) error {
			if got, err := gather(s.bookings.Where(tx, s.day, "21mon")); len(got) != 3 || err != nil {
				t.Errorf("cut at %d: %v, %v", cutAt, got, err)
			}
			return nil
		})
		if err := db.Check(); err != nil {
			t.Errorf("cut at %d: %v", cutAt, err)
		}
	}
}

// TestIndexesAreNotReadInAMigration: they would show the time before it.
func TestIndexesAreNotReadInAMigration(t *testing.T) {
	s, path := newShop(), older(t)
	o := s.options()
	o.Migrations = []store.Migration{func(tx *store.Tx) error {
		_, err := gather(s.bookings.Where(tx, s.day, "mon"))
		_, due := s.jobs.Due(tx, 1)
		_, _, next := s.jobs.Next(tx)
		if err == nil || due == nil || next == nil {
			t.Errorf("an index was read: %v %v %v", err, due, next)
		}
		return nil
	}}
	reopened(t, path, o)
}

// TestAddedKindsAndIndexesAppear: no migration is needed for what can be made from the records.
func TestAddedKindsAndIndexesAppear(t *testing.T) {
	initial := store.NewIndex("initial", func(b *booking) []string { return []string{b.ID[:1]} })
	bookings := store.NewCollection("bookings", func(b *booking) string { return b.ID }, initial)
	notes := store.NewLog[string]("notes")
	db := reopened(t, older(t), store.Options{Program: "shop", Kinds: []store.Kind{bookings, notes}})
	update(t, db, func(tx *store.Tx) error {
		got, ok, err := bookings.First(tx, initial, "b")
		if got.ID != "b" || !ok || err != nil {
			t.Errorf("by the added index: %v %v %v", got, ok, err)
		}
		_, err = notes.Append(tx, "works")
		return err
	})
}

// TestLeftoversAreReportedAndDropped: what the program no longer has is no damage, and a migration can drop it.
func TestLeftoversAreReportedAndDropped(t *testing.T) {
	path := older(t)
	jobs := store.NewQueue[string]("jobs")
	o := store.Options{Program: "shop", Kinds: []store.Kind{jobs}}
	db := reopened(t, path, o)
	if err := db.Check(); err == nil || !strings.Contains(err.Error(), "bookings/day: on disk, but") {
		t.Errorf("Check said %v", err)
	}
	if err := db.Backup(path + ".copy"); err != nil {
		t.Errorf("leftovers stop a backup: %v", err)
	}
	_ = db.Close()
	o.Migrations = []store.Migration{func(tx *store.Tx) error {
		var errs []error
		for _, name := range []string{"bookings", "bookings/day", "bookings/tag", "bookings/token", "changes", "ledger", "cursors", "x"} {
			errs = append(errs, tx.Drop(name))
		}
		return errors.Join(errs...)
	}}
	if err := reopened(t, path, o).Check(); err != nil {
		t.Error(err)
	}
}
