package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// graceTime is how long a display keeps its code after its socket was closed.
const graceTime = time.Second

// glass is a display over a real socket: it holds what people would see.
type glass struct {
	h    *site
	http *http.Client
	// life counts the daemon's lives, and seen is given every code that is
	// put up, with the life that the socket was opened in.
	life *atomic.Int64
	seen func(visit string, life int64)

	mu        sync.Mutex
	connected bool
	lost      time.Time // since when there is no socket
	frame     glassFrame
	raw       []byte // the frame as it came
	code      string // to pair with
}

// glassFrame is what the daemon sends.
type glassFrame struct {
	Type  string `json:"type"`
	Seq   uint64 `json:"seq"`
	Epoch string `json:"epoch"`
	Code  string `json:"code"`
	Scene struct {
		Kind  string `json:"kind"`
		Visit string `json:"visit"`
		SVG   string `json:"qr_svg"`
	} `json:"scene"`
}

func newGlass(h *site, life *atomic.Int64, seen func(string, int64)) *glass {
	jar, _ := cookiejar.New(nil) // without options it has no error
	return &glass{h: h, life: life, seen: seen, http: &http.Client{Jar: jar}}
}

// run connects for ever, as the page does.
func (g *glass) run(ctx context.Context) {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	defer g.http.CloseIdleConnections()
	for ctx.Err() == nil {
		g.watch(ctx)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

func (g *glass) watch(ctx context.Context) {
	life := g.life.Load()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.h.base+"/display", nil)
	if err != nil {
		return
	}
	res, err := g.http.Do(r)
	if err != nil {
		return
	}
	_ = res.Body.Close()
	c, _, err := websocket.Dial(ctx, "ws://"+g.h.listen+"/display/ws", &websocket.DialOptions{
		HTTPClient: g.http, Subprotocols: []string{"countersign.display.v1"}})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	defer g.drop()
	c.SetReadLimit(1 << 20)
	for {
		var f glassFrame
		var raw json.RawMessage
		if wsjson.Read(ctx, c, &raw) != nil || json.Unmarshal(raw, &f) != nil {
			return
		}
		g.take(f, raw, life)
		if f.Type == "scene" && wsjson.Write(ctx, c, map[string]any{"type": "shown", "seq": f.Seq, "epoch": f.Epoch}) != nil {
			return
		}
	}
}

func (g *glass) take(f glassFrame, raw []byte, life int64) {
	g.mu.Lock()
	switch f.Type {
	case "scene":
		g.frame, g.raw, g.connected = f, raw, true
	case "pair":
		g.frame, g.connected, g.code = glassFrame{}, true, f.Code
	}
	g.mu.Unlock()
	if f.Type == "scene" && f.Scene.Kind == "qr" {
		g.seen(f.Scene.Visit, life)
	}
}

func (g *glass) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.connected {
		g.connected, g.lost = false, time.Now()
	}
}

// now is what is on the glass: a code stays for a second after the socket has
// gone, then it is covered.
func (g *glass) now() (frame glassFrame, connected bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.connected && time.Since(g.lost) > graceTime {
		return glassFrame{}, false
	}
	return g.frame, g.connected
}

// toPair is the pairing code on the glass, if there is one.
func (g *glass) toPair() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.code
}

// inspect holds every code that is on the glass against what the API says
// now. One that the API calls over may be on its way out, for a second.
func (g *glass) inspect(ctx context.Context, stale func(visit, why string)) {
	look := time.NewTicker(15 * time.Millisecond)
	defer look.Stop()
	var since time.Time
	var suspect glassFrame
	for ctx.Err() == nil {
		before, _ := g.now()
		why := g.over(ctx, before)
		after, _ := g.now()
		switch {
		case why == "" || after != before:
			suspect = glassFrame{}
		case suspect != before:
			suspect, since = before, time.Now()
		case time.Since(since) > time.Second:
			stale(before.Scene.Visit, why)
			suspect = glassFrame{}
		}
		select {
		case <-ctx.Done():
		case <-look.C:
		}
	}
}

// over tells why a frame's code may not be on the glass any more; "" if it
// may, or if the daemon can't be asked.
func (g *glass) over(ctx context.Context, f glassFrame) string {
	if f.Scene.Kind != "qr" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var v saidVisit
	if g.h.ask(ctx, http.MethodGet, "/api/v1/visits/"+f.Scene.Visit, nil, &v) != http.StatusOK {
		return ""
	}
	var desks struct {
		Desks []struct{ ID, Visit string }
	}
	if g.h.ask(ctx, http.MethodGet, "/api/v1/desks", nil, &desks) != http.StatusOK {
		return ""
	}
	switch {
	case v.LinkState != "active":
		return "its link is " + v.LinkState
	case v.Due == 0:
		return "nothing is due"
	case v.Blocked != nil:
		return "somebody is paying"
	case len(desks.Desks) != 1 || desks.Desks[0].Visit != f.Scene.Visit:
		return "it is not up at the desk"
	}
	return ""
}
