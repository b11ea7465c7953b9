package stripetest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// refused is a call that Stripe says no to.
type refused struct {
	status            int
	code, param, text string
}

// Error is what Stripe says.
func (r *refused) Error() string { return r.text }

// answer is what a key was answered with, and to what.
type answer struct {
	at     time.Time
	asked  string
	status int
	body   []byte
}

const keyLife = 24 * time.Hour

type deed func(s *Server, f url.Values, id string, now time.Time) (any, error)

// Handler is the API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for route, d := range map[string]struct {
		permission string
		do         deed
	}{
		"POST /v1/checkout/sessions":             {"rak_checkout_session_write", (*Server).createSession},
		"GET /v1/checkout/sessions":              {"rak_checkout_session_read", (*Server).listSessions},
		"GET /v1/checkout/sessions/{id}":         {"rak_checkout_session_read", (*Server).readSession},
		"POST /v1/checkout/sessions/{id}/expire": {"rak_checkout_session_write", (*Server).expireSession},
		"GET /v1/payment_intents/{id}":           {"rak_payment_intent_read", (*Server).readIntent},
		"GET /v1/refunds":                        {"rak_charge_read", (*Server).listRefunds},
		"POST /v1/refunds":                       {"rak_charge_write", (*Server).createRefund},
		"GET /v1/events":                         {"rak_event_read", (*Server).listEvents},
		"GET /v1/account":                        {"rak_accounts_kyc_basic_read", (*Server).readAccount},
		"POST /v1/payment_links":                 {"rak_payment_link_write", (*Server).createLink},
		"GET /v1/payment_links/{id}":             {"rak_payment_link_read", (*Server).readLink},
		"POST /v1/payment_links/{id}":            {"rak_payment_link_write", (*Server).updateLink},
	} {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, d.permission, d.do) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		no(w, &refused{http.StatusNotFound, "", "", "Unrecognized request URL (" + r.Method + ": " + r.URL.Path + ")."}, "")
	})
	return mux
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, permission string, do deed) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	text := string(body)
	if r.Method == http.MethodGet {
		text = r.URL.RawQuery
	}
	f, err := url.ParseQuery(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	switch {
	case err != nil:
		no(w, &refused{http.StatusBadRequest, "", "", "Invalid form."}, "")
		return
	case r.Header.Get("Authorization") != "Bearer "+s.opt.Key:
		no(w, &refused{http.StatusUnauthorized, "", "", "Invalid API Key provided: " + r.Header.Get("Authorization")}, "")
		return
	case s.faults.Lacks == permission:
		no(w, &refused{http.StatusForbidden, "", "", "The provided key 'rk_test_***abcd' does not have the required permissions for this endpoint on account '" +
			s.opt.Account + "'. Having the '" + permission + "' permission would allow this request to continue."}, "")
		return
	}
	s.once(w, r, text, now, func() (any, error) { return do(s, f, r.PathValue("id"), now) })
}

// once answers a key as the first time.
func (s *Server) once(w http.ResponseWriter, r *http.Request, text string, now time.Time, do func() (any, error)) {
	key := r.Header.Get("Idempotency-Key")
	asked := r.URL.Path + "?" + text
	if a, ok := s.answers[key]; ok && key != "" && now.Sub(a.at) < keyLife {
		if a.asked != asked {
			no(w, &refused{http.StatusBadRequest, "", "", "Keys for idempotent requests can only be used with the same parameters they were first used with."}, "idempotency_error")
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		say(w, a.status, a.body)
		return
	}
	out, err := do()
	status, body := http.StatusOK, []byte(nil)
	if err == nil {
		if body, err = json.Marshal(out); err != nil {
			panic(err) // maps of texts
		}
	} else if status, body = refusal(err, ""); status == http.StatusNotFound || strings.Contains(err.Error(), "Checkout Session") {
		key = "" // what is found wrong with the parameters is not remembered
	}
	if key != "" && r.Method == http.MethodPost {
		s.answers[key] = answer{now, asked, status, body}
	}
	say(w, status, body)
}

func refusal(err error, kind string) (int, []byte) {
	r, ok := errors.AsType[*refused](err)
	if !ok {
		panic(err)
	}
	if kind == "" {
		kind = "invalid_request_error"
	}
	e := words{"type": kind, "message": r.text}
	if r.code != "" {
		e["code"] = r.code
	}
	if r.param != "" {
		e["param"] = r.param
	}
	body, err := json.Marshal(words{"error": e})
	if err != nil {
		panic(err) // texts
	}
	return r.status, body
}

func no(w http.ResponseWriter, r *refused, kind string) {
	status, body := refusal(r, kind)
	say(w, status, body)
}

func say(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_abcdef")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// under are the fields below a name, as in metadata[reference].
func under(f url.Values, name string) map[string]string {
	out := map[string]string{}
	for k, v := range f {
		if rest, ok := strings.CutPrefix(k, name+"["); ok && strings.HasSuffix(rest, "]") {
			out[rest[:len(rest)-1]] = v[0]
		}
	}
	return out
}

func number(f url.Values, name string) int64 {
	n, err := strconv.ParseInt(f.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// total adds up line items.
func total(f url.Values) (sum int64, currency string, err error) {
	for i := 0; ; i++ {
		at := "line_items[" + strconv.Itoa(i) + "]"
		code := f.Get(at + "[price_data][currency]")
		if code == "" {
			break
		}
		if f.Get(at+"[price_data][product_data][name]") == "" || number(f, at+"[quantity]") <= 0 || currency != "" && code != currency {
			return 0, "", &refused{http.StatusBadRequest, "parameter_invalid_empty", at, "Checkout Session items need a name and a quantity."}
		}
		currency = code
		sum += number(f, at+"[price_data][unit_amount]") * number(f, at+"[quantity]")
	}
	if sum <= 0 {
		return 0, "", &refused{http.StatusBadRequest, "amount_too_small", "line_items", "The Checkout Session's total amount is too small."}
	}
	return sum, currency, nil
}

// page cuts a list, newest first, as limit, starting_after and ending_before say.
func page[T any](path string, f url.Values, all []T, id func(T) string, words func(T) any) (any, error) {
	limit := int(number(f, "limit"))
	if limit == 0 {
		limit = 10
	}
	if limit < 1 || limit > 100 {
		return nil, &refused{http.StatusBadRequest, "parameter_invalid_integer", "limit", "The limit is from 1 to 100."}
	}
	if after := f.Get("starting_after"); after != "" {
		at := -1
		for i, one := range all {
			if id(one) == after {
				at = i
			}
		}
		if at < 0 {
			return nil, &refused{http.StatusBadRequest, "resource_missing", "starting_after", "No such object: '" + after + "'"}
		}
		all = all[at+1:]
	}
	more := len(all) > limit
	if more {
		all = all[:limit]
	}
	data := []any{}
	for _, one := range all {
		data = append(data, words(one))
	}
	return map[string]any{"object": "list", "data": data, "has_more": more, "url": path}, nil
}
