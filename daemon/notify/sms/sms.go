// Package sms sends text messages through a gateway that takes one form: To, From and Body, with a
// name and a password, as Twilio's does and many others do.
package sms

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"countersign/daemon/notify"
)

const (
	sendTime   = 14 * time.Second
	mostAnswer = 64 << 10
	mostReason = 160
)

// Config is the gateway's account.
type Config struct {
	URL      string
	User     string
	Password string
	From     string // a number, or the name that a phone shows
	// HTTP carries the requests; nil is a client of our own.
	HTTP http.RoundTripper
}

// Sender sends by one account.
type Sender struct {
	cfg  Config
	http *http.Client
}

// New checks the account, without asking the gateway.
func New(cfg Config) (*Sender, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, errors.New(`sms: url must be an address such as "https://sms.example.com/send"`)
	case u.User != nil:
		return nil, errors.New("sms: the name and the password don't belong into url")
	case cfg.From == "":
		return nil, errors.New("sms: from is missing: a number, or the name that a phone shows")
	}
	if cfg.HTTP == nil {
		// A connection that was kept may be closed by now: a request that is written to it is lost,
		// and nobody could say that it wasn't read.
		cfg.HTTP = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second}
	}
	return &Sender{cfg: cfg, http: &http.Client{Transport: cfg.HTTP, Timeout: sendTime,
		// A form that is led elsewhere arrives there empty.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Channel is notify.SMS.
func (s *Sender) Channel() notify.Channel { return notify.SMS }

// Send hands one message to the gateway. It carries no Idempotency-Key: few gateways know one, and
// with it Go's client would repeat the request by itself when a connection breaks.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	if !strings.HasPrefix(m.To, "+") {
		return notify.Errorf(notify.Refused, "that is no telephone number with its country's code")
	}
	var begun atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaderField: func(string, []string) { begun.Store(true) }})
	form := url.Values{"To": {m.To}, "From": {s.cfg.From}, "Body": {m.Text}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return &notify.Error{Kind: notify.Unavailable, Text: "the gateway is not set up right", Cause: err}
	}
	req.GetBody = nil // nothing is sent twice
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.cfg.User != "" {
		req.SetBasicAuth(s.cfg.User, s.cfg.Password)
	}
	answer, err := s.http.Do(req)
	switch {
	case err != nil && begun.Load():
		return &notify.Error{Kind: notify.Unclear, Text: "the gateway didn't say whether it has the message", Cause: err}
	case err != nil:
		return &notify.Error{Kind: notify.Unavailable, Text: "the gateway can't be reached", Cause: err}
	}
	defer answer.Body.Close()
	return judged(answer)
}

// judged reads the gateway's answer. What goes wrong behind a gateway may have gone out before.
func judged(answer *http.Response) error {
	status, said := answer.StatusCode, reason(answer.Body)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return notify.Errorf(notify.Refused, "the gateway refused the message%s", said)
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return notify.Errorf(notify.Unavailable, "the gateway asked to come back later, with %d", status)
	case status >= 500 || status < 300:
		return notify.Errorf(notify.Unclear, "the gateway failed with %d", status)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return notify.Errorf(notify.Unavailable, "the gateway didn't let us sign in, with %d", status)
	}
	return notify.Errorf(notify.Unavailable, "the gateway takes no messages at this address, with %d", status)
}

// reason is what the gateway said, as Twilio and its like do, ready to append; "" if it is for
// nobody to read.
func reason(body io.Reader) string {
	var said struct{ Message string }
	if err := json.NewDecoder(io.LimitReader(body, mostAnswer)).Decode(&said); err != nil || said.Message == "" {
		return ""
	}
	text := []rune(strings.Join(strings.Fields(said.Message), " "))
	return ": " + strconv.Quote(string(text[:min(len(text), mostReason)]))
}
