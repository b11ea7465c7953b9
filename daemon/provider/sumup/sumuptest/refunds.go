package sumuptest

import (
	"encoding/json"
	"net/http"
	"time"
)

// refund makes a refund; the answer says nothing of it, as SumUp's does not.
func (s *Server) refund(r *http.Request) reply {
	var q struct {
		Amount json.Number `json:"amount"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return reply{status: http.StatusBadRequest, body: problem(http.StatusBadRequest, "Bad Request", "amount must be a number")}
	}
	t := s.transaction(r.PathValue("id"))
	if t == nil {
		return reply{status: http.StatusNotFound, body: problem(http.StatusNotFound, "Not Found", "Transaction not found")}
	}
	amount, ok := minor(q.Amount, t.currency)
	switch {
	case !ok || amount <= 0:
		return reply{status: http.StatusBadRequest, body: problem(http.StatusBadRequest, "Bad Request", "amount must be greater than zero")}
	case !t.took() || t.back(chargeBack) > 0:
		return reply{status: http.StatusConflict, body: problem(http.StatusConflict, "Conflict", "The transaction is not refundable in its current state")}
	case s.faults.refuse || t.back("REFUND")+amount > t.amount:
		return reply{status: http.StatusUnprocessableEntity, body: problem(http.StatusUnprocessableEntity, "Unprocessable Entity", "Refund failed.")}
	}
	s.giveBack(t, amount)
	return reply{status: http.StatusCreated, body: struct{}{}}
}

func (s *Server) giveBack(t *transaction, amount int64) {
	status := "REFUNDED"
	if s.faults.pend {
		status = "PENDING"
	}
	s.move(t, "REFUND", status, amount)
}

// move books money that goes back.
func (s *Server) move(t *transaction, kind, status string, amount int64) *movement {
	now := time.Now()
	m := &movement{id: s.number(), kind: kind, status: status, amount: amount, at: now, changed: now}
	t.movements, t.changed = append(t.movements, m), now
	if kind == "REFUND" {
		t.status = givenBack
	}
	return m
}

func (s *Server) transaction(id string) *transaction {
	for _, t := range s.transactions {
		if t.id == id {
			return t
		}
	}
	return nil
}
