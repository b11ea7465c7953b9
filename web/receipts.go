package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/notify"
	"countersign/web/page"
)

type wireDelivery struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" doc:"receipt."`
	Payment string    `json:"payment"`
	Channel string    `json:"channel" doc:"email, sms or whatsapp."`
	To      string    `json:"to"`
	State   string    `json:"state" doc:"queued, sent, failed, skipped, or unclear: it may have been sent, and is not sent again by itself."`
	Reason  string    `json:"reason" doc:"Why it wasn't sent yet, or at all."`
	At      time.Time `json:"at" doc:"Since when it is in this state."`
}

type deliveriesOutput struct {
	Body struct {
		Deliveries []wireDelivery `json:"deliveries"`
	}
}

func (s *server) showDeliveries(list []desk.Delivery) (*deliveriesOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{}
	out.Body.Deliveries = make([]wireDelivery, len(list))
	for i, x := range list {
		out.Body.Deliveries[i] = wireDelivery{ID: string(x.ID), Kind: string(x.Kind), Payment: string(x.Payment), Channel: string(x.Channel),
			To: x.To, State: string(x.State), Reason: x.Reason, At: x.At.In(loc.Clock())}
	}
	return out, nil
}

// listDeliveries serves GET /visits/{id}/deliveries.
func (s *server) listDeliveries(_ context.Context, a access.Actor, in *VisitPath) (*deliveriesOutput, error) {
	list, err := s.desk.Deliveries(a, in.visit())
	if err != nil {
		return nil, err
	}
	return s.showDeliveries(list)
}

type receiptInput struct {
	ID string `path:"id" maxLength:"64"`
	Keyed
	Body struct {
		Channels []string `json:"channels,omitempty" maxItems:"3" nullable:"false" enum:"email,sms,whatsapp" doc:"All that reach the client if left out."`
		Again    bool     `json:"again,omitempty" doc:"Also where it was sent before, or may have been."`
	}
}

// sendReceipt serves POST /payments/{id}/receipt (R24).
func (s *server) sendReceipt(_ context.Context, a access.Actor, in *receiptInput) (*deliveriesOutput, error) {
	how := desk.Sending{Again: in.Body.Again}
	for _, by := range in.Body.Channels {
		how.Channels = append(how.Channels, notify.Channel(by))
	}
	made, err := s.desk.SendReceipt(a, id.Payment(in.ID), how, in.key(http.MethodPost, "/payments/"+in.ID+"/receipt"))
	if err != nil {
		return nil, err
	}
	return s.showDeliveries(made)
}

// mailReceipt serves POST /desk/visits/{id}/payments/{payment}/receipt (R24).
// The answer is the visit, with what came of it; what is refused stands above.
func (v *view) mailReceipt() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	about, err := v.s.desk.Payment(v.a, v.payment())
	if err != nil {
		return err
	}
	if about.Visit != v.which() {
		return fault.NotFound("payment")
	}
	key := desk.Key{Value: v.form("key")}
	if key.Value != "" {
		key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, []byte(v.form("again")))
	}
	status := http.StatusOK
	var problem *page.Problem
	if _, err := v.s.desk.SendReceipt(v.a, v.payment(), desk.Sending{Again: v.form("again") == "1"}, key); err != nil {
		p := v.s.judge(v.r, err)
		if p.status != http.StatusConflict && p.status != http.StatusUnprocessableEntity {
			return err
		}
		status, problem = p.status, worded(v.lang, p)
	}
	open, err := v.window(v.which(), nil)
	if err != nil {
		return err
	}
	open.Problem = problem
	return v.open(status, open)
}

// sent are the messages about a visit.
func (v *view) sent(list []desk.Delivery) []page.Sent {
	shown := make([]page.Sent, len(list))
	for i, x := range list {
		shown[i] = page.Sent{Channel: string(x.Channel), To: x.To, State: string(x.State), At: v.at(x.At), Reason: x.Reason}
		if page.Text(v.lang, "sent.why_"+x.Reason) != "sent.why_"+x.Reason {
			shown[i].Why, shown[i].Reason = x.Reason, ""
		}
	}
	return shown
}

// offerReceipts lets this person send the receipts of a visit's payments, if
// there is a channel that reaches the client, and says which went out before.
func (v *view) offerReceipts(which id.Visit, entries []ledger.Entry, moved []page.Movement, list []desk.Delivery) error {
	if !v.a.Rights.Has(access.VisitsEdit) {
		return nil
	}
	by, err := v.s.desk.Reachable(v.a, which)
	if err != nil || len(by) == 0 {
		return err
	}
	for i, e := range entries {
		if e.Kind != ledger.KindPayment {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(list), func(x desk.Delivery) bool { return x.Payment != e.ID })
		if slices.ContainsFunc(of, func(x desk.Delivery) bool { return x.State == desk.DeliveryQueued }) {
			continue
		}
		moved[i].Send, moved[i].SendKey = string(e.ID), rand.Text()
		moved[i].SendAgain = slices.ContainsFunc(of, func(x desk.Delivery) bool { return x.State == desk.DeliverySent || x.State == desk.DeliveryUnclear })
	}
	return nil
}
