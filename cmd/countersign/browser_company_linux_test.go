package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openCompany is a reception that takes payments at Stripe, whose part its stand-in
// plays: a daemon with nothing set up but somebody who may do everything.
func openCompany(t *testing.T, settings string) (*reception, *abroad) {
	t.Helper()
	h := emptySite(t)
	company := goAbroad(t, "") // which can't reach a salon in its own network
	h.env, h.config = company.env, filepath.Join(h.data, "countersign.toml")
	if err := os.WriteFile(h.config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.token = h.newToken()
	h.tablet()
	b := browser(t)
	return &reception{stand: &stand{site: h, ticket: ticket{Base: h.base, DeskURL: h.base + "/desk", DisplayURL: h.base + "/display", Staff: "Boss", PIN: tabletPIN}},
		display: sitFor(t, b, "display", look{width: 1920, height: 1080}, 5*time.Minute),
		tablet:  sitFor(t, b, "tablet", look{width: 1180, height: 820, touch: true}, 5*time.Minute),
		phone:   sitFor(t, b, "phone", look{width: 390, height: 844, scale: 2, touch: true}, 5*time.Minute)}, company
}

// types fills in the form with a provider's keys, and presses what saves them.
func (r *reception) types(key, webhook string) {
	r.t.Helper()
	r.tablet.open(r.ticket.DeskURL + "/setup?section=payments&open=stripe")
	r.tablet.write(`[data-test=field-key]`, key)
	r.tablet.write(`[data-test=field-webhook]`, webhook)
	r.tablet.press(`[data-test=save-keys]`)
}

// asked is a visit's code on the display, and the client on the company's page.
func (r *reception) asked(company *abroad, client string) (visit, session string) {
	r.t.Helper()
	v, ok := r.newVisit(r.t.Context(), client)
	if !ok {
		r.t.Fatal("no visit")
	}
	r.pick("Anna Kovács " + client)
	r.showQR("company-code-" + client)
	token, _ := r.link(r.t.Context(), v.ID)
	page, ok := r.open(r.t.Context(), token)
	if !ok {
		r.t.Fatalf("no page: %s", r.said)
	}
	page, _, _ = strings.Cut(page, "#")
	r.shows("in_progress")
	return v.ID, page[strings.LastIndexByte(page, '/')+1:]
}

// R34, R35, R18, R20, R23, R41: a salon takes a company up: keys that are wrong are
// refused and nothing is kept of them; a client pays, and the screens say so; the
// company is away and comes back, the daemon is killed while somebody pays, money
// goes back: each booked once, and told as it is.
func TestR34ACompanyInABrowser(t *testing.T) {
	r, company := openCompany(t, "sandbox = false\n")
	r.signIn()
	r.tablet.sees(`#list`)
	r.tablet.open(r.ticket.DeskURL + "/setup?section=payments")
	r.tablet.keep("company-01-none")
	r.types("rk_live_OfNobodyAtAll0123456789", "")
	r.tablet.sees(`[data-test=said]`)
	r.tablet.keep("company-02-refused")
	r.types(patientKey, patientSecret)
	r.tablet.sees(`[data-test=company][data-company=stripe] .dot.good`)
	r.tablet.keep("company-03-taken")
	r.display.open(r.ticket.DisplayURL)
	r.shows("pair")
	r.pair()

	first, session := r.asked(company, "first")
	r.tablet.keep("company-04-paying")
	company.must(t, company.Pay(session))
	r.shows("paid")
	r.display.keep("company-05-paid")
	r.tablet.sees(`#pay [data-test=state][data-state=completed]`)
	r.tablet.keep("company-06-paid")
	r.once(first, 4500)

	second, session := r.asked(company, "second")
	company.away(true)
	company.must(t, company.Pay(session))
	r.await("the outage is told", 90*time.Second, func(context.Context) bool {
		return tell[bool](r.tablet, `!!document.querySelector("[data-test=sync][data-kind=unreachable]")`)
	})
	r.tablet.keep("company-07-away")
	r.kill()
	r.launch()
	r.display.until(`!document.querySelector("#code svg, #code img") || document.documentElement.getAttribute("data-view") !== "qr"`)
	company.away(false)
	r.await("the payment is told", time.Minute, func(context.Context) bool {
		return tell[bool](r.display, `document.documentElement.getAttribute("data-view") === "paid"`)
	})
	r.display.keep("company-08-back")
	r.once(second, 4500)

	third, _ := r.asked(company, "third")
	r.tablet.keep("company-09-third")
	r.kill()
	r.start()
	r.shows("in_progress")
	r.display.keep("company-10-killed")
	if got := r.booked(third, "acquiring:stripe"); len(got) > 0 {
		t.Errorf("booked: %+v", got)
	}
	r.verify()
	r.display.complains("WebSocket", "ERR_CONNECTION", "ERR_EMPTY", "502", "503")
}

// once wants a visit to be booked once, for an amount.
func (r *reception) once(visit string, amount int64) {
	r.t.Helper()
	r.await("it is booked", 60*time.Second, func(ctx context.Context) bool {
		return r.ask(ctx, http.MethodGet, "/readyz", nil, nil) == http.StatusOK && len(r.booked(visit, "acquiring:stripe")) > 0
	})
	if got := r.booked(visit, "acquiring:stripe"); len(got) != 1 || got[0].Amount != amount {
		r.t.Errorf("booked %+v", got)
	}
}
