package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/web/page"
)

// noticesAtOnce is how many notices are listed: those who have dealt with these
// see the next ones.
const noticesAtOnce = 20

// notices are what stays until somebody has dealt with it (R19, R20), on every
// page. open is the visit that is looked at, nil for none.
func (v *view) notices(open *page.Visit) (all page.Notices, err error) {
	all.Problem = v.problem
	if !v.a.Rights.Has(access.VisitsView) {
		return all, nil
	}
	if all.Sync, err = v.syncTroubles(); err != nil {
		return all, err
	}
	raised, err := v.s.desk.Attention(v.a)
	if err != nil {
		return all, err
	}
	all.Waiting = max(0, len(raised)-noticesAtOnce)
	for _, x := range raised[:len(raised)-all.Waiting] {
		n, err := v.notice(x, open)
		if err != nil {
			return all, err
		}
		all.List = append(all.List, n)
	}
	return all, nil
}

// noticeList serves GET /desk/attention, the part of every page that follows the
// notices as they come and go.
func (v *view) noticeList() error {
	if err := v.a.Need(access.VisitsView); err != nil {
		return err
	}
	return v.showNotices(http.StatusOK, v.query("visit"))
}

// showNotices draws the notices beside the visit that is open, if one is.
func (v *view) showNotices(status int, which string) error {
	open, err := v.looked(which)
	if err != nil {
		return err
	}
	all, err := v.notices(open)
	if err != nil {
		return err
	}
	v.show(status, all)
	return nil
}

// looked is as much of the open visit as a notice says of it; nil for none, and
// for one that is gone.
func (v *view) looked(which string) (*page.Visit, error) {
	if which == "" || which == "new" {
		return nil, nil
	}
	x, err := v.s.desk.Visit(v.a, id.Visit(which))
	if f := fault.From(err); f != nil && f.Kind == fault.Missing {
		return nil, nil
	}
	return &page.Visit{ID: string(x.ID), Date: x.Day(v.zone), Client: x.Client.Name}, err
}

// attend serves POST /desk/attention/{id}: one tap deals with what was raised (R20).
func (v *view) attend() error {
	if err := v.a.Need(access.TakePayments); err != nil {
		return err
	}
	err := v.act(id.Attention(chi.URLParam(v.r, "id")))
	if err == nil {
		if fragment(v.r) {
			return v.showNotices(http.StatusOK, v.form("to"))
		}
		return v.seeOther(deskAddress(v.form("day"), id.Visit(v.form("to"))))
	}
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status >= http.StatusInternalServerError {
		return err
	}
	v.problem = v.worded(p)
	if p.status == http.StatusNotFound { // on two tablets at once
		v.problem, p.status = &page.Problem{Kind: "settled"}, http.StatusConflict
	}
	if fragment(v.r) {
		return v.showNotices(p.status, v.form("to"))
	}
	open, _ := v.window(id.Visit(v.form("to")), nil) // none, or one that is gone: the day alone
	return v.whole(p.status, open, nil)
}

func (v *view) act(which id.Attention) error {
	switch v.form("act") {
	case "accept":
		return v.s.desk.Accept(v.a, which)
	case "assign":
		return v.s.desk.Assign(v.a, which, id.Visit(v.form("to")))
	case "retry":
		return v.s.desk.RetryAttention(v.a, which)
	case "made", "not-made":
		return v.s.desk.SettleRefund(v.a, which, v.form("act") == "made")
	case "release":
		return v.s.desk.ReleaseCard(v.a, which)
	case "refund":
		_, err := v.s.desk.RefundAttention(v.a, which, page.Text(v.lang, "give.unexpected"))
		return err
	}
	return fault.Invalid(fault.Field{Location: "body.act", Message: "must be accept, assign, retry, refund, release, made or not-made"})
}

func (v *view) notice(x desk.Attention, open *page.Visit) (page.Attention, error) {
	n := page.Attention{ID: string(x.ID), Kind: noticeKind(x), Visit: string(x.Visit), At: v.at(x.At),
		Amount: money.Format(x.Amount, x.Currency, v.lang), Accept: v.a.Rights.Has(access.TakePayments)}
	if x.Visit != "" {
		about, err := v.s.desk.Visit(v.a, x.Visit)
		if err != nil {
			return n, err
		}
		n.Date, n.Client = about.Day(v.zone), about.Client.Name
	}
	if x.Kind == desk.RefundUnclear { // only an answer ends it
		n.Accept, n.Settle = false, v.a.Rights.Has(access.Refunds)
	}
	if n.Code = x.Code; x.Code != "" && !n.Accept {
		n.Code = "…" + x.Code[max(0, len(x.Code)-4):] // who takes no money reads no codes
	}
	n.Release = x.Card != "" && v.a.Rights.Has(access.Refunds)
	if open != nil {
		n.To, n.Day = open.ID, open.Date
	}
	n.Retry = n.Accept && x.Kind == desk.FiscalNotMade
	if x.Kind == ledger.Unmatched && x.Payment != "" && v.a.Rights.Has(access.TakePayments) {
		n.Open = open == nil
		if open != nil {
			n.Assign = open.Client
			if n.Assign == "" {
				n.Assign = page.Text(v.lang, "visit.walk_in")
			}
		}
	}
	return n, v.offerRefund(x, &n)
}

// noticeKind is what a notice says. Money that went back has words of its own:
// nobody waits for it to be assigned.
func noticeKind(x desk.Attention) string {
	if !x.Refund {
		return x.Kind
	}
	switch x.Kind {
	case ledger.Disputed:
		return "dispute_lost"
	case ledger.Unmatched:
		return "unmatched_refund"
	case ledger.AmountMismatch, ledger.CurrencyMismatch:
		return "refund_mismatch"
	}
	return x.Kind
}

// offerRefund offers to give back what is left of the payment, if this person
// may and it can be: what the bank is asked to take back isn't given twice.
func (v *view) offerRefund(x desk.Attention, n *page.Attention) error {
	if x.Payment == "" || x.Refund || x.Kind == ledger.Disputed || x.Kind == desk.FiscalNotMade || !v.a.Rights.Has(access.Refunds) {
		return nil
	}
	left, err := v.s.desk.Refundable(v.a, x.Payment)
	if err == nil && left > 0 {
		n.Refund = money.Format(left, x.Currency, v.lang)
	}
	return err
}
