package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
)

// R19: what came in another currency is said in that currency, on the phone's
// receipt and on the tablet, and is never added to the visit's own.
func TestR19ForeignMoneyIsNamedAsItIs(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	c, err := s.d.Desk().LastCheckout(v.ID)
	s.must(err)
	_, err = s.d.Sandbox().PayAnyway(c.Session, 900_000, "JPY")
	s.must(err)
	s.await("paid", func() bool { x, err := s.d.Desk().Visit(access.System(), v.ID); return err == nil && x.PaidByLink })
	for where, got := range map[string]answer{
		"the receipt": s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "", "Accept", "text/html"),
		"the tablet":  s.do(s.tablet(access.Administrator), http.MethodGet, "/desk/visits/"+string(v.ID)+"/pay", "", "HX-Request", "true"),
	} {
		if got.status != http.StatusOK || !strings.Contains(got.text, "¥900,000") || strings.Contains(got.text, "9,000.00") || strings.Contains(got.text, "€900") {
			t.Errorf("%s: %d %s", where, got.status, got.text)
		}
	}
}

// R19, R23: what came in another currency is given back in it, as it is typed.
func TestR19ForeignMoneyIsGivenBackAsItCame(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	c, err := s.d.Desk().LastCheckout(v.ID)
	s.must(err)
	_, err = s.d.Sandbox().PayAnyway(c.Session, 900_000, "JPY")
	s.must(err)
	s.await("paid", func() bool { x, err := s.d.Desk().Visit(access.System(), v.ID); return err == nil && x.PaidByLink })
	entries, err := s.d.Desk().VisitPayments(access.System(), v.ID)
	s.must(err)
	boss, form := s.tablet(access.Administrator), "/desk/visits/"+string(v.ID)+"/payments/"+string(entries[0].ID)+"/refund"
	s.htmx(boss, http.MethodGet, form).wants(t, "the form", http.StatusOK, "¥900,000", `value="900000"`)
	s.htmx(boss, http.MethodPost, form, "amount", "4000.00", "method", "link", "reason", "x", "key", "k1").wants(t, "half a yen", http.StatusUnprocessableEntity, "such as 25.</span>", `value="4000.00"`)
	s.htmx(boss, http.MethodPost, form, "amount", "400000", "method", "link", "reason", "x", "key", "k2").wants(t, "given back", http.StatusOK, "¥400,000")
	entries, err = s.d.Desk().VisitPayments(access.System(), v.ID)
	s.must(err)
	if last := entries[len(entries)-1]; last.Kind != ledger.KindRefund || last.Amount != 400_000 || last.Currency != "JPY" {
		t.Errorf("%+v", last)
	}
}

// R14: what was paid while the block was to be lifted is said without what had
// been paid before.
func TestR14PaidMeanwhileNamesThePayment(t *testing.T) {
	s := open(t)
	v := s.book()
	_, err := s.d.TakePayment(t.Context(), access.System(), v.ID, desk.Taking{Method: "cash", Amount: 500}, desk.Key{})
	s.must(err)
	_, err = s.d.OpenLink(t.Context(), v.Token)
	s.must(err)
	c, err := s.d.Desk().LastCheckout(v.ID)
	s.must(err)
	_, err = s.d.Sandbox().Pay(c.Session)
	s.must(err)
	s.await("paid", func() bool { x, err := s.d.Desk().Visit(access.System(), v.ID); return err == nil && x.PaidByLink })
	got := s.htmx(s.tablet(access.Administrator), http.MethodPost, "/desk/visits/"+string(v.ID)+"/unblock")
	_, notice, _ := strings.Cut(got.text, `data-kind="paid_meanwhile"`)
	if notice, _, _ = strings.Cut(notice, "</p>"); !strings.Contains(notice, "€20.00") {
		t.Errorf("%d: the notice says %q", got.status, notice)
	}
}
