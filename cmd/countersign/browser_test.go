package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// reception is a demo with its three screens.
type reception struct {
	*stand
	display, tablet, phone *screen
}

func openReception(t *testing.T, display, tablet, phone look) *reception {
	t.Helper()
	r := &reception{stand: openDemo(t)}
	b := browser(t)
	r.display, r.tablet, r.phone = sit(t, b, "display", display), sit(t, b, "tablet", tablet), sit(t, b, "phone", phone)
	return r
}

// signIn is what the person at the desk does in the morning.
func (r *reception) signIn() {
	r.t.Helper()
	r.tablet.open(r.ticket.DeskURL)
	r.tablet.sees(`[data-test=staff]`)
	person := fmt.Sprintf(`[...document.querySelectorAll("[data-test=staff]")].find(e => e.querySelector("b").textContent === %q)`, r.ticket.Staff)
	tell[bool](r.tablet, `(e => { e.id = "me"; return true })(`+person+`)`)
	r.tablet.press(`#me`)
	r.tablet.sees(`[data-keys]`)
	for _, digit := range r.ticket.PIN {
		r.tablet.press(fmt.Sprintf(`[data-key="%c"]`, digit))
	}
	r.tablet.press(`[data-test=sign-in]`)
}

// pair types the code that the display shows, R28.
func (r *reception) pair() {
	r.t.Helper()
	code := strings.Join(strings.FieldsFunc(tell[string](r.display, `document.getElementById("amount").textContent`),
		func(c rune) bool { return c > 'Z' || c < '0' }), "")
	r.tablet.open(r.ticket.DeskURL + "/setup?section=displays")
	r.tablet.write(`[data-test=pair-code]`, code)
	r.tablet.write(`[data-test=pair-name]`, "Reception 1")
	r.tablet.press(`[data-test=pair-button]`)
	r.tablet.sees(`[data-test=display] .dot.good`)
	r.shows("idle")
}

// shows waits until the display has a view on its glass.
func (r *reception) shows(view string) {
	r.t.Helper()
	r.display.until(fmt.Sprintf(`document.documentElement.getAttribute("data-view") === %q`, view))
}

// pick opens the visit of a client on the tablet, and returns its id.
func (r *reception) pick(client string) (visit string) {
	r.t.Helper()
	r.tablet.open(r.ticket.DeskURL)
	r.tablet.sees(`[data-test=row]`)
	row := fmt.Sprintf(`[...document.querySelectorAll("[data-test=row]")].find(e => e.textContent.includes(%q)).id`, client)
	row = tell[string](r.tablet, row)
	r.tablet.press("#" + row)
	visit = strings.TrimPrefix(row, "row-")
	r.tablet.sees(`#visit[data-visit=` + visit + `]`)
	return visit
}

// begin is all that comes before the first client pays.
func (r *reception) begin(client string) (visit string) {
	r.t.Helper()
	r.display.open(r.ticket.DisplayURL)
	r.shows("pair")
	r.signIn()
	r.tablet.sees(`[data-test=row]`)
	r.pair()
	return r.pick(client)
}

// showQR shows the code, and returns what both readers read off the glass.
func (r *reception) showQR(picture string) (address string) {
	r.t.Helper()
	r.tablet.press(`[data-test=show-qr]`)
	r.shows("qr")
	r.tablet.sees(`#pay [data-test=state][data-state=shown]`)
	return decode(r.t.(*testing.T), r.display.keep(picture))
}

// The main job, R9 to R12, R15, R25, R28 to R30: a tap on the tablet, a code on the
// monitor, a payment on the phone, Paid everywhere.
func TestMainJob(t *testing.T) {
	r := openReception(t, look{width: 1920, height: 1080}, look{width: 1366, height: 1024, touch: true}, look{width: 390, height: 844, scale: 2, touch: true})
	visit := r.begin("Anna Kov")
	r.display.keep("01-display-idle")
	r.tablet.keep("02-tablet-visit")

	address := r.showQR("03-display-code")
	r.tablet.keep("04-tablet-shown")
	if want := r.scanned(visit); !strings.EqualFold(address, want) {
		t.Fatalf("the code leads to %s, the visit's address is %s", address, want)
	}
	fromOutside(t, address)

	before := time.Now()
	r.phone.open(address)
	r.phone.until(`location.pathname.startsWith("/sandbox/pay/")`)
	r.phone.sees(`form[action$="/pay"] button`)
	r.phone.keep("05-phone-provider")
	r.isPaying(visit, before)
	r.pay(visit)
	r.isClosed(visit, address)
	r.verify()
	r.display.complains()
	r.tablet.complains()
	r.phone.complains("409") // that the link can't be paid again
}

// isPaying holds R10 and R13: from the moment the client went on, everybody knows.
func (r *reception) isPaying(visit string, since time.Time) {
	r.t.Helper()
	r.shows("in_progress")
	r.display.keep("06-display-in-progress")
	r.tablet.sees(`#pay [data-test=step][data-kind=paying]`)
	r.tablet.sees(`#visit [data-test=notice][data-kind=blocked]`)
	r.tablet.keep("07-tablet-paying")
	v := r.visit(visit)
	if v.Blocked == nil {
		r.t.Fatal("R13: the visit isn't blocked")
	}
	if off := v.Blocked.Sub(since.Add(15 * time.Minute)); off < -2*time.Second || off > 15*time.Second {
		r.t.Errorf("R13: blocked until %v, which is %v from 15 minutes after opening", v.Blocked, off)
	}
}

// pay presses Pay, and sees Paid on every screen; two of them were never loaded again.
func (r *reception) pay(visit string) {
	r.t.Helper()
	due := r.visit(visit).Due
	for _, s := range []*screen{r.display, r.tablet} {
		tell[bool](s, `window.neverLoadedAgain = true`)
	}
	r.phone.press(`form[action$="/pay"] button`)
	r.shows("paid")
	r.tablet.sees(`#pay [data-test=state][data-state=completed]`)
	r.tablet.sees(`#row-` + visit + ` [data-test=chip][data-kind=paid]`)
	r.phone.sees(`main[data-state=paid]`)
	r.display.keep("08-display-paid")
	r.tablet.keep("09-tablet-paid")
	r.phone.keep("10-phone-paid")
	for _, s := range []*screen{r.display, r.tablet} {
		if !tell[bool](s, `!!window.neverLoadedAgain`) {
			r.t.Errorf("the %s was loaded again to say Paid", s.name)
		}
	}
	found := r.booked(visit, "acquiring:sandbox")
	if len(found) != 1 || found[0].Kind != "payment" || found[0].Amount != due {
		r.t.Errorf("R15: the register acquiring:sandbox has %+v for the visit, due was %d", found, due)
	}
	if v := r.visit(visit); v.Due != 0 || v.PaymentState != "paid" || v.Blocked != nil {
		r.t.Errorf("R15: the visit is now %+v", v)
	}
}

// isClosed holds R11: what was paid by link shows its receipt, and is never paid by it again.
func (r *reception) isClosed(visit, address string) {
	r.t.Helper()
	r.phone.open(address)
	r.phone.sees(`main[data-state=paid]`)
	r.phone.keep("11-phone-receipt")
	if n := tell[int](r.phone, `document.querySelectorAll("[data-test=pay-button], [data-test=continue-button]").length`); n != 0 {
		r.t.Errorf("R11: the receipt has %d buttons to pay", n)
	}
	token := strings.ToLower(address[strings.LastIndex(address, "/")+1:])
	again := fmt.Sprintf(`fetch("/p/%s/open", {method: "POST"}).then(r => r.json().then(p => r.status + " " + p.code))`, token)
	if got := tell[string](r.phone, again); got != "409 link_completed" {
		r.t.Errorf("R11: opening it again answered %s", got)
	}
	if n := len(r.booked(visit, "acquiring:sandbox")); n != 1 {
		r.t.Errorf("%d payments after opening it again", n)
	}
}

// A code is taken off the glass, and a payment is declined: by dark, and on a display
// that stands upright.
func TestHideAndDecline(t *testing.T) {
	r := openReception(t, look{width: 1080, height: 1920}, look{width: 1366, height: 1024, touch: true, dark: true},
		look{width: 390, height: 844, scale: 2, touch: true, dark: true})
	r.tablet.open(r.ticket.DeskURL)
	r.tablet.keep("20-tablet-dark-sign-in")
	visit := r.begin("Mei Tanaka")
	r.display.keep("21-display-upright-idle")

	address := r.showQR("22-display-upright-code")
	r.tablet.keep("23-tablet-dark-shown")
	if want := r.scanned(visit); !strings.EqualFold(address, want) {
		t.Fatalf("the code leads to %s, the visit's address is %s", address, want)
	}
	r.tablet.press(`[data-test=hide]`)
	r.shows("idle")
	r.tablet.sees(`[data-test=show-qr]`)

	r.display.resize(look{width: 1920, height: 1080, dark: true})
	if again := r.showQR("24-display-dark-code"); again != address {
		t.Errorf("the code led to %s before it was hidden, and leads to %s now", address, again)
	}
	r.display.resize(look{width: 1080, height: 1920, dark: true})
	r.decline(visit, strings.Replace(r.scanned(visit), "/s/", "/p/", 1))
	r.display.complains()
	r.tablet.complains()
	r.phone.complains("410") // the sandbox's page is gone once declined
}

// decline opens the link as one that was sent, and the bank says no.
func (r *reception) decline(visit, address string) {
	r.t.Helper()
	r.phone.open(address)
	r.phone.sees(`[data-test=pay-button]`)
	r.phone.keep("25-phone-dark-bill")
	r.phone.press(`[data-test=pay-button]`)
	r.phone.sees(`form[action$="/decline"] button`)
	r.phone.keep("26-phone-dark-provider")
	r.shows("in_progress")
	r.display.keep("27-display-upright-dark-in-progress")
	r.phone.press(`form[action$="/decline"] button`)
	r.display.until(`/^(failed|again)$/.test(document.documentElement.getAttribute("data-view"))`)
	r.tablet.sees(`#pay [data-test=step][data-kind=failed]`)
	r.display.keep("28-display-upright-dark-failed")
	r.tablet.keep("29-tablet-dark-failed")
	r.phone.keep("30-phone-dark-declined")
	if found := r.booked(visit, "acquiring:sandbox"); len(found) != 0 {
		r.t.Errorf("nothing was paid, and the ledger has %+v", found)
	}
}
