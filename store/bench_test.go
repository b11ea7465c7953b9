package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"countersign/store"
)

// confirm is about what booking a confirmation writes: a visit found three ways, a ledger entry, two changes, a job done
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
		return errors.Join(err1, err2, err3, s.bookings.Put(tx, b), s.jobs.Done(tx, jobID(n-500)),
			s.jobs.Add(tx, jobID(n), tx.Now(), "call"), s.cursors.Set(tx, "events", fmt.Sprint(n)))
	}
}

func jobID(n int) string { return fmt.Sprintf("j_%08d", n) }

// bare writes the same keys and bytes with nothing but bbolt.
func bare(n int) func(tx *bolt.Tx) error {
	id := []byte(fmt.Sprintf("v_%06d", n%500))
	day := func(n int) []byte { return fmt.Appendf(nil, "2026-03-%02d %d\x00\x01%s", n%28, n, id) }
	due := func(n int) []byte { return fmt.Appendf(nil, "\x90%011d%s", n, jobID(n)) }
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
			in("jobs").Delete([]byte(jobID(n-500))), in("jobs").Put([]byte(jobID(n)), job),
			in("jobs/due").Delete(due(n-500)), in("jobs/due").Put(due(n), nil),
			in("cursors").Put([]byte("events"), fmt.Append(nil, n)))
	}
}

// BenchmarkConfirm takes turns between the store and bare bbolt on the same disk, so that what else the machine does
// meets both alike, and compares the medians: "ratio" is the store's rate over bbolt's, which must not be under 0.8.
func BenchmarkConfirm(b *testing.B) {
	for _, noSync := range []bool{false, true} {
		b.Run(fmt.Sprintf("nosync=%v", noSync), func(b *testing.B) {
			s := newShop()
			o := s.options()
			o.NoSync = noSync
			ours, err := store.Open(filepath.Join(b.TempDir(), "db"), o)
			if err != nil {
				b.Fatal(err)
			}
			defer ours.Close()
			for n := range 500 {
				if err := ours.Update(confirm(s, n)); err != nil {
					b.Fatal(err)
				}
			}
			plain := openBare(b, ours, noSync)
			defer plain.Close()
			var took [2][]time.Duration
			for n := 500; b.Loop(); n++ {
				turns := [2]func() error{
					func() error { return ours.Update(confirm(s, n)) },
					func() error { return plain.Update(bare(n)) },
				}
				for i := range turns {
					who := (i + n) % 2 // neither is always the first
					begin := time.Now()
					if err := turns[who](); err != nil {
						b.Fatal(err)
					}
					took[who] = append(took[who], time.Since(begin))
				}
			}
			b.ReportMetric(median(took[0]), "store-µs")
			b.ReportMetric(median(took[1]), "bbolt-µs")
			b.ReportMetric(median(took[1])/median(took[0]), "ratio")
		})
	}
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2]) / float64(time.Microsecond)
}

// openBare opens a copy of the file, past the store.
func openBare(b *testing.B, ours *store.DB, noSync bool) *bolt.DB {
	path := filepath.Join(b.TempDir(), "db")
	if err := ours.Backup(path); err != nil {
		b.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: noSync, FreelistType: bolt.FreelistArrayType})
	if err != nil {
		b.Fatal(err)
	}
	return db
}
