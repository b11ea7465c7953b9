package web

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/display"
	"countersign/display/qr"
)

type linkOutput struct {
	Body struct {
		URL   string `json:"url"`
		Token string `json:"token"`
		State string `json:"state"`
		QRSVG string `json:"qr_svg" doc:"Where the link's QR code is."`
	}
}

// getLink serves GET /visits/{id}/link (R6). A link that the provider hosts is
// made at the first call (R37).
func (s *server) getLink(ctx context.Context, a access.Actor, in *VisitPath) (*linkOutput, error) {
	l, err := s.d.Link(ctx, a, in.visit())
	if err != nil {
		return nil, err
	}
	out := &linkOutput{}
	out.Body.URL, out.Body.Token, out.Body.State = l.URL, string(l.Token), string(l.State)
	out.Body.QRSVG = apiBase + "/visits/" + in.ID + "/qr.svg"
	return out, nil
}

type pictureOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// linkSVG serves GET /visits/{id}/qr.svg: the link, as it is sent and copied.
func (s *server) linkSVG(ctx context.Context, a access.Actor, in *VisitPath) (*pictureOutput, error) {
	l, err := s.d.Link(ctx, a, in.visit())
	if err != nil {
		return nil, err
	}
	svg, err := s.codes.SVG(l.URL)
	return &pictureOutput{ContentType: "image/svg+xml", Body: []byte(svg)}, err
}

type pngInput struct {
	VisitPath
	Size int `query:"size" minimum:"64" maximum:"2048" default:"512" doc:"Pixels from edge to edge."`
}

// linkPNG serves GET /visits/{id}/qr.png.
func (s *server) linkPNG(ctx context.Context, a access.Actor, in *pngInput) (*pictureOutput, error) {
	l, err := s.d.Link(ctx, a, in.visit())
	if err != nil {
		return nil, err
	}
	code, err := qr.Encode(l.URL)
	if err != nil {
		return nil, err
	}
	png, err := code.PNG(in.Size)
	return &pictureOutput{ContentType: "image/png", Body: png}, err
}

type showInput struct {
	VisitPath
	Body struct {
		Desk    string `json:"desk" maxLength:"32"`
		Replace bool   `json:"replace,omitempty" doc:"Also while a client is paying at the desk."`
	}
}

type shownDisplay struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Online  bool       `json:"online"`
	ShownAt *time.Time `json:"shown_at" doc:"When it had painted the code; null if it hasn't."`
}

type showOutput struct {
	Body struct {
		Displays []shownDisplay `json:"displays"`
	}
}

// showLink serves POST /visits/{id}/link/show (R29).
func (s *server) showLink(ctx context.Context, a access.Actor, in *showInput) (*showOutput, error) {
	desk := id.Desk(in.Body.Desk)
	present, err := s.d.Show(ctx, a, in.visit(), desk, in.Body.Replace)
	if err != nil {
		return nil, err
	}
	out := &showOutput{}
	out.Body.Displays, err = s.screensAt(desk, in.visit(), present)
	return out, err
}

// screensAt lists every display of a desk with what the hub said of it: the
// hub knows only those that it has heard from.
func (s *server) screensAt(at id.Desk, which id.Visit, present []display.Presence) ([]shownDisplay, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	paired, err := s.desk.Displays(access.System())
	if err != nil {
		return nil, err
	}
	shown := []shownDisplay{}
	for _, p := range paired {
		if p.Desk != at {
			continue
		}
		x := shownDisplay{ID: string(p.ID), Name: p.Name}
		for _, there := range present {
			if there.Device.ID != x.ID {
				continue
			}
			x.Online = there.Online
			if there.Kind == display.QR && there.Visit == string(which) {
				x.ShownAt = moment(there.ShownAt, loc.Clock())
			}
		}
		shown = append(shown, x)
	}
	return shown, nil
}

type deskPath struct {
	Desk string `path:"desk" maxLength:"32"`
}

// hideScene serves DELETE /desks/{desk}/scene.
func (s *server) hideScene(_ context.Context, a access.Actor, in *deskPath) (*struct{}, error) {
	return nil, s.desk.Hide(a, id.Desk(in.Desk))
}
