package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
	"countersign/store"
)

// BenchmarkImport measures a whole catalogue of new rows coming in at once, all
// of it or nothing: 20,000 must take under 2 s without fsync. The names and the
// SKUs are in no order: in a file from another program they aren't either.
func BenchmarkImport(b *testing.B) {
	rows := manyRows(20_000)
	var whole, again samples
	for b.Loop() {
		d := emptyDesk(b)
		for _, times := range []*samples{&whole, &again} {
			if err := times.time(func() error { _, err := d.Import(access.System(), rows, false); return err }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(whole.milli(), "new-ms")
	b.Logf("\n%s", table{{"20,000 new rows", whole.String()}, {"the same once more", again.String()}})
	if whole.milli() > 2000 {
		b.Errorf("20,000 new rows take %.0f ms, more than 2000", whole.milli())
	}
}

// manyRows are products of a file, each with a stock, in no order.
func manyRows(n int) []catalogue.Row {
	scents := []string{"Argan", "Rosemary", "Lavender", "Mint", "Coconut"}
	rows := make([]catalogue.Row, n)
	for i := range rows {
		mixed, stock := i*7919%n, int64(i%50+1)
		rows[i] = catalogue.Row{Number: i + 2, OnHand: &stock, Item: catalogue.Item{Kind: visit.Product, Active: true, Price: 1000, TaxSystem: visit.DefaultTaxSystem,
			SKU: fmt.Sprintf("2040%04d", mixed), Name: fmt.Sprintf("Salon Shampoo %s %05d", scents[mixed%len(scents)], mixed)}}
	}
	return rows
}

// emptyDesk is a desk on a new store without fsync.
func emptyDesk(b *testing.B) *desk.Desk {
	b.Helper()
	o := storeOptions()
	o.NoSync = true
	db, err := store.Open(filepath.Join(b.TempDir(), "items.db"), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return desk.New(desk.Config{DB: db, IDs: newIDs()})
}
