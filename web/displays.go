package web

import (
	"context"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/display"
)

type wireScene struct {
	Kind  string `json:"kind"`
	Visit string `json:"visit"`
}

type wireDisplay struct {
	ID         string     `json:"id"`
	Desk       string     `json:"desk"`
	Name       string     `json:"name"`
	Online     bool       `json:"online"`
	LastSeenAt *time.Time `json:"last_seen_at"`
	Scene      *wireScene `json:"scene" doc:"What it has painted; null when it is offline."`
	PairedAt   time.Time  `json:"paired_at"`
	ShownAt    *time.Time `json:"shown_at" doc:"When it said that it has painted that; null when it hasn't."`
	Width      int        `json:"width,omitempty" doc:"Of its screen, in CSS pixels."`
	Height     int        `json:"height,omitempty"`
	Version    string     `json:"version,omitempty" doc:"Of its page."`
	Outdated   bool       `json:"outdated" doc:"Its page is of an earlier version, and reloads when it is idle."`
	Contested  *time.Time `json:"contested_at" doc:"When it was last found open in two places, of which the newer one shows codes; null when that was not in the last five minutes."`
}

// seen are the displays as they are now, by id: presence is the hub's, the
// pairing the store's.
func (s *server) seen() map[string]display.Presence {
	known := map[string]display.Presence{}
	for _, p := range s.d.Hub().Presence() {
		known[p.Device.ID] = p
	}
	return known
}

func showDisplay(x desk.Display, now display.Presence, zone *time.Location) wireDisplay {
	w := wireDisplay{ID: string(x.ID), Desk: string(x.Desk), Name: x.Name, Online: now.Online,
		LastSeenAt: moment(lastSeen(x, now), zone), PairedAt: x.PairedAt.In(zone), ShownAt: moment(now.ShownAt, zone),
		Width: now.Width, Height: now.Height, Version: now.Build, Outdated: now.Outdated, Contested: moment(now.Contested, zone)}
	if now.Kind != "" {
		w.Scene = &wireScene{Kind: now.Kind, Visit: now.Visit}
	}
	return w
}

// lastSeen is the later of what is stored, every few minutes, and what the hub remembers.
func lastSeen(x desk.Display, now display.Presence) time.Time {
	if now.LastSeen.After(x.LastSeen) {
		return now.LastSeen
	}
	return x.LastSeen
}

type nothing struct{}

type displaysOutput struct {
	Body struct {
		Displays []wireDisplay `json:"displays"`
		Next     string        `json:"next_cursor"`
	}
}

// listDisplays serves GET /displays.
func (s *server) listDisplays(_ context.Context, a access.Actor, _ *nothing) (*displaysOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	paired, err := s.desk.Displays(a)
	if err != nil {
		return nil, err
	}
	seen := s.seen()
	out := &displaysOutput{}
	out.Body.Displays = []wireDisplay{}
	for _, x := range paired {
		out.Body.Displays = append(out.Body.Displays, showDisplay(x, seen[string(x.ID)], loc.Clock()))
	}
	return out, nil
}

type wireDesk struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Visit string `json:"visit" doc:"The visit whose code is up; empty for none."`
}

type desksOutput struct {
	Body struct {
		Desks []wireDesk `json:"desks"`
		Next  string     `json:"next_cursor"`
	}
}

// listDesks serves GET /desks.
func (s *server) listDesks(context.Context, access.Actor, *nothing) (*desksOutput, error) {
	places, err := s.desk.Places()
	if err != nil {
		return nil, err
	}
	out := &desksOutput{}
	out.Body.Desks = []wireDesk{}
	for _, p := range places {
		scene, err := s.desk.SceneOf(p.ID)
		if err != nil {
			return nil, err
		}
		up := wireDesk{ID: string(p.ID), Name: p.Name}
		if scene.Up() {
			up.Visit = string(scene.Visit)
		}
		out.Body.Desks = append(out.Body.Desks, up)
	}
	return out, nil
}

type pairInput struct {
	Body struct {
		Code string `json:"code" maxLength:"24" doc:"What the display shows."`
		Desk string `json:"desk" maxLength:"32"`
		Name string `json:"name" doc:"What staff call the display."`
	}
}

type displayOutput struct {
	Body wireDisplay
}

// pairDisplay serves POST /displays/pair (R28).
func (s *server) pairDisplay(_ context.Context, a access.Actor, in *pairInput) (*displayOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	x, err := s.pair(a, in.Body.Code, id.Desk(in.Body.Desk), in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &displayOutput{Body: showDisplay(x, s.seen()[string(x.ID)], loc.Clock())}, nil
}

// pair uses a pairing code up, unless desk or name are wrong: then the code
// stays good. Guessing is slowed and stopped by who guesses (R39).
func (s *server) pair(a access.Actor, code string, at id.Desk, name string) (desk.Display, error) {
	if err := s.desk.CheckPairing(a, at, name); err != nil {
		return desk.Display{}, err
	}
	who := strings.Join([]string{string(a.Staff), a.Token, a.Device}, " ")
	if wait := s.pairings.Try(who, time.Now()); wait > 0 {
		return desk.Display{}, fault.New(fault.TooMany, "too_many_requests", "Too many wrong codes. Please wait.").After(wait)
	}
	hash, ok := s.d.Hub().Claim(code, time.Now())
	if !ok {
		return desk.Display{}, fault.New(fault.Missing, "pairing_code_not_found", "No display shows this code now. Look at it again.")
	}
	s.pairings.Reset(who)
	x, err := s.desk.PairDisplay(a, hash, at, name)
	s.d.Hub().Wake()
	return x, err
}

type displayPath struct {
	ID string `path:"id" maxLength:"64"`
}

// revokeDisplay serves DELETE /displays/{id}.
func (s *server) revokeDisplay(_ context.Context, a access.Actor, in *displayPath) (*struct{}, error) {
	return nil, s.desk.RevokeDisplay(a, id.Display(in.ID))
}
