package email_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"countersign/daemon/notify"
	"countersign/daemon/notify/email"
	"countersign/daemon/notify/notifytest"
)

// post is a mail server on loopback, with a certificate of its own.
type post struct {
	t        *testing.T
	server   *smtp.Server
	listener net.Listener
	at       *net.TCPAddr
	trust    *tls.Config
	gone     chan struct{}
	mu       sync.Mutex
	mood     string
	got      []string // as they arrived
}

func newPost(t *testing.T, security string) *post {
	t.Helper()
	house := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(house.Close)
	roots := x509.NewCertPool()
	roots.AddCert(house.Certificate())
	p := &post{t: t, trust: &tls.Config{RootCAs: roots}, gone: make(chan struct{})}
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.AllowInsecureAuth = "mail.test", security == email.Plain
	own := &tls.Config{Certificates: house.TLS.Certificates}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.at = l.Addr().(*net.TCPAddr)
	switch security {
	case email.StartTLS:
		p.server.TLSConfig = own
	case email.TLS:
		l = tls.NewListener(l, own)
	}
	p.listener = l
	var serving sync.WaitGroup
	serving.Go(func() { _ = p.server.Serve(l) })
	t.Cleanup(func() { close(p.gone); _ = l.Close(); _ = p.server.Close(); serving.Wait() })
	return p
}

func (p *post) set(mood string) func() {
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.mood = mood
	}
}

// in is the mood for one step; it is over once it showed.
func (p *post) in(mood string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mood != mood {
		return false
	}
	p.mood = ""
	return true
}

func (p *post) letters() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got
}

// texts are the plain parts of what arrived.
func (p *post) texts() (all []string) {
	for _, raw := range p.letters() {
		all = append(all, plainPart(p.t, raw))
	}
	return all
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{post: p, conn: c}, nil }

type session struct {
	post *post
	conn *smtp.Conn
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.post.in("locked") || user != "salon" || password != notifytest.Secret {
			return errors.New("no")
		}
		return nil
	}), nil
}
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case s.post.in("refuse"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user " + to}
	case s.post.in("busy"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.post.in("cut") {
		return s.conn.Conn().Close()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.in("refuse text") {
		return &smtp.SMTPError{Code: 554, Message: "looks like spam"}
	}
	if s.post.in("busy after") {
		return &smtp.SMTPError{Code: 452, Message: "disk full"}
	}
	s.post.mu.Lock()
	s.post.got = append(s.post.got, string(raw))
	s.post.mu.Unlock()
	switch {
	case s.post.in("hang up"):
		return s.conn.Conn().Close()
	case s.post.in("silent"):
		<-s.post.gone
	}
	return nil
}

func plainPart(t *testing.T, raw string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	body, encoding := m.Body, m.Header.Get("Content-Transfer-Encoding")
	if kind, with, _ := mime.ParseMediaType(m.Header.Get("Content-Type")); strings.HasPrefix(kind, "multipart/") {
		part, err := multipart.NewReader(body, with["boundary"]).NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, encoding = part, part.Header.Get("Content-Transfer-Encoding")
	}
	if encoding == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func (p *post) sender(security string, change func(*email.Config)) *email.Sender {
	p.t.Helper()
	c := email.Config{Host: "127.0.0.1", Port: p.at.Port, User: "salon", Password: notifytest.Secret,
		From: "Szőke & Söhne <salon@example.com>", Security: security, TLS: p.trust}
	if change != nil {
		change(&c)
	}
	s, err := email.New(c)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// R26: what every sender does, in every kind of connection.
func TestR26Sender(t *testing.T) {
	for _, security := range []string{email.StartTLS, email.TLS, email.Plain} {
		t.Run(security, func(t *testing.T) {
			notifytest.Run(t, func(t *testing.T) notifytest.Rig {
				p := newPost(t, security)
				return notifytest.Rig{Sender: p.sender(security, nil), To: "anna@example.com", Bad: "anna@", Got: p.texts,
					Refuse: p.set("refuse"), Busy: p.set("busy"), Lock: p.set("locked"), HangUp: p.set("hang up"), Silent: p.set("silent"),
					Down: func() { _ = p.listener.Close() }}
			})
		})
	}
}

// R26: the server's word on the text, and a line that is cut in the middle of it.
func TestR26AfterTheText(t *testing.T) {
	for mood, want := range map[string]notify.ErrorKind{"refuse text": notify.Refused, "busy after": notify.Unavailable, "cut": notify.Unclear} {
		p := newPost(t, email.StartTLS)
		p.set(mood)()
		err := p.sender(email.StartTLS, nil).Send(t.Context(), notify.Message{Key: "n_1", To: "anna@example.com", Subject: "x", Text: strings.Repeat("long ", 100_000)})
		if notify.KindOf(err) != want || len(p.letters()) > 0 {
			t.Errorf("%s: %v, want %v", mood, err, want)
		}
	}
}

// R39: the password is sent to nobody but the server that was named, over a
// connection that nobody else reads.
func TestR39PasswordStaysSafe(t *testing.T) {
	plain := newPost(t, email.Plain)
	letter := notify.Message{Key: "n_1", To: "anna@example.com", Subject: "x", Text: "y"}
	if err := plain.sender(email.StartTLS, nil).Send(t.Context(), letter); notify.KindOf(err) != notify.Unavailable {
		t.Errorf("a server without TLS: %v", err)
	}
	secure := newPost(t, email.StartTLS)
	stranger := secure.sender(email.StartTLS, func(c *email.Config) { c.TLS = nil })
	if err := stranger.Send(t.Context(), letter); notify.KindOf(err) != notify.Unavailable || !strings.Contains(notify.Reason(err), "certificate") {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
	if n := len(plain.letters()) + len(secure.letters()); n > 0 {
		t.Errorf("%d letters sent", n)
	}
}

// R24: what a letter is made of. Nothing in it is a header that we didn't write.
func TestR24Letter(t *testing.T) {
	p := newPost(t, email.Plain)
	m := notify.Message{Key: "n_7", To: "anna@example.com", Language: "de", Subject: "Beleg\r\nBcc: all@example.com", Text: "Guten Tag", HTML: "<p>Guten Tag</p>"}
	if err := p.sender(email.Plain, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(p.letters()[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	from, err := got.Header.AddressList("From")
	if err != nil || from[0].Name != "Szőke & Söhne" || subject != "Beleg Bcc: all@example.com" || got.Header.Get("Bcc") != "" ||
		got.Header.Get("Message-Id") != "<n_7@example.com>" || got.Header.Get("Content-Language") != "de" || got.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%v %v", got.Header, err)
	}
	if !strings.HasPrefix(got.Header.Get("Content-Type"), "multipart/alternative") {
		t.Error(got.Header.Get("Content-Type"))
	}
}

// What can't work is said at the start.
func TestConfig(t *testing.T) {
	good := email.Config{Host: "mail.example.com", From: "salon@example.com"}
	for name, change := range map[string]func(*email.Config){
		"no host": func(c *email.Config) { c.Host = "" }, "no sender": func(c *email.Config) { c.From = "salon" }, "port": func(c *email.Config) { c.Port = 70000 },
		"security": func(c *email.Config) { c.Security = "ssl" }, "in the clear": func(c *email.Config) { c.Security, c.User = email.Plain, "salon" },
	} {
		c := good
		change(&c)
		if _, err := email.New(c); err == nil {
			t.Errorf("%s is let through", name)
		}
	}
	if _, err := email.New(good); err != nil {
		t.Error(err)
	}
}
