package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
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
