package display

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// reads are how often a desk's scene was read since it was asked last.
func (b *bubble) reads(desk string) int {
	b.salon.mu.Lock()
	defer b.salon.mu.Unlock()
	n := b.salon.asked[desk]
	b.salon.asked[desk] = 0
	return n
}

// place pairs a display with a desk.
func (b *bubble) place(n int, desk string) {
	b.salon.pair(KeyHash(keyNumber(n)), Device{ID: fmt.Sprintf("d_%d", n), Desk: desk, Name: fmt.Sprintf("Glass %d at %s", n, desk)})
}

// gone is a context that has ended.
func (b *bubble) gone() context.Context {
	ctx, cancel := context.WithCancel(b.t.Context())
	cancel()
	return ctx
}

func last(all []arrival) arrival {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Type == "scene" || all[i].Type == "pair" {
			return all[i]
		}
	}
	return arrival{}
}

func TestR30WakeUpReadsEachDeskOnceAndNumbersItOnce(t *testing.T) {
	inBubble(t, func(b *bubble) {
		var got []func() []arrival
		for n := range 30 {
			b.place(n, []string{"front", "back"}[n%2])
			got = append(got, b.follow(b.stranger(n)))
		}
		synctest.Wait()
		for round := range 3 {
			b.reads("front")
			b.reads("back")
			b.salon.show("front", Scene{Kind: QR, Visit: fmt.Sprint("v_", round)})
			b.Wake()
			synctest.Wait()
			if front, back := b.reads("front"), b.reads("back"); front != 1 || back != 1 {
				t.Errorf("30 displays read the desks %d and %d times", front, back)
			}
			first := last(got[0]())
			for n := 0; n < len(got); n += 2 {
				if m := last(got[n]()); m.Seq != first.Seq || m.Scene.Visit != fmt.Sprint("v_", round) {
					t.Errorf("display %d has %q as %d, the first as %d", n, m.Scene.Visit, m.Seq, first.Seq)
				}
			}
		}
		b.reads("front")
		time.Sleep(10*pingEvery + time.Millisecond)
		synctest.Wait()
		if n := b.reads("front"); n < 9 || n > 11 {
			t.Errorf("ten heartbeats of 15 displays read their desk %d times", n)
		}
	})
}

// glassOf follows one display through reconnects, and holds it to its promises.
type glassOf struct {
	b   *bubble
	n   int
	ws  *websocket.Conn
	got func() []arrival
	top uint64 // the highest number it has seen
}

func (g *glassOf) connect() {
	if g.ws != nil {
		_ = g.ws.CloseNow()
		synctest.Wait()
	}
	g.ws = g.b.stranger(g.n)
	g.got = g.b.follow(g.ws)
}

// check holds what the display shows against the salon, and its numbers
// against those before. What stays the same keeps its number.
func (g *glassOf) check(step string) {
	g.b.t.Helper()
	all := g.got()
	for i := 1; i < len(all); i++ {
		if all[i].Type != "ping" && all[i-1].Type != "ping" && all[i].Seq <= all[i-1].Seq {
			g.b.t.Fatalf("%s: display %d got %d after %d", step, g.n, all[i].Seq, all[i-1].Seq)
		}
	}
	now := last(all)
	if now.Seq < g.top {
		g.b.t.Fatalf("%s: display %d got %d, and has seen %d", step, g.n, now.Seq, g.top)
	}
	g.top = max(g.top, now.Seq)
	g.b.salon.mu.Lock()
	device, paired := g.b.salon.devices[KeyHash(keyNumber(g.n))]
	want := g.b.salon.scenes[device.Desk]
	g.b.salon.mu.Unlock()
	switch {
	case !paired && now.Type != "pair", paired && (now.Type != "scene" || now.Scene.Visit != want.Visit):
		g.b.t.Fatalf("%s: display %d of %+v shows %s %q, want %q", step, g.n, device, now.Type, now.Scene.Visit, want.Visit)
	}
	if st := g.b.find(KeyHash(keyNumber(g.n))); paired && st.name() != device.Name {
		g.b.t.Fatalf("%s: display %d is called %q, want %q", step, g.n, st.name(), device.Name)
	}
}

// TestR30NoOrderOfThingsShowsAnOldTruth moves, renames, revokes and reconnects
// displays of two desks in any order: after each wake-up every one shows what is
// true of it, under a number it hasn't seen for anything else.
func TestR30NoOrderOfThingsShowsAnOldTruth(t *testing.T) {
	inBubble(t, func(b *bubble) {
		dice := rand.New(rand.NewPCG(30, 1))
		desks := []string{"front", "back"}
		for _, desk := range desks {
			b.salon.show(desk, Scene{Kind: QR, Visit: "v_" + desk})
		}
		var glasses []*glassOf
		for n := range 5 {
			b.place(n, desks[n%2])
			g := &glassOf{b: b, n: n}
			g.connect()
			glasses = append(glasses, g)
		}
		for step := range 600 {
			g, desk := glasses[dice.IntN(len(glasses))], desks[dice.IntN(2)]
			act := []string{"show", "move", "rename", "revoke", "reconnect", "again"}[dice.IntN(6)]
			switch act {
			case "show":
				b.salon.show(desk, Scene{Kind: QR, Visit: fmt.Sprint("v_", step)})
			case "move":
				b.place(g.n, desk)
			case "rename":
				b.salon.change(func() {
					if d, ok := b.salon.devices[KeyHash(keyNumber(g.n))]; ok {
						d.Name = fmt.Sprint("Name ", step)
						b.salon.devices[KeyHash(keyNumber(g.n))] = d
					}
				})
			case "revoke":
				b.salon.revoke(KeyHash(keyNumber(g.n)))
			case "reconnect":
				g.connect()
			case "again": // what was there before: another number all the same
				b.salon.show(desk, Scene{Kind: QR, Visit: "v_" + desk})
			}
			b.Wake()
			synctest.Wait()
			for _, each := range glasses {
				each.check(fmt.Sprint(step, " ", act, " ", g.n, " ", desk))
			}
		}
	})
}

func TestR30DisplayThatMovesOrComesBackKeepsItsOrder(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("back", Scene{Kind: QR, Visit: "v_back"})
		b.place(2, "back")
		b.follow(b.stranger(2)) // the back desk is numbered early
		b.place(1, "front")
		g := &glassOf{b: b, n: 1}
		g.connect()
		for i := range 5 {
			b.salon.show("front", Scene{Kind: QR, Visit: fmt.Sprint("v_", i)})
			b.Wake()
			synctest.Wait()
		}
		g.check("five scenes")
		b.place(1, "back")
		b.Wake()
		synctest.Wait()
		g.check("moved to a desk with lower numbers")
		g.connect()
		g.check("connected again")
		b.salon.revoke(KeyHash(keyNumber(1)))
		b.Wake()
		synctest.Wait()
		g.check("revoked")
		_ = g.ws.CloseNow() // now the hub forgets it
		synctest.Wait()
		b.place(1, "back")
		g.connect()
		g.check("paired with a desk of lower numbers, and forgotten before")
	})
}

// TestR30ReadingBegunBeforeTheWakeUpIsNotTaken holds the race that sharing could
// lose: the reading in progress began before the commit.
func TestR30ReadingBegunBeforeTheWakeUpIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		var s shared[string]
		var truth atomic.Value
		truth.Store("old")
		goOn := make(chan struct{})
		go func() {
			_, _ = s.get(h.woken(), &h.moment, func() (string, error) {
				was := truth.Load().(string)
				<-goOn // read, and not yet handed over
				return was, nil
			})
		}()
		synctest.Wait()
		truth.Store("new")
		h.moment.Add(1) // Wake
		var asked sync.WaitGroup
		for _, d := range []demand{h.woken(), h.beating(), h.anew()} {
			asked.Go(func() {
				if got, _ := s.get(d, &h.moment, func() (string, error) { return truth.Load().(string), nil }); got != "new" {
					t.Errorf("%+v was given %q", d, got)
				}
			})
		}
		close(goOn)
		asked.Wait()

		// A reading of one's own: nothing that began before it was asked for.
		truth.Store("newest, and nobody was woken")
		if got, _ := s.get(h.anew(), &h.moment, func() (string, error) { return truth.Load().(string), nil }); !strings.HasPrefix(got, "newest") {
			t.Errorf("who has just come was given %q", got)
		}
		truth.Store("lost")
		if got, _ := s.get(h.beating(), &h.moment, func() (string, error) { return truth.Load().(string), nil }); !strings.HasPrefix(got, "newest") {
			t.Errorf("a heartbeat read again at once, and got %q", got)
		}
		time.Sleep(sharedFor + time.Millisecond)
		if got, _ := s.get(h.beating(), &h.moment, func() (string, error) { return truth.Load().(string), nil }); got != "lost" {
			t.Errorf("after %v a heartbeat was given %q", sharedFor, got)
		}
	})
}

func TestSharedReadingThatFailedIsReadAgainAfterAWakeUp(t *testing.T) {
	var h Hub
	var s shared[string]
	if _, err := s.get(h.woken(), &h.moment, func() (string, error) { return "", errDown }); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
	if _, err := s.get(h.woken(), &h.moment, func() (string, error) { return "up", nil }); !errors.Is(err, errDown) {
		t.Errorf("a store that is down was asked by everybody: %v", err)
	}
	h.moment.Add(1)
	if got, err := s.get(h.woken(), &h.moment, func() (string, error) { return "up", nil }); got != "up" || err != nil {
		t.Errorf("after a wake-up: %q, %v", got, err)
	}
}

// TestStalledDisplayHoldsLittle: whatever was to be shown meanwhile isn't kept
// for it.
func TestStalledDisplayHoldsLittle(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.dial(1) // its first scene is being written, and nobody reads
		synctest.Wait()
		inUse := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := inUse()
		const each = 200 << 10
		for i := range 300 {
			b.salon.show("front", Scene{Kind: QR, Visit: fmt.Sprint("v_", i), QRSVG: strings.Repeat("x", each)})
			b.AwaitShown(b.gone(), "front", fmt.Sprint("v_", i)) // as the daemon does, which reads for displays that stall
		}
		if after := inUse(); after > before && after-before > 4*keptFrames*each {
			t.Errorf("a stalled display holds %d KiB of 300 scenes", (after-before)>>10)
		}
		if p := b.Presence(); len(p) != 1 || !p[0].Online {
			t.Errorf("it didn't stall: %+v", p)
		}
	})
}
