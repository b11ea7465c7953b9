package webhook

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
)

// oracle is a name server whose answer changes each time it is asked.
type oracle struct {
	mu      sync.Mutex
	answers []netip.Addr
	asked   int
}

// dial connects a resolver with it, over a pipe: as TCP does, each message
// follows its length.
func (o *oracle) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		for {
			head := make([]byte, 2)
			if _, err := far.Read(head); err != nil {
				return
			}
			q := make([]byte, binary.BigEndian.Uint16(head))
			if _, err := far.Read(q); err != nil {
				return
			}
			a := o.answer(q)
			if _, err := far.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)); err != nil {
				return
			}
		}
	}()
	return near, nil
}

// answer is the message that answers a question: an address for A, and nothing
// for any other type.
func (o *oracle) answer(q []byte) []byte {
	end := 12
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	end += 5 // the root's length, type and class
	a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	if binary.BigEndian.Uint16(q[end-4:]) != 1 {
		return a
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	at := o.answers[min(o.asked, len(o.answers)-1)].As4()
	o.asked++
	a[7] = 1
	a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(a, at[:]...)
}

// R39: a name that is public when it is looked up first and private afterwards
// is refused when it is dialled, and so are addresses and redirects to them.
func TestRebindingReachesNobody(t *testing.T) {
	reached := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	for _, private := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"} {
		names := &oracle{answers: []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr(private)}}
		dialer := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: names.dial}}
		first, err := dialer.Resolver.LookupNetIP(t.Context(), "ip4", "rebinds.example.com")
		if err != nil || len(first) != 1 || !Public(first[0]) {
			t.Fatal(first, err)
		}
		if _, err := clientOf(dialer, false).Get("http://rebinds.example.com:" + port); !errors.Is(err, ErrPrivate) {
			t.Errorf("rebound to %s: %v", private, err)
		}
	}
	for _, url := range []string{inside.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port} {
		if _, err := NewClient(false).Get(url); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if reached != 0 {
		t.Errorf("reached %d times", reached)
	}
	if _, err := NewClient(true).Get(inside.URL); err != nil || reached != 1 {
		t.Errorf("where it is allowed: %v, reached %d", err, reached)
	}
}

// R39: a redirect is an answer, and no proxy is asked.
func TestNoRedirectNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	moved := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			moved++
		}
		http.Redirect(w, r, "/moved", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	res, err := NewClient(true).Post(s.URL+"/x", "application/json", http.NoBody)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect || moved != 0 {
		t.Fatal(res, err, moved)
	}
	res.Body.Close()
	if NewClient(false).Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy of the environment would be asked")
	}
}
