package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// R22: a line that was handed out and becomes another thing is another line:
// what the client paid for instead is handed out too, and nothing twice.
func TestR22AnotherThingUnderTheSameLineIsHandedOut(t *testing.T) {
	s := open(t)
	var items []string
	for _, name := range []string{"Oil", "Wax"} {
		i, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Product, Name: name, Price: 900, Active: true})
		s.must(err)
		_, err = s.Move(boss, i.ID, 10, stock.Receipt, "", desk.Key{})
		s.must(err)
		items = append(items, i.ID)
	}
	d := draft()
	for range 2 {
		d.Lines = append(d.Lines, visit.Line{Kind: visit.Product, Ref: items[0], Name: "Oil", Quantity: 1, UnitPrice: 900})
	}
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	cash := s.takes(v, by("cash", 1800))
	v = s.reread(v)
	was, lines := v.Lines[0].ID, v.Lines
	lines[0].Ref, lines[0].Name = items[1], "Wax"
	lines[1].Kind, lines[1].Ref, lines[1].Name = visit.GiftCard, "", "Gift card"
	v, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	onHand := func(want ...int64) {
		t.Helper()
		levels, err := s.OnHand(boss, items...)
		s.must(err)
		for i, l := range levels {
			if l.OnHand != want[i] {
				t.Errorf("%d of item %d on hand, want %d", l.OnHand, i, want[i])
			}
		}
	}
	onHand(8, 9)
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	if len(cards) != 1 {
		t.Errorf("%d gift cards for the one that was paid", len(cards))
	}
	s.givesBack(cash.ID, desk.Giving{Amount: 100, Reason: "changed", Return: []desk.Returned{{Line: was, Quantity: 1}}})
	onHand(9, 9)
}

// R22: a visit that everything was given back for hands out nothing when what
// is due is taken off it.
func TestR22NothingIsHandedOutForMoneyGivenBack(t *testing.T) {
	s := open(t)
	card := s.bought(2000, 1)[0]
	entries, err := s.VisitPayments(boss, card.Visit)
	s.must(err)
	s.givesBack(entries[0].ID, giving(2000, ""))
	v, err := s.Visit(boss, card.Visit)
	s.must(err)
	lines := v.Lines
	lines[0].Discount = 2000
	_, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	if len(cards) != 1 || cards[0].State != desk.CardVoid {
		t.Errorf("a card for nothing: %+v", cards)
	}
}

// R22: a card is good for the whole of its last day, in the location's zone.
func TestR22CardIsGoodForItsLastDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.moves("Europe/Berlin", "EUR")
		i, err := s.SaveItem(boss, catalogue.Item{Kind: visit.GiftCard, Name: "Gift card", Price: 2000, Days: 10, Active: true})
		s.must(err)
		d := draft()
		d.Lines = []visit.Line{{Kind: visit.GiftCard, Ref: i.ID, Name: i.Name, Quantity: 1, UnitPrice: 2000}}
		v, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		sold := time.Now()
		s.takes(v, by("cash", 2000))
		cards, err := s.VisitCards(boss, v.ID)
		s.must(err)
		zone, err := time.LoadLocation("Europe/Berlin")
		s.must(err)
		day := sold.In(zone)
		end := time.Date(day.Year(), day.Month(), day.Day()+11, 0, 0, 0, 0, zone)
		for at, want := range map[time.Time]bool{end.Add(-time.Second): false, end: true} {
			if cards[0].Expired(at) != want {
				t.Errorf("sold at %s, at %s expired is %t", sold, at, !want)
			}
		}
	})
}

// R15, R23: a refund that a provider made cancels a checkout that asks for less
// than is due now.
func TestR15RefundMakesACheckoutStale(t *testing.T) {
	s := open(t)
	stray := provider.Session{ID: "stray", Status: provider.Paid, Payment: "pp", Amount: 1000, Currency: "EUR", PaidAt: time.Now()}
	s.hears(provider.Event{ID: "e1", At: time.Now(), Session: stray})
	list, err := s.Attention(boss)
	s.must(err)
	v := s.visit(2500)
	s.must(s.Assign(boss, list[0].ID, v.ID))
	page := s.opened(v)
	s.hears(refundEvent("e2", "r2", stray, 1000))
	if state, err := s.CheckoutState(id.Checkout(page.Reference)); err != nil || state != visit.Cancelling {
		t.Errorf("the checkout of %d is %s with %d due, %v", page.Amount, state, s.reread(v).Due(), err)
	}
}
