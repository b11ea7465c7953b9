package providertest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
)

// OddHeader marks answers of stand-ins that are meant not to be as the company
// describes them.
const OddHeader = "Standin-Odd"

// Serve runs a handler behind a real HTTP server on connections in memory,
// and returns the way to it. Unlike sockets, these connections let a synctest
// bubble see that everybody waits. All ends with the test.
func Serve(t testing.TB, h http.Handler) http.RoundTripper {
	t.Helper()
	l := &listener{dials: make(chan net.Conn), done: make(chan struct{})}
	var running, conns sync.WaitGroup
	srv := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	// net/http's Close does not wait for a connection that is on its way out.
	srv.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			conns.Add(1)
		case http.StateClosed, http.StateHijacked:
			conns.Done()
		}
	}
	running.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ended: %v", err)
		}
	})
	tr := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		if err := srv.Close(); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		running.Wait()
		conns.Wait()
	})
	return tr
}

// listener hands one end of a pipe to the server for each dial.
type listener struct {
	dials chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.dials <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next dial.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.dials:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close refuses all further dials.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr is a name, since a pipe has no address.
func (l *listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "pipe" }
func (addr) String() string  { return "pipe" }
