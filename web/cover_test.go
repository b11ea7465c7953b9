package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// member sells the client of every booked visit a membership of three visits.
func (s *salon) member(pay func(visit.Visit)) desk.Holding {
	s.t.Helper()
	i, err := s.d.Desk().SaveItem(access.System(), catalogue.Item{Kind: visit.Membership, Name: "Three visits", Price: 6000, Uses: 3, Active: true})
	s.must(err)
	sold, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: s.book().Client,
		Lines: []visit.Line{{Kind: visit.Membership, Ref: i.ID, Name: i.Name, Quantity: 1, UnitPrice: 6000}}}, desk.Key{})
	s.must(err)
	pay(sold)
	cards, err := s.d.Desk().VisitCards(access.System(), sold.ID)
	s.must(err)
	return cards[0]
}

func (s *salon) inCash(v visit.Visit) {
	_, err := s.d.Desk().TakePayment(access.System(), v.ID, desk.Taking{Method: "cash", Amount: v.Due()}, desk.Key{})
	s.must(err)
}

func based(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// R4, R22: a membership pays for a line over the API, once for a key, and is taken off again.
func TestR22MembershipByAPI(t *testing.T) {
	s := open(t)
	card := s.member(s.inCash)
	v := s.book()
	at := "/visits/" + string(v.ID) + "/lines/" + string(v.Lines[0].ID) + "/membership"
	for body, want := range map[string]string{`{"card": "2222-2222"}`: "membership_not_found", `{"card": ""}`: "validation", `{}`: "validation"} {
		if got := s.api(http.MethodPost, at, body, "If-Match", based(v.Version)); got.status != http.StatusUnprocessableEntity || got.code(t) != want {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	body := `{"card": "` + strings.ToLower(card.Code) + `"}`
	for version, status := range map[string]int{"": http.StatusPreconditionRequired, based(v.Version + 1): http.StatusPreconditionFailed} {
		if got := s.api(http.MethodPost, at, body, "If-Match", version); got.status != status {
			t.Errorf("version %q: %d %s", version, got.status, got.text)
		}
	}
	for range 2 {
		got := s.api(http.MethodPost, at, body, "If-Match", based(v.Version), "Idempotency-Key", "one").json(t)
		line := got["lines"].([]any)[0].(map[string]any)
		if line["covered_by"] != string(card.ID) || line["unit_price"] != float64(v.Lines[0].UnitPrice) || got["version"] != float64(v.Version+1) || got["due"] != float64(0) {
			t.Errorf("%v", got)
		}
	}
	forged := s.api(http.MethodPatch, "/visits/"+string(v.ID), `{"lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 5, "covered_by": "`+string(card.ID)+`"}]}`, "If-Match", based(v.Version+1))
	if forged.status != http.StatusUnprocessableEntity {
		t.Errorf("forged: %d %s", forged.status, forged.text)
	}
	for range 2 {
		got := s.api(http.MethodDelete, at, "", "If-Match", based(v.Version+1), "Idempotency-Key", "two")
		if got.status != http.StatusOK || strings.Contains(got.text, "covered_by") || got.json(t)["due"] != float64(v.Due()) {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	if got := s.api(http.MethodDelete, at, "", "If-Match", based(v.Version+2)); got.status != http.StatusConflict || got.code(t) != "not_covered" {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// R15, R22: an open checkout is cancelled at the provider before a membership pays.
func TestR15MembershipCancelsAnOpenCheckout(t *testing.T) {
	s := open(t)
	card := s.member(s.inCash)
	v := s.book()
	opened := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}", "Content-Type", "application/json")
	to := strings.TrimPrefix(opened.json(t)["redirect"].(string), s.base)
	at := "/visits/" + string(v.ID) + "/lines/" + string(v.Lines[0].ID) + "/membership"
	body := `{"card": "` + card.Code + `"}`
	if got := s.api(http.MethodPost, at, body, "If-Match", based(v.Version)); got.status != http.StatusConflict || got.code(t) != "visit_blocked" {
		t.Errorf("%d %s", got.status, got.text)
	}
	s.api(http.MethodPost, "/visits/"+string(v.ID)+"/unblock", "")
	if got := s.api(http.MethodPost, at, body, "If-Match", based(v.Version)); got.status != http.StatusOK || got.json(t)["due"] != float64(0) {
		t.Errorf("%d %s", got.status, got.text)
	}
	s.do(client(nil), http.MethodPost, to+"/pay", "")
	if got, err := s.d.Desk().Visit(access.System(), v.ID); err != nil || got.Paid != 0 {
		t.Errorf("paid %d, %v", got.Paid, err)
	}
}

// R22: the tablet offers the client's membership beside a service, says how
// much is left, takes any by its code, and takes it back.
func TestR22MembershipOnTheTablet(t *testing.T) {
	s := open(t)
	card := s.member(s.inCash)
	v := s.book()
	at, c := "/desk/visits/"+string(v.ID), s.tablet(access.Receptionist)
	do := func(act, with string, version int64, key string) answer {
		return s.htmx(c, http.MethodPost, at+"/membership", "line", string(v.Lines[0].ID), "card", with, "act", act, "version", strconv.FormatInt(version, 10), "key", key)
	}
	s.htmx(c, http.MethodGet, at).wants(t, "the visit", http.StatusOK, "Use membership (3 of 3 left)", `data-test="membership-code"`)
	if got := s.htmx(s.tablet(access.Viewer), http.MethodGet, at); strings.Contains(got.text, "Use membership") {
		t.Error("a viewer is offered to use it")
	}
	if got := s.htmx(s.tablet(access.Viewer), http.MethodPost, at+"/membership", "line", string(v.Lines[0].ID), "card", card.Code, "act", "use", "version", "1"); got.status != http.StatusForbidden {
		t.Errorf("a viewer uses it: %d", got.status)
	}
	do("use", "K7Q2-MX4Q", v.Version, "a").wants(t, "a wrong code", http.StatusUnprocessableEntity, `data-kind="membership_not_found"`, `value="K7Q2-MX4Q"`)
	for range 2 {
		do("use", string(card.ID), v.Version, "b").wants(t, "used", http.StatusOK, `data-state="covered"`, "Three visits", "<s>€25.00</s>", `data-test="release-membership"`)
	}
	do("use", card.Code, v.Version, "c").wants(t, "stale", http.StatusPreconditionFailed, `data-kind="version_mismatch"`)
	phone := s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "")
	phone.wants(t, "the phone", http.StatusOK)
	do("release", "", v.Version+1, "d").wants(t, "taken off", http.StatusOK, "Use membership (3 of 3 left)")
	do("use", card.Code, v.Version+2, "e").wants(t, "by code", http.StatusOK, `data-state="covered"`)
	if got := s.post(c, at+"/membership", "line", string(v.Lines[0].ID), "act", "release", "version", strconv.FormatInt(v.Version+3, 10)); got.status != http.StatusOK {
		t.Errorf("without script: %d", got.status)
	}
}

// R22, R23: a used membership whose money a bank took is raised and held, and
// who gives money back may let it be used again.
func TestR22HeldCardIsLetBeUsed(t *testing.T) {
	s := open(t)
	card := s.member(func(v visit.Visit) {
		opened := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}", "Content-Type", "application/json")
		s.do(client(nil), http.MethodPost, strings.TrimPrefix(opened.json(t)["redirect"].(string), s.base)+"/pay", "")
		s.await("the payment", func() bool {
			got, err := s.d.Desk().Visit(access.System(), v.ID)
			return err == nil && got.PaidByLink
		})
	})
	v := s.book()
	v, err := s.d.Desk().UseMembership(access.System(), v.ID, desk.Covering{Line: v.Lines[0].ID, Card: card.ID, Version: v.Version}, desk.Key{})
	s.must(err)
	entries, err := s.d.Desk().VisitPayments(access.System(), card.Visit)
	s.must(err)
	lost := provider.Dispute{ID: "dp_x", Payment: entries[0].ProviderPayment, Session: entries[0].Session, Amount: 6000, Currency: "EUR", Status: provider.DisputeLost}
	s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e_lost", Type: provider.EventDispute, At: time.Now(), Dispute: &lost}}, ""))
	raised := s.api(http.MethodGet, "/attention", "").json(t)["attention"].([]any)
	which := ""
	for _, x := range raised {
		if x := x.(map[string]any); x["kind"] == desk.CardUsedRefunded && x["card"] == string(card.ID) {
			which = x["id"].(string)
		}
	}
	manager := s.tablet(access.Manager)
	day := "/desk?date=" + v.StartsAt.Format(time.DateOnly)
	s.do(manager, http.MethodGet, day, "", "Accept", "text/html").wants(t, "the notice", http.StatusOK, `data-test="release-card"`, card.Code)
	if got := s.do(s.tablet(access.Viewer), http.MethodGet, day, "", "Accept", "text/html"); strings.Contains(got.text, card.Code) {
		t.Error("a viewer reads the code")
	}
	if got := s.post(s.tablet(access.Receptionist), "/desk/attention/"+which, "act", "release"); got.status != http.StatusForbidden {
		t.Errorf("the receptionist: %d", got.status)
	}
	if got := s.api(http.MethodPost, "/attention/"+which+"/release-card", ""); got.status != http.StatusNoContent {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got, err := s.d.Desk().CardByCode(access.System(), card.Code); err != nil || got.State != desk.CardActive {
		t.Errorf("%s %v", got.State, err)
	}
}

// R22: the client's phone shows what a covered line costs, and that a membership pays.
func TestR22PhoneShowsWhatIsCovered(t *testing.T) {
	s := open(t)
	card := s.member(s.inCash)
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "Anna Kovacs", Phone: "+36201234567"},
		Lines: []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 2500}, {Kind: visit.Service, Name: "Beard", Quantity: 1, UnitPrice: 1500}}}, desk.Key{})
	s.must(err)
	_, err = s.d.Desk().UseMembership(access.System(), v.ID, desk.Covering{Line: v.Lines[0].ID, Card: card.ID, Version: v.Version}, desk.Key{})
	s.must(err)
	s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "").wants(t, "the phone", http.StatusOK, "<s>€25.00</s>", "Covered by membership", ">€15.00<")
}

// R23: a receipt counts once what a bank took and gave back.
func TestR23ReceiptOfMoneyWonBack(t *testing.T) {
	s := open(t)
	v := s.book()
	paid := s.pays(string(v.Token), string(v.ID))
	entries, err := s.d.Desk().VisitPayments(access.System(), v.ID)
	s.must(err)
	for i, status := range []string{provider.DisputeLost, provider.DisputeWon} {
		d := provider.Dispute{ID: "dp_x", Payment: entries[0].ProviderPayment, Session: entries[0].Session, Amount: 2500, Currency: "EUR", Status: status}
		s.must(s.d.Desk().Confirm("sandbox", []provider.Event{{ID: "e_" + status, Type: provider.EventDispute, At: time.Now().Add(time.Duration(i)), Dispute: &d}}, ""))
	}
	got := s.do(client(nil), http.MethodGet, "/p/"+string(v.Token), "")
	got.wants(t, "the receipt", http.StatusOK, "€25.00", paid)
	if strings.Contains(got.text, "€50.00") || strings.Contains(got.text, "efunded") {
		t.Errorf("%s", got.text)
	}
	list := s.api(http.MethodGet, "/payments?visit="+string(v.ID), "").json(t)["payments"].([]any)
	if last := list[len(list)-1].(map[string]any); len(list) != 3 || last["restores"] == "" || last["kind"] != "payment" {
		t.Errorf("%v", list)
	}
}
