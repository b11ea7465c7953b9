package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"countersign/store"
)

// confirm is about what booking a confirmation writes: a visit found four ways, a ledger entry, two changes, a job done
// and a cursor.
func confirm(s *shop, n int) func(tx *store.Tx) error {
	id := fmt.Sprintf("v_%06d", n%500)
	return func(tx *store.Tx) error {
		b, _, err := s.bookings.Get(tx, id)
		if err != nil {
			return err
		}
		b.ID, b.Day, b.Token, b.Tags = id, fmt.Sprintf("2026-03-%02d %d", n%28, n), "t"+id, []string{"unpaid", "x"}
		_, err1 := s.ledger.Append(tx, fmt.Sprintf("%0200d", n))
		_, err2 := s.changes.Append(tx, fmt.Sprintf("%0150d", n))
		_, err3 := s.changes.Append(tx, fmt.Sprintf("%0150d", n))
		return errors.Join(err1, err2, err3, s.bookings.Put(tx, b), s.jobs.Done(tx, id),
			s.jobs.Add(tx, id, tx.Now(), "call"), s.cursors.Set(tx, "events", fmt.Sprint(n)))
	}
}

// bare writes the same keys and bytes with nothing but bbolt.
func bare(s *shop, n int) func(tx *bolt.Tx) error {
	id := []byte(fmt.Sprintf("v_%06d", n%500))
	day := func(n int) []byte { return fmt.Appendf(nil, "2026-03-%02d %d\x00\x01%s", n%28, n, id) }
	due := func(n int) []byte { return fmt.Appendf(nil, "%012d%s", n, id) }
	row := fmt.Appendf(nil, `{"id":%q,"day":"2026-03-%02d %d","tags":["unpaid","x"],"token":"t%s"}`, id, n%28, n, id)
	job := fmt.Appendf(nil, `{"due":"2026-03-01T09:00:00.123456789Z","added":"2026-03-01T09:00:00.123456789Z","value":"call"}`)
	return func(tx *bolt.Tx) error {
		in := func(name string) *bolt.Bucket { return tx.Bucket([]byte(name)) }
		in("changes").FillPercent, in("ledger").FillPercent = 1, 1
		_, _ = in("ledger").NextSequence()
		_, _ = in("changes").NextSequence()
		return errors.Join(
			in("bookings").Put(id, row), in("bookings/day").Delete(day(n-500)), in("bookings/day").Put(day(n), nil),
			in("ledger").Put(fmt.Appendf(nil, "%08d", n), fmt.Appendf(nil, "%0234d", n)),
			in("changes").Put(fmt.Appendf(nil, "%08d", 2*n), fmt.Appendf(nil, "%0152d", n)),
			in("changes").Put(fmt.Appendf(nil, "%08d", 2*n+1), fmt.Appendf(nil, "%0152d", n)),
			in("jobs").Put(id, job), in("jobs/due").Delete(due(n-500)), in("jobs/due").Put(due(n), nil),
			in("cursors").Put([]byte("events"), fmt.Append(nil, n)))
	}
}

func BenchmarkConfirm(b *testing.B) {
	for _, noSync := range []bool{false, true} {
		b.Run(fmt.Sprintf("store/nosync=%v", noSync), func(b *testing.B) {
			s := newShop()
			o := s.options()
			o.NoSync = noSync
			db, err := store.Open(filepath.Join(b.TempDir(), "db"), o)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			for n := 0; b.Loop(); n++ {
				if err := db.Update(confirm(s, n)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bbolt/nosync=%v", noSync), func(b *testing.B) { benchBare(b, noSync) })
	}
}

func benchBare(b *testing.B, noSync bool) {
	s := newShop()
	o := s.options()
	path := filepath.Join(b.TempDir(), "db")
	made, err := store.Open(path, o)
	if err != nil {
		b.Fatal(err)
	}
	if err := made.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: noSync, FreelistType: bolt.FreelistArrayType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for n := 0; b.Loop(); n++ {
		if err := db.Update(bare(s, n)); err != nil {
			b.Fatal(err)
		}
	}
}
