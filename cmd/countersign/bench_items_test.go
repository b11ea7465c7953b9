package main

import (
	"fmt"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// manyItems is a catalogue as large as a search has to be quick in.
const manyItems = 10_000

// BenchmarkItems measures finding items among ten thousand products, as the
// receptionist types. Each search must be under 50 ms, also those that are made
// to be hard: two letters that begin a word of every name, and two words that
// every name has one of.
func BenchmarkItems(b *testing.B) {
	d := manyProducts(b)
	searches := []struct {
		about, q string
		found    int
	}{
		{"two letters of every name", "sh", 20},
		{"two letters of some", "ar", 20},
		{"a SKU's beginning", "204", 20},
		{"a whole SKU", "20409999", 1},
		{"a word and two letters", "shampoo ro", 20},
		{"two words that nothing has both of", "sh zz", 0},
		{"words that all have, and a number", "salon sh 09999", 1},
	}
	times := make([]samples, len(searches))
	for b.Loop() {
		for n, s := range searches {
			err := times[n].time(func() error {
				found, _, err := d.FindItems(access.System(), desk.ItemQuery{Q: s.q, Limit: 20})
				if err == nil && len(found) != s.found {
					err = fmt.Errorf("%q found %d items", s.q, len(found))
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	var t table
	slowest := 0.0
	for n, s := range searches {
		t = append(t, [2]string{s.about + ": " + s.q, times[n].String()})
		slowest = max(slowest, times[n].milli())
	}
	b.ReportMetric(slowest, "slowest-ms")
	b.Logf("\n%s", t)
	if slowest > 50 {
		b.Errorf("a search takes %.1f ms, more than 50", slowest)
	}
}

// manyProducts is a desk with a large catalogue.
func manyProducts(b *testing.B) *desk.Desk {
	b.Helper()
	d := emptyDesk(b)
	rows := manyRows(manyItems)
	var took samples
	if err := took.time(func() error { _, err := d.Import(access.System(), rows, false); return err }); err != nil {
		b.Fatal(err)
	}
	b.Logf("importing %d products took %v", manyItems, took.median())
	return d
}
