package web

import (
	"context"
	"net/http"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
)

type refundInput struct {
	ID string `path:"id" maxLength:"64"`
	Keyed
	Body struct {
		Amount int64          `json:"amount" minimum:"1" maximum:"99999999999" doc:"In the currency's minor unit; at most what is left of the payment."`
		Reason string         `json:"reason,omitempty" maxLength:"200" doc:"Why, for whoever reads it later."`
		Return []wireReturned `json:"return,omitempty" maxItems:"100" doc:"Products that go back on the shelf."`
		Method string         `json:"method,omitempty" enum:"link,cash,card,loyalty,cashback,gift_card,deposit" doc:"The payment's own if left out; cash or card gives it back by hand."`
	}
}

type wireReturned struct {
	Line     string `json:"line" maxLength:"64"`
	Quantity int64  `json:"quantity" minimum:"1" maximum:"10000"`
}

type refundOutput struct {
	Status int
	Body   wirePayment
}

// refundPayment serves POST /payments/{id}/refunds (R23): 201 once it is
// booked, 202 while the provider takes its time.
func (s *server) refundPayment(ctx context.Context, a access.Actor, in *refundInput) (*refundOutput, error) {
	key := in.key(http.MethodPost, "/payments/"+in.ID+"/refunds")
	g := desk.Giving{Amount: in.Body.Amount, Reason: in.Body.Reason, Method: in.Body.Method}
	for _, back := range in.Body.Return {
		g.Return = append(g.Return, desk.Returned{Line: id.Line(back.Line), Quantity: back.Quantity})
	}
	r, err := s.d.Refund(ctx, a, id.Payment(in.ID), g, key)
	if err != nil {
		return nil, err
	}
	return s.showRefund(r)
}

func (s *server) showRefund(r desk.Refund) (*refundOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &refundOutput{Status: http.StatusAccepted}
	if r.State == desk.RefundMade {
		e, err := s.desk.Payment(access.System(), r.ID)
		if err != nil && r.Provider == "" {
			return nil, err
		}
		if err == nil {
			out.Status = http.StatusCreated
			out.Body, err = s.showEntry(e, loc.Clock())
			out.Body.State = string(r.State)
			return out, err
		}
	}
	register := r.Method
	if r.Provider != "" {
		register = ledger.Acquiring(r.Provider)
	}
	out.Body = wirePayment{ID: string(r.ID), Kind: string(ledger.KindRefund), Visit: string(r.Visit), Method: r.Method, Provider: r.Provider,
		Register: register, Amount: r.Amount, Currency: string(r.Currency), ReceivedAt: r.At.In(loc.Clock()), Refunds: string(r.Payment),
		Staff: string(r.Staff), Flags: []string{}, Reason: r.Reason, State: string(r.State)}
	return out, nil
}

type wireAttention struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" doc:"late, duplicate, amount_mismatch, currency_mismatch, unmatched, disputed, inquiry, won_back, refund_failed, refund_unclear, fiscal_failed, card_used_refunded, card_part_refunded, goods_refunded, not_bookable, unknown_status, lost_checkout, long_away, refund_bounced, refund_after_all."`
	Visit    string    `json:"visit"`
	Payment  string    `json:"payment"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Provider string    `json:"provider"`
	Session  string    `json:"session" doc:"Where to look it up at the provider."`
	Refund   bool      `json:"refund" doc:"It is money that went back, or should have."`
	Card     string    `json:"card,omitempty" doc:"The card that is held since its money went back."`
	At       time.Time `json:"at"`
}

type attentionOutput struct {
	Body struct {
		Attention []wireAttention `json:"attention"`
		Next      string          `json:"next_cursor"`
	}
}

// listAttention serves GET /attention: what a person has to deal with.
func (s *server) listAttention(_ context.Context, a access.Actor, _ *nothing) (*attentionOutput, error) {
	found, err := s.desk.Attention(a)
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &attentionOutput{}
	out.Body.Attention = make([]wireAttention, 0, len(found))
	for _, x := range found {
		out.Body.Attention = append(out.Body.Attention, wireAttention{ID: string(x.ID), Kind: x.Kind, Visit: string(x.Visit),
			Payment: string(x.Payment), Amount: x.Amount, Currency: string(x.Currency), Provider: x.Provider, Session: x.Session,
			Refund: x.Refund, Card: string(x.Card), At: x.At.In(loc.Clock())})
	}
	return out, nil
}

// AttentionPath names what was raised, in an operation's address.
type AttentionPath struct {
	ID string `path:"id" maxLength:"64"`
}

// acceptAttention serves POST /attention/{id}/accept.
func (s *server) acceptAttention(_ context.Context, a access.Actor, in *AttentionPath) (*nothing, error) {
	return nil, s.desk.Accept(a, id.Attention(in.ID))
}

// releaseCard serves POST /attention/{id}/release-card (R22).
func (s *server) releaseCard(_ context.Context, a access.Actor, in *AttentionPath) (*nothing, error) {
	return nil, s.desk.ReleaseCard(a, id.Attention(in.ID))
}

// refundMade and refundNotMade serve POST /attention/{id}/refund-made and
// …/refund-not-made: what somebody saw at the provider's dashboard (R23).
func (s *server) refundMade(_ context.Context, a access.Actor, in *AttentionPath) (*nothing, error) {
	return nil, s.desk.SettleRefund(a, id.Attention(in.ID), true)
}

func (s *server) refundNotMade(_ context.Context, a access.Actor, in *AttentionPath) (*nothing, error) {
	return nil, s.desk.SettleRefund(a, id.Attention(in.ID), false)
}

type refundAttentionInput struct {
	AttentionPath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"200"`
	}
}

// refundAttention serves POST /attention/{id}/refund: all that is left goes back.
func (s *server) refundAttention(_ context.Context, a access.Actor, in *refundAttentionInput) (*refundOutput, error) {
	r, err := s.desk.RefundAttention(a, id.Attention(in.ID), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return s.showRefund(r)
}

type assignAttentionInput struct {
	AttentionPath
	Body struct {
		Visit string `json:"visit" maxLength:"64" doc:"Whose payment it was."`
	}
}

// assignAttention serves POST /attention/{id}/assign (R20).
func (s *server) assignAttention(_ context.Context, a access.Actor, in *assignAttentionInput) (*nothing, error) {
	return nil, s.desk.Assign(a, id.Attention(in.ID), id.Visit(in.Body.Visit))
}
