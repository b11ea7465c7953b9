package desk_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

func by(method string, amount int64) desk.Taking { return desk.Taking{Method: method, Amount: amount} }

func (s salon) takes(v visit.Visit, t desk.Taking) ledger.Entry {
	s.t.Helper()
	e, err := s.TakePayment(boss, v.ID, t, desk.Key{})
	s.must(err)
	return e
}

// bought is a paid visit's gift cards.
func (s salon) bought(price int64, quantity int64) []desk.Holding {
	s.t.Helper()
	d := draft()
	d.Lines = []visit.Line{{Kind: visit.GiftCard, Name: "Gift card", Quantity: quantity, UnitPrice: price}}
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("cash", price*quantity))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	return cards
}

// R16: every method lands in its own register, any number of them, and the
// link asks for what is left.
func TestR16PartsByEveryMethodThenTheRestByLink(t *testing.T) {
	s := open(t)
	v := s.visit(10000)
	client := v.Client.ID
	for _, g := range []desk.Grant{{Method: "loyalty", Amount: 700, Reason: "birthday"}, {Method: "cashback", Amount: 300, Reason: "autumn"}} {
		_, err := s.GrantBalance(boss, client, g, desk.Key{})
		s.must(err)
	}
	_, err := s.TopUp(boss, client, by("card", 2000), desk.Key{})
	s.must(err)
	card := s.bought(1500, 1)[0]

	left := int64(10000)
	for _, part := range []desk.Taking{by("cash", 1000), by("card", 900), by("loyalty", 700), by("cashback", 200), by("deposit", 1100),
		{Method: "gift_card", Amount: 600, Card: card.Code}, by("cash", 1)} {
		e := s.takes(v, part)
		left -= part.Amount
		if e.Register != part.Method || e.Method != part.Method || s.reread(v).Due() != left {
			t.Errorf("%s: register %s, due %d, want %d", part.Method, e.Register, s.reread(v).Due(), left)
		}
	}
	held, err := s.Balances(boss, client)
	s.must(err)
	if held != (desk.Balances{Loyalty: 0, Cashback: 100, Deposit: 900}) {
		t.Errorf("the client holds %+v", held)
	}
	p := s.opened(s.reread(v))
	if p.Amount != left {
		t.Errorf("the link asks for %d, want %d", p.Amount, left)
	}
	s.says(p, provider.Paid, "e1")
	if v = s.reread(v); v.PaymentState() != visit.FullyPaid || !v.PaidByLink {
		t.Errorf("%s, paid by link %t", v.PaymentState(), v.PaidByLink)
	}
}

// R17: what was paid 50 by link may cost 100 after all; the rest is taken at the desk.
func TestR17PaidByLinkThenDearer(t *testing.T) {
	s := open(t)
	v := s.visit(5000)
	s.says(s.opened(v), provider.Paid, "e1")
	v = s.reread(v)
	lines := v.Lines
	lines[0].UnitPrice = 10000
	v, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	if v.PaymentState() != visit.PartiallyPaid || v.Due() != 5000 {
		t.Errorf("%s, due %d", v.PaymentState(), v.Due())
	}
	_, err = s.Begin(v.Token)
	s.refused(err, "link_completed")
	s.takes(v, by("card", 2000))
	s.takes(v, by("cash", 3000))
	if v = s.reread(v); v.PaymentState() != visit.FullyPaid {
		t.Errorf("%s", v.PaymentState())
	}
}

// R16: no balance goes below zero, and nothing is half done when it would.
func TestR16BalancesStayAboveZero(t *testing.T) {
	s := open(t)
	v := s.visit(5000)
	card := s.bought(1000, 1)[0]
	_, err := s.GrantBalance(boss, v.Client.ID, desk.Grant{Method: "loyalty", Amount: 100, Reason: "welcome"}, desk.Key{})
	s.must(err)
	for _, tooMuch := range []desk.Taking{by("loyalty", 101), by("cashback", 1), by("deposit", 1), {Method: "gift_card", Amount: 1001, Card: card.Code}} {
		_, err := s.TakePayment(boss, v.ID, tooMuch, desk.Key{})
		s.refused(err, "insufficient_balance")
	}
	_, err = s.GrantBalance(boss, v.Client.ID, desk.Grant{Method: "loyalty", Amount: -101, Reason: "a slip"}, desk.Key{})
	s.refused(err, "insufficient_balance")
	if v = s.reread(v); v.Paid != 0 {
		t.Errorf("paid %d", v.Paid)
	}
	walkIn, _, err := s.CreateVisit(boss, visit.Draft{Lines: draft(100).Lines}, desk.Key{})
	s.must(err)
	_, err = s.TakePayment(boss, walkIn.ID, by("loyalty", 10), desk.Key{})
	s.refused(err, "validation")
}

// R16: a grant is given once for a key, with a reason, by who may.
func TestR16Grants(t *testing.T) {
	s := open(t)
	client := s.visit(100).Client.ID
	key := desk.Key{Value: "k", Hash: "h"}
	first, err := s.GrantBalance(boss, client, desk.Grant{Method: "loyalty", Amount: 100, Reason: "welcome"}, key)
	s.must(err)
	again, err := s.GrantBalance(boss, client, desk.Grant{Method: "loyalty", Amount: 100, Reason: "welcome"}, key)
	s.must(err)
	if held, err := s.Balances(boss, client); err != nil || held.Loyalty != 100 || again.ID != first.ID {
		t.Errorf("given twice: %+v", held)
	}
	for name, g := range map[string]desk.Grant{"no reason": {Method: "loyalty", Amount: 1}, "a deposit": {Method: "deposit", Amount: 1, Reason: "x"},
		"nothing": {Method: "cashback", Reason: "x"}, "money": {Method: "cash", Amount: 1, Reason: "x"}} {
		if _, err := s.GrantBalance(boss, client, g, desk.Key{}); err == nil {
			t.Errorf("%s was let through", name)
		}
	}
	_, err = s.GrantBalance(access.Actor{Rights: access.Rights{access.VisitsView}}, client, desk.Grant{Method: "loyalty", Amount: 1, Reason: "x"}, desk.Key{})
	s.refused(err, "forbidden")
	payments, _, err := s.Payments(boss, desk.PaymentQuery{})
	s.must(err)
	if len(payments) != 0 {
		t.Errorf("points are listed as money: %+v", payments)
	}
}

// R22: a gift card is issued once, when its visit is paid up, and pays other
// visits in parts; it can't pay for itself.
func TestR22GiftCardIsIssuedAndPays(t *testing.T) {
	s := open(t)
	d := draft(1000)
	d.Lines = append(d.Lines, visit.Line{Kind: visit.GiftCard, Name: "Gift card", Quantity: 2, UnitPrice: 3000, Discount: 1000},
		visit.Line{Kind: visit.Membership, Name: "Ten visits", Quantity: 1, UnitPrice: 9000})
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("cash", 14999))
	if cards, err := s.VisitCards(boss, v.ID); err != nil || len(cards) != 0 {
		t.Fatalf("issued before it was paid: %+v", cards)
	}
	s.takes(v, by("cash", 1))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	var gift []desk.Holding
	for _, c := range cards {
		if c.Kind == visit.GiftCard {
			gift = append(gift, c)
		}
	}
	if len(cards) != 3 || len(gift) != 2 || gift[0].Balance != 3000 || gift[0].Price != 2500 || gift[0].Client != v.Client.ID {
		t.Fatalf("issued %+v", cards)
	}
	other := s.visit(5000)
	for _, part := range []int64{2000, 1000} {
		s.takes(other, desk.Taking{Method: "gift_card", Amount: part, Card: " " + gift[0].Code + " "})
	}
	if h, err := s.CardByCode(boss, gift[0].Code); err != nil || h.Balance != 0 {
		t.Errorf("%+v, %v", h, err)
	}
	s.takes(other, desk.Taking{Method: "gift_card", Amount: 2000, Card: gift[1].Code})
	if got := s.reread(other).PaymentState(); got != visit.FullyPaid {
		t.Errorf("%s", got)
	}
}

// R22: a membership pays for nothing, and a card not for the visit it was sold in.
func TestR22CardsThatCannotPay(t *testing.T) {
	s := open(t)
	d := draft()
	d.Lines = []visit.Line{{Kind: visit.Membership, Name: "Ten visits", Quantity: 1, UnitPrice: 9000}, {Kind: visit.GiftCard, Name: "Gift card", Quantity: 1, UnitPrice: 1000}}
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("card", 10000))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	lines := append(s.reread(v).Lines, draft(500).Lines...)
	v, err = s.EditVisit(boss, v.ID, s.reread(v).Version, visit.Patch{Lines: &lines})
	s.must(err)
	for _, c := range cards {
		_, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "gift_card", Amount: 100, Card: c.Code}, desk.Key{})
		s.refused(err, "validation")
	}
	_, err = s.TakePayment(boss, v.ID, desk.Taking{Method: "gift_card", Amount: 100}, desk.Key{})
	s.refused(err, "validation")
	_, err = s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 100, Card: "K7Q2-MX4P"}, desk.Key{})
	s.refused(err, "validation")
}

// R39: guessing codes is slowed and then stopped, and a right one in between
// gets through.
func TestR39GuessingCardCodes(t *testing.T) {
	s := open(t)
	card := s.bought(1000, 1)[0]
	guess := func() string {
		_, err := s.CardByCode(boss, "2222-2222")
		return codeOf(err)
	}
	for range 5 {
		if got := guess(); got != "gift_card_not_found" {
			t.Fatalf("got %s", got)
		}
	}
	if _, err := s.CardByCode(boss, card.Code); err != nil {
		t.Error(err)
	}
	stopped := false
	for range 30 {
		stopped = stopped || guess() == "too_many_requests"
	}
	if !stopped {
		t.Error("thirty guesses were let through")
	}
	if _, err := s.CardByCode(access.Actor{Staff: "s_other", Rights: access.All()}, card.Code); err != nil {
		t.Errorf("somebody else is held off too: %v", err)
	}
}

// R22: what was issued can't be edited away, and what an edit makes paid up is handed out.
func TestR22EditsAfterIssuing(t *testing.T) {
	s := open(t)
	d := draft(1000)
	d.Lines = append(d.Lines, visit.Line{Kind: visit.GiftCard, Name: "Gift card", Quantity: 2, UnitPrice: 500})
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("cash", 1500))
	v = s.reread(v)
	lines := slices.Clone(v.Lines)
	lines[0].UnitPrice = 500
	v, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	s.must(err)
	if cards, err := s.VisitCards(boss, v.ID); err != nil || len(cards) != 2 {
		t.Fatalf("cheaper, and so paid up: %+v", cards)
	}
	for name, change := range map[string]func([]visit.Line) []visit.Line{
		"taken out": func(l []visit.Line) []visit.Line { return l[:1] },
		"fewer":     func(l []visit.Line) []visit.Line { l[1].Quantity = 1; return l },
		"renamed and without id": func(l []visit.Line) []visit.Line {
			l[1].ID, l[1].Name = "", "Another"
			return l
		},
		"another kind": func(l []visit.Line) []visit.Line { l[1].Kind = visit.Membership; return l },
		"another item": func(l []visit.Line) []visit.Line { l[1].Ref = "i_other"; return l },
		"more":         func(l []visit.Line) []visit.Line { l[1].Quantity = 3; return l },
		"dearer":       func(l []visit.Line) []visit.Line { l[1].UnitPrice = 501; return l },
		"a discount":   func(l []visit.Line) []visit.Line { l[1].Discount = 1; return l },
		"dearer and without id": func(l []visit.Line) []visit.Line {
			l[1].ID, l[1].UnitPrice = "", 501
			return l
		},
	} {
		lines := change(slices.Clone(v.Lines))
		_, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Lines: &lines})
		if f := fault.From(err); codeOf(err) != "line_issued" || len(f.Fields) == 0 || !strings.Contains(f.Fields[0].Message, "Gift card") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// R22: what is issued is as the catalogue says: its value, its uses, its time.
func TestR22CardsAreAsInTheCatalogue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		gift, err := s.SaveItem(boss, catalogue.Item{Kind: visit.GiftCard, Name: "Gift 50", Price: 4500, Value: 5000, Days: 365, Active: true})
		s.must(err)
		ten, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Membership, Name: "Ten visits", Price: 9000, Uses: 10, Active: true})
		s.must(err)
		d := draft()
		d.Lines = []visit.Line{{Kind: visit.GiftCard, Ref: gift.ID, Name: gift.Name, Quantity: 1, UnitPrice: 4500},
			{Kind: visit.Membership, Ref: ten.ID, Name: ten.Name, Quantity: 1, UnitPrice: 9000}}
		v, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		s.takes(v, by("card", 13500))
		cards, err := s.VisitCards(boss, v.ID)
		s.must(err)
		for _, c := range cards {
			if c.Kind == visit.GiftCard && (c.Balance != 5000 || c.Price != 4500 || c.ValidUntil.IsZero()) || c.Kind == visit.Membership && c.Uses != 10 {
				t.Errorf("%+v", c)
			}
			if c.Kind == visit.GiftCard {
				time.Sleep(366 * 24 * time.Hour)
				_, err := s.TakePayment(boss, s.visit(100).ID, desk.Taking{Method: "gift_card", Amount: 1, Card: c.Code}, desk.Key{})
				s.refused(err, "card_expired")
			}
		}
	})
}
