package store_test

import (
	"errors"
	"strings"
	"testing"

	"countersign/store"
	"countersign/store/storetest"
)

// TestPutAfterChangingWhatGetReturned: an index may return a slice of the record, and the record's reader may write
// into it; the entries of the old values go all the same.
func TestPutAfterChangingWhatGetReturned(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	update(t, db, func(tx *store.Tx) error {
		return s.bookings.Put(tx, booking{ID: "a", Tags: []string{"old", "kept"}})
	})
	update(t, db, func(tx *store.Tx) error {
		b, _, err := s.bookings.Get(tx, "a")
		if err != nil {
			return err
		}
		b.Tags[0] = "new"
		return errors.Join(s.bookings.Put(tx, b), s.bookings.Put(tx, booking{ID: "a", Tags: []string{"newest"}}))
	})
	view(t, db, func(tx *store.Tx) error {
		for tag, want := range map[string]int{"old": 0, "kept": 0, "new": 0, "newest": 1} {
			if got, err := gather(s.bookings.Where(tx, s.tag, tag)); len(got) != want || err != nil {
				t.Errorf("%s: %v, %v", tag, got, err)
			}
		}
		return nil
	})
}

func TestATakenValueChangesNothing(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	update(t, db, func(tx *store.Tx) error {
		err := errors.Join(s.bookings.Put(tx, booking{ID: "a", Token: "T"}), s.bookings.Put(tx, booking{ID: "b", Day: "mon"}))
		if err != nil {
			return err
		}
		if err := s.bookings.Put(tx, booking{ID: "b", Day: "tue", Token: "t"}); !errors.Is(err, store.ErrTaken) {
			t.Errorf("a taken token: %v", err)
		}
		b, _, err := s.bookings.First(tx, s.day, "mon")
		if b.ID != "b" {
			t.Errorf("the refused Put left %+v", b)
		}
		return err
	})
}

// TestUndecodableRecordsAreErrors: they are told, one by one, and do not hide the others.
func TestUndecodableRecordsAreErrors(t *testing.T) {
	dir := t.TempDir()
	loose := store.NewCollection("things", func(v *[]any) string { return (*v)[0].(string) })
	open := func(kinds ...store.Kind) *store.DB {
		return reopened(t, dir+"/db", store.Options{Program: "shop", Kinds: kinds})
	}
	db := open(loose)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(loose.Put(tx, []any{"a", "x"}), loose.Put(tx, []any{"b", 7}), loose.Put(tx, []any{"c", "z"}))
	})
	_ = db.Close()
	strict := store.NewCollection("things", func(v *[]string) string { return (*v)[0] })
	db = open(strict)
	var good, bad int
	view(t, db, func(tx *store.Tx) error {
		for _, err := range strict.All(tx) {
			if err != nil {
				bad++
			} else {
				good++
			}
		}
		return nil
	})
	if good != 2 || bad != 1 {
		t.Errorf("%d good, %d bad", good, bad)
	}
	if err := db.Check(); err == nil || !strings.Contains(err.Error(), `things "b" cannot be decoded`) {
		t.Errorf("Check said %v", err)
	}
}
