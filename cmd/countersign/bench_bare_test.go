package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// textPage shows the text of a message and nothing else, and says so from the
// second animation frame, as a display does.
const textPage = `<!doctype html><meta charset="utf-8"><title>Text</title><h1 id="text"></h1><script>
var socket = new WebSocket('ws://' + location.host + '/display/ws', 'countersign.display.v1');
socket.onmessage = function (e) {
  var f = JSON.parse(e.data);
  document.getElementById('text').textContent = f.text;
  requestAnimationFrame(function () {
    requestAnimationFrame(function () { socket.send(JSON.stringify({ type: 'shown', seq: f.seq })); });
  });
};
</script>`

// serve is the bare server: the page and its files as the program serves
// them, and a socket.
func (l *lobby) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/display/ws":
		l.socket(w, r)
		return
	case "/text/display":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, textPage)
		return
	}
	res, err := l.site.http.Get(l.site.base + r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

func (l *lobby) socket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"countersign.display.v1"}})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	ctx, leave := context.WithCancel(r.Context())
	defer leave()
	l.mu.Lock()
	l.leave = leave
	l.mu.Unlock()
	go l.hear(ctx, c, leave)
	for {
		select {
		case frame := <-l.frames:
			if err := c.Write(ctx, websocket.MessageText, frame); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// hear passes on what the page says it has shown, until it has gone.
func (l *lobby) hear(ctx context.Context, c *websocket.Conn, leave func()) {
	defer leave()
	for {
		var said struct {
			Type string
			Seq  uint64
		}
		if wsjson.Read(ctx, c, &said) != nil {
			return
		}
		if said.Type == "shown" {
			l.shown <- said.Seq
		}
	}
}

// send has the bare server put a scene on the page.
func (l *lobby) send(scene []byte) error {
	l.seq++
	return l.deliver(fmt.Appendf(nil, `{"type":"scene","seq":%d,"epoch":"bare","sent_at":%q,"scene":%s}`, l.seq, time.Now().UTC().Format(time.RFC3339Nano), scene))
}

// sendText has the bare server put a line of text on the page for it.
func (l *lobby) sendText() error {
	l.seq++
	return l.deliver(fmt.Appendf(nil, `{"seq":%d,"text":"€%d.00"}`, l.seq, l.seq))
}

// deliver returns when the page says that it has shown the frame.
func (l *lobby) deliver(frame []byte) error {
	ctx, cancel := context.WithTimeout(l.b.Context(), 10*time.Second)
	defer cancel()
	select {
	case l.frames <- frame:
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		select {
		case seq := <-l.shown:
			if seq == l.seq {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
