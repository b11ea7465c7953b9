// Package email sends messages by SMTP, through the mail server that the location has anyway.
//
// SMTP says at every step but one whether the server has the message: until the end of its text
// was sent it hasn't, and after the server's answer to that it is settled. Only an answer that is
// lost in between leaves it unclear.
package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"countersign/daemon/notify"
)

// How the connection is secured. Without a name it is StartTLS.
const (
	StartTLS = "starttls" // asked for after a greeting in the clear, and insisted on
	TLS      = "tls"      // from the first byte
	Plain    = "none"     // never; only for a server on this computer
)

// sendTime bounds one message, all of it.
const sendTime = 14 * time.Second

// Config is the account that sends.
type Config struct {
	Host     string
	Port     int // 0 is the usual one: 587, or 465 with TLS
	User     string
	Password string
	From     string // "Salon Szőke <hello@example.com>"
	Security string
	// TLS is for tests, whose server has no certificate that anybody knows.
	TLS *tls.Config
}

// Sender sends by one account. It connects for each message: a salon sends a few in an hour.
type Sender struct{ cfg Config }

// New checks the account, without asking the server.
func New(cfg Config) (*Sender, error) {
	if cfg.Security == "" {
		cfg.Security = StartTLS
	}
	if cfg.Port == 0 {
		cfg.Port = map[string]int{TLS: 465, StartTLS: 587, Plain: 25}[cfg.Security]
	}
	switch {
	case cfg.Host == "":
		return nil, errors.New("email: the host is missing")
	case cfg.Security != StartTLS && cfg.Security != TLS && cfg.Security != Plain:
		return nil, fmt.Errorf("email: security must be starttls, tls or none, not %q", cfg.Security)
	case cfg.Port < 1 || cfg.Port > 65535:
		return nil, errors.New("email: the port must be between 1 and 65535")
	case cfg.Security == Plain && cfg.User != "" && !here(cfg.Host):
		return nil, errors.New("email: a password is never sent in the clear: security must be starttls or tls")
	}
	if _, err := mail.ParseAddress(cfg.From); err != nil {
		return nil, errors.New(`email: from must be an address, as in "Salon <hello@example.com>"`)
	}
	if cfg.TLS == nil {
		cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if cfg.TLS.ServerName == "" {
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.ServerName = cfg.Host
	}
	return &Sender{cfg: cfg}, nil
}

// here tells whether a host is this computer.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Channel is notify.Email.
func (s *Sender) Channel() notify.Channel { return notify.Email }

// Send hands one message to the server.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	letter, err := s.letter(m)
	if err != nil {
		return err
	}
	line := &line{ctx: ctx, cfg: s.cfg}
	defer line.hangUp()
	account, err := gomail.NewClient(s.cfg.Host, s.options(line)...)
	if err != nil {
		return &notify.Error{Kind: notify.Unavailable, Text: "the mail account is not set up right", Cause: err}
	}
	server, err := account.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return notConnected(err)
	}
	err = account.SendWithSMTPClient(server, letter)
	if letter.IsDelivered() {
		// The server has it; what went wrong in saying goodbye is no matter.
		_ = account.CloseWithSMTPClient(server)
		return nil
	}
	return judged(err)
}

// letter is a message as SMTP wants it. What can't be one never will be.
func (s *Sender) letter(m notify.Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := letter.From(s.cfg.From); err != nil {
		return nil, &notify.Error{Kind: notify.Unavailable, Text: "the sender's address is not set up right", Cause: err}
	}
	if err := letter.To(m.To); err != nil || strings.ContainsAny(m.To, "\r\n,;<>") {
		return nil, &notify.Error{Kind: notify.Refused, Text: "that is no email address", Cause: err}
	}
	letter.Subject(strings.Join(strings.Fields(m.Subject), " "))
	letter.SetDate()
	// The same name for a message that is tried again: a mailbox that got both shows one.
	letter.SetMessageIDWithValue(m.Key + "@" + domain(s.cfg.From))
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Language != "" {
		letter.SetGenHeader("Content-Language", m.Language)
	}
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return letter, nil
}

func domain(from string) string {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return "localhost"
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

func (s *Sender) options(l *line) []gomail.Option {
	options := []gomail.Option{gomail.WithPort(s.cfg.Port), gomail.WithTimeout(sendTime), gomail.WithTLSConfig(s.cfg.TLS),
		gomail.WithDialContextFunc(l.dial), gomail.WithTLSPolicy(gomail.NoTLS)}
	if s.cfg.Security == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.cfg.User == "" {
		return options
	}
	method := gomail.SMTPAuthAutoDiscover
	if s.cfg.Security != StartTLS {
		// The library sees no TLS on a connection that isn't its own, and a server on this
		// computer needs none.
		method = gomail.SMTPAuthPlainNoEnc
	}
	return append(options, gomail.WithSMTPAuth(method), gomail.WithUsername(s.cfg.User), gomail.WithPassword(s.cfg.Password))
}
