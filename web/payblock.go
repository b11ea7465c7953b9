package web

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/web/page"
)

// block is the right column of a visit, nil for who may take no money (R7).
func (v *view) block(x visit.Visit, tab string, at id.Desk) (*page.PayBlock, error) {
	taxes, err := v.taxNames()
	if err != nil {
		return nil, err
	}
	b := &page.PayBlock{
		Visit: string(x.ID), Tab: tab, CanLink: v.a.Rights.Has(access.OnlinePayments), CanTake: v.a.Rights.Has(access.TakePayments),
		Due: v.in(x.Currency, x.Due()), DueInput: money.Decimal(x.Due(), x.Currency), Key: rand.Text(), NoDue: x.Due() == 0,
		Empty: len(x.Lines) == 0, Completed: x.LinkState == visit.LinkCompleted, Clash: clashing(x, taxes),
		CanUnblock: v.a.Rights.Has(access.OnlinePayments),
	}
	if !b.CanLink && !b.CanTake {
		return nil, nil
	}
	if x.PaymentState() == visit.Refunded {
		b.Back = v.in(x.Currency, x.Refunded)
	}
	if err := v.putHeld(b, x); err != nil {
		return nil, err
	}
	if x.Blocked(v.now) {
		b.Blocked, b.Ends, b.Paying = clock(x.BlockedUntil, v.zone), v.left(x), x.Checkout != ""
	}
	if b.CanLink && len(b.Clash) == 0 {
		l, err := v.s.desk.Link(v.a, x.ID)
		if err != nil {
			return nil, err
		}
		b.Link, b.Waits = l.URL, l.Waits
		if l.Waits != "" {
			h, err := v.s.desk.Hosting()
			if err != nil {
				return nil, err
			}
			b.LinkAt = h.Title
		}
	}
	if err := v.putDesks(b, x, at); err != nil {
		return nil, err
	}
	b.Steps, err = v.steps(x, b.Shown != nil)
	b.Declined = b.Blocked != "" && len(b.Steps) > 0 && b.Steps[len(b.Steps)-1].Kind == "failed"
	return b, err
}

// left is how many seconds a block still lasts, rounded up: who asks again then
// finds it over. A duration and not a time, since a tablet's clock may be wrong.
func (v *view) left(x visit.Visit) int64 {
	return int64((x.BlockedUntil.Sub(v.now) + time.Second - 1) / time.Second)
}

// putHeld lists what the client has with us, as far as it can pay (R16).
func (v *view) putHeld(b *page.PayBlock, x visit.Visit) error {
	if !b.CanTake {
		return nil
	}
	held, err := v.s.desk.Balances(v.a, x.Client.ID)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		method string
		has    int64
	}{{ledger.Loyalty, held.Loyalty}, {ledger.Cashback, held.Cashback}, {ledger.Deposit, held.Deposit}} {
		if one.has > 0 {
			b.Held = append(b.Held, page.Held{Method: one.method, Balance: v.money(one.has),
				Input: money.Decimal(min(one.has, x.Due()), x.Currency)})
		}
	}
	return nil
}

// putDesks lists the desks that the code can be shown at: the one asked for,
// else the one that shows it, is selected.
func (v *view) putDesks(b *page.PayBlock, x visit.Visit, at id.Desk) error {
	places, err := v.s.desk.Places()
	if err != nil {
		return err
	}
	paired, err := v.s.desk.Displays(v.a)
	if err != nil {
		return err
	}
	up, err := v.s.desk.OnShow()
	if err != nil {
		return err
	}
	seen := v.s.seen()
	for _, p := range places {
		c := page.DeskChoice{ID: string(p.ID), Name: p.Name, Selected: p.ID == cmp.Or(at, up[x.ID], v.usualDesk())}
		for other, desk := range up {
			if desk == p.ID && other != x.ID {
				c.Other, c.Client = true, v.clientOf(string(other))
			}
		}
		for _, d := range paired {
			if d.Desk != p.ID {
				continue
			}
			now := seen[string(d.ID)]
			c.Screens++
			if now.Online {
				c.Online++
			}
			c.Painted = c.Painted || now.Kind == display.QR && now.Visit == string(x.ID)
		}
		b.Desks = append(b.Desks, c)
		if up[x.ID] == p.ID && x.Due() > 0 {
			shown := c
			b.Shown = &shown
		}
	}
	chooseDesk(b.Desks)
	return nil
}

// chooseDesk selects a desk where none was: one with a display that is there,
// else one that has any.
func chooseDesk(desks []page.DeskChoice) {
	best := -1
	for i, c := range desks {
		switch {
		case c.Selected:
			return
		case best < 0, c.Online > 0 && desks[best].Online == 0, c.Screens > 0 && desks[best].Screens == 0:
			best = i
		}
	}
	if best >= 0 {
		desks[best].Selected = true
	}
}

// steps are what happened on the way to being paid, and what is awaited.
func (v *view) steps(x visit.Visit, up bool) ([]page.Step, error) {
	past, err := v.s.desk.Steps(v.a, x.ID)
	if err != nil {
		return nil, err
	}
	steps := make([]page.Step, 0, len(past)+1)
	for _, p := range past {
		steps = append(steps, page.Step{Kind: p.Kind, Why: p.Why, Where: p.Name, Until: clock(p.Until, v.zone),
			Amount: money.Format(p.Amount, cmp.Or(p.Currency, x.Currency), v.lang), Time: p.At.In(v.zone).Format(time.TimeOnly)})
	}
	if len(steps) == 0 {
		return nil, nil
	}
	switch last := &steps[len(steps)-1]; {
	case x.Blocked(v.now) && (last.Kind == "opened" || last.Kind == "paying"), last.Kind == "processing":
		last.Now = true
	case last.Kind == "shown" && up:
		steps = append(steps, page.Step{Kind: "next"})
	}
	return steps, nil
}

// payBlock serves GET /desk/visits/{id}/pay.
func (v *view) payBlock() error { return v.paid(http.StatusOK, nil) }

// paid shows the pay block again after something was done: what is left of it
// says how that went. Without script it is the whole page.
func (v *view) paid(status int, say func(*page.PayBlock)) error {
	x, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return err
	}
	b, err := v.block(x, v.r.FormValue("tab"), id.Desk(v.r.FormValue("desk")))
	if err != nil {
		return err
	}
	if b == nil {
		return v.a.Need(access.OnlinePayments)
	}
	if say != nil {
		say(b)
	}
	if fragment(v.r) {
		v.show(status, *b)
		return nil
	}
	open, err := v.window(x.ID, b)
	if err != nil {
		return err
	}
	return v.whole(status, open, nil)
}

// refused shows the pay block with what went wrong.
func (v *view) refused(err error) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status == http.StatusNotFound {
		return err
	}
	for name, values := range p.GetHeaders() {
		v.w.Header()[name] = values
	}
	return v.paid(swapped(p.status), func(b *page.PayBlock) { b.Problem, b.Code = v.worded(p), v.form("gift_card") })
}

// showCode serves POST /desk/visits/{id}/show (R29).
func (v *view) showCode() error {
	at := id.Desk(v.form("desk"))
	present, err := v.s.d.Show(v.r.Context(), v.a, v.which(), at, v.form("replace") == "1")
	if f := fault.From(err); f != nil && f.Code == "desk_busy" {
		return v.paid(http.StatusConflict, func(b *page.PayBlock) { b.Busy = v.busy(b, f, at) })
	}
	if err != nil {
		return v.refused(err)
	}
	v.keepDesk(at)
	v.trigger("desk:list")
	return v.paid(http.StatusOK, func(b *page.PayBlock) { b.Notice = v.shown(b, at, present) })
}

// busy asks whether a desk may be taken from a client who is paying.
func (v *view) busy(b *page.PayBlock, f *fault.Error, at id.Desk) *page.Busy {
	ask := &page.Busy{Desk: string(at), Name: deskName(b, at)}
	if other, ok := f.Details["visit"].(id.Visit); ok {
		if x, err := v.s.desk.Visit(v.a, other); err == nil {
			ask.Client = x.Client.Name
		}
	}
	return ask
}

func deskName(b *page.PayBlock, at id.Desk) string {
	for _, d := range b.Desks {
		if d.ID == string(at) {
			return d.Name
		}
	}
	return string(at)
}

// shown says whether a display has really painted the code. Nothing is to be
// said of one whose place another visit has taken meanwhile, or whose link the
// provider hasn't made yet: the block says that.
func (v *view) shown(b *page.PayBlock, at id.Desk, present []display.Presence) *page.Notice {
	if b.Waits != "" {
		return nil
	}
	n := &page.Notice{Kind: "no_display", Name: deskName(b, at)}
	for _, d := range b.Desks {
		if d.ID == string(at) && d.Other {
			return nil
		}
		if d.ID == string(at) && d.Screens > 0 {
			n.Kind = "display_offline"
		}
	}
	for _, p := range present {
		switch {
		case p.Kind == display.QR && p.Visit == b.Visit:
			return &page.Notice{Kind: "shown", Name: p.Device.Name}
		case p.Online:
			n.Kind = "not_painted"
		}
	}
	return n
}

// makeLink serves POST /desk/visits/{id}/link: a link that the provider hosts is
// asked for (R37). The block shows it when it is there.
func (v *view) makeLink() error {
	if err := v.s.desk.AskLink(v.a, v.which()); err != nil {
		return v.refused(err)
	}
	return v.paid(http.StatusOK, nil)
}

// hideCode serves POST /desk/visits/{id}/hide. A desk that meanwhile shows
// another visit is left alone: this tablet's page was old.
func (v *view) hideCode() error {
	if err := v.a.Need(access.OnlinePayments); err != nil {
		return err
	}
	at := id.Desk(v.form("desk"))
	scene, err := v.s.desk.SceneOf(at)
	if err != nil {
		return err
	}
	if scene.Visit == v.which() {
		if err := v.s.desk.Hide(v.a, at); err != nil {
			return v.refused(err)
		}
	}
	v.trigger("desk:list")
	return v.paid(http.StatusOK, func(b *page.PayBlock) { b.Notice = &page.Notice{Kind: "hidden", Name: deskName(b, at)} })
}

// liftBlock serves POST /desk/visits/{id}/unblock (R14).
func (v *view) liftBlock() error {
	x, err := v.s.d.Unblock(v.r.Context(), v.a, v.which())
	if f := fault.From(err); f != nil && f.Code == "provider_unavailable" {
		return v.paid(http.StatusConflict, func(b *page.PayBlock) { b.Problem = &page.Problem{Kind: "not_lifted"} })
	}
	if err != nil {
		return v.refused(err)
	}
	n := &page.Notice{Kind: "unblocked"}
	if x.PaidByLink {
		paid, err := v.linked(x.ID)
		if err != nil {
			return err
		}
		n = &page.Notice{Kind: "paid_meanwhile", Text: paid.text(v.lang)}
	}
	v.trigger("desk:visit, desk:list")
	return v.paid(http.StatusOK, func(b *page.PayBlock) { b.Notice = n })
}

// linked is what the newest payment by link brought: not what was paid before
// by other methods, and in the currency that it came in.
func (v *view) linked(which id.Visit) (sums, error) {
	entries, err := v.s.desk.VisitPayments(v.a, which)
	newest := sums{}
	for _, e := range entries {
		if e.Kind == ledger.KindPayment && e.Method == ledger.Link {
			newest = sums{e.Currency: e.Amount}
		}
	}
	return newest, err
}
