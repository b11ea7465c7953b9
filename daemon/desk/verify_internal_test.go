package desk

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// sale is a desk with a paid visit, one payment and the gift card that it bought.
func sale(t *testing.T) (*Desk, visit.Visit, ledger.Entry) {
	t.Helper()
	db := storetest.Open(t, store.Options{Program: "countersign", Kinds: Kinds()})
	d := New(Config{DB: db, IDs: id.NewSource(rand.Reader)})
	v, _, err := d.CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.GiftCard, Name: "Card", Quantity: 1, UnitPrice: 500}}}, Key{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.TakePayment(access.System(), v.ID, Taking{Method: ledger.Cash, Amount: 500}, Key{})
	if err != nil {
		t.Fatal(err)
	}
	return d, v, e
}

// R21, R22, R25: verify finds what reports would add up and the ledger doesn't
// have, and a card that was paid for and is gone.
func TestR25VerifyFindsWhatReportsGetWrong(t *testing.T) {
	posted := func(change func(*posting)) func(*op, visit.Visit, ledger.Entry) error {
		return func(o *op, _ visit.Visit, e ledger.Entry) error {
			p, _, err := o.payments.Get(o.tx, e.ID)
			if err != nil {
				return err
			}
			change(&p)
			return o.payments.Put(o.tx, p)
		}
	}
	for name, c := range map[string]struct {
		rule   string
		change func(*op, visit.Visit, ledger.Entry) error
	}{
		"as it was":         {"", posted(func(*posting) {})},
		"not of the ledger": {"R25", posted(func(p *posting) { p.ID = "p_phantom" })},
		"of another day":    {"R21", posted(func(p *posting) { p.VisitDate = "2001-01-01" })},
		"received then":     {"R21", posted(func(p *posting) { p.Received = p.Received.Add(-48 * time.Hour) })},
		"by another method": {"R21", posted(func(p *posting) { p.Method = ledger.Card })},
		"by somebody else":  {"R21", posted(func(p *posting) { p.Staff = "s_other" })},
		"of another client": {"R21", posted(func(p *posting) { p.Client = "c_other" })},
		"of another visit":  {"R21", posted(func(p *posting) { p.Visit = "v_other" })},
		"without its card": {"R22", func(o *op, v visit.Visit, _ ledger.Entry) error {
			for c, err := range o.cards.Where(o.tx, o.bySale, string(v.ID)) {
				if err != nil {
					return err
				}
				return o.cards.Delete(o.tx, c.ID)
			}
			return nil
		}},
		"without its visit": {"R25", func(o *op, v visit.Visit, _ ledger.Entry) error { return o.visits.Delete(o.tx, v.ID) }},
	} {
		d, v, e := sale(t)
		if err := d.update(func(o *op) error { return c.change(o, v, e) }); err != nil {
			t.Fatal(err)
		}
		if broken := rules(t, d); c.rule == "" && len(broken) > 0 || c.rule != "" && !slices.Contains(broken, c.rule) {
			t.Errorf("%s: verify finds %v", name, broken)
		}
	}
}
