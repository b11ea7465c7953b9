package sms_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"countersign/daemon/notify"
	"countersign/daemon/notify/notifytest"
	"countersign/daemon/notify/sms"
)

// gateway is a carrier of text messages, over loopback.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	after  string // what it does once it has the next message
	got    []string
	gone   chan struct{}
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	status, after := g.next(r.FormValue("Body"), user == "salon" && password == notifytest.Secret && r.FormValue("From") == "Salon")
	switch {
	case after == "hang up":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		return
	case after == "silent":
		<-g.gone
		return
	}
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"code": 21211, "message": "Invalid 'To' number"}`))
}

func (g *gateway) next(body string, known bool) (status int, after string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	status, after = g.status, g.after
	g.status, g.after = http.StatusCreated, ""
	if !known {
		return http.StatusUnauthorized, ""
	}
	if status == http.StatusCreated {
		g.got = append(g.got, body)
	}
	return status, after
}

func (g *gateway) mood(status int, after string) func() {
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.status, g.after = status, after
	}
}

func (g *gateway) texts() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got
}

func open(t *testing.T) (*gateway, *sms.Sender) {
	g := &gateway{status: http.StatusCreated, gone: make(chan struct{})}
	g.Server = httptest.NewServer(g)
	t.Cleanup(func() { close(g.gone); g.Close() })
	s, err := sms.New(sms.Config{URL: g.URL + "/send", User: "salon", Password: notifytest.Secret, From: "Salon"})
	if err != nil {
		t.Fatal(err)
	}
	return g, s
}

// R26: what every sender does.
func TestR26Sender(t *testing.T) {
	notifytest.Run(t, func(t *testing.T) notifytest.Rig {
		g, s := open(t)
		return notifytest.Rig{Sender: s, To: "+36201234567", Bad: "1234", Got: g.texts,
			Refuse: g.mood(http.StatusBadRequest, ""), Busy: g.mood(http.StatusTooManyRequests, ""), Lock: g.mood(http.StatusForbidden, ""),
			HangUp: g.mood(http.StatusCreated, "hang up"), Silent: g.mood(http.StatusCreated, "silent"),
			Down: func() { g.Listener.Close(); g.CloseClientConnections() }}
	})
}

// R26: what an answer of the gateway means; a redirect isn't followed, since
// the message would arrive there empty.
func TestR26Answers(t *testing.T) {
	for status, want := range map[int]notify.ErrorKind{
		200: 0, 202: 0, 302: notify.Unavailable, 307: notify.Unavailable, 400: notify.Refused, 401: notify.Unavailable, 404: notify.Unavailable,
		422: notify.Refused, 429: notify.Unavailable, 500: notify.Unclear, 502: notify.Unclear, 503: notify.Unavailable, 504: notify.Unclear,
	} {
		g, s := open(t)
		g.mood(status, "")()
		err := s.Send(t.Context(), notify.Message{To: "+36201234567", Text: "hello"})
		if got := notify.KindOf(err); got != want {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
		if status == 400 && !strings.Contains(notify.Reason(err), "Invalid 'To' number") {
			t.Error(err)
		}
	}
}

// A connection that breaks while the request is written is not begun anew by
// itself: the gateway may have read all of it.
func TestR26NothingIsRepeated(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	calls := make(chan int, 1)
	go func() {
		n := 0
		for {
			conn, err := l.Accept()
			if err != nil {
				calls <- n
				return
			}
			n++
			b := make([]byte, 1)
			_, _ = conn.Read(b)
			_ = conn.Close()
		}
	}()
	s, err := sms.New(sms.Config{URL: "http://" + l.Addr().String(), From: "Salon"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notify.Message{To: "+36201234567", Text: "hello"}); notify.KindOf(err) != notify.Unclear {
		t.Error(err)
	}
	l.Close()
	if n := <-calls; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// What can't work is said at the start.
func TestConfig(t *testing.T) {
	for _, c := range []sms.Config{{}, {URL: "sms.example.com", From: "x"}, {URL: "https://u:p@sms.example.com", From: "x"}, {URL: "https://sms.example.com"}} {
		if _, err := sms.New(c); err == nil {
			t.Errorf("%+v is let through", c)
		}
	}
}
