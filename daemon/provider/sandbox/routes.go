package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Handler is the whole company: its API under /sandbox/v1/, its pages under
// /sandbox/pay/ and its own dashboard under /sandbox/dashboard.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			refuse(w, &refusal{http.StatusServiceUnavailable, "closed", "The sandbox is closed."})
			return
		}
		defer s.inside.Done()
		s.routes.ServeHTTP(w, r)
	})
}

func (s *Server) newRoutes() http.Handler {
	mux := http.NewServeMux()
	api := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.authenticated(h)) }
	api("POST /sandbox/v1/sessions", s.weather(s.createSession))
	api("GET /sandbox/v1/sessions", s.weather(s.findSessions))
	api("GET /sandbox/v1/sessions/{id}", s.weather(s.getSession))
	api("POST /sandbox/v1/sessions/{id}/cancel", s.weather(s.cancelSession))
	api("POST /sandbox/v1/refunds", s.weather(s.createRefund))
	api("POST /sandbox/v1/receipts", s.weather(s.createReceipt))
	api("GET /sandbox/v1/events", s.weather(s.listEvents))
	// What a person looks at or sets stays clear of faults.
	api("GET /sandbox/v1/payments", s.listPayments)
	api("GET /sandbox/v1/receipts", s.listReceipts)
	api("POST /sandbox/v1/refunds/{id}/{verdict}", s.settleByAPI)
	api("POST /sandbox/v1/disputes", s.createDispute)
	api("POST /sandbox/v1/disputes/{id}/{verdict}", s.decideByAPI)
	api("GET /sandbox/v1/deliveries", s.listDeliveries)
	api("GET /sandbox/v1/faults", s.getFaults)
	api("POST /sandbox/v1/faults", s.postFaults)
	api("/sandbox/v1/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, &refusal{http.StatusNotFound, "not_found", "There is nothing at this address."})
	})
	mux.HandleFunc("GET /sandbox/pay/{id}", s.showPage)
	mux.Handle("POST /sandbox/pay/{id}/{press}", s.cross.Handler(http.HandlerFunc(s.press)))
	mux.HandleFunc("GET /sandbox/static/{print}/{sheet}", s.stylesheet)
	s.boardRoutes(mux)
	return mux
}

// boardRoutes are the company's own dashboard.
func (s *Server) boardRoutes(mux *http.ServeMux) {
	button := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.cross.Handler(h)) }
	mux.HandleFunc("GET /sandbox/dashboard", s.behindDoor(s.showBoard))
	mux.HandleFunc("GET /sandbox/dashboard/enter", s.enterByTicket)
	button("POST /sandbox/dashboard/enter", s.enterByKey)
	button("POST /sandbox/dashboard/mood", s.behindDoor(s.moodByBoard))
	button("POST /sandbox/dashboard/payments/{id}/refund", s.behindDoor(s.refundByBoard))
	button("POST /sandbox/dashboard/payments/{id}/dispute", s.behindDoor(s.disputeByBoard))
	button("POST /sandbox/dashboard/{kind}/{id}/{verdict}", s.behindDoor(s.verdictByBoard))
}

// authenticated lets in who holds the key.
func (s *Server) authenticated(next http.HandlerFunc) http.Handler {
	want := sha256.Sum256([]byte(s.opt.Key))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(key))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			refuse(w, &refusal{http.StatusUnauthorized, "unauthorized", "The key is not one of ours."})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		next(w, r)
	})
}

// refusal is a "no" with its reason.
type refusal struct {
	status     int
	code, text string
}

// Error is the reason.
func (e *refusal) Error() string { return "sandbox: " + e.text }

func invalid(text string) *refusal {
	return &refusal{http.StatusUnprocessableEntity, "invalid", text}
}

func unknown(what string) *refusal {
	return &refusal{http.StatusNotFound, "not_found", "There is no such " + what + "."}
}

// refuse writes err; anything but a *refusal is our own fault.
func refuse(w http.ResponseWriter, err error) {
	var e *refusal
	if !errors.As(err, &e) {
		e = &refusal{http.StatusInternalServerError, "internal", "Something went wrong here."}
	}
	var p wireProblem
	p.Error.Code, p.Error.Text = e.code, e.text
	answer(w, e.status, p)
}

func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// Who does not listen any more will ask again.
	_, _ = w.Write(b)
}
