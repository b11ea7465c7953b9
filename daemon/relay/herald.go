package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/webhook"
)

// heraldsTogether is how many receivers are told something at once: as many as
// there can be, so that those that hang hold up no other.
const heraldsTogether = 20

// answerLimit is how much of a receiver's answer is read, in bytes. None of it
// is kept: it is read so that the connection can be used again.
const answerLimit = 64 << 10

// longestWish is the longest Retry-After that is believed.
const longestWish = 24 * time.Hour

// Herald tells other software of events.
type Herald struct {
	desk    *desk.Desk
	client  *http.Client
	secrets func(id.Subscriber) ([]string, error)
	log     zerolog.Logger
}

// NewHerald returns a Herald for a Desk. secrets are what a subscriber's
// messages are signed with, the newest first.
func NewHerald(d *desk.Desk, client *http.Client, secrets func(id.Subscriber) ([]string, error), log zerolog.Logger) *Herald {
	return &Herald{desk: d, client: client, secrets: secrets, log: log}
}

// Run sends messages as they fall due, until ctx ends; it returns once the last
// one has stored its result.
func (h *Herald) Run(ctx context.Context) error {
	return loop{log: h.log, together: heraldsTogether, changed: h.desk.Changed,
		due: func(int) ([]task, time.Time, error) {
			due, next, err := h.desk.DueFeeds()
			list := make([]task, len(due))
			for i, s := range due {
				list[i] = task{id: string(s)}
			}
			return list, next, err
		},
		take: func(feed string) (func(context.Context) error, error) {
			out, ok, err := h.desk.TakeMessage(id.Subscriber(feed), retryTime)
			if err != nil || !ok {
				return nil, err
			}
			return func(call context.Context) error { return h.send(ctx, call, out) }, nil
		}}.run(ctx)
}

// send makes one attempt. The log has neither address nor answer: either may
// hold what is secret of the receiver's.
func (h *Herald) send(running, call context.Context, out desk.Outbound) error {
	answer := h.post(call, out)
	if answer.Outcome != desk.OutcomeDelivered && running.Err() != nil {
		return nil // it was cut off by the end of the daemon, and is tried again after it
	}
	if answer.Outcome != desk.OutcomeDelivered {
		h.log.Warn().Str("receiver", string(out.Subscriber.ID)).Str("message", out.Message.ID).Str("outcome", string(answer.Outcome)).
			Int("status", answer.Status).Msg("message to other software not delivered")
	}
	return h.desk.MessageEnded(out.Subscriber.ID, out.Message.ID, answer, pace)
}

func (h *Herald) post(ctx context.Context, out desk.Outbound) desk.Answer {
	secrets, err := h.secrets(out.Subscriber.ID)
	if err != nil {
		return desk.Answer{Outcome: desk.OutcomeNoSecret}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, out.Subscriber.URL, bytes.NewReader(out.Body))
	if err != nil {
		return desk.Answer{Outcome: desk.OutcomeUnreachable}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Countersign")
	if err := webhook.Sign(r.Header, out.Message.ID, time.Now(), out.Body, secrets...); err != nil {
		return desk.Answer{Outcome: desk.OutcomeNoSecret}
	}
	res, err := h.client.Do(r)
	if err != nil {
		return desk.Answer{Outcome: unanswered(err)}
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, answerLimit))
	return answered(res)
}

// answered is what a status means.
func answered(res *http.Response) desk.Answer {
	a := desk.Answer{Outcome: desk.OutcomeStatus, Status: res.StatusCode, RetryAfter: wanted(res.Header, time.Now())}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return desk.Answer{Outcome: desk.OutcomeDelivered}
	case res.StatusCode >= 300 && res.StatusCode < 400:
		a.Outcome = desk.OutcomeRedirect
	case res.StatusCode == http.StatusGone:
		a.Outcome = desk.OutcomeGone
	}
	return a
}

// unanswered is why there was no answer, as far as staff can do something about it.
func unanswered(err error) desk.Outcome {
	var late net.Error
	switch {
	case errors.Is(err, webhook.ErrPrivate):
		return desk.OutcomePrivate
	case errors.As(err, new(*net.DNSError)):
		return desk.OutcomeUnknownHost
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(tls.RecordHeaderError)):
		return desk.OutcomeCertificate
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return desk.OutcomeTimeout
	}
	return desk.OutcomeUnreachable
}

// wanted reads Retry-After, in seconds or as a date.
func wanted(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(longestWish/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longestWish)
	}
	return 0
}

// pace is how long a receiver is left alone after a number of failures in a
// row: five seconds, growing to an hour, with jitter.
func pace(failures int) time.Duration {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.MaxInterval = 5*time.Second, 2, time.Hour
	d := b.InitialInterval
	for range min(failures, 15) {
		d = b.NextBackOff()
	}
	return min(d, time.Hour)
}
