package web_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider/sandbox"
)

func (s *salon) fiscalIs(of id.Payment, want desk.FiscalState) {
	s.t.Helper()
	s.await("the fiscal receipt", func() bool {
		f, ok, err := s.d.Desk().FiscalOf(of)
		s.must(err)
		return ok && f.State == want
	})
}

// R24: the number of a payment by link is in the API, on the tablet and on the
// client's receipt.
func TestR24ReceiptIsShown(t *testing.T) {
	s := openWith(t, daemon.Fiscal{Device: daemon.FiscalProvider})
	v := s.book()
	paid := s.pays(string(v.Token), string(v.ID))
	s.fiscalIs(id.Payment(paid), desk.FiscalDone)
	list, _ := s.api(http.MethodGet, "/payments?visit="+string(v.ID), "").json(t)["payments"].([]any)
	got, _ := list[0].(map[string]any)["fiscal"].(map[string]any)
	if got["state"] != "done" || got["number"] != "FS-000001" || got["code"] == "" || got["url"] != "" {
		t.Errorf("%v", list)
	}
	s.htmx(s.tablet(access.Receptionist), http.MethodGet, "/desk/visits/"+string(v.ID)).wants(t, "the visit", http.StatusOK, "FS-000001", `data-state="done"`)
	s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "").wants(t, "the receipt", http.StatusOK, "FS-000001", got["code"].(string))
}

// R24: a refused receipt is raised, says why on its payment, and one tap of
// somebody with the right tries it again.
func TestR24TryAgainOnTheTablet(t *testing.T) {
	s := openWith(t, daemon.Fiscal{Device: daemon.FiscalProvider})
	s.d.Sandbox().SetFaults(sandbox.Faults{RefuseReceipts: 1})
	v, other := s.book(), s.book()
	e, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 1000}, desk.Key{})
	s.must(err)
	s.fiscalIs(e.ID, desk.FiscalFailed)
	c, at := s.tablet(access.Receptionist), "/desk/visits/"+string(v.ID)
	again := at + "/payments/" + string(e.ID) + "/fiscal"
	s.htmx(c, http.MethodGet, at).wants(t, "the visit", http.StatusOK, `data-state="failed"`, "fiscal day", again)
	page := s.do(c, http.MethodGet, "/desk", "")
	page.wants(t, "the desk", http.StatusOK, `data-kind="fiscal_failed"`, `value="retry"`, `value="accept"`)
	if strings.Contains(page.text, `data-test="refund-all"`) {
		t.Error("a receipt that failed is no reason to give money back")
	}
	if got := s.htmx(s.tablet(access.Viewer), http.MethodGet, at); strings.Contains(got.text, again) {
		t.Error("offered without the right")
	}
	s.htmx(s.tablet(access.Viewer), http.MethodPost, again).wants(t, "without the right", http.StatusForbidden)
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(other.ID)+"/payments/"+string(e.ID)+"/fiscal").wants(t, "another visit's", http.StatusNotFound)

	s.d.Sandbox().SetFaults(sandbox.Faults{})
	s.htmx(c, http.MethodPost, again).wants(t, "again", http.StatusOK, `data-test="fiscal"`)
	s.fiscalIs(e.ID, desk.FiscalDone)
	if got := s.do(c, http.MethodGet, "/desk", ""); strings.Contains(got.text, "fiscal_failed") {
		t.Error("it is still raised")
	}
	if got := s.api(http.MethodPost, "/payments/"+string(e.ID)+"/fiscal/retry", ""); got.status != http.StatusOK || got.json(t)["state"] != "done" {
		t.Errorf("%d %s", got.status, got.text)
	}
	s.api(http.MethodPost, "/payments/p_none/fiscal/retry", "").wants(t, "unknown", http.StatusNotFound, "receipt_not_found")
}

// R24: the notice itself tries again, or leaves it so.
func TestR24NoticeOfAReceipt(t *testing.T) {
	s := openWith(t, daemon.Fiscal{Device: daemon.FiscalProvider})
	s.d.Sandbox().SetFaults(sandbox.Faults{RefuseReceipts: 1})
	c, v := s.tablet(access.Manager), s.book()
	var taken []id.Payment
	for range 2 {
		e, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: 500}, desk.Key{})
		s.must(err)
		s.fiscalIs(e.ID, desk.FiscalFailed)
		taken = append(taken, e.ID)
	}
	s.d.Sandbox().SetFaults(sandbox.Faults{})
	list, err := s.d.Desk().Attention(access.System())
	s.must(err)
	for _, x := range list {
		act := map[bool]string{true: "retry", false: "accept"}[x.Payment == taken[0]]
		s.post(c, "/desk/attention/"+string(x.ID), "act", act).wants(t, act, http.StatusSeeOther)
	}
	s.fiscalIs(taken[0], desk.FiscalDone)
	s.fiscalIs(taken[1], desk.FiscalFailed)
	if list, err = s.d.Desk().Attention(access.System()); err != nil || len(list) > 0 {
		t.Errorf("still raised: %v %v", list, err)
	}
}
