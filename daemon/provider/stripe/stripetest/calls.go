package stripetest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// whole says whether the payment is wanted with its session.
func whole(f url.Values) bool {
	for k, v := range f {
		if strings.HasPrefix(k, "expand[") && strings.Contains(v[0], "payment_intent") {
			return true
		}
	}
	return false
}

func (s *Server) createSession(f url.Values, _ string, now time.Time) (any, error) {
	bad := func(code, param, text string) (any, error) {
		return nil, &refused{http.StatusBadRequest, code, param, "Checkout Session: " + text}
	}
	amount, currency, err := total(f)
	if err != nil {
		return nil, err
	}
	expires := now.Add(24 * time.Hour).Unix()
	if f.Has("expires_at") {
		expires = number(f, "expires_at")
	}
	switch ahead := time.Unix(expires, 0).Sub(now); {
	case f.Get("mode") != "payment":
		return bad("", "mode", "this account sells by payment only")
	case f.Get("success_url") == "":
		return bad("parameter_missing", "success_url", "it has to lead somewhere")
	case ahead < 30*time.Minute-time.Second: // seconds are cut off
		return bad("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from creation.")
	case ahead > 24*time.Hour:
		return bad("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from creation.")
	}
	x := &session{id: s.name(s.prefix("cs_"), 40), status: "open", payment: "unpaid", reference: f.Get("client_reference_id"), currency: currency,
		amount: amount, meta: under(f, "metadata"), intentMeta: under(f, "payment_intent_data[metadata]"), created: now.Unix(), expires: expires,
		locale: f.Get("locale"), success: f.Get("success_url"), cancel: f.Get("cancel_url")}
	s.sessions = append(s.sessions, x)
	return s.sessionWords(x, whole(f)), nil
}

func (s *Server) readSession(f url.Values, id string, _ time.Time) (any, error) {
	x := s.session(id)
	if x == nil {
		return nil, missing("checkout.session", id)
	}
	return s.sessionWords(x, whole(f)), nil
}

func (s *Server) expireSession(f url.Values, id string, now time.Time) (any, error) {
	x := s.session(id)
	if x == nil {
		return nil, missing("checkout.session", id)
	}
	if x.status != "open" {
		return nil, &refused{http.StatusBadRequest, "", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. " +
			"This Checkout Session has a status of `" + x.status + "`."}
	}
	s.expire(x, now)
	return s.sessionWords(x, whole(f)), nil
}

func (s *Server) listSessions(f url.Values, _ string, _ time.Time) (any, error) {
	var all []*session
	for _, x := range slices.Backward(s.sessions) {
		if link := f.Get("payment_link"); link == "" || x.link == link {
			all = append(all, x)
		}
	}
	return page("/v1/checkout/sessions", f, all, func(x *session) string { return x.id }, func(x *session) any { return s.sessionWords(x, whole(f)) })
}

func (s *Server) readIntent(_ url.Values, id string, _ time.Time) (any, error) {
	i := s.intents[id]
	if i == nil {
		return nil, missing("payment_intent", id)
	}
	return s.intentWords(i, false), nil
}

func (s *Server) readAccount(url.Values, string, time.Time) (any, error) {
	return s.accountWords(), nil
}

func (s *Server) listRefunds(f url.Values, _ string, _ time.Time) (any, error) {
	var all []*refund
	for _, r := range slices.Backward(s.refunds) {
		if of := f.Get("payment_intent"); of == "" || r.intent.id == of {
			all = append(all, r)
		}
	}
	return page("/v1/refunds", f, all, func(r *refund) string { return r.id }, func(r *refund) any { return s.refundWords(r) })
}

func (s *Server) createRefund(f url.Values, _ string, now time.Time) (any, error) {
	bad := func(code, param, text string) (any, error) {
		return nil, &refused{http.StatusBadRequest, code, param, text}
	}
	i, amount := s.intents[f.Get("payment_intent")], number(f, "amount")
	switch {
	case i == nil:
		return bad("resource_missing", "payment_intent", "No such payment_intent: '"+f.Get("payment_intent")+"'")
	case i.status != "succeeded":
		return bad("", "payment_intent", "This PaymentIntent does not have a successful charge to refund.")
	case i.disputed:
		return bad("charge_disputed", "", "The charge has been charged back; cannot issue a refund.")
	case amount <= 0:
		return bad("parameter_invalid_integer", "amount", "Invalid positive integer")
	case i.back == i.amount:
		return bad("charge_already_refunded", "", "Charge has already been refunded.")
	case i.back+amount > i.amount:
		return bad("", "amount", "Refund amount is greater than unrefunded amount on charge")
	case s.faults.Refuse:
		return bad("balance_insufficient", "", "Insufficient funds in your Stripe balance to refund this amount.")
	}
	status := "succeeded"
	if s.faults.Pend {
		status = "pending"
	}
	return s.refundWords(s.giveBack(i, amount, under(f, "metadata"), status, now)), nil
}
