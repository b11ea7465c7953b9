package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"countersign/store"
	"countersign/store/storetest"
)

// TestALargeTransactionReadsWhatItWrote: whatever is held back in it, what is found by an index is what was put and
// deleted so far, at every moment; and the check after the test finds every entry in the file.
func TestALargeTransactionReadsWhatItWrote(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	rng := rand.New(rand.NewPCG(1, 2))
	model := map[string]booking{}
	byTag := func(tag string) (keys []string) {
		for k, b := range model {
			if slices.Contains(b.Tags, tag) {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		return keys
	}
	update(t, db, func(tx *store.Tx) error {
		for n := range 6000 {
			b := booking{ID: fmt.Sprint(rng.IntN(900)), Day: fmt.Sprint(rng.IntN(50)), Tags: []string{fmt.Sprint("t", rng.IntN(30)), fmt.Sprint("t", rng.IntN(30))}}
			if rng.IntN(4) == 0 {
				delete(model, b.ID)
				if err := s.bookings.Delete(tx, b.ID); err != nil {
					return err
				}
			} else {
				model[b.ID] = b
				if err := s.bookings.Put(tx, b); err != nil {
					return err
				}
			}
			if n%97 != 0 {
				continue
			}
			tag := fmt.Sprint("t", rng.IntN(30))
			found, err := gather(s.bookings.Where(tx, s.tag, tag))
			var keys []string
			for _, b := range found {
				keys = append(keys, b.ID)
			}
			if err != nil || !slices.Equal(keys, byTag(tag)) {
				t.Fatalf("after %d writes %s leads to %v, want %v (%v)", n, tag, keys, byTag(tag), err)
			}
		}
		return nil
	})
	if err := db.Check(); err != nil {
		t.Error(err)
	}
}

// TestAWalkOfALargeTransactionMeetsWhatIsPut: also what was put while it went.
func TestAWalkOfALargeTransactionMeetsWhatIsPut(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	update(t, db, func(tx *store.Tx) error {
		for n := range 1500 {
			if err := s.bookings.Put(tx, booking{ID: fmt.Sprint("a", n), Day: "mon"}); err != nil {
				return err
			}
		}
		if err := s.bookings.Put(tx, booking{ID: "b0", Day: "tue"}); err != nil {
			return err
		}
		seen := 0
		for b, err := range s.bookings.Where(tx, s.day, "tue") {
			if err != nil {
				return err
			}
			if b.ID != fmt.Sprint("b", seen) {
				t.Errorf("met %s after %d", b.ID, seen)
			}
			if seen++; seen < 5 {
				if err := s.bookings.Put(tx, booking{ID: fmt.Sprint("b", seen), Day: "tue"}); err != nil {
					return err
				}
			}
		}
		if seen != 5 {
			t.Errorf("met %d of 5", seen)
		}
		return nil
	})
}
