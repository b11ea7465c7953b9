package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
)

// oneDay is how many confirmations are booked in a measurement: a busy day.
const oneDay = 150

// BenchmarkBooking compares booking a provider's confirmation with a bare bbolt
// transaction that writes the same bytes, both synced to the same disk.
// "ratio" is our rate over bbolt's, and must not be under 0.8.
func BenchmarkBooking(b *testing.B) {
	var ours, bare samples
	for b.Loop() {
		b.StopTimer()
		books := newBooks(b)
		b.StartTimer()
		books.takeTurns(b, &ours, &bare)
	}
	b.ReportMetric(ours.micro(), "ours-µs")
	b.ReportMetric(bare.micro(), "bbolt-µs")
	b.ReportMetric(bare.micro()/ours.micro(), "ratio")
	b.Logf("\n%s", table{
		{"booking a confirmation, synced to disk", ours.String()},
		{"bare bbolt, the same bytes", bare.String()},
		{"rate, at least 0.8× of bbolt's", fmt.Sprintf("%.2f×", bare.micro()/ours.micro())},
	})
}

// books are two equal files with a day of checkouts that wait to be confirmed.
type books struct {
	store *store.DB
	desk  *desk.Desk
	plain *bolt.DB
	paid  []paidVisit
	// before and booked are what a rehearsal wrote: showing the code, which
	// isn't measured, and booking the confirmation, which is.
	before, booked []strokes
}

// paidVisit is a visit and the provider's word that it was paid.
type paidVisit struct {
	visit id.Visit
	event provider.Event
}

func newBooks(b *testing.B) *books {
	file := filepath.Join(b.TempDir(), "prepared.db")
	k := &books{}
	k.open(b, file, true)
	k.paid = k.openDay(b)
	if err := k.store.Close(); err != nil {
		b.Fatal(err)
	}
	k.rehearse(b, copyFile(b, file))
	k.open(b, copyFile(b, file), false)
	plain, err := bolt.Open(copyFile(b, file), 0o600, &bolt.Options{FreelistType: bolt.FreelistArrayType})
	if err != nil {
		b.Fatal(err)
	}
	k.plain = plain
	b.Cleanup(func() { k.store.Close(); plain.Close() })
	return k
}

func (k *books) open(b *testing.B, path string, noSync bool) {
	b.Helper()
	options := daemon.StoreOptions()
	options.NoSync = noSync
	db, err := store.Open(path, options)
	if err != nil {
		b.Fatal(err)
	}
	k.store = db
	k.desk = desk.New(desk.Config{DB: db, IDs: newIDs(), Default: "sandbox", PublicURL: func() string { return "http://salon.example" }})
	k.desk.Synced()
}

// openDay makes the visits of a day, each with a checkout that a client has open.
func (k *books) openDay(b *testing.B) (paid []paidVisit) {
	b.Helper()
	if err := firstStart(k.desk); err != nil {
		b.Fatal(err)
	}
	for n := range oneDay {
		draft := visit.Draft{Client: visit.Client{Name: fmt.Sprintf("Anna Kovács %d", n), Phone: fmt.Sprintf("+3620%07d", n), Language: "hu"},
			Lines: []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 4500}, {Kind: visit.Product, Name: "Shampoo", Quantity: 2, UnitPrice: 1450}}}
		v, _, err := k.desk.CreateVisit(access.System(), draft, desk.Key{})
		if err != nil {
			b.Fatal(err)
		}
		opened, err := k.desk.Begin(v.Token)
		if err != nil {
			b.Fatal(err)
		}
		due, _, err := k.desk.DueJobs(1)
		if err != nil || len(due) == 0 {
			b.Fatal("no job to create the checkout: ", err)
		}
		s := provider.Session{ID: fmt.Sprintf("ss_%032d", n), Reference: string(opened.Checkout), URL: fmt.Sprintf("http://salon.example/sandbox/pay/ss_%032d", n),
			Status: provider.Open, Amount: v.Due(), Currency: string(v.Currency), ExpiresAt: time.Now().UTC().Add(time.Hour)}
		if err := k.desk.Answered(due[0].ID, opened.Checkout, s); err != nil {
			b.Fatal(err)
		}
		s.Status, s.Payment, s.PaidAt = provider.Paid, fmt.Sprintf("pay_%032d", n), time.Now().UTC()
		paid = append(paid, paidVisit{v.ID, provider.Event{ID: fmt.Sprintf("ev_%032d", n), Type: provider.EventPaid, At: s.PaidAt, Session: s}})
	}
	return paid
}

func (k *books) show(b *testing.B, n int) {
	b.Helper()
	if err := k.desk.Show(access.System(), k.paid[n].visit, "front", true); err != nil {
		b.Fatal(err)
	}
}

func (k *books) confirm(n int) error {
	return k.desk.Confirm("sandbox", []provider.Event{k.paid[n].event}, "")
}

// rehearse books the day on a copy, and notes what every step wrote.
func (k *books) rehearse(b *testing.B, path string) {
	b.Helper()
	k.open(b, path, true)
	was := readLeaves(b, path)
	step := func(act func()) strokes {
		act()
		is := readLeaves(b, path)
		defer func() { was = is }()
		return is.since(was)
	}
	for n := range k.paid {
		k.before = append(k.before, step(func() { k.show(b, n) }))
		k.booked = append(k.booked, step(func() {
			if err := k.confirm(n); err != nil {
				b.Fatal(err)
			}
		}))
	}
	if err := k.store.Close(); err != nil {
		b.Fatal(err)
	}
}

// takeTurns books every confirmation in both files. Neither is always the
// first, so that what else the machine does meets both alike.
func (k *books) takeTurns(b *testing.B, ours, bare *samples) {
	for n := range k.paid {
		k.show(b, n)
		if err := k.plain.Update(k.before[n].write); err != nil {
			b.Fatal(err)
		}
		turns := []func() error{
			func() error { return ours.time(func() error { return k.confirm(n) }) },
			func() error { return bare.time(func() error { return k.plain.Update(k.booked[n].write) }) },
		}
		for i := range turns {
			if err := turns[(i+n)%2](); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.StopTimer()
	defer b.StartTimer()
	k.sameWork(b)
}

// sameWork proves that both files were written alike: times and random ids
// differ, and nothing else.
func (k *books) sameWork(b *testing.B) {
	b.Helper()
	mine, theirs := readLeaves(b, k.store.Path()), readLeaves(b, k.plain.Path())
	if len(mine) != len(theirs) {
		b.Fatalf("%d keys against %d: the two did not do the same", len(mine), len(theirs))
	}
	if a, z := mine.size(), theirs.size(); a < z*99/100 || a > z*101/100 {
		b.Fatalf("%d bytes against %d: the two did not do the same", a, z)
	}
}

func newIDs() *id.Source { return id.NewSource(rand.Reader) }

func copyFile(b *testing.B, path string) string {
	b.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	to := filepath.Join(b.TempDir(), "copy.db")
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	return to
}
