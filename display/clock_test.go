package display

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// pipes is a listener whose connections are in memory, so that a whole server
// lives in a bubble of fake time. A pipe holds nothing: a peer that doesn't
// read stalls the writer at once.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// bubble is a house in fake time.
type bubble struct {
	*Hub
	t     *testing.T
	salon *salon
	pipes *pipes
	http  *http.Client
	stop  func() time.Duration // ends Run and says how long that took
}

// inBubble runs a test in fake time, everything stopped at its end.
func inBubble(t *testing.T, test func(b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, salon: newSalon(), pipes: newPipes()}
		b.Hub = NewHub(b.salon, Options{Epoch: "e1"})
		srv := &http.Server{Handler: b.Handler()}
		go func() { _ = srv.Serve(b.pipes) }()
		transport := &http.Transport{DialContext: b.pipes.dial}
		b.http = &http.Client{Transport: transport}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		b.stop = sync.OnceValue(func() time.Duration {
			begun := time.Now()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
			return time.Since(begun)
		})
		defer func() {
			b.stop()
			_ = srv.Close()
			transport.CloseIdleConnections()
		}()
		test(b)
	})
}

// dial opens a paired display's socket and reads nothing from it.
func (b *bubble) dial(n int) *websocket.Conn {
	b.t.Helper()
	b.salon.pair(KeyHash(keyNumber(n)), Device{ID: fmt.Sprintf("d_%d", n), Desk: "front"})
	return b.stranger(n)
}

// stranger opens the socket of a display that isn't paired.
func (b *bubble) stranger(n int) *websocket.Conn {
	b.t.Helper()
	ws, _, err := websocket.Dial(b.t.Context(), "ws://pipe/display/ws", &websocket.DialOptions{
		HTTPClient: b.http, HTTPHeader: header(keyNumber(n)), Subprotocols: []string{Subprotocol},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	b.t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// arrival is a message and when it came.
type arrival struct {
	heard
	at time.Time
}

// follow reads a socket in the background, answering pings as a page does.
func (b *bubble) follow(ws *websocket.Conn) func() []arrival {
	return b.heed(ws, func() bool { return true })
}

// heed is follow for a page that may fall silent.
func (b *bubble) heed(ws *websocket.Conn, speaks func() bool) func() []arrival {
	var mu sync.Mutex
	var all []arrival
	go func() {
		for {
			_, raw, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			var m heard
			if json.Unmarshal(raw, &m) == nil {
				mu.Lock()
				all = append(all, arrival{m, time.Now()})
				mu.Unlock()
			}
			if m.Type == "ping" && speaks() {
				_ = ws.Write(context.Background(), websocket.MessageText, []byte(`{"type":"pong"}`))
			}
		}
	}()
	return func() []arrival {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return append([]arrival(nil), all...)
	}
}

func count(all []arrival, kind string) (n int) {
	for _, m := range all {
		if m.Type == kind {
			n++
		}
	}
	return n
}

func TestR30HeartbeatEveryTwoSecondsWithTheNumber(t *testing.T) {
	inBubble(t, func(b *bubble) {
		got := b.follow(b.dial(1))
		time.Sleep(61 * time.Second)
		all := got()
		if n := count(all, "ping"); n != 30 {
			t.Errorf("%d pings in a minute, want 30", n)
		}
		if last := all[len(all)-1]; last.Seq != all[0].Seq || last.Epoch != "e1" {
			t.Errorf("ping %d of %q for scene %d", last.Seq, last.Epoch, all[0].Seq)
		}
		b.salon.mu.Lock()
		defer b.salon.mu.Unlock()
		if n := b.salon.seen["d_1"]; n != 2 {
			t.Errorf("the store was told %d times in a minute, want 2", n)
		}
	})
}

func TestR30LostWakeUpCostsOneHeartbeat(t *testing.T) {
	inBubble(t, func(b *bubble) {
		got := b.follow(b.dial(1))
		time.Sleep(5 * time.Second)
		b.salon.show("front", Scene{Kind: Paid}) // committed, and nobody woken
		time.Sleep(pingEvery)
		all := got()
		if n := count(all, "scene"); n != 2 || all[len(all)-1].Type != "ping" || all[len(all)-2].Scene.Kind != Paid {
			t.Errorf("got %+v", all)
		}
	})
}

func TestR30SourceDownStopsTheHeartbeat(t *testing.T) {
	inBubble(t, func(b *bubble) {
		got := b.follow(b.dial(1))
		time.Sleep(3 * time.Second)
		before := len(got())
		b.salon.change(func() { b.salon.down = errDown })
		time.Sleep(9 * time.Second)
		if after := len(got()); after != before {
			t.Errorf("%d messages while nothing can be known", after-before)
		}
		b.salon.change(func() { b.salon.down = nil })
		time.Sleep(pingEvery)
		if after := len(got()); after == before {
			t.Error("the heartbeat didn't come back")
		}
	})
}

func TestSilentPageIsLetGo(t *testing.T) {
	inBubble(t, func(b *bubble) {
		ws := b.dial(1)
		go func() { // reads, and never says a word
			for {
				if _, _, err := ws.Read(context.Background()); err != nil {
					return
				}
			}
		}()
		time.Sleep(silentFor - time.Second)
		if p := b.Presence(); len(p) != 1 || !p[0].Online {
			t.Errorf("gone too early: %+v", p)
		}
		time.Sleep(3 * time.Second)
		if p := b.Presence(); len(p) != 1 || p[0].Online {
			t.Errorf("still there: %+v", p)
		}
	})
}

func TestR30StalledDisplayGetsTheNewestOnlyAndHoldsUpNobody(t *testing.T) {
	inBubble(t, func(b *bubble) {
		stalled := b.dial(1) // its first scene is being written, and nobody reads
		quick := b.follow(b.dial(2))
		synctest.Wait()
		for i := range 1000 {
			b.salon.show("front", Scene{Kind: QR, Visit: fmt.Sprintf("v_%d", i), QRSVG: "<svg/>", Amount: "€1.00"})
			b.Wake()
			synctest.Wait()
		}
		all := quick()
		if last := all[len(all)-1]; last.Scene.Visit != "v_999" || len(all) != 1001 {
			t.Errorf("the quick display got %d messages, the last %q", len(all), last.Scene.Visit)
		}
		slow := b.follow(stalled)
		time.Sleep(time.Second)
		all = slow()
		if len(all) != 2 || all[0].Scene.Kind != Idle || all[1].Scene.Visit != "v_999" {
			t.Errorf("the stalled display got %d messages", len(all))
		}
	})
}

func TestStalledDisplayIsDroppedAfterThreeSeconds(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.dial(1)
		time.Sleep(writeWithin - time.Millisecond)
		if p := b.Presence(); !p[0].Online {
			t.Error("dropped too early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if p := b.Presence(); p[0].Online {
			t.Error("still there")
		}
	})
}

func TestR41StoppingWaitsForNobodyLong(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.dial(1) // stalled
		b.follow(b.dial(2))
		synctest.Wait()
		if took := b.stop(); took > leaveWithin {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestR28PairingCodeIsRenewedBeforeItEnds(t *testing.T) {
	inBubble(t, func(b *bubble) {
		got := b.follow(b.stranger(1))
		time.Sleep(codeLife)
		all := got()
		if n := count(all, "pair"); n != 2 {
			t.Fatalf("%d codes in ten minutes, want 2", n)
		}
		first, second := all[0], arrival{}
		for _, m := range all[1:] {
			if m.Type == "pair" {
				second = m
			}
		}
		if left := codeLife - second.at.Sub(first.at); left < codeMargin-pingEvery || first.Code == second.Code {
			t.Errorf("renewed %v before the end: %q, %q", left, first.Code, second.Code)
		}
		if _, ok := b.Claim(first.Code, time.Now()); ok {
			t.Error("a code of ten minutes ago was claimed")
		}
		if _, ok := b.Claim(second.Code, time.Now()); !ok {
			t.Error("the code on the screen can't be claimed")
		}
	})
}
