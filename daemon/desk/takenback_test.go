package desk_test

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// soldByLink is a visit paid by link, with its payment and the cards that it issued.
func (s salon) soldByLink(lines ...visit.Line) (visit.Visit, ledger.Entry, []desk.Holding) {
	s.t.Helper()
	d := draft()
	d.Lines = lines
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.says(s.opened(v), provider.Paid, "paid "+string(v.ID))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	return s.reread(v), s.entries(v)[0], cards
}

// elsewhere is a refund that somebody made at the provider's own dashboard.
func elsewhere(name string, of ledger.Entry, amount int64) provider.Event {
	r := provider.Refund{ID: "re_" + name, Payment: of.ProviderPayment, Session: of.Session, Amount: amount, Currency: string(of.Currency), Status: provider.RefundSucceeded}
	return provider.Event{ID: name, Type: provider.EventRefund, At: time.Now(), Refund: &r}
}

func line(kind visit.LineKind, quantity, price int64) visit.Line {
	return visit.Line{Kind: kind, Name: "Thing", Quantity: quantity, UnitPrice: price}
}

func (s salon) states(v visit.Visit) []string {
	s.t.Helper()
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	var states []string
	for _, c := range cards {
		states = append(states, string(c.State))
	}
	slices.Sort(states)
	return states
}

// R22, R23: money that went back without our asking ends the cards that it was
// paid for: those that nobody used and that it takes whole. What is left of
// others is held, and staff are told.
func TestR22CardsEndWithMoneyTakenBack(t *testing.T) {
	for name, x := range map[string]struct {
		amount int64
		used   bool
		states []string
		raised []string
	}{
		"all of it":        {7000, false, []string{"void", "void"}, nil},
		"beside the cards": {1000, false, []string{"active", "active"}, nil},
		"one card":         {4000, false, []string{"active", "void"}, nil},
		"part of one":      {2000, false, []string{"active", "held"}, []string{desk.CardPartRefunded}},
		"all, one used":    {7000, true, []string{"held", "void"}, []string{desk.CardUsedRefunded}},
		"one, one used":    {4000, true, []string{"active", "void"}, nil},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				s := open(t)
				v, paid, cards := s.soldByLink(line(visit.Service, 1, 1000), line(visit.GiftCard, 2, 3000))
				if x.used {
					s.takes(s.visit(500), desk.Taking{Method: "gift_card", Amount: 500, Card: cards[0].Code})
				}
				e, raised := elsewhere("r1", paid, x.amount), slices.Clone(x.raised)
				if lost {
					e, raised = wants("d1", provider.DisputeLost, paid, x.amount), append(raised, ledger.Disputed)
				}
				s.hears(e)
				s.hears(e)
				if got := s.states(v); !slices.Equal(got, x.states) || s.reread(v).Refunded != x.amount {
					t.Errorf("cards %v, refunded %d", got, s.reread(v).Refunded)
				}
				if got := s.raised(); !slices.Equal(got, sorted(raised)) {
					t.Errorf("raised %v, want %v", got, raised)
				}
			})
		}
	}
}

func sorted(of []string) []string { slices.Sort(of); return of }

// heldCard is a membership that was used, and whose money went back.
func (s salon) heldCard() (used visit.Visit, card desk.Holding, paid ledger.Entry) {
	s.t.Helper()
	i, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Membership, Name: "Ten visits", Price: 5000, Uses: 10, Active: true})
	s.must(err)
	l := line(visit.Membership, 1, 5000)
	l.Ref = i.ID
	_, paid, cards := s.soldByLink(l)
	used, err = s.covers(s.visit(2500, 2500), 0, cards[0])
	s.must(err)
	s.hears(wants("d1", provider.DisputeLost, paid, 5000))
	return used, cards[0], paid
}

// R22: a membership that is held isn't used, until staff let it be or the bank
// gives the money back; a use may be given back at any time.
func TestR22HeldMembership(t *testing.T) {
	for name, free := range map[string]func(salon, desk.Attention, ledger.Entry){
		"released": func(s salon, x desk.Attention, _ ledger.Entry) { s.must(s.ReleaseCard(boss, x.ID)) },
		"won back": func(s salon, x desk.Attention, paid ledger.Entry) {
			s.hears(wants("d2", provider.DisputeWon, paid, 5000))
		},
		"won after": func(s salon, x desk.Attention, paid ledger.Entry) {
			s.must(s.Accept(boss, x.ID))
			s.hears(wants("d2", provider.DisputeWon, paid, 5000))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			v, c, paid := s.heldCard()
			_, err := s.covers(v, 1, c)
			s.refused(err, "card_held")
			list, err := s.Attention(boss)
			s.must(err)
			at := slices.IndexFunc(list, func(x desk.Attention) bool { return x.Kind == desk.CardUsedRefunded })
			if at < 0 || list[at].Card != c.ID || list[at].Code != c.Code || list[at].Visit != c.Visit {
				t.Fatalf("raised %+v", list)
			}
			free(s, list[at], paid)
			if got := s.card(c); got.State != desk.CardActive || got.HeldFor != "" || slices.Contains(s.raised(), desk.CardUsedRefunded) {
				t.Errorf("%+v, raised %v", got, s.raised())
			}
			v, err = s.covers(v, 1, c)
			s.must(err)
			for i := range v.Lines {
				v, err = s.ReleaseMembership(boss, v.ID, v.Lines[i].ID, v.Version, desk.Key{})
				s.must(err)
			}
			if s.card(c).Used != 0 {
				t.Errorf("used %d", s.card(c).Used)
			}
		})
	}
}

// R22, R23: a card that ended with its money is issued anew when the bank gives it back.
func TestR22WonBackIssuesAnew(t *testing.T) {
	s := open(t)
	v, paid, _ := s.soldByLink(line(visit.GiftCard, 1, 3000))
	s.hears(wants("d1", provider.DisputeLost, paid, 3000))
	if got := s.states(v); !slices.Equal(got, []string{"void"}) {
		t.Errorf("%v", got)
	}
	s.hears(wants("d2", provider.DisputeWon, paid, 3000))
	if got := s.states(v); !slices.Equal(got, []string{"active", "void"}) {
		t.Errorf("%v", got)
	}
}

// R23: goods whose money went back are for staff to ask for: the stock waits.
func TestR23GoodsWhoseMoneyWentBack(t *testing.T) {
	s := open(t)
	oil, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Product, Name: "Oil", Price: 900, Active: true})
	s.must(err)
	_, err = s.Move(boss, oil.ID, 5, stock.Receipt, "", desk.Key{})
	s.must(err)
	l := line(visit.Product, 2, 900)
	l.Ref = oil.ID
	_, paid, _ := s.soldByLink(l, line(visit.Service, 1, 5000))
	s.hears(elsewhere("r1", paid, 5000))
	if got := s.raised(); len(got) != 0 {
		t.Errorf("raised %v for what the service cost", got)
	}
	s.hears(elsewhere("r2", paid, 900))
	if got := s.raised(); !slices.Equal(got, []string{desk.GoodsRefunded}) {
		t.Errorf("raised %v", got)
	}
	levels, err := s.OnHand(boss, oil.ID)
	if err != nil || levels[0].OnHand != 3 {
		t.Errorf("%+v on hand, %v", levels, err)
	}
}

// R18, R22: a refund of ours that comes back without our key, before its
// answer, ends only the cards that it was asked for.
func TestR22OurRefundHeardOfAsAnother(t *testing.T) {
	for _, status := range []string{provider.RefundSucceeded, provider.RefundFailed} {
		t.Run(status, func(t *testing.T) {
			s := open(t)
			v, paid, _ := s.soldByLink(line(visit.GiftCard, 2, 3000))
			s.givesBack(paid.ID, giving(3000, ""))
			w := s.refundJob()
			e := elsewhere("x", paid, 3000)
			e.Refund.ID = made(w, status).ID
			s.hears(e)
			s.must(s.RefundAnswered(w.Task.ID, made(w, status)))
			if got := s.states(v); !slices.Equal(got, []string{"active", "void"}) {
				t.Errorf("%v, refunded %d", got, s.reread(v).Refunded)
			}
		})
	}
}
