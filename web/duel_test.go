package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/visit"

	"github.com/coder/websocket"
)

// side is one of two receptionists who show their visit at the same moment.
type side struct {
	c  *http.Client
	ws *websocket.Conn
	v  visit.Visit
}

// R29: two tablets show two visits at one desk at once. Displays, the API and
// both tablets agree on one, and the other tablet hears that it isn't its own.
func TestR29TwoTabletsShowAtOnce(t *testing.T) {
	s := open(t)
	left, right := s.paintsAll("Reception 1"), s.paintsAll("Reception 2")
	sides := [2]*side{}
	for i := range sides {
		x := &side{c: s.tablet(access.Receptionist), v: s.book()}
		ws, _, err := s.dial(x.c, "?after=0", nil)
		s.must(err)
		ws.SetReadLimit(1 << 20)
		x.ws, sides[i] = ws, x
	}
	wins := map[int]int{}
	for range 10 {
		wins[s.duel(sides, left, right)]++
	}
	t.Logf("wins %v", wins)
}

// duel shows both visits, and returns which of the two is up.
func (s *salon) duel(sides [2]*side, glasses ...*painter) (winner int) {
	s.t.Helper()
	last, err := s.d.Desk().LastChange()
	s.must(err)
	var both sync.WaitGroup
	for _, x := range sides {
		both.Go(func() {
			s.htmx(x.c, http.MethodPost, "/desk/visits/"+string(x.v.ID)+"/show", "desk", "front", "tab", "link").wants(s.t, "show", http.StatusOK)
		})
	}
	both.Wait()
	scene, err := s.d.Desk().SceneOf("front")
	s.must(err)
	if scene.Visit != sides[0].v.ID {
		winner = 1
	}
	for _, g := range glasses {
		g.settles(string(sides[winner].v.ID))
	}
	for i, x := range sides {
		for s.hear(x.ws, "display.changed").Seq <= last {
		}
		block := s.htmx(x.c, http.MethodGet, "/desk/visits/"+string(x.v.ID)+"/pay?tab=link&desk=front")
		up, other := strings.Contains(block.text, `data-state="shown"`), strings.Contains(block.text, `data-kind="other_visit"`)
		if up != (i == winner) || other == up {
			s.t.Errorf("visit %d, winner %d: shown %t, another %t\n%s", i, winner, up, other, block.text)
		}
	}
	return winner
}

// painter is a glass that paints everything in the background.
type painter struct {
	*glass
	mu  sync.Mutex
	now frame
}

func (s *salon) paintsAll(name string) *painter {
	s.t.Helper()
	g := s.hang()
	code := g.see("pair").Code
	s.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "`+name+`"}`)
	p := &painter{glass: g}
	go p.paint()
	return p
}

// paint says of every scene that it was painted, until the socket ends.
func (p *painter) paint() {
	for {
		_, text, err := p.ws.Read(p.s.t.Context())
		var f frame
		if err != nil || json.Unmarshal(text, &f) != nil {
			return
		}
		if f.Type != "scene" {
			continue
		}
		p.mu.Lock()
		p.now = f
		p.mu.Unlock()
		said := fmt.Appendf(nil, `{"type":"shown","seq":%d,"epoch":%q}`, f.Seq, f.Epoch)
		if p.ws.Write(p.s.t.Context(), websocket.MessageText, said) != nil {
			return
		}
	}
}

// settles waits until the glass has painted a visit's code, and the hub knows.
func (p *painter) settles(visit string) {
	p.s.t.Helper()
	p.s.await("the glass shows "+visit, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.now.Scene.Visit == visit && p.now.Scene.Kind == "qr"
	})
	p.s.await("the hub knows it", func() bool {
		for _, x := range p.s.d.Hub().Presence() {
			if x.Visit != visit {
				return false
			}
		}
		return true
	})
}
