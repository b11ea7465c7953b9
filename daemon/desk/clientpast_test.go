package desk_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// What a client paid is what their visits were paid, and their deposits; points that were given
// are none of it. It is what the ledger has, newest first.
func TestWhatAClientPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		anna := visit.Client{Name: "Anna", Phone: "+36201234567"}
		first, other := s.visitOf(anna), s.visitOf(visit.Client{Name: "Ben", Phone: "+36207654321"})
		who := first.Client.ID
		then := func(err error) {
			t.Helper()
			s.must(err)
			time.Sleep(time.Minute)
		}
		_, err := s.TopUp(boss, who, by("cash", 2000), desk.Key{})
		then(err)
		_, err = s.GrantBalance(boss, who, desk.Grant{Method: "loyalty", Amount: 300, Reason: "welcome"}, desk.Key{})
		then(err)
		paid, err := s.TakePayment(boss, first.ID, by("card", 400), desk.Key{})
		then(err)
		_, err = s.TakePayment(boss, first.ID, by("deposit", 600), desk.Key{})
		then(err)
		_, err = s.RefundPayment(boss, paid.ID, desk.Giving{Amount: 100, Reason: "a slip"}, desk.Key{})
		then(err)
		_, err = s.TakePayment(boss, other.ID, by("cash", 1000), desk.Key{})
		then(err)
		found, err := s.ClientPayments(access.Actor{Rights: access.Viewer.Rights()}, who)
		s.must(err)
		var said []string
		for _, e := range found {
			said = append(said, fmt.Sprint(e.Kind, " ", e.Method, " ", e.Amount))
		}
		if got := fmt.Sprint(said); got != "[refund card 100 payment deposit 600 payment card 400 payment cash 2000]" {
			t.Error(got)
		}
		if _, err := s.ClientPayments(access.Actor{}, who); err == nil {
			t.Error("shown to who may see nothing")
		}
	})
}
