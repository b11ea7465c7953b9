package adyentest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// item is one thing to tell. Its reference is the payment's when empty.
type item struct {
	id, original, code, reference, reason, currency string
	success                                         bool
	amount                                          int64
	payment                                         *payment
}

// hook is a webhook: what it says, and how often it was tried to be sent.
type hook struct {
	body  []byte
	link  string
	due   time.Time
	tries int
	done  bool
}

// tell queues what happened as a webhook, and what the faults make of it.
func (s *Server) tell(at time.Time, it item) {
	items := []any{s.wire(at, it)}
	if s.faults.Odd {
		odd := it
		odd.id = s.name("ODD", 13)
		for _, code := range []string{"CAPTURE", "REPORT_AVAILABLE", "WORD_OF_TOMORROW"} {
			odd.code = code
			items = append(items, s.wire(at, odd))
		}
	}
	h := &hook{link: it.payment.link, due: at.Add(s.faults.Delay)}
	if last := len(s.hooks) - 1; s.faults.Disorder && last >= 0 && s.dice.IntN(3) == 0 {
		items = append(items, s.itemsOf(s.hooks[last])...)
	}
	h.body = s.sign(map[string]any{"live": strconv.FormatBool(s.opt.Live), "notificationItems": items})
	s.hooks = append(s.hooks, h)
	if s.faults.Disorder {
		h.due = h.due.Add(time.Duration(s.dice.IntN(30)) * time.Second)
		again := *h
		again.due = h.due.Add(time.Duration(s.dice.IntN(60)) * time.Second)
		s.hooks = append(s.hooks, &again)
	}
}

func (s *Server) itemsOf(h *hook) []any {
	var w map[string]any
	if err := decode(h.body, &w); err != nil {
		panic(err) // we wrote it
	}
	return w["notificationItems"].([]any)
}

func (s *Server) wire(at time.Time, it item) any {
	reference := it.reference
	if reference == "" {
		reference = it.payment.reference
	}
	body := map[string]any{
		"additionalData":      map[string]any{"paymentLinkId": it.payment.link},
		"amount":              map[string]any{"currency": it.currency, "value": it.amount},
		"eventCode":           it.code,
		"eventDate":           at.Format("2006-01-02T15:04:05-07:00"),
		"merchantAccountCode": s.opt.Account,
		"merchantReference":   reference,
		"paymentMethod":       "visa",
		"pspReference":        it.id,
		"reason":              it.reason,
		"success":             strconv.FormatBool(it.success),
	}
	if it.original != "" {
		body["originalReference"] = it.original
	}
	return map[string]any{"NotificationRequestItem": body}
}

func (s *Server) sign(w map[string]any) []byte {
	body, err := json.Marshal(w)
	if err != nil {
		panic(err) // maps of texts
	}
	return Seal(s.opt.HMAC, body)
}

// Seal signs every item of a webhook's body with a hexadecimal key, over the
// signature that stands there. What is no webhook stays as it is.
func Seal(secret string, body []byte) []byte {
	return eachItem(body, func(fields, additional map[string]any) { additional["hmacSignature"] = signature(secret, fields) })
}

// Bare takes the signatures out of a webhook's body.
func Bare(body []byte) []byte {
	return eachItem(body, func(_, additional map[string]any) { delete(additional, "hmacSignature") })
}

func decode(body []byte, out any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(out)
}

func eachItem(body []byte, do func(fields, additional map[string]any)) []byte {
	var w map[string]any
	if decode(body, &w) != nil {
		return body
	}
	list, _ := w["notificationItems"].([]any)
	for _, one := range list {
		holder, _ := one.(map[string]any)
		fields, ok := holder["NotificationRequestItem"].(map[string]any)
		if !ok {
			return body
		}
		additional, ok := fields["additionalData"].(map[string]any)
		if !ok {
			additional = map[string]any{}
			fields["additionalData"] = additional
		}
		do(fields, additional)
	}
	out, err := json.Marshal(w)
	if err != nil || len(list) == 0 {
		return body
	}
	return out
}

// signature is the HMAC over an item's fields, as Adyen's page describes it.
func signature(secret string, fields map[string]any) string {
	key, err := hex.DecodeString(secret)
	if err != nil {
		key = []byte(secret)
	}
	amount, _ := fields["amount"].(map[string]any)
	var parts []string
	for _, v := range []any{fields["pspReference"], fields["originalReference"], fields["merchantAccountCode"], fields["merchantReference"],
		amount["value"], amount["currency"], fields["eventCode"], fields["success"]} {
		text := ""
		if v != nil {
			text = fmt.Sprint(v)
		}
		parts = append(parts, strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(text))
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(strings.Join(parts, ":")))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// Webhooks are the bodies of those that have left, oldest first; link keeps
// those of one link, unless it is empty.
func (s *Server) Webhooks(link string) (bodies [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	left := slices.Clone(s.hooks)
	slices.SortStableFunc(left, func(a, b *hook) int { return a.due.Compare(b.due) })
	for _, h := range left {
		if !h.due.After(now) && (link == "" || h.link == link) {
			bodies = append(bodies, h.body)
		}
	}
	return bodies
}

// Run delivers webhooks until ctx ends. One that isn't accepted comes again.
func (s *Server) Run(ctx context.Context) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, h := range s.due() {
				ok := s.post(ctx, h.body)
				s.mu.Lock()
				h.tries++
				h.done = ok
				h.due = time.Now().Add(min(time.Duration(h.tries)*10*time.Second, 10*time.Minute))
				s.mu.Unlock()
			}
		}
	}
}

func (s *Server) due() (list []*hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	for _, h := range s.hooks {
		if s.opt.HookURL != "" && !h.done && !h.due.After(now) {
			list = append(list, h)
		}
	}
	return list
}

// post sends a webhook, and tells whether it was accepted in Adyen's word.
func (s *Server) post(ctx context.Context, body []byte) bool {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opt.HookURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	if s.opt.User != "" || s.opt.Password != "" {
		r.SetBasicAuth(s.opt.User, s.opt.Password)
	}
	client := s.opt.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	return res.StatusCode/100 == 2 && string(said) == "[accepted]"
}
