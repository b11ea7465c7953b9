package daemon_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"countersign/display"
)

// glass is a display: it speaks the protocol, and holds what is on the screen.
type glass struct {
	w      *world
	http   *http.Client
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu        sync.Mutex
	scene     display.Scene
	connected bool
	code      string
}

func (w *world) hang() *glass {
	jar, _ := cookiejar.New(nil)
	g := &glass{w: w, http: w.net.client()}
	g.http.Jar = jar
	g.http.Timeout = 0
	g.plugIn()
	return g
}

// plugIn starts the display's browser; its cookie is the one that it had.
func (g *glass) plugIn() {
	var ctx context.Context
	ctx, g.cancel = context.WithCancel(g.w.t.Context())
	g.done.Go(func() {
		for ctx.Err() == nil {
			g.watch(ctx)
			g.mu.Lock()
			g.connected, g.scene = false, display.Scene{}
			g.mu.Unlock()
			select {
			case <-ctx.Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
	})
}

func (g *glass) stop() {
	g.cancel()
	g.done.Wait()
	g.http.CloseIdleConnections()
}

type frame struct {
	Type  string        `json:"type"`
	Seq   uint64        `json:"seq"`
	Epoch string        `json:"epoch"`
	Code  string        `json:"code"`
	Scene display.Scene `json:"scene"`
}

func (g *glass) watch(ctx context.Context) {
	r, err := g.http.Get("http://countersign/display")
	if err != nil {
		return
	}
	_ = r.Body.Close()
	c, _, err := websocket.Dial(ctx, "ws://countersign/display/ws", &websocket.DialOptions{
		HTTPClient: g.http, Subprotocols: []string{"countersign.display.v1"}})
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for {
		// Nothing for six seconds covers the code, whatever the socket says.
		read, cancel := context.WithTimeout(ctx, 6*time.Second)
		var f frame
		err := wsjson.Read(read, c, &f)
		cancel()
		if err != nil {
			return
		}
		g.w.ears.served("the display's socket", fmt.Sprintf("%+v", f))
		g.take(f)
		if f.Type == "ping" {
			_ = wsjson.Write(ctx, c, map[string]any{"type": "pong"})
		}
		if f.Type == "scene" {
			_ = wsjson.Write(ctx, c, map[string]any{"type": "shown", "seq": f.Seq, "epoch": f.Epoch})
		}
	}
}

func (g *glass) take(f frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.connected = true
	switch f.Type {
	case "scene":
		g.scene = f.Scene
		g.w.mu.Lock()
		forbidden := g.w.never[f.Scene.Visit]
		g.w.mu.Unlock()
		if f.Scene.Kind == "qr" && forbidden {
			g.w.fault("start-up: the code of %s was shown, and it had been paid while the daemon was away", f.Scene.Visit)
		}
	case "pair":
		g.code = f.Code
	}
}

func (g *glass) now() (s display.Scene, connected bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.scene, g.connected
}
