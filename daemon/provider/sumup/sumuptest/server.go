// Package sumuptest is a stand-in for SumUp with a state: checkouts, their
// transactions, the history, refunds, chargebacks and hints. It speaks as
// SumUp's description of its API says, and tests hold it to that; what the
// description leaves open it does as the documentation says, or as is worst.
//
//	server.go        the company, its doors and its clock
//	checkouts.go     what is paid on
//	transactions.go  what was paid, and the history of it
//	refunds.go       money going back
//	books.go         what became of each payment, for tests to hold theirs against
//	hands.go         fingers for tests: a client's, a bank's, the salon's own
//	hooks.go         hints going out
package sumuptest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"countersign/daemon/provider/providertest"
)

// Options say whose account it is.
type Options struct {
	Key      string       // the API key
	Merchant string       // the merchant code
	Currency string       // the account's; "EUR" when empty
	Live     bool         // not a sandbox account
	HTTP     *http.Client // what hints are sent with; none are when nil
}

// Late is until when a payment that takes its time has come.
const Late = 20 * time.Second

// Server is the company. It is safe for concurrent use.
type Server struct {
	o     Options
	mux   *http.ServeMux
	hooks hooks

	mu           sync.Mutex
	last         int64 // the last number given out
	checkouts    []*checkout
	transactions []*transaction
	faults       faults
}

// faults are what goes wrong on demand.
type faults struct{ disorder, odd, pend, refuse, lazy bool }

// New opens the company. Close ends its hints.
func New(o Options) *Server {
	if o.Currency == "" {
		o.Currency = "EUR"
	}
	s := &Server{o: o, mux: http.NewServeMux(), hooks: newHooks(o.HTTP)}
	merchant := "/merchants/" + o.Merchant
	s.route("POST /v0.1/checkouts", s.createCheckout)
	s.route("GET /v0.1/checkouts", s.listCheckouts)
	s.route("GET /v0.1/checkouts/{id}", s.getCheckout)
	s.route("DELETE /v0.1/checkouts/{id}", s.deactivateCheckout)
	s.route("GET /v1"+merchant, s.getMerchant)
	s.route("GET /v2.1"+merchant+"/transactions", s.getTransaction)
	s.route("GET /v2.1"+merchant+"/transactions/history", s.listHistory)
	s.route("POST /v1.0"+merchant+"/payments/{id}/refunds", s.refund)
	s.route("/", func(*http.Request) reply {
		return reply{status: http.StatusNotFound, body: problem(http.StatusNotFound, "Not Found", "No such merchant, or nothing here.")}
	})
	return s
}

// Close ends what is on its way out.
func (s *Server) Close() { s.hooks.close() }

// ServeHTTP is SumUp's API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// reply is an answer: a status and what is written as JSON.
type reply struct {
	status int
	body   any
	odd    bool // not as the description says, on demand
}

// route lets in who has the key, one at a time.
func (s *Server) route(pattern string, do func(*http.Request) reply) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		a := reply{status: http.StatusUnauthorized, body: problem(http.StatusUnauthorized, "Unauthorized", "Unauthorized.")}
		if r.Header.Get("Authorization") == "Bearer "+s.o.Key {
			s.mu.Lock()
			s.tick(time.Now())
			a = do(r)
			s.mu.Unlock()
		}
		body, err := json.Marshal(a.body)
		if err != nil {
			a.status = http.StatusInternalServerError
		}
		kind := "application/json"
		if _, is := a.body.(problemBody); is && strings.HasPrefix(r.URL.Path, "/v1") {
			kind = "application/problem+json"
		}
		w.Header().Set("Content-Type", kind)
		if a.odd {
			w.Header().Set(providertest.OddHeader, "1")
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(body)
	})
}

// tick does what is due: payments that took their time have come.
func (s *Server) tick(now time.Time) {
	for _, t := range s.transactions {
		if t.status == pending && !now.Before(t.due) {
			t.status, t.changed = successful, t.due
			t.checkout.status = paid
			s.hint(t.checkout)
		}
	}
}

// number gives out the next number, which orders all there is.
func (s *Server) number() int64 {
	s.last++
	return s.last
}

// uuid writes a number as SumUp's ids look, in their order.
func uuid(n int64) string { return fmt.Sprintf("%08d-0000-4000-8000-%012d", n, n*7919) }

type problemBody struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func problem(status int, title, detail string) problemBody {
	return problemBody{"https://developer.sumup.com/problem/" + strings.ToLower(strings.ReplaceAll(title, " ", "-")), title, status, detail}
}

func refused(status int, code, message string) reply {
	return reply{status: status, body: map[string]string{"error_code": code, "message": message}}
}

func (s *Server) getMerchant(*http.Request) reply {
	return reply{status: http.StatusOK, body: map[string]any{
		"merchant_code": s.o.Merchant, "country": "DE", "default_currency": s.o.Currency, "default_locale": "de-DE", "sandbox": !s.o.Live,
		"business_profile": map[string]string{"name": "Studio Lumen"}, "created_at": "2020-01-02T03:04:05Z", "updated_at": "2020-01-02T03:04:05Z"}}
}

// digits are the decimals of a currency.
func digits(currency string) int {
	if currency == "CLP" {
		return 0
	}
	return 2
}

// major writes minor units as SumUp's number, without zeros at its end.
func major(minor int64, currency string) json.Number {
	d := digits(currency)
	s := fmt.Sprintf("%0*d", d+1, minor)
	if d == 0 {
		return json.Number(s)
	}
	s = strings.TrimRight(s[:len(s)-d]+"."+s[len(s)-d:], "0")
	return json.Number(strings.TrimSuffix(s, "."))
}

// minor reads SumUp's number; false where it has parts of a minor unit.
func minor(n json.Number, currency string) (int64, bool) {
	whole, part, _ := strings.Cut(n.String(), ".")
	d := digits(currency)
	for len(part) > d && strings.HasSuffix(part, "0") {
		part = part[:len(part)-1]
	}
	if len(part) > d {
		return 0, false
	}
	v, err := json.Number(whole + part + strings.Repeat("0", d-len(part))).Int64()
	return v, err == nil
}
