package daemon_test

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
	"countersign/store"
)

// What may happen next in a simulated day; till_test.go has what happens at the till.

func (w *world) any() (id.Visit, bool) {
	if len(w.visits) == 0 {
		return "", false
	}
	return w.visits[w.rng.IntN(len(w.visits))], true
}

func (w *world) book() {
	v, _, err := w.d.Desk().CreateVisit(access.System(), visit.Draft{
		Client: visit.Client{Name: "Anna Kovacs", Phone: "+36201112233"}, StartsAt: time.Now().Add(time.Hour), Currency: "EUR",
		Lines: []visit.Line{{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 1000 + int64(w.rng.IntN(9000)), TaxSystem: "standard"}},
	}, desk.Key{})
	w.note("book %s: %v", v.ID, err)
	if err == nil {
		w.visits = append(w.visits, v.ID)
	}
}

func (w *world) show() {
	if v, ok := w.any(); ok {
		w.note("show %s: %v", v, w.d.Desk().Show(access.System(), v, "front", w.rng.IntN(2) == 0))
	}
}

func (w *world) hide() { w.note("hide: %v", w.d.Desk().Hide(access.System(), "front")) }

// open is a client who scans and goes on; impatient ones don't wait for the answer.
func (w *world) open() {
	if w.at.follow != nil {
		w.scan()
		return
	}
	v, ok := w.any()
	if !ok {
		return
	}
	l, err := w.d.Desk().Link(access.System(), v)
	if err != nil {
		return
	}
	before, _ := w.d.Desk().Visit(access.System(), v)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Duration(1+w.rng.IntN(13))*time.Second)
	defer cancel()
	url, err := w.d.OpenLink(ctx, l.Token)
	w.note("open %s: %s %v", v, url, err)
	calm := w.at.calm() && w.mains.armed.Load() == 0 && !w.mains.out.Load()
	if calm && before.Checkout == "" && fault.From(err) != nil && fault.From(err).Code == "provider_unavailable" {
		w.fault("R10: nothing was wrong, and the client of %s was not let through: %v", v, err)
	}
}

// session picks a page that some client may have open, also an old one.
func (w *world) session() (string, bool) {
	if w.at.follow != nil {
		return w.hands.page(w.rng)
	}
	v, ok := w.any()
	if !ok {
		return "", false
	}
	return w.sessionOf(v)
}

func (w *world) sessionOf(v id.Visit) (string, bool) {
	if w.at.follow != nil {
		return w.hands.page(w.rng)
	}
	c, err := w.d.Desk().LastCheckout(v)
	return c.Session, err == nil && c.Session != ""
}

func (w *world) onPage(what string, do func(session string) error) {
	if s, ok := w.session(); ok {
		w.note("%s %s: %v", what, s, do(s))
	}
}

func (w *world) pay()      { w.onPage("pay", w.at.pay) }
func (w *world) decline()  { w.onPage("decline", w.at.decline) }
func (w *world) payLater() { w.onPage("pay later", w.at.payLater) }

// payAnyway is money that arrives on a page whatever its state, of any amount:
// late, a second time, more or less than was asked (R19, R20).
func (w *world) payAnyway() {
	amount := int64(1 + w.rng.IntN(9999))
	if w.at.payAnyway != nil {
		w.onPage("pay anyway", func(s string) error { return w.at.payAnyway(s, amount) })
	}
}

func (w *world) edit() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil {
		return
	}
	lines := v.Lines
	lines[0].UnitPrice = 1000 + int64(w.rng.IntN(9000))
	_, err = w.d.EditVisit(w.t.Context(), access.System(), which, v.Version, visit.Patch{Lines: &lines})
	w.note("edit %s: %v", which, err)
}

func (w *world) cash() {
	which, ok := w.any()
	if !ok {
		return
	}
	v, err := w.d.Desk().Visit(access.System(), which)
	if err != nil || v.Due() == 0 {
		return
	}
	_, err = w.d.TakePayment(w.t.Context(), access.System(), which, desk.Taking{Method: "cash", Amount: 1 + w.rng.Int64N(v.Due())}, desk.Key{})
	w.note("cash %s: %v", which, err)
}

func (w *world) unblock() {
	if v, ok := w.any(); ok {
		_, err := w.d.Unblock(w.t.Context(), access.System(), v)
		w.note("unblock %s: %v", v, err)
	}
}

func (w *world) wait() {
	d := time.Duration(1+w.rng.IntN(60)) * time.Second
	if w.rng.IntN(2) == 0 {
		d = time.Duration(1+w.rng.IntN(20)) * time.Minute
	}
	w.note("wait %s", d)
	w.sleep(d)
}

// sleep lets time pass; for most long pauses the display is unplugged, and
// comes back to whatever is true by then.
func (w *world) sleep(d time.Duration) {
	if d < time.Minute || w.rng.IntN(4) == 0 {
		time.Sleep(d)
		return
	}
	w.glass.stop()
	time.Sleep(d)
	w.glass.plugIn()
	time.Sleep(time.Second)
}

func (w *world) misbehave() {
	w.note("another weather")
	w.at.misbehave(w.rng)
}

// cutPower arms the mains to fail at one of the next commits, before or after it.
func (w *world) cutPower() {
	w.mains.stage.Store([]int64{int64(store.BeforeCommit), int64(store.AfterCommit)}[w.rng.IntN(2)])
	w.mains.armed.Store(int64(1 + w.rng.IntN(6)))
	w.note("the power will fail")
}

func (w *world) reboot() {
	w.note("restart")
	w.restart()
}

// payWhileDown is a client who pays while the daemon is off: nothing of it may
// be lost, and its code may not come back.
func (w *world) payWhileDown() {
	v, ok := w.any()
	if !ok {
		return
	}
	if w.rng.IntN(2) == 0 {
		_ = w.d.Desk().Show(access.System(), v, "front", true)
		w.open()
		w.sleep(desk.BlockTime + time.Minute)
	}
	s, ok := w.sessionOf(v)
	if !ok {
		return
	}
	w.halt()
	err := w.at.pay(s)
	w.note("pay %s of %s while the daemon is off: %v", s, v, err)
	time.Sleep(time.Duration(w.rng.IntN(1200)) * time.Second)
	w.start(w.rng.Uint64())
	time.Sleep(2 * time.Second)
}
