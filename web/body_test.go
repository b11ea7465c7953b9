package web_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/web"
)

// pipes is a listener whose connections are in memory, so that a whole server
// lives in a bubble of fake time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

// Accept returns the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listening.
func (p *pipes) Close() error { close(p.done); return nil }

// Addr names the listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// bubbled is a daemon behind a real server in fake time.
type bubbled struct {
	t     *testing.T
	d     *daemon.Daemon
	pipes *pipes
	token string
}

func inBubble(t *testing.T, test func(b *bubbled)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		off := false
		d, err := daemon.Open(daemon.Config{Data: dir, PublicURL: "http://pipe", Local: "http://pipe", Sandbox: &off, NoSync: true, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		b := &bubbled{t: t, d: d, pipes: &pipes{make(chan net.Conn), make(chan struct{})}}
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		handler := web.New(d, web.Options{Log: zerolog.Nop()})
		handler.(chi.Router).Post("/waits", waits)
		server := &http.Server{Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx }}
		running.Go(func() { _ = server.Serve(b.pipes) })
		running.Go(func() { _ = d.Run(ctx) })
		defer func() {
			cancel()
			_ = server.Close()
			running.Wait()
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}()
		b.token, err = d.Desk().CreateToken(access.System(), "test", access.All(), 0)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		test(b)
	})
}

// waits reads its body and answers a minute later, unless it is told before that
// the peer has gone.
func waits(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	select {
	case <-r.Context().Done():
		w.WriteHeader(http.StatusGone)
	case <-time.After(time.Minute):
		w.WriteHeader(http.StatusAccepted)
	}
}

// dial sends the beginning of a request.
func (b *bubbled) dial(begin string) net.Conn {
	b.t.Helper()
	ours, theirs := net.Pipe()
	b.pipes.conns <- theirs
	b.t.Cleanup(func() { _ = ours.Close() })
	if _, err := io.WriteString(ours, begin); err != nil {
		b.t.Fatal(err)
	}
	return ours
}

// ended reads until the server closes the connection, and tells what it said.
func ended(c net.Conn) (status string, after time.Duration) {
	begun := time.Now()
	said, _ := io.ReadAll(c)
	status, _, _ = strings.Cut(string(said), "\r\n")
	return status, time.Since(begun)
}

// R39: a peer that sends its body a byte now and then, or never, is cut off,
// whether anybody wants the body or not.
func TestR39SlowBodiesAreCutOff(t *testing.T) {
	inBubble(t, func(b *bubbled) {
		for _, at := range []string{"POST /hooks/sandbox", "POST /desk/signin", "POST /api/v1/visits", "PATCH /nowhere", "POST /display",
			"GET /healthz", "POST /p/aaaaaaaaaaaaaaaaaaaaaaaaaa/pay"} {
			from := ""
			if at == "POST /desk/signin" {
				from = "Sec-Fetch-Site: cross-site\r\n" // who is refused anyway waits no longer
			}
			for _, length := range []string{"Content-Length: 60000", "Transfer-Encoding: chunked"} {
				c := b.dial(at + " HTTP/1.1\r\nHost: pipe\r\nContent-Type: application/json\r\nAuthorization: Bearer " + b.token + "\r\n" + from +
					length + "\r\n\r\n")
				var dripping sync.WaitGroup
				dripping.Go(func() { // a byte a second keeps no connection
					drop := map[bool]string{true: "{", false: "1\r\n{\r\n"}[strings.HasPrefix(length, "Content")]
					for _, err := io.WriteString(c, drop); err == nil; _, err = io.WriteString(c, drop) {
						time.Sleep(time.Second)
					}
				})
				if status, after := ended(c); after > 30*time.Second {
					t.Errorf("%s, %s: %q after %v", at, length, status, after)
				}
				_ = c.Close()
				dripping.Wait()
			}
		}
	})
}

// What was too slow is said as such, to programs and to people.
func TestSlowBodiesAreToldSo(t *testing.T) {
	inBubble(t, func(b *bubbled) {
		for _, at := range []string{"/hooks/sandbox", "/desk/signin", "/api/v1/visits"} {
			c := b.dial("POST " + at + " HTTP/1.1\r\nHost: pipe\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer " +
				b.token + "\r\nContent-Length: 600\r\n\r\n{")
			if status, _ := ended(c); status != "HTTP/1.1 408 Request Timeout" {
				t.Errorf("%s: %q", at, status)
			}
		}
	})
}

// A request that has arrived may take as long as its answer needs: the body's
// deadline ends with the body, for this request and the next on its connection.
func TestWhatHasArrivedMayWait(t *testing.T) {
	inBubble(t, func(b *bubbled) {
		last, err := b.d.Desk().LastChange()
		if err != nil {
			t.Fatal(err)
		}
		head := " HTTP/1.1\r\nHost: pipe\r\nAuthorization: Bearer " + b.token + "\r\n"
		c := b.dial("POST /waits" + head + "Content-Length: 2\r\n\r\n{}")
		answers := bufio.NewReader(c)
		for _, x := range []struct {
			status int
			next   string
		}{
			{http.StatusAccepted, "GET /api/v1/events?wait=25&after=" + strconv.FormatUint(last+1, 10) + head + "\r\n"},
			{http.StatusOK, "POST /waits" + head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
			{http.StatusAccepted, ""},
		} {
			got, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatalf("before %q: %v", x.next, err)
			}
			if text, err := io.ReadAll(got.Body); err != nil || got.StatusCode != x.status {
				t.Fatalf("%d %s %v", got.StatusCode, text, err)
			}
			time.Sleep(time.Minute)
			if _, err := io.WriteString(c, x.next); err != nil {
				t.Fatal(err)
			}
		}
	})
}
