package desk_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"
)

// over is a salon on a file that is open already.
func over(t *testing.T, db *store.DB) salon {
	d := desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "sandbox",
		Providers: map[string]provider.Provider{"sandbox": paper{}}, PublicURL: func() string { return "http://192.0.2.7:8791" }})
	d.Synced()
	return salon{d, t}
}

func (s salon) written() string {
	s.t.Helper()
	var b bytes.Buffer
	s.must(desk.Store(s.Desk).Dump(&b))
	return b.String()
}

// R18: a confirmation is one transaction. Cut off before it is on disk, nothing
// of it is there; cut off right after, all of it is: payment, checkout, link,
// visit, stock, the card that was bought, and the change that tells of it. Said
// again after the crash, it is booked once.
func TestR18AllOfAConfirmationOrNothing(t *testing.T) {
	for name, at := range map[string]store.Stage{"before": store.BeforeCommit, "after": store.AfterCommit} {
		t.Run(name, func(t *testing.T) {
			cut, armed, commits := errors.New("power cut"), false, 0
			o := store.Options{Program: "countersign", Kinds: desk.Kinds(), Fault: func(stage store.Stage) error {
				if !armed || stage != at {
					return nil
				}
				commits++
				return cut
			}}
			db := storetest.Open(t, o)
			s := over(t, db)
			oil := s.product("Oil", "", 5)
			d := draft(1000)
			d.Lines = append(d.Lines, of(oil, "Oil", 2), visit.Line{Kind: visit.GiftCard, Name: "Gift card", Quantity: 1, UnitPrice: 3000})
			v, _, err := s.CreateVisit(boss, d, desk.Key{})
			s.must(err)
			p := s.opened(v)
			before := s.written()
			armed = true
			p.Status = provider.Paid
			event := provider.Event{ID: "e1", Type: provider.EventPaid, Session: p}
			if err := s.Confirm("sandbox", []provider.Event{event}, "c1"); !errors.Is(err, cut) || commits != 1 {
				t.Fatalf("%v after %d commits", err, commits)
			}
			s.must(db.Close())
			o.Fault, o.NoSync = nil, true
			again, err := store.Open(db.Path(), o)
			s.must(err)
			defer again.Close()
			s = over(t, again)
			if at == store.BeforeCommit && s.written() != before {
				t.Error("something of it is there")
			}
			if at == store.AfterCommit {
				s.bookedWhole(v, oil)
			}
			s.must(s.Confirm("sandbox", []provider.Event{event}, "c1"))
			s.bookedWhole(v, oil)
			if problems, err := desk.Verify(again); err != nil || len(problems) > 0 {
				t.Errorf("%v %v", problems, err)
			}
		})
	}
}

// bookedWhole looks for everything that a link payment of a product and a gift
// card leaves behind, once.
func (s salon) bookedWhole(v visit.Visit, oil string) {
	s.t.Helper()
	v = s.reread(v)
	entries, err := s.VisitPayments(boss, v.ID)
	s.must(err)
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	last, err := s.LastChange()
	s.must(err)
	changes, err := s.Changes(0, int(last)+1)
	s.must(err)
	told := 0
	for _, x := range changes {
		if x.Value.Type == desk.PaymentBooked {
			told++
		}
	}
	if len(entries) != 1 || v.Paid != v.Total() || !v.PaidByLink || v.LinkState != visit.LinkCompleted || v.Blocked(v.StartsAt) || c.State != visit.Paid ||
		len(cards) != 1 || cards[0].Balance != 3000 || s.onHand(oil).OnHand != 3 || told != 1 {
		s.t.Errorf("%d entries, paid %d, link %s, checkout %s, cards %+v, %d on hand, told %d times", len(entries), v.Paid, v.LinkState, c.State, cards, s.onHand(oil).OnHand, told)
	}
}
