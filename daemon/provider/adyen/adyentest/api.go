package adyentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Handler is the Checkout API below /v71.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v71/paymentLinks", s.once(s.createLink))
	mux.HandleFunc("GET /v71/paymentLinks/{id}", s.getLink)
	mux.HandleFunc("PATCH /v71/paymentLinks/{id}", s.updateLink)
	mux.HandleFunc("POST /v71/payments/{id}/refunds", s.once(s.refund))
	mux.HandleFunc("POST /v71/paymentMethods", s.methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.happen(time.Now())
		switch {
		case r.Header.Get("X-API-Key") != s.opt.Key:
			problem(w, http.StatusUnauthorized, "000", "security", "HTTP Status Response - Unauthorized")
		case s.faults.NoRole && !strings.HasSuffix(r.URL.Path, "/paymentMethods"):
			problem(w, http.StatusForbidden, "010", "security", "Not allowed")
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// problem answers in Adyen's form of an error.
func problem(w http.ResponseWriter, status int, code, kind, message string) {
	answer(w, status, map[string]any{"status": status, "errorCode": code, "errorType": kind, "message": message})
}

func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // of what stands below
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// once answers a key that was used as the first time, whatever comes with it.
func (s *Server) once(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Path + " " + r.Header.Get("Idempotency-Key")
		if before, ok := s.answers[key]; ok {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(before)
			return
		}
		rec := &recorder{ResponseWriter: w}
		do(rec, r)
		if rec.status == http.StatusCreated && r.Header.Get("Idempotency-Key") != "" {
			s.answers[key] = rec.body.Bytes()
		}
	}
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// read decodes a body whose merchant account must be ours.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	fields := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err != nil || d.Decode(&fields) != nil {
		problem(w, http.StatusBadRequest, "702", "validation", "Unexpected input")
		return nil, false
	}
	if fields["merchantAccount"] != s.opt.Account {
		problem(w, http.StatusForbidden, "901", "security", "Invalid Merchant Account")
		return nil, false
	}
	return fields, true
}

// amountOf reads an amount that can be one.
func amountOf(fields map[string]any) (int64, string, bool) {
	a, _ := fields["amount"].(map[string]any)
	n, _ := a["value"].(json.Number)
	value, err := n.Int64()
	currency, _ := a["currency"].(string)
	return value, currency, err == nil && value > 0 && len(currency) == 3
}

func (s *Server) createLink(w http.ResponseWriter, r *http.Request) {
	fields, ok := s.read(w, r)
	if !ok {
		return
	}
	value, currency, ok := amountOf(fields)
	reference, _ := fields["reference"].(string)
	if !ok || reference == "" {
		problem(w, http.StatusUnprocessableEntity, "137", "validation", "Invalid amount specified")
		return
	}
	now := time.Now()
	expires := now.Add(24 * time.Hour).Truncate(time.Second)
	if text, given := fields["expiresAt"].(string); given {
		var err error
		if expires, err = time.Parse(time.RFC3339, text); err != nil || !expires.After(now) || expires.After(now.Add(70*24*time.Hour)) {
			problem(w, http.StatusUnprocessableEntity, "14_0413", "validation", "The expiry date is invalid")
			return
		}
	}
	l := &link{fields: fields, id: s.name("PL", 16), status: "active", amount: value, currency: currency, expires: expires}
	s.links[l.id] = l
	answer(w, http.StatusCreated, l.json())
}

// json is a link as Adyen tells it: what was asked for, and what became of it.
func (l *link) json() map[string]any {
	out := map[string]any{}
	for k, v := range l.fields {
		out[k] = v
	}
	out["id"], out["status"], out["url"] = l.id, l.status, "https://test.adyen.link/"+l.id
	out["expiresAt"] = l.expires.UTC().Format(time.RFC3339)
	if !l.updated.IsZero() {
		out["updatedAt"] = l.updated.UTC().Format(time.RFC3339)
	}
	return out
}

func (s *Server) linkAt(w http.ResponseWriter, r *http.Request) (*link, bool) {
	l, ok := s.links[r.PathValue("id")]
	if !ok {
		problem(w, http.StatusUnprocessableEntity, "14_0414", "validation", "Payment link not found")
	}
	return l, ok
}

func (s *Server) getLink(w http.ResponseWriter, r *http.Request) {
	if l, ok := s.linkAt(w, r); ok {
		answer(w, http.StatusOK, l.json())
	}
}

func (s *Server) updateLink(w http.ResponseWriter, r *http.Request) {
	l, ok := s.linkAt(w, r)
	if !ok {
		return
	}
	var to struct {
		Status string `json:"status"`
	}
	if json.NewDecoder(r.Body).Decode(&to) != nil || to.Status != "expired" || l.status != "active" {
		problem(w, http.StatusUnprocessableEntity, "14_0415", "validation", fmt.Sprintf("A link that is %s can't be updated", l.status))
		return
	}
	l.status, l.updated = "expired", time.Now().Truncate(time.Second)
	answer(w, http.StatusOK, l.json())
}

func (s *Server) refund(w http.ResponseWriter, r *http.Request) {
	fields, ok := s.read(w, r)
	if !ok {
		return
	}
	p, known := s.payments[r.PathValue("id")]
	value, currency, ok := amountOf(fields)
	if !known || !ok {
		problem(w, http.StatusUnprocessableEntity, "167", "validation", "Original pspReference required for this operation")
		return
	}
	reference, _ := fields["reference"].(string)
	if reference == "" {
		reference = p.reference
	}
	made := s.takeIn(p, value, currency, reference, time.Now())
	out := map[string]any{"pspReference": made.id, "paymentPspReference": p.id, "status": "received", "merchantAccount": s.opt.Account,
		"amount": fields["amount"], "reference": reference}
	answer(w, http.StatusCreated, out)
}

func (s *Server) methods(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.read(w, r); ok {
		answer(w, http.StatusOK, map[string]any{"paymentMethods": []map[string]any{{"name": "Cards", "type": "scheme"}}})
	}
}
