package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"countersign/store"
)

// readOnce reads a body that comes with an idempotency key. print identifies
// the request under the key.
func readOnce(r *http.Request, into any) (key, print string, err error) {
	key = r.Header.Get("Idempotency-Key")
	if key == "" || len(key) > 255 {
		return "", "", &refusal{http.StatusBadRequest, "no_key", "An Idempotency-Key of 1 to 255 bytes is needed."}
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		return "", "", &refusal{http.StatusBadRequest, "malformed", "The body can't be read."}
	}
	sum := sha256.Sum256(body)
	return key, hex.EncodeToString(sum[:]), nil
}

func (s *Server) createSession(w http.ResponseWriter, r *http.Request) {
	var body wireRequest
	key, print, err := readOnce(r, &body)
	if err != nil {
		refuse(w, err)
		return
	}
	if s.dice.chance(s.Faults().FailCreates) {
		refuse(w, &refusal{http.StatusUnprocessableEntity, "account_closed", "This account can't take payments."})
		return
	}
	if s.publicURL() == "" {
		refuse(w, &refusal{http.StatusConflict, "no_public_url", "The sandbox has no public address yet."})
		return
	}
	x, err := s.create(key, print, body)
	s.answerSession(w, x, err)
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request) {
	x, err := s.look(r.PathValue("id"))
	s.answerSession(w, x, err)
}

func (s *Server) cancelSession(w http.ResponseWriter, r *http.Request) {
	x, err := s.cancel(r.PathValue("id"))
	s.answerSession(w, x, err)
}

func (s *Server) answerSession(w http.ResponseWriter, x session, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, s.odd(s.wire(&x, time.Now())))
}

// odd puts a session in a state nobody knows, under the fault OddStatus.
func (s *Server) odd(x *wireSession) *wireSession {
	if s.dice.chance(s.Faults().OddStatus) {
		x.Status = "settling_elsewhere"
	}
	return x
}

func (s *Server) findSessions(w http.ResponseWriter, r *http.Request) {
	found, err := s.find(r.URL.Query().Get("reference"))
	if err != nil {
		refuse(w, err)
		return
	}
	list := wireSessions{Sessions: []wireSession{}}
	for i := range found {
		list.Sessions = append(list.Sessions, *s.odd(s.wire(&found[i], time.Now())))
	}
	answer(w, http.StatusOK, list)
}

func (s *Server) createRefund(w http.ResponseWriter, r *http.Request) {
	var body wireRefundRequest
	key, print, err := readOnce(r, &body)
	if err != nil {
		refuse(w, err)
		return
	}
	done, err := s.giveBack(key, print, body)
	reply(w, done.wire(), err)
}

// settleByAPI serves POST /sandbox/v1/refunds/{id}/succeed and /fail.
func (s *Server) settleByAPI(w http.ResponseWriter, r *http.Request) {
	verdict := r.PathValue("verdict")
	if verdict != "succeed" && verdict != "fail" {
		refuse(w, unknown("verdict"))
		return
	}
	done, err := s.settleRefund(r.PathValue("id"), verdict == "succeed")
	reply(w, done.wire(), err)
}

// createDispute is the bank's hand: the payment's client wants it back.
func (s *Server) createDispute(w http.ResponseWriter, r *http.Request) {
	var body wireDisputeRequest
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, &refusal{http.StatusBadRequest, "malformed", "The body can't be read."})
		return
	}
	d, err := s.dispute(body)
	reply(w, d.wire(), err)
}

// decideByAPI serves POST /sandbox/v1/disputes/{id}/win and /lose.
func (s *Server) decideByAPI(w http.ResponseWriter, r *http.Request) {
	verdict := r.PathValue("verdict")
	if verdict != "win" && verdict != "lose" {
		refuse(w, unknown("verdict"))
		return
	}
	d, err := s.decide(r.PathValue("id"), verdict == "win")
	reply(w, d.wire(), err)
}

// reply answers v, or err if there is one.
func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, v)
}

func (s *Server) listEvents(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > mostEvents {
		limit = mostEvents
	}
	p, err := s.page(r.URL.Query().Get("cursor"), limit)
	if err != nil {
		refuse(w, err)
		return
	}
	if p.Events == nil {
		p.Events = []wireEvent{}
	}
	answer(w, http.StatusOK, p)
}

func (s *Server) listPayments(w http.ResponseWriter, _ *http.Request) {
	all, err := s.Payments()
	reply(w, map[string]any{"payments": append([]Payment{}, all...)}, err)
}

func (s *Server) listDeliveries(w http.ResponseWriter, _ *http.Request) {
	all, err := s.Deliveries()
	reply(w, map[string]any{"deliveries": append([]Delivery{}, all...)}, err)
}

func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.Faults())
}

// postFaults replaces all faults: a field left out is off.
func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &f)
	}
	if err != nil {
		refuse(w, invalid("These are no faults: "+err.Error()))
		return
	}
	s.SetFaults(f)
	answer(w, http.StatusOK, f)
}

// Payments is the company's own list of what was paid, oldest first: in tests
// the other side of the salon's ledger.
func (s *Server) Payments() (all []Payment, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for p, err := range s.book.payments.All(tx) {
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b Payment) int { return a.PaidAt.Compare(b.PaidAt) })
	return all, err
}

// Deliveries is what became of every webhook, oldest first.
func (s *Server) Deliveries() (all []Delivery, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for d, err := range s.book.deliveries.All(tx) {
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b Delivery) int { return a.At.Compare(b.At) })
	return all, err
}
