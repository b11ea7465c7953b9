package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"

	gomail "github.com/wneessen/go-mail"

	"countersign/daemon/notify"
)

// line is the one connection of a message. It is cut when the message's time is over, and hung up
// in any case: the library leaves it open when a greeting or a sign-in fails.
type line struct {
	ctx  context.Context
	cfg  Config
	conn net.Conn
	stop func() bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var err error
	if l.cfg.Security == TLS {
		l.conn, err = (&tls.Dialer{Config: l.cfg.TLS}).DialContext(ctx, network, address)
	} else {
		l.conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if err != nil {
		return nil, err
	}
	conn := l.conn
	l.stop = context.AfterFunc(l.ctx, func() { _ = conn.Close() })
	return conn, nil
}

func (l *line) hangUp() {
	if l.stop != nil {
		l.stop()
		_ = l.conn.Close() // what was to be said was said
	}
}

// notConnected says why no message was begun. Whatever it is may be mended within the day.
func notConnected(err error) error {
	why := "the mail server can't be reached"
	var certificate *tls.CertificateVerificationError
	var answer interface{ Timeout() bool }
	switch {
	case errors.As(err, &certificate):
		why = "the mail server's certificate is not good"
	case errors.As(err, &answer) && answer.Timeout() || errors.Is(err, context.DeadlineExceeded):
		why = "the mail server doesn't answer"
	case !isNetwork(err):
		why = "the mail server didn't let us in"
	}
	return &notify.Error{Kind: notify.Unavailable, Text: why, Cause: err}
}

func isNetwork(err error) bool {
	var network *net.OpError
	return errors.As(err, &network)
}

// judged says what a message that wasn't taken means: see the package comment.
func judged(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return &notify.Error{Kind: notify.Unclear, Text: "the mail server's answer was not understood", Cause: err}
	}
	code := failed.ErrorCode()
	out := &notify.Error{Kind: notify.Unavailable, Text: "the mail server broke off", Cause: err}
	switch {
	case code >= 500:
		out.Kind, out.Text = notify.Refused, refusal(failed.Reason)+", with "+strconv.Itoa(code)
	case code >= 400:
		out.Text = "the mail server asked to come back later, with " + strconv.Itoa(code)
	case failed.Reason == gomail.ErrSMTPDataClose || failed.Reason == gomail.ErrWriteContent:
		// Also while the text is written: saying goodbye ends it, as if that had been all.
		out.Kind, out.Text = notify.Unclear, "the mail server broke off before it said whether it has the message"
	}
	return out
}

func refusal(at gomail.SendErrReason) string {
	switch at {
	case gomail.ErrSMTPRcptTo:
		return "the mail server refused the address"
	case gomail.ErrSMTPMailFrom:
		return "the mail server refused the sender"
	}
	return "the mail server refused the message"
}
