package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"countersign/daemon/notify"
	"countersign/daemon/notify/email"
	"countersign/daemon/notify/sms"
)

// sending is what the sections email and sms say. Passwords are in files of
// their own, so that this one can be shown to whoever helps.
type sending struct {
	Email         email.Config
	EmailPassword string
	SMS           sms.Config
	SMSPassword   string
}

// sendingKeys are the settings of the two sections.
func sendingKeys() []key {
	return []key{
		{"email.host", `"mail.example.com"`, "The mail server that receipts are sent through. Without a host no mail is sent.", setText(func(s *settings) *string { return &s.Sending.Email.Host })},
		{"email.port", "587", "Its port; if it isn't given, the usual one.", setPort},
		{"email.user", `"salon@example.com"`, "The account to sign in with, if the server wants one.", setText(func(s *settings) *string { return &s.Sending.Email.User })},
		{"email.password_file", `"/etc/countersign/email.password"`, "A file with the account's password and nothing else, which only the daemon's\nuser may read.", setText(func(s *settings) *string { return &s.Sending.EmailPassword })},
		{"email.from", `"Salon <salon@example.com>"`, "Who the mail is from.", setText(func(s *settings) *string { return &s.Sending.Email.From })},
		{"email.security", `"starttls"`, "starttls, tls, or none for a server on this computer.", setSecurity},
		{"sms.url", `"https://sms.example.com/send"`, "The gateway that text messages are sent through: it takes a form with To, From\nand Body, as Twilio's does. Without it no text messages are sent.", setText(func(s *settings) *string { return &s.Sending.SMS.URL })},
		{"sms.user", `"AC123"`, "The account to sign in with.", setText(func(s *settings) *string { return &s.Sending.SMS.User })},
		{"sms.password_file", `"/etc/countersign/sms.password"`, "A file with the account's password, as above.", setText(func(s *settings) *string { return &s.Sending.SMSPassword })},
		{"sms.from", `"+36201234567"`, "The number that they are from, or the name that phones show.", setText(func(s *settings) *string { return &s.Sending.SMS.From })},
	}
}

func setText(of func(*settings) *string) func(*settings, any) error {
	return func(s *settings, value any) error {
		text, ok := value.(string)
		if !ok || strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\r\n") {
			return fmt.Errorf("must be a text, not %v", value)
		}
		*of(s) = text
		return nil
	}
}

func setPort(s *settings, value any) error {
	port, ok := value.(int64)
	if !ok || port < 1 || port > 65535 {
		return fmt.Errorf("must be a port, such as 587, not %v", value)
	}
	s.Sending.Email.Port = int(port)
	return nil
}

func setSecurity(s *settings, value any) error {
	text, _ := value.(string)
	if !slices.Contains([]string{email.StartTLS, email.TLS, email.Plain}, text) {
		return fmt.Errorf("must be starttls, tls or none, not %v", value)
	}
	s.Sending.Email.Security = text
	return nil
}

// senders are the channels that are set up.
func (s settings) senders() (on []notify.Sender, err error) {
	var faults []error
	if c := s.Sending.Email; c.Host != "" {
		c.Password, err = s.secret(s.Sending.EmailPassword)
		mail, wrong := email.New(c)
		faults, on = append(faults, err, wrong), append(on, mail)
	}
	if c := s.Sending.SMS; c.URL != "" {
		c.Password, err = s.secret(s.Sending.SMSPassword)
		text, wrong := sms.New(c)
		faults, on = append(faults, err, wrong), append(on, text)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("the settings in %s: %w", s.File, err)
	}
	return on, nil
}

// secret reads a password. What everybody on this computer may read is none.
func (s settings) secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(s.File), path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("the password can't be read: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("everybody may read the password in %s: chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the password can't be read: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
