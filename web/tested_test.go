package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// R21, R36: what was paid where no money moves says so on its visit and in the
// report's net, also once clients are sent to where it does.
func TestR36PaymentsThatMovedNoMoney(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	c, err := s.d.Desk().LastCheckout(v.ID)
	s.must(err)
	_, err = s.d.Sandbox().Pay(c.Session)
	s.must(err)
	s.await("paid", func() bool { x, err := s.d.Desk().Visit(access.System(), v.ID); return err == nil && x.PaidByLink })
	entries, err := s.d.Desk().VisitPayments(access.System(), v.ID)
	s.must(err)
	_, err = s.d.Sandbox().RefundByHand(entries[0].ProviderPayment, 500, "EUR")
	s.must(err)
	_, err = s.d.Desk().SetUp(access.System(), desk.Account{Name: "stripe", Kind: "stripe", Live: true, Holder: "acct_1"})
	s.must(err)
	eva := s.tablet(access.Administrator)
	s.await("the dashboard's refund, and whose it is (R23)", func() bool {
		return strings.Contains(s.do(eva, http.MethodGet, "/desk/visits/"+string(v.ID), "", "Accept", "text/html").text, "<bdi>Sandbox</bdi>")
	})
	s.do(eva, http.MethodGet, "/desk/visits/"+string(v.ID), "", "Accept", "text/html").wants(t, "its visit", http.StatusOK, "test, no money moved")
	s.do(eva, http.MethodGet, "/desk/reports?period=today", "", "Accept", "text/html").wants(t, "the report", http.StatusOK, `data-kind="tests"`, "€20.00 of the net", "test, no money moved", "Link · Sandbox")
}
