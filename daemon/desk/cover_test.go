package desk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// member sells a membership, by default to the client of every draft.
func (s salon) member(uses, days int64) desk.Holding {
	s.t.Helper()
	i, err := s.SaveItem(boss, catalogue.Item{Kind: visit.Membership, Name: "Ten visits", Price: 10000, Uses: uses, Days: days, Active: true})
	s.must(err)
	d := draft()
	d.Lines = []visit.Line{{Kind: visit.Membership, Ref: i.ID, Name: i.Name, Quantity: 1, UnitPrice: 10000}}
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	s.takes(v, by("cash", 10000))
	cards, err := s.VisitCards(boss, v.ID)
	s.must(err)
	return cards[0]
}

// card reads a card again.
func (s salon) card(c desk.Holding) desk.Holding {
	s.t.Helper()
	c, err := s.CardByCode(boss, c.Code)
	s.must(err)
	return c
}

// covers has a membership pay for a line of a visit.
func (s salon) covers(v visit.Visit, line int, c desk.Holding) (visit.Visit, error) {
	return s.UseMembership(boss, v.ID, desk.Covering{Line: v.Lines[line].ID, Card: c.ID, Version: v.Version}, desk.Key{})
}

// R2, R22: a membership pays for a service, a use for each, and gives back what is undone.
func TestR22MembershipPaysForAService(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	d := draft(2500, 4000)
	d.Lines[0].Quantity, d.Lines[0].Discount = 2, 500
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	was := v
	v, err = s.covers(v, 0, c)
	s.must(err)
	if v.Due() != 4000 || v.Lines[0].CoveredBy != c.ID || v.Lines[0].Discount != 500 || v.Version != was.Version+1 || s.card(c).Used != 2 {
		t.Errorf("due %d, %+v, used %d", v.Due(), v.Lines[0], s.card(c).Used)
	}
	_, err = s.covers(v, 0, c)
	s.refused(err, "already_covered")
	_, err = s.covers(was, 1, c)
	s.refused(err, "version_mismatch")
	v, err = s.covers(v, 1, c)
	s.must(err)
	if v.Due() != 0 || v.PaymentState() != visit.FullyPaid || s.card(c).Used != 3 {
		t.Errorf("due %d, %s, used %d", v.Due(), v.PaymentState(), s.card(c).Used)
	}
	v, err = s.ReleaseMembership(boss, v.ID, v.Lines[0].ID, v.Version, desk.Key{})
	s.must(err)
	if v.Due() != 4500 || s.card(c).Used != 1 {
		t.Errorf("due %d, used %d", v.Due(), s.card(c).Used)
	}
	_, err = s.ReleaseMembership(boss, v.ID, v.Lines[0].ID, v.Version, desk.Key{})
	s.refused(err, "not_covered")
	s.takes(v, by("cash", 4500))
	_, err = s.covers(s.reread(v), 0, c)
	s.refused(err, "nothing_due")
}

// R22, R39: whose card it is, and whether it is good, decides; a code is proof
// enough of the first, and guessing one is stopped.
func TestR22MembershipThatIsNotGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		mine, short, gift := s.member(1, 0), s.member(0, 30), s.bought(1000, 1)[0]
		d := draft(2500, 2500)
		d.Client = visit.Client{Name: "Bela", Phone: "+36207654321"}
		d.Lines[1].Kind = visit.GiftCard
		other, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		_, err = s.covers(other, 0, mine)
		s.refused(err, "not_their_membership")
		coded := func(line int, code string) error {
			_, err := s.UseMembership(boss, other.ID, desk.Covering{Line: other.Lines[line].ID, Code: code, Version: other.Version}, desk.Key{})
			return err
		}
		s.refused(coded(1, mine.Code), "not_a_service")
		s.refused(coded(0, gift.Code), "validation")
		s.refused(coded(0, ""), "validation")
		if _, err := s.UseMembership(access.Actor{Rights: access.Rights{access.VisitsEdit}}, other.ID, desk.Covering{}, desk.Key{}); err == nil {
			t.Error("used without the right")
		}
		s.must(coded(0, mine.Code))
		v := s.visit(2500)
		_, err = s.covers(v, 0, mine)
		if f := s.refused(err, "membership_used_up"); f.Details["left"] != int64(0) {
			t.Errorf("%+v", f.Details)
		}
		_, err = s.UseMembership(boss, v.ID, desk.Covering{Line: "l_none", Card: short.ID, Version: v.Version}, desk.Key{})
		s.refused(err, "line_not_found")
		time.Sleep(31 * 24 * time.Hour)
		_, err = s.covers(v, 0, short)
		s.refused(err, "card_expired")
		for range 12 {
			_, err = s.UseMembership(boss, v.ID, desk.Covering{Line: v.Lines[0].ID, Code: "2222-2222", Version: v.Version}, desk.Key{})
		}
		s.refused(err, "too_many_requests")
	})
}

// R22: whatever else becomes of the line, its uses come back with it, and no
// edit makes a line free.
func TestR22UsesFollowTheLines(t *testing.T) {
	cancelled := visit.StatusCancelled
	lines := func(change func(*visit.Line)) func(visit.Visit) visit.Patch {
		return func(v visit.Visit) visit.Patch {
			edited := append([]visit.Line{}, v.Lines...)
			change(&edited[0])
			return visit.Patch{Lines: &edited}
		}
	}
	for name, x := range map[string]struct {
		patch     func(visit.Visit) visit.Patch
		used, due int64
	}{
		"renamed, dearer": {lines(func(l *visit.Line) { l.Name, l.UnitPrice, l.CoveredBy = "Cut", 9000, "" }), 2, 1000},
		"without its id":  {lines(func(l *visit.Line) { l.ID = "" }), 2, 1000},
		"one more":        {lines(func(l *visit.Line) { l.Quantity = 3 }), 3, 1000},
		"one less":        {lines(func(l *visit.Line) { l.Quantity = 1 }), 1, 1000},
		"no service":      {lines(func(l *visit.Line) { l.Kind = visit.GiftCard }), 0, 6000},
		"forged": {func(v visit.Visit) visit.Patch {
			l := []visit.Line{v.Lines[1]}
			l[0].CoveredBy = v.Lines[0].CoveredBy
			return visit.Patch{Lines: &l}
		}, 0, 1000},
		"taken out": {func(v visit.Visit) visit.Patch { l := v.Lines[1:]; return visit.Patch{Lines: &l} }, 0, 1000},
		"cancelled": {func(visit.Visit) visit.Patch { return visit.Patch{Status: &cancelled} }, 0, 6000},
		"corrected": {func(visit.Visit) visit.Patch {
			return visit.Patch{Client: &visit.Client{Name: "Anna Kovács", Phone: "+36201234567"}}
		}, 2, 1000},
		"somebody else": {func(visit.Visit) visit.Patch {
			return visit.Patch{Client: &visit.Client{Name: "Bela", Phone: "+36207654321"}}
		}, 0, 6000},
		"nothing to do":      {func(visit.Visit) visit.Patch { return visit.Patch{} }, 2, 1000},
		"more than are left": {lines(func(l *visit.Line) { l.Quantity = 4 }), -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			c := s.member(3, 0)
			d := draft(2500, 1000)
			d.Lines[0].Quantity, d.Lines[1].Name = 2, "Beard"
			v, _, err := s.CreateVisit(boss, d, desk.Key{})
			s.must(err)
			v, err = s.covers(v, 0, c)
			s.must(err)
			edited, err := s.EditVisit(boss, v.ID, v.Version, x.patch(v))
			if x.used < 0 {
				s.refused(err, "membership_used_up")
				return
			}
			s.must(err)
			if edited.Due() != x.due || s.card(c).Used != x.used {
				t.Errorf("due %d, want %d; used %d, want %d", edited.Due(), x.due, s.card(c).Used, x.used)
			}
		})
	}
}

// R22: a new visit doesn't bring its own word that a line is covered.
func TestR22NobodyForgesACoveredLine(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	d := draft(2500)
	d.Lines[0].CoveredBy = c.ID
	d.ExternalID = "b1"
	for range 2 {
		v, _, err := s.CreateVisit(boss, d, desk.Key{})
		s.must(err)
		if v.Due() != 2500 || v.Version != 1 {
			t.Errorf("due %d, version %d", v.Due(), v.Version)
		}
	}
}

// R5, R22: what the booking system says again changes nothing of what is covered.
func TestR5BookedAgainKeepsTheMembership(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	d := draft(2500)
	d.ExternalID = "b1"
	v, _, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	v, err = s.covers(v, 0, c)
	s.must(err)
	again, created, err := s.CreateVisit(boss, d, desk.Key{})
	s.must(err)
	if created || again.Version != v.Version || again.Due() != 0 || s.card(c).Used != 1 {
		t.Errorf("created %t, version %d, due %d, used %d", created, again.Version, again.Due(), s.card(c).Used)
	}
}

// R22: under one key a use is counted once.
func TestR22UseOnceForAKey(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	v := s.visit(2500)
	use := desk.Covering{Line: v.Lines[0].ID, Code: c.Code, Version: v.Version}
	for range 2 {
		got, err := s.UseMembership(boss, v.ID, use, desk.Key{Value: "k", Hash: "h"})
		s.must(err)
		if got.Version != v.Version+1 || s.card(c).Used != 1 {
			t.Errorf("version %d, used %d", got.Version, s.card(c).Used)
		}
	}
	_, err := s.UseMembership(boss, v.ID, use, desk.Key{Value: "k", Hash: "other"})
	s.refused(err, "idempotency_key_reused")
}

// R13, R15: while a client pays nothing is covered; an open checkout that asks
// for too much is cancelled.
func TestR15MembershipAndAnOpenCheckout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		c := s.member(3, 0)
		v := s.visit(2500, 1000)
		p := s.opened(v)
		v = s.reread(v)
		_, err := s.covers(v, 0, c)
		s.refused(err, "visit_blocked")
		time.Sleep(16 * time.Minute)
		use := desk.Covering{Line: v.Lines[0].ID, Card: c.ID, Version: v.Version}
		cancels, err := s.WouldCancelByUse(boss, v.ID, use, desk.Key{})
		if err != nil || !cancels || s.card(c).Used != 0 {
			t.Errorf("cancels %t, used %d, %v", cancels, s.card(c).Used, err)
		}
		v, err = s.covers(v, 0, c)
		s.must(err)
		if state, err := s.CheckoutState(v.Checkout); err != nil || state != visit.Cancelling {
			t.Errorf("%s %v", state, err)
		}
		s.says(p, provider.Cancelled, "e1")
		s.opened(s.reread(v))
		time.Sleep(16 * time.Minute)
		v = s.reread(v)
		if cancels, err := s.WouldCancelByRelease(boss, v.ID, v.Lines[0].ID, v.Version, desk.Key{}); err != nil || !cancels {
			t.Errorf("cancels %t, %v", cancels, err)
		}
	})
}

// R22, R23: what was used isn't refunded; once the use is undone, it is.
func TestR23UsedMembershipIsNotRefunded(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	sold, err := s.VisitPayments(boss, c.Visit)
	s.must(err)
	v, err := s.covers(s.visit(2500), 0, c)
	s.must(err)
	_, err = s.RefundPayment(boss, sold[0].ID, giving(10000, ""), desk.Key{})
	s.refused(err, "card_used")
	_, err = s.ReleaseMembership(boss, v.ID, v.Lines[0].ID, v.Version, desk.Key{})
	s.must(err)
	s.givesBack(sold[0].ID, giving(10000, ""))
	_, err = s.covers(s.reread(v), 0, c)
	s.refused(err, "card_void")
}

// R22: a line is found by its own visit's, not by that of another.
func TestR22LineOfAnotherVisit(t *testing.T) {
	s := open(t)
	c := s.member(3, 0)
	v, other := s.visit(2500), s.visit(1000)
	_, err := s.UseMembership(boss, v.ID, desk.Covering{Line: other.Lines[0].ID, Card: c.ID, Version: v.Version}, desk.Key{})
	s.refused(err, "line_not_found")
	_, err = s.UseMembership(boss, id.Visit("v_none"), desk.Covering{Line: v.Lines[0].ID, Card: c.ID, Version: 1}, desk.Key{})
	s.refused(err, "visit_not_found")
}
