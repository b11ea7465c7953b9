package sumuptest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The states of a transaction.
const (
	pending    = "PENDING"
	successful = "SUCCESSFUL"
	declined   = "FAILED"
	givenBack  = "REFUNDED"
)

// chargeBack is money that a bank takes.
const chargeBack = "CHARGE_BACK"

// transaction is an attempt to pay a checkout, or a sale at the counter.
type transaction struct {
	number      int64
	id, code    string
	checkout    *checkout // nil: a card reader's
	amount      int64
	currency    string
	status      string
	at, changed time.Time
	due         time.Time // when one that is pending has come
	movements   []*movement
}

// movement is money that goes back of a transaction.
type movement struct {
	id          int64
	kind        string // REFUND or CHARGE_BACK
	status      string
	amount      int64
	at, changed time.Time
}

func (t *transaction) took() bool { return t.status == successful || t.status == givenBack }

// back is what has gone back of a transaction, or is about to.
func (t *transaction) back(kind string) (sum int64) {
	for _, m := range t.movements {
		if m.kind == kind && m.status != "FAILED" {
			sum += m.amount
		}
	}
	return sum
}

func (s *Server) sayBrief(t *transaction) map[string]any {
	return map[string]any{
		"id": t.id, "transaction_code": t.code, "amount": major(t.amount, t.currency), "currency": t.currency, "timestamp": stamp(t.at),
		"status": t.status, "payment_type": t.kind(), "installments_count": 1, "merchant_code": s.o.Merchant, "entry_mode": "CUSTOMER_ENTRY",
	}
}

func (t *transaction) kind() string {
	if t.checkout == nil {
		return "POS"
	}
	return "ECOM"
}

func (t *transaction) summary() string {
	if t.checkout == nil {
		return "Coffee"
	}
	return t.checkout.description
}

func (s *Server) getTransaction(r *http.Request) reply {
	for _, t := range s.transactions {
		if t.id == r.URL.Query().Get("id") {
			return s.sayFull(t)
		}
	}
	return notFound()
}

func (s *Server) sayFull(t *transaction) reply {
	w := s.sayBrief(t)
	brief, full := []any{}, []any{}
	for _, m := range t.movements {
		amount := major(m.amount, t.currency)
		brief = append(brief, map[string]any{"id": m.id, "transaction_id": t.id, "type": m.kind, "status": m.status, "amount": amount, "timestamp": stamp(m.at)})
		full = append(full, map[string]any{"id": m.id, "event_type": m.kind, "status": m.status, "amount": amount,
			"date": m.at.UTC().Format(time.DateOnly), "timestamp": stamp(m.at)})
	}
	if t.took() {
		full = append(full, map[string]any{"id": t.number, "event_type": "PAYOUT", "status": "SCHEDULED", "amount": major(t.amount, t.currency), "timestamp": stamp(t.at)})
	}
	w["events"], w["transaction_events"], w["product_summary"], w["simple_status"] = brief, full, t.summary(), t.status
	return reply{status: http.StatusOK, body: w}
}

// entry is a line of the history, with when it came and when it last changed.
type entry struct {
	number      int64
	at, changed time.Time
	say         map[string]any
}

// entries are all lines of the history, oldest first.
func (s *Server) entries() (all []entry) {
	for _, t := range s.transactions {
		w := s.sayBrief(t)
		for _, name := range []string{"entry_mode", "installments_count"} {
			delete(w, name)
		}
		w["id"], w["transaction_id"], w["type"], w["product_summary"], w["user"] = uuid(t.number), t.id, "PAYMENT", t.summary(), "salon@example.com"
		w["refunded_amount"] = major(t.back("REFUND"), t.currency)
		all = append(all, entry{t.number, t.at, t.changed, w})
		for _, m := range t.movements {
			status := map[string]string{"REFUNDED": successful}[m.status]
			if status == "" {
				status = m.status
			}
			all = append(all, entry{m.id, m.at, m.changed, map[string]any{
				"id": uuid(m.id), "transaction_id": t.id, "transaction_code": t.code, "amount": major(m.amount, t.currency), "currency": t.currency,
				"timestamp": stamp(m.at), "status": status, "type": m.kind, "payment_type": t.kind(), "product_summary": t.summary(), "user": "salon@example.com"}})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return int(a.number - b.number) })
	return all
}

// listLag is how long lines may stay away under disorder.
const listLag = time.Minute

func (s *Server) listHistory(r *http.Request) reply {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	since, err2 := time.Parse(time.RFC3339, q.Get("changes_since"))
	if err != nil || limit < 1 || err2 != nil && q.Get("changes_since") != "" {
		return refused(http.StatusBadRequest, "INVALID", "Validation error")
	}
	items, links, a := []any{}, []any{}, reply{status: http.StatusOK}
	var last int64
	for _, e := range s.entries() {
		late := s.faults.disorder && e.number%4 < 2 && time.Since(e.at) < listLag
		if late || e.changed.Before(since) || q.Get("oldest_ref") != "" && uuid(e.number) <= q.Get("oldest_ref") {
			continue
		}
		if len(items) == limit {
			links = append(links, map[string]string{"rel": "next", "href": fmt.Sprintf("limit=%d&oldest_ref=%s&order=ascending", limit, uuid(last))})
			break
		}
		items, last = append(items, e.say), e.number
	}
	if s.faults.disorder && len(items) > 0 {
		slices.Reverse(items)
		items = append(items, items[0])
	}
	if s.faults.odd {
		items = append([]any{map[string]any{"id": uuid(0), "type": "LOYALTY", "status": "GLORIOUS", "timestamp": stamp(time.Now())}}, items...)
		a.odd = true
	}
	a.body = map[string]any{"items": items, "links": links}
	return a
}
