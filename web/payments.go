package web

import (
	"context"
	"net/http"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/ledger"
)

type takePaymentInput struct {
	VisitPath
	Keyed
	Body struct {
		Method   string `json:"method" enum:"cash,card,loyalty,cashback,gift_card,deposit"`
		Amount   int64  `json:"amount" minimum:"1" maximum:"99999999999" doc:"In the currency's minor unit."`
		GiftCard string `json:"gift_card,omitempty" maxLength:"32" doc:"The code of the card, for the method gift_card."`
	}
}

type paymentOutput struct {
	Body wirePayment
}

// takePayment serves POST /visits/{id}/payments (R16).
func (s *server) takePayment(ctx context.Context, a access.Actor, in *takePaymentInput) (*paymentOutput, error) {
	key := in.key(http.MethodPost, "/visits/"+in.ID+"/payments")
	e, err := s.d.TakePayment(ctx, a, in.visit(), desk.Taking{Method: in.Body.Method, Amount: in.Body.Amount, Card: in.Body.GiftCard}, key)
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	shown, err := s.showEntry(e, loc.Clock())
	return &paymentOutput{Body: shown}, err
}

type listPaymentsInput struct {
	From   string `query:"from" doc:"The first day, as in 2026-11-22."`
	To     string `query:"to" doc:"The last day."`
	By     string `query:"by" enum:"visit_date,received" doc:"Which date counts; visit_date if left out (R21)."`
	Visit  string `query:"visit" maxLength:"64" doc:"Only those of one visit, all of them."`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500"`
}

type paymentsOutput struct {
	Body struct {
		Payments []wirePayment `json:"payments"`
		Next     string        `json:"next_cursor"`
	}
}

// listPayments serves GET /payments: the ledger.
func (s *server) listPayments(_ context.Context, a access.Actor, in *listPaymentsInput) (*paymentsOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	found, next, err := s.payments(a, in)
	if err != nil {
		return nil, err
	}
	out := &paymentsOutput{}
	out.Body.Next, out.Body.Payments = next, make([]wirePayment, len(found))
	for i, e := range found {
		if out.Body.Payments[i], err = s.showEntry(e, loc.Clock()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *server) payments(a access.Actor, in *listPaymentsInput) ([]ledger.Entry, string, error) {
	if in.Visit == "" {
		return s.desk.Payments(a, desk.PaymentQuery{From: in.From, To: in.To, By: in.By, Cursor: in.Cursor, Limit: in.Limit})
	}
	v := VisitPath{ID: in.Visit}.visit()
	if _, err := s.desk.Visit(a, v); err != nil {
		return nil, "", err
	}
	found, err := s.desk.VisitPayments(a, v)
	return found, "", err
}
