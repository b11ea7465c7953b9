package web

import (
	"context"
	"net/http"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/web/page"
)

type wireFiscal struct {
	State  string `json:"state" enum:"queued,done,failed"`
	Number string `json:"number" doc:"The device's; \"\" until it is done."`
	Code   string `json:"code" doc:"Its signature or verification text."`
	URL    string `json:"url" doc:"Where it can be verified, or \"\"."`
	Error  string `json:"error,omitempty" doc:"Why the last attempt failed, in the device's words."`
}

// showFiscal is an entry's fiscal receipt as the API tells it, nil for none.
func (s *server) showFiscal(of id.Payment) (*wireFiscal, error) {
	f, ok, err := s.desk.FiscalOf(of)
	if err != nil || !ok {
		return nil, err
	}
	return wireOfFiscal(f), nil
}

func wireOfFiscal(f desk.Fiscal) *wireFiscal {
	return &wireFiscal{State: string(f.State), Number: f.Record.Number, Code: f.Record.Code, URL: f.Record.URL, Error: f.Error}
}

type fiscalOutput struct {
	Body *wireFiscal
}

// PaymentPath names a payment or refund in an operation's address.
type PaymentPath struct {
	ID string `path:"id" maxLength:"64"`
}

// retryReceipt serves POST /payments/{id}/fiscal/retry (R24).
func (s *server) retryReceipt(_ context.Context, a access.Actor, in *PaymentPath) (*fiscalOutput, error) {
	f, err := s.desk.RetryFiscal(a, id.Payment(in.ID))
	if err != nil {
		return nil, err
	}
	return &fiscalOutput{Body: wireOfFiscal(f)}, nil
}

// fiscal is a movement's fiscal receipt, nil for none.
func (v *view) fiscal(of id.Payment) (*page.FiscalReceipt, error) {
	f, ok, err := v.s.desk.FiscalOf(of)
	if err != nil || !ok {
		return nil, err
	}
	shown := &page.FiscalReceipt{State: string(f.State), Number: f.Record.Number, Reason: f.Error}
	switch {
	case f.State == desk.FiscalQueued && f.Sale != "" && f.Attempts == 0 && f.Receipt.Original == "":
		shown.State = "waiting"
	case f.State == desk.FiscalFailed && v.a.Rights.Has(access.TakePayments):
		shown.Retry = string(of)
	}
	return shown, nil
}

// retryFiscal serves POST /desk/visits/{id}/payments/{payment}/fiscal: one tap
// has a receipt that the device refused tried again.
func (v *view) retryFiscal() error {
	if err := v.a.Need(access.TakePayments); err != nil {
		return err
	}
	e, failed := v.s.desk.Payment(v.a, v.payment())
	if failed == nil && e.Visit != v.which() {
		failed = fault.NotFound("payment")
	}
	if failed == nil {
		_, failed = v.s.desk.RetryFiscal(v.a, e.ID)
	}
	if failed == nil && !fragment(v.r) {
		return v.seeOther(deskAddress(v.form("day"), v.which()))
	}
	status, problem := http.StatusOK, (*page.Problem)(nil)
	if failed != nil {
		p := v.s.judge(v.r, failed)
		if p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError {
			return failed
		}
		status, problem = p.status, v.worded(p)
	}
	open, err := v.window(v.which(), nil)
	if err != nil {
		return err
	}
	open.Problem = problem
	return v.open(status, open)
}

// printed is what the fiscal device wants to be read on a receipt, and whether
// something of it is still to come.
func printed(all []desk.Fiscal) (done []page.FiscalPrint, follows bool) {
	for _, f := range all {
		if f.State == desk.FiscalDone {
			done = append(done, page.FiscalPrint{Number: f.Record.Number, Code: f.Record.Code, URL: f.Record.URL, Refund: f.Receipt.Kind == fiscal.Refund})
		}
		follows = follows || f.State == desk.FiscalQueued
	}
	return done, follows
}
