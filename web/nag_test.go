package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// R1, R6: what was given back, cancelled or missed is asked of nobody in the day's list, and can be paid all the same.
func TestR6NobodyIsAskedForMoneyGivenBack(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	back, paid, _ := s.bought(priced(visit.Service, "Cut", 2500))
	part, err := s.d.Desk().Visit(access.System(), s.book().ID)
	s.must(err)
	_, err = s.d.Desk().TakePayment(access.System(), part.ID, desk.Taking{Method: ledger.Cash, Amount: 500}, desk.Key{})
	s.must(err)
	list := func() string { return s.htmx(c, http.MethodGet, "/desk/list").text }
	if got := list(); !strings.Contains(got, "€20.00 due") || !strings.Contains(got, `data-kind="part"`) {
		t.Fatalf("before: %s", got)
	}
	_, err = s.d.Desk().RefundPayment(access.System(), paid.ID, desk.Giving{Amount: 2500, Reason: "cold"}, desk.Key{})
	s.must(err)
	for _, status := range []visit.Status{visit.StatusCancelled, visit.NoShow} {
		if part, err = s.d.Desk().Visit(access.System(), part.ID); err == nil {
			_, err = s.d.Desk().EditVisit(access.System(), part.ID, part.Version, visit.Patch{Status: &status})
		}
		s.must(err)
		if got := list(); strings.Contains(got, " due<") || strings.Contains(got, `data-kind="part"`) || !strings.Contains(got, `data-kind="refunded"`) {
			t.Errorf("%s: %s", status, got)
		}
	}
	s.htmx(c, http.MethodGet, "/desk/visits/"+string(back.ID)).
		wants(t, "the visit", http.StatusOK, `data-state="refunded"`, "Given back: €25.00", `data-test="show-qr"`, "Paid in cash", ">€25.00<", ">−€25.00<")
}

// R13, R14: a block names the way out where the money would be taken, once, and only to who may go it.
func TestR14TheWayOutOfABlockIsThere(t *testing.T) {
	s := open(t)
	v := s.book()
	opened := s.do(client(nil), http.MethodPost, "/p/"+string(v.Token)+"/open", "{}", "Content-Type", "application/json")
	opened.wants(t, "opened", http.StatusOK)
	at, boss := "/desk/visits/"+string(v.ID)+"/pay?tab=cash", s.tablet(access.Administrator)
	lifts := func(text string) int {
		return len(regexp.MustCompile(`data-test="lift-block"`).FindAllString(text, -1))
	}
	got := s.htmx(boss, http.MethodGet, at)
	got.wants(t, "blocked", http.StatusOK, `data-kind="blocked"`, "or lift the block")
	x, err := s.d.Desk().Visit(access.System(), v.ID)
	s.must(err)
	s.do(client(nil), http.MethodPost, strings.TrimPrefix(opened.json(t)["redirect"].(string), s.base)+"/decline", "")
	s.await("the decline", func() bool { return strings.Contains(s.htmx(boss, http.MethodGet, at).text, `data-kind="declined"`) })
	declined := s.htmx(boss, http.MethodGet, at)
	declined.wants(t, "declined", http.StatusOK, "The payment was declined. Lift the block to take cash or card.")
	if lifts(got.text) != 1 || lifts(declined.text) != 1 || !x.Blocked(x.BlockedUntil.Add(-1)) {
		t.Errorf("%d and %d ways out", lifts(got.text), lifts(declined.text))
	}
	if got := s.htmx(s.tablet(access.Finance), http.MethodGet, at); lifts(got.text) != 0 || strings.Contains(got.text, "ift the block") {
		t.Errorf("without the right: %s", got.text)
	}
}
