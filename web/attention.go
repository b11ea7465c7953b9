package web

import (
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/web/page"
)

// noticesAtOnce is how many notices stand above the desk: more would hide it.
const noticesAtOnce = 4

// attention are the notices that stay until somebody has dealt with them, and
// how many more there are. open is the visit that is looked at, nil for none.
func (v *view) attention(open *page.Visit) ([]page.Attention, int, error) {
	raised, err := v.s.desk.Attention(v.a)
	if err != nil {
		return nil, 0, err
	}
	more := max(0, len(raised)-noticesAtOnce)
	notices := make([]page.Attention, 0, len(raised)-more)
	for _, x := range raised[:len(raised)-more] {
		n, err := v.notice(x, open)
		if err != nil {
			return nil, 0, err
		}
		notices = append(notices, n)
	}
	return notices, more, nil
}

func (v *view) notice(x desk.Attention, open *page.Visit) (page.Attention, error) {
	n := page.Attention{ID: string(x.ID), Kind: x.Kind, Visit: string(x.Visit), At: v.at(x.At),
		Amount: money.Format(x.Amount, x.Currency, v.lang), Accept: v.a.Rights.Has(access.TakePayments)}
	if x.Visit != "" {
		about, err := v.s.desk.Visit(v.a, x.Visit)
		if err != nil {
			return n, err
		}
		n.Date, n.Client = about.Day(v.zone), about.Client.Name
	}
	if x.Kind == ledger.Disputed && x.Refund {
		n.Kind = "dispute_lost"
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
