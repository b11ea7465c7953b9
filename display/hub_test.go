package display

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestR28PairingTurnsTheSameSocketToItsScene(t *testing.T) {
	h := open(t)
	d := h.connect(t, keyNumber(1))
	m := d.next()
	if m.Type != "pair" || len(m.Code) != 6 || !strings.HasPrefix(m.SVG, "<svg") || m.Left == nil || *m.Left < 590_000 {
		t.Fatalf("an unpaired display got %+v", m)
	}
	if len(h.Presence()) != 0 {
		t.Errorf("a stranger is present: %+v", h.Presence())
	}
	hash, ok := h.Claim(" "+strings.ToLower(m.Code[:3])+"-"+m.Code[3:], time.Now())
	if !ok || hash != KeyHash(d.key) {
		t.Fatalf("claim: %q, %v", hash, ok)
	}
	if _, again := h.Claim(m.Code, time.Now()); again {
		t.Error("a code was claimed twice")
	}
	h.salon.pair(hash, Device{ID: "d_1", Desk: "front", Name: "Reception 1"})
	h.Wake()
	if got := d.scene(Idle); got.Scene.Brand.Name != "Studio Lumen" {
		t.Errorf("brand %+v", got.Scene.Brand)
	}
	if p := h.Presence(); len(p) != 1 || !p[0].Online || p[0].Device.ID != "d_1" {
		t.Errorf("presence %+v", p)
	}
}

func TestR28RevokedDisplayGoesBackToPairing(t *testing.T) {
	h := open(t)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	d := h.paired(t, 1, "front")
	d.scene(QR)
	h.salon.revoke(KeyHash(d.key))
	h.Wake()
	if m := d.next(); m.Type != "pair" {
		t.Errorf("a revoked display got %+v", m)
	}
	if p := h.Presence(); len(p) != 0 {
		t.Errorf("a revoked display is present: %+v", p)
	}
}

func TestR28MovedDisplayShowsItsNewDesk(t *testing.T) {
	h := open(t)
	h.salon.show("back", code(t, "v_2", "€1.00"))
	d := h.paired(t, 1, "front")
	d.scene(Idle)
	h.salon.pair(KeyHash(d.key), Device{ID: "d_1", Desk: "back", Name: "Garden"})
	h.Wake()
	if m := d.scene(QR); m.Scene.Visit != "v_2" {
		t.Errorf("got %+v", m.Scene)
	}
	h.Identify("d_1")
	if m := d.next(); m.Type != "identify" || m.Name != "Garden" {
		t.Errorf("identify: %+v", m)
	}
	h.Reload()
	if m := d.next(); m.Type != "reload" {
		t.Errorf("reload: %+v", m)
	}
}

func TestR29ShownOnlyOnceADisplayPaintedIt(t *testing.T) {
	h := open(t)
	d := h.paired(t, 1, "front")
	d.shown(d.scene(Idle))
	h.salon.show("front", code(t, "v_1", "€25.00"))

	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if p := h.AwaitShown(short, "front", "v_1"); len(p) != 1 || p[0].Kind == QR {
		t.Errorf("shown before it was painted: %+v", p)
	}
	m := d.scene(QR)
	result := make(chan []Presence)
	long, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	go func() { result <- h.AwaitShown(long, "front", "v_1") }()
	d.shown(m)
	p := <-result
	if long.Err() != nil || len(p) != 1 || p[0].Kind != QR || p[0].Visit != "v_1" || p[0].ShownAt.IsZero() {
		t.Fatalf("presence %+v, %v", p, long.Err())
	}

	// Another amount of the same visit: the old acknowledgement says nothing.
	h.salon.show("front", code(t, "v_1", "€30.00"))
	short, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	h.AwaitShown(short, "front", "v_1")
	if short.Err() == nil {
		t.Error("the old amount counted as shown")
	}
}

func TestR29EachFrameIsPaintedOnce(t *testing.T) {
	h := open(t)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	d := h.paired(t, 1, "front")
	m := d.scene(QR)
	for range 3 {
		d.shown(m)
	}
	d.say(`{"type":"shown","seq":999,"epoch":"e1"}`)
	d.say(fmt.Sprintf(`{"type":"shown","seq":%d,"epoch":"e0"}`, m.Seq))
	d.say(`{"type":"hello","width":1024,"height":600}`)
	await(t, "the size is known", func() bool { return h.Presence()[0].Width == 1024 })
	again := h.connect(t, d.key) // the same frame, painted again by another socket
	m = again.scene(QR)
	again.shown(m)
	await(t, "shown again", func() bool { return h.Presence()[0].Kind == QR })
	if got := h.salon.booked(); len(got) != 1 || got[0].Scene.Visit != "v_1" || got[0].Device.ID != "d_1" {
		t.Errorf("painted %d times: %+v", len(got), got)
	}
}

func TestUnchangedScenesAreNotSentAgain(t *testing.T) {
	h := open(t)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	d := h.paired(t, 1, "front")
	first := d.scene(QR)
	for range 50 {
		h.Wake()
	}
	h.salon.show("front", Scene{Kind: InProgress, Visit: "v_1", Amount: "€25.00"})
	h.Wake()
	if m := d.next(); m.Scene.Kind != InProgress || m.Seq != first.Seq+1 {
		t.Errorf("got %s %d after %d", m.Scene.Kind, m.Seq, first.Seq)
	}
}

func TestR30ReplacedSocketIsToldAndTheNewOneLives(t *testing.T) {
	h := open(t)
	older := h.paired(t, 1, "front")
	older.scene(Idle)
	newer := h.connect(t, older.key)
	newer.scene(Idle)
	if m := older.next(); m.Type != "bye" || m.Reason != "replaced" {
		t.Errorf("the older socket got %+v", m)
	}
	if err := older.ended(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the older socket ended with %v", err)
	}
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	newer.scene(QR)
	if p := h.Presence(); len(p) != 1 || !p[0].Online {
		t.Errorf("presence %+v", p)
	}
}

func TestR30ConnectingWhileShowingLosesNothing(t *testing.T) {
	h := open(t)
	h.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front"})
	for i := range 200 {
		visit := fmt.Sprintf("v_%d", i)
		scene := code(t, visit, "€25.00")
		committed := make(chan struct{})
		go func() {
			defer close(committed)
			h.salon.show("front", scene)
			h.Wake()
		}()
		d := h.connect(t, keyNumber(1))
		for d.scene(QR).Scene.Visit != visit {
		}
		<-committed
		_ = d.ws.CloseNow()
	}
}

func TestR30RestartSaysGoodbyeAndRefusesNewSockets(t *testing.T) {
	h := open(t)
	d := h.paired(t, 1, "front")
	d.scene(Idle)
	said := make(chan heard, 1)
	go func() {
		said <- d.await("bye")
		_ = d.ended()
	}()
	h.stop()
	if m := <-said; m.Reason != "restart" {
		t.Errorf("bye %+v", m)
	}
	if h.enter() {
		t.Error("a stopping hub let a socket in")
	}
	if h.salon.seen["d_1"] < 2 {
		t.Errorf("the store was told %d times of the display", h.salon.seen["d_1"])
	}
}

func TestSourceDownKeepsSilentAndComesBack(t *testing.T) {
	h := open(t)
	d := h.paired(t, 1, "front")
	d.scene(Idle)
	h.salon.change(func() { h.salon.down = errDown })
	h.Wake()
	_, response, err := websocket.Dial(t.Context(), h.ws(), &websocket.DialOptions{HTTPHeader: header(d.key), Subprotocols: []string{Subprotocol}})
	if err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a display was let in without a store: %v", err)
	}
	h.salon.change(func() { h.salon.down = nil; h.salon.scenes["front"] = Scene{Kind: Closed} })
	h.Wake()
	d.scene(Closed)
}

// R29: whoever shows a visit doesn't wait for one whose place another has taken.
func TestR29NobodyWaitsForWhatIsOvertaken(t *testing.T) {
	h := open(t)
	d := h.paired(t, 1, "front")
	d.shown(d.scene(Idle))
	h.salon.show("front", code(t, "v_2", "€7.00"))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if p := h.AwaitShown(ctx, "front", "v_1"); ctx.Err() != nil || len(p) != 1 || p[0].Visit == "v_1" {
		t.Errorf("presence %+v, %v", p, ctx.Err())
	}
}
