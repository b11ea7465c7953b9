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
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider/providertest"
)

// item is one thing to tell. Its reference is the payment's when empty.
type item struct {
	id, original, code, reference, reason, currency string
	success                                         bool
	amount                                          int64
	payment                                         *payment
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
	if last := s.mail.Last(); s.faults.Disorder && last != nil && s.dice.IntN(3) == 0 {
		items = append(items, itemsOf(last)...)
	}
	var dice *rand.Rand
	if s.faults.Disorder {
		dice = s.dice
	}
	body := s.sign(map[string]any{"live": strconv.FormatBool(s.opt.Live), "notificationItems": items})
	s.mail.Put(it.payment.link, body, at.Add(s.faults.Delay), dice)
}

func itemsOf(body []byte) []any {
	var w map[string]any
	if err := decode(body, &w); err != nil {
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
func (s *Server) Webhooks(link string) [][]byte {
	s.pass()
	return s.mail.Left(link, time.Now())
}

// Run delivers webhooks until ctx ends. One that isn't accepted, in Adyen's
// word, comes again.
func (s *Server) Run(ctx context.Context) {
	if s.opt.HookURL == "" {
		return
	}
	s.mail.Deliver(ctx, s.pass, func(ctx context.Context, body []byte) bool {
		header := http.Header{}
		if s.opt.User != "" || s.opt.Password != "" {
			header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.opt.User+":"+s.opt.Password)))
		}
		said, ok := providertest.Post(ctx, s.opt.HTTP, s.opt.HookURL, header, body)
		return ok && said == "[accepted]"
	})
}

// pass lets happen what has been due until now.
func (s *Server) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
}
