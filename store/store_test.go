package store_test

import (
	"errors"
	"testing"
	"time"

	"countersign/store"
	"countersign/store/storetest"
)

func update(t testing.TB, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.View(fn); err != nil {
		t.Fatal(err)
	}
}

var errStop = errors.New("stop")

func TestUpdateKeepsAllOrNothing(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	put := func(tx *store.Tx) error {
		if err := s.bookings.Put(tx, booking{ID: "a", Day: "mon", Token: "T1"}); err != nil {
			return err
		}
		if err := s.jobs.Add(tx, "j", tx.Now(), "call"); err != nil {
			return err
		}
		_, err := s.ledger.Append(tx, "paid")
		return err
	}
	if err := db.Update(func(tx *store.Tx) error { return errors.Join(put(tx), errStop) }); !errors.Is(err, errStop) {
		t.Fatalf("got %v", err)
	}
	view(t, db, func(tx *store.Tx) error {
		if _, ok, err := s.bookings.Get(tx, "a"); ok || err != nil {
			t.Errorf("after a rollback: found %v, %v", ok, err)
		}
		if n, err := s.ledger.Last(tx); n != 0 || err != nil {
			t.Errorf("after a rollback the ledger has %d entries, %v", n, err)
		}
		return nil
	})
	update(t, db, put)
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := s.bookings.First(tx, s.token, "t1")
		if got.ID != "a" || !ok || err != nil {
			t.Errorf("by token: %v %v %v", got, ok, err)
		}
		due, err := s.jobs.Due(tx, 0)
		if len(due) != 1 || err != nil || due[0].ID != "j" || due[0].Value != "call" {
			t.Errorf("due: %+v, %v", due, err)
		}
		return nil
	})
}

func TestUpdateRollsBackOnPanicAndExit(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v", r)
			}
		}()
		_ = db.Update(func(tx *store.Tx) error {
			_, _ = s.changes.Append(tx, "lost")
			panic("boom")
		})
	}()
	update(t, db, func(tx *store.Tx) error {
		seq, err := s.changes.Append(tx, "kept")
		if seq != 1 {
			t.Errorf("the first kept entry is %d", seq)
		}
		return err
	})
}

func TestUpdateInsideUpdatePanicsInsteadOfHanging(t *testing.T) {
	db := storetest.Open(t, newShop().options())
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
		if err := db.Update(func(*store.Tx) error { return nil }); err != nil {
			t.Errorf("the writer's turn was not given back: %v", err)
		}
	}()
	_ = db.Update(func(*store.Tx) error {
		return db.Update(func(*store.Tx) error { return nil })
	})
}

func TestViewRefusesWrites(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	view(t, db, func(tx *store.Tx) error {
		if tx.Writable() {
			t.Error("a View says it is writable")
		}
		_, appended := s.changes.Append(tx, "x")
		_, _, taken := s.jobs.Take(tx, "j", time.Now())
		for i, err := range []error{
			s.bookings.Put(tx, booking{ID: "a"}), s.bookings.Delete(tx, "a"), appended,
			s.jobs.Add(tx, "j", time.Now(), "v"), s.jobs.Done(tx, "j"), s.cursors.Set(tx, "c", "1"),
		} {
			if err == nil {
				t.Errorf("write %d was let through", i)
			}
		}
		if taken != nil { // nothing to take, so nothing to write
			t.Errorf("taking what is not there: %v", taken)
		}
		return nil
	})
}

func TestClosedAndUnlistedAreSaidSo(t *testing.T) {
	s, other := newShop(), store.NewLog[string]("other")
	db := storetest.Open(t, s.options())
	if err := db.View(func(tx *store.Tx) error { _, err := other.Last(tx); return err }); err == nil {
		t.Error("a kind that is not listed was read")
	}
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := db.View(func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
	if err := db.Update(func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}
}
