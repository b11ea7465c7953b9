package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTellManager hears what systemd would.
func TestTellManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	tellManager("READY=1")
	heard := make([]byte, 64)
	n, err := l.Read(heard)
	if err != nil || string(heard[:n]) != "READY=1" {
		t.Errorf("heard %q, %v", heard[:n], err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	tellManager("READY=1") // nobody listens, and nothing happens
}

// TestWatchdog is petted while the daemon answers, and not when it doesn't.
func TestWatchdog(t *testing.T) {
	well := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer well.Close()
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer ill.Close()
	client := &http.Client{}
	if !answers(t.Context(), client, well.URL) {
		t.Error("a daemon that answers was taken for one that doesn't")
	}
	if answers(t.Context(), client, ill.URL) {
		t.Error("503 was taken for an answer")
	}
	well.Close()
	if answers(t.Context(), client, well.URL) {
		t.Error("a closed port was taken for an answer")
	}
}

// TestStop: the answer under way is finished, who only waits for news is sent
// home, and nobody holds the stop up for longer than it may take.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waiting, stopAnswers := context.WithCancel(t.Context())
		defer stopAnswers()
		mux := http.NewServeMux()
		mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(time.Second)
			io.WriteString(w, "done")
		})
		mux.HandleFunc("/news", func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			io.WriteString(w, "come back")
		})
		mux.HandleFunc("/stuck", func(http.ResponseWriter, *http.Request) { <-t.Context().Done() })
		p := newPipes()
		front := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return waiting }}
		go front.Serve(p)

		busy, news := p.get("/busy"), p.get("/news")
		p.get("/stuck")
		synctest.Wait()
		began := time.Now()
		stop(front, &http.Server{}, stopAnswers)
		if took := time.Since(began); took > stopWithin+time.Second {
			t.Errorf("took %v", took)
		}
		if got := <-busy; !strings.HasSuffix(got, "done") {
			t.Errorf("the answer under way was cut off: %q", got)
		}
		if got := <-news; !strings.HasSuffix(got, "come back") {
			t.Errorf("who waits for news was cut off: %q", got)
		}
	})
}

// pipes is a listener without a network, so that it can be in a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

// Accept takes the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close is called once, by Shutdown.
func (p *pipes) Close() error { close(p.closed); return nil }

// Addr is nowhere.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// get asks for a path and returns where the raw answer comes.
func (p *pipes) get(path string) <-chan string {
	client, server := net.Pipe()
	answer := make(chan string, 1)
	go func() {
		p.conns <- server
		io.WriteString(client, "GET "+path+" HTTP/1.0\r\n\r\n")
		got, _ := io.ReadAll(client)
		answer <- string(got)
	}()
	return answer
}
