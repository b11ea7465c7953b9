package web

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/desk"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// A visit's amounts are in its own currency, whatever the location's is.
func TestAmountsAreInTheVisitsCurrency(t *testing.T) {
	loc := desk.DefaultLocation()
	loc.Currency = "EUR"
	v := &view{loc: loc, lang: "en", zone: time.UTC, now: time.Now()}
	inYen := visit.Visit{Currency: "JPY", Lines: []visit.Line{{Name: "Cut", Quantity: 2, UnitPrice: 3000, Discount: 500, TaxSystem: "standard"}}}
	inEuro := visit.Visit{Currency: "EUR", Lines: []visit.Line{{Name: "Cut", Quantity: 1, UnitPrice: 2500, TaxSystem: "standard"}}}
	if diff := cmp.Diff(page.Chip{Kind: "due", Amount: "¥5500"}, v.chip(inYen, nil)); diff != "" {
		t.Errorf("the chip (-want +got):\n%s", diff)
	}
	want := []page.Line{{Name: "Cut", Detail: "2 × ¥3000 · −¥500 · Standard", Total: "¥5500"}}
	if diff := cmp.Diff(want, v.lines(inYen, map[string]string{"standard": "Standard"})); diff != "" {
		t.Errorf("the lines (-want +got):\n%s", diff)
	}
	if got := v.dueOf([]visit.Visit{inYen, inEuro, inEuro}); got != "€50.00 + ¥5500" {
		t.Errorf("the day's: %q", got)
	}
}
