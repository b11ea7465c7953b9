package sumuptest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// The states of a checkout.
const (
	open    = "PENDING"
	paid    = "PAID"
	failed  = "FAILED"
	expired = "EXPIRED"
)

type checkout struct {
	id, reference, currency, description string
	amount                               int64
	redirect, callback                   string
	made, validUntil                     time.Time
	status                               string
	attempts                             []*transaction
}

// wanted is the body of a request for a checkout.
type wanted struct {
	Reference   string      `json:"checkout_reference"`
	Amount      json.Number `json:"amount"`
	Currency    string      `json:"currency"`
	Merchant    string      `json:"merchant_code"`
	Description string      `json:"description"`
	Callback    string      `json:"return_url"`
	Redirect    string      `json:"redirect_url"`
	ValidUntil  *time.Time  `json:"valid_until"`
	Hosted      struct {
		Enabled bool `json:"enabled"`
	} `json:"hosted_checkout"`
}

func (s *Server) createCheckout(r *http.Request) reply {
	var q wanted
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return refused(http.StatusBadRequest, "INVALID", "Validation error")
	}
	amount, ok := minor(q.Amount, q.Currency)
	switch {
	case q.Reference == "" || len(q.Reference) > 90 || !ok || amount <= 0 || q.Currency != s.o.Currency || q.Merchant != s.o.Merchant || !q.Hosted.Enabled:
		return refused(http.StatusBadRequest, "INVALID", "Validation error")
	case s.byReference(q.Reference) != nil:
		return refused(http.StatusConflict, "DUPLICATED_CHECKOUT", "Checkout with this checkout reference and pay to email already exists")
	}
	c := &checkout{id: uuid(s.number()), reference: q.Reference, currency: q.Currency, description: q.Description, amount: amount,
		redirect: q.Redirect, callback: q.Callback, made: time.Now(), status: open}
	if q.ValidUntil != nil {
		c.validUntil = *q.ValidUntil
	}
	s.checkouts = append(s.checkouts, c)
	return reply{status: http.StatusCreated, body: s.say(c)}
}

func (s *Server) listCheckouts(r *http.Request) reply {
	list := []any{}
	for _, c := range s.checkouts {
		if want := r.URL.Query().Get("checkout_reference"); want == "" || want == c.reference {
			list = append(list, s.say(c))
		}
	}
	return reply{status: http.StatusOK, body: list}
}

func (s *Server) getCheckout(r *http.Request) reply {
	if c := s.byID(r.PathValue("id")); c != nil {
		return reply{status: http.StatusOK, body: s.say(c)}
	}
	return notFound()
}

func notFound() reply { return refused(http.StatusNotFound, "NOT_FOUND", "Resource not found") }

// deactivateCheckout refuses what has been processed, or is about to be.
func (s *Server) deactivateCheckout(r *http.Request) reply {
	c := s.byID(r.PathValue("id"))
	if c == nil {
		return notFound()
	}
	if s.state(c) == paid || s.state(c) == expired || c.attempt(pending) != nil {
		return refused(http.StatusConflict, "CHECKOUT_PROCESSED", "Checkout is already processed")
	}
	c.status = expired
	s.hint(c)
	return reply{status: http.StatusOK, body: s.say(c)}
}

// state is a checkout's now: it dies at its time, unless somebody is paying.
func (s *Server) state(c *checkout) string {
	if c.status == open && c.dead(time.Now()) && c.attempt(pending) == nil && !s.faults.lazy {
		return expired
	}
	return c.status
}

func (c *checkout) dead(now time.Time) bool {
	return !c.validUntil.IsZero() && !now.Before(c.validUntil)
}

// attempt is the last transaction of a status, if there is one.
func (c *checkout) attempt(status string) (last *transaction) {
	for _, t := range c.attempts {
		if t.status == status {
			last = t
		}
	}
	return last
}

func (s *Server) say(c *checkout) map[string]any {
	w := map[string]any{
		"checkout_reference": c.reference, "amount": major(c.amount, c.currency), "currency": c.currency, "merchant_code": s.o.Merchant,
		"description": c.description, "id": c.id, "status": s.state(c), "date": stamp(c.made), "merchant_name": "Studio Lumen",
		"hosted_checkout_url": "https://checkout.sumup.com/pay/c-" + url.PathEscape(c.id), "redirect_url": c.redirect, "purpose": "CHECKOUT",
	}
	if !c.validUntil.IsZero() {
		w["valid_until"] = stamp(c.validUntil)
	}
	if c.callback != "" {
		w["return_url"] = c.callback
	}
	attempts := []any{}
	for _, t := range c.attempts {
		attempts = append(attempts, s.sayBrief(t))
		if t.took() {
			w["transaction_id"], w["transaction_code"] = t.id, t.code
		}
	}
	w["transactions"] = attempts
	return w
}

// stamp writes a time as SumUp does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000+00:00") }

func (s *Server) byID(id string) *checkout {
	for _, c := range s.checkouts {
		if c.id == id {
			return c
		}
	}
	return nil
}

func (s *Server) byReference(reference string) *checkout {
	for _, c := range s.checkouts {
		if c.reference == reference {
			return c
		}
	}
	return nil
}
