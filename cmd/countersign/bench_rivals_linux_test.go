package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"

	"countersign/display"
)

// slow is how long the others give a display to take a frame. They don't
// connect again, so it is longer than a busy machine may stand still.
const slow = 15 * time.Second

// showing is the message that the others send: what a display of ours is sent.
type showing struct {
	Type   string        `json:"type"`
	Seq    uint64        `json:"seq"`
	Epoch  string        `json:"epoch"`
	SentAt time.Time     `json:"sent_at"`
	Build  string        `json:"build"`
	Scene  display.Scene `json:"scene"`
}

// scene600 is a scene whose message has about 600 bytes, with a mark in it.
func scene600(mark string) display.Scene {
	return display.Scene{Kind: display.Paid, Visit: "v_" + mark, Amount: "€125.00", Title: "Haircut, colouring and 2 more",
		Greeting: "Hello Anna " + strings.Repeat("·", 40), Revision: mark,
		Brand: display.Brand{Name: "Studio Lumen", Colour: "#14514a", Language: "en", Zone: "Europe/Budapest", Provider: "Stripe"}}
}

func message(mark string) showing {
	seq, _ := strconv.ParseUint(mark, 10, 64)
	return showing{Type: "scene", Seq: seq, Epoch: "01234567", SentAt: time.Now().UTC(), Build: "0123456789ab", Scene: scene600(mark)}
}

// sender is one way to bring a scene to every display: it takes their sockets,
// and sends.
type sender interface {
	http.Handler
	connected() int
	send(mark string) error
	stop() error
}

// ours is the hub, with a store that answers at once.
type ours struct {
	*display.Hub
	http.Handler
	src    *lectern
	cancel context.CancelFunc
	ended  chan error
}

func newOurs(n int) sender {
	o := &ours{src: newLectern(n), ended: make(chan error, 1)}
	o.Hub = display.NewHub(o.src, display.Options{Epoch: "01234567", Version: "bench"})
	o.Handler = o.Hub.Handler()
	ctx, cancel := context.WithCancel(context.Background())
	o.cancel = cancel
	go func() { o.ended <- o.Run(ctx) }()
	return o
}

func (o *ours) connected() (n int) {
	for _, p := range o.Presence() {
		if p.Online {
			n++
		}
	}
	return n
}

func (o *ours) send(mark string) error {
	o.src.show(scene600(mark))
	o.Wake()
	return nil
}

func (o *ours) stop() error {
	o.cancel()
	return <-o.ended
}

// lectern is a Source at one desk.
type lectern struct {
	mu      sync.Mutex
	devices map[string]display.Device
	scene   display.Scene
}

func newLectern(n int) *lectern {
	l := &lectern{devices: make(map[string]display.Device, n), scene: display.Scene{Kind: display.Idle}}
	for i := range n {
		l.devices[display.KeyHash(glassKey(i))] = display.Device{ID: "d_" + strconv.Itoa(i), Desk: "front", Name: "Reception"}
	}
	return l
}

func (l *lectern) show(s display.Scene) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scene = s
}

func (l *lectern) Device(key string) (display.Device, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, ok := l.devices[display.KeyHash(key)]
	return d, ok, nil
}

func (l *lectern) Revoked(string) (bool, error)                { return false, nil }
func (l *lectern) Devices() (map[string]display.Device, error) { return l.devices, nil }

func (l *lectern) Scene(display.Device) (display.Scene, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.scene, nil
}

func (l *lectern) Brand() (display.Brand, error)      { return display.Brand{}, nil }
func (l *lectern) Slide(string) ([]byte, bool, error) { return nil, false, nil }
func (l *lectern) Seen(string, time.Time)             {}
func (l *lectern) Turned(display.Device, bool)        {}
func (l *lectern) Painted(display.Painted)            {}

// plain is the same library in a loop: a writer goroutine and a channel for
// each socket. Each encodes what it sends, or all send what was encoded once.
type plain struct {
	once  bool
	mu    sync.Mutex
	socks map[*websocket.Conn]chan any
}

func newPlain(once bool) func(int) sender {
	return func(int) sender { return &plain{once: once, socks: map[*websocket.Conn]chan any{}} }
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{display.Subprotocol}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	frames := make(chan any, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	p.mu.Lock()
	p.socks[c] = frames
	p.mu.Unlock()
	go func() {
		defer cancel()
		for {
			select {
			case m := <-frames:
				if plainWrite(ctx, c, m) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		if _, _, err := c.Read(ctx); err != nil {
			_ = c.CloseNow()
			return
		}
	}
}

func plainWrite(ctx context.Context, c *websocket.Conn, m any) error {
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	raw, ok := m.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(m); err != nil {
			return err
		}
	}
	return c.Write(ctx, websocket.MessageText, raw)
}

func (p *plain) connected() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.socks)
}

func (p *plain) send(mark string) error {
	var m any = message(mark)
	if p.once {
		raw, err := json.Marshal(m)
		if err != nil {
			return err
		}
		m = raw
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, frames := range p.socks {
		frames <- m
	}
	return nil
}

func (p *plain) stop() error { return nil }

// prepared is gorilla/websocket with its prepared messages.
type prepared struct {
	mu    sync.Mutex
	socks map[*gorilla.Conn]chan *gorilla.PreparedMessage
}

func newPrepared(int) sender {
	return &prepared{socks: map[*gorilla.Conn]chan *gorilla.PreparedMessage{}}
}

func (p *prepared) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := gorilla.Upgrader{Subprotocols: []string{display.Subprotocol}}
	c, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	frames, gone := make(chan *gorilla.PreparedMessage, 1), make(chan struct{})
	p.mu.Lock()
	p.socks[c] = frames
	p.mu.Unlock()
	go func() {
		for {
			select {
			case m := <-frames:
				if c.SetWriteDeadline(time.Now().Add(slow)) != nil || c.WritePreparedMessage(m) != nil {
					return
				}
			case <-gone:
				return
			}
		}
	}()
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			close(gone)
			_ = c.Close()
			return
		}
	}
}

func (p *prepared) connected() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.socks)
}

func (p *prepared) send(mark string) error {
	raw, err := json.Marshal(message(mark))
	if err != nil {
		return err
	}
	m, err := gorilla.NewPreparedMessage(gorilla.TextMessage, raw)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, frames := range p.socks {
		frames <- m
	}
	return nil
}

func (p *prepared) stop() error { return nil }

// broadcast is gws with its broadcaster.
type broadcast struct {
	gws.BuiltinEventHandler
	up    *gws.Upgrader
	mu    sync.Mutex
	socks map[*gws.Conn]struct{}
}

func newBroadcast(int) sender {
	b := &broadcast{socks: map[*gws.Conn]struct{}{}}
	b.up = gws.NewUpgrader(b, &gws.ServerOption{SubProtocols: []string{display.Subprotocol}, Logger: quietly{}})
	return b
}

// quietly drops what gws would print when a socket closes.
type quietly struct{}

func (quietly) Error(...any) { _, _ = io.Discard.Write(nil) }

func (b *broadcast) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := b.up.Upgrade(w, r)
	if err != nil {
		return
	}
	b.mu.Lock()
	b.socks[c] = struct{}{}
	b.mu.Unlock()
	go c.ReadLoop() // as its makers advise: net/http's goroutine is larger
}

func (b *broadcast) connected() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.socks)
}

func (b *broadcast) send(mark string) error {
	raw, err := json.Marshal(message(mark))
	if err != nil {
		return err
	}
	m := gws.NewBroadcaster(gws.OpcodeText, raw)
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.socks {
		if err := m.Broadcast(c); err != nil {
			return err
		}
	}
	return m.Close()
}

func (b *broadcast) stop() error { return nil }
