package web

import (
	"context"
	"net/http"
	"strconv"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// LinePath is the line of a visit that an address names.
type LinePath struct {
	VisitPath
	Line    string `path:"line" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"The version of the visit that this is based on, as in \"3\"."`
}

type useMembershipInput struct {
	LinePath
	Keyed
	Body struct {
		Card string `json:"card" minLength:"1" maxLength:"64" doc:"The code of a membership; or the id of one that is the client's own."`
	}
}

// covering tells the id of a card from the code of one: ids are longer.
func covering(line id.Line, card string, version int64) desk.Covering {
	by := desk.Covering{Line: line, Version: version}
	if which := id.Card(card); which.Valid() {
		by.Card = which
	} else {
		by.Code = card
	}
	return by
}

// useMembership serves POST /visits/{id}/lines/{line}/membership (R22).
func (s *server) useMembership(ctx context.Context, a access.Actor, in *useMembershipInput) (*visitOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	key := in.key(http.MethodPost, "/visits/"+in.ID+"/lines/"+in.Line+"/membership")
	v, err := s.d.UseMembership(ctx, a, in.visit(), covering(id.Line(in.Line), in.Body.Card, version), key)
	if err != nil {
		return nil, err
	}
	return s.answer(v, http.StatusOK)
}

type releaseMembershipInput struct {
	LinePath
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key gives the first answer again."`
}

// releaseMembership serves DELETE /visits/{id}/lines/{line}/membership.
func (s *server) releaseMembership(ctx context.Context, a access.Actor, in *releaseMembershipInput) (*visitOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	key := Keyed{Key: in.Key}.key(http.MethodDelete, "/visits/"+in.ID+"/lines/"+in.Line+"/membership")
	v, err := s.d.ReleaseMembership(ctx, a, in.visit(), id.Line(in.Line), version, key)
	if err != nil {
		return nil, err
	}
	return s.answer(v, http.StatusOK)
}

// membership serves POST /desk/visits/{id}/membership: one is used for a line,
// or taken off it.
func (v *view) membership() error {
	if err := v.a.Need(access.TakePayments); err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil || len(v.form("key")) > 150 {
		return fault.Invalid(fault.Field{Location: "body.version", Message: "is missing"})
	}
	line, card, act := id.Line(v.form("line")), v.form("card"), v.form("act")
	key := desk.Key{Value: v.form("key")}
	if key.Value != "" {
		key.Value += "-" + act + "-" + string(line)
		key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, []byte(card))
	}
	if act == "release" {
		_, err = v.s.d.ReleaseMembership(v.r.Context(), v.a, v.which(), line, version, key)
	} else {
		_, err = v.s.d.UseMembership(v.r.Context(), v.a, v.which(), covering(line, card, version), key)
	}
	if err != nil {
		return v.uncovered(err, card)
	}
	open, err := v.window(v.which(), nil)
	if err != nil {
		return err
	}
	v.trigger("desk:list")
	return v.open(http.StatusOK, open)
}

// uncovered shows the visit as it is, with why a membership can't pay.
func (v *view) uncovered(err error, typed string) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status == http.StatusNotFound && p.code != "line_not_found" {
		return err
	}
	open, err := v.window(v.which(), nil)
	if err != nil {
		return err
	}
	for name, values := range p.GetHeaders() {
		v.w.Header()[name] = values
	}
	open.Problem = v.worded(p)
	if !id.Card(typed).Valid() {
		open.MemberCode = typed
	}
	if p.status == http.StatusNotFound {
		p.status = http.StatusConflict // the line has gone, its visit hasn't
	}
	return v.open(p.status, open)
}

// offerMemberships puts beside each line what covers it, or could: the
// client's own that ends the soonest, or any by its code.
func (v *view) offerMemberships(w *page.Visit, x visit.Visit) error {
	covering, theirs, err := v.s.desk.Memberships(v.a, x)
	if err != nil {
		return err
	}
	may := v.a.Rights.Has(access.TakePayments) && !x.Blocked(v.now)
	for i := range w.Lines {
		line := &w.Lines[i]
		at := x.Lines[line.Number]
		if at.CoveredBy != "" {
			line.Covered, line.Undo = covering[at.CoveredBy].Name, may
			continue
		}
		price, err := at.Price()
		if err != nil || !may || at.Kind != visit.Service || price == 0 || x.Due() == 0 || x.Status == visit.StatusCancelled {
			continue
		}
		w.ByCode = append(w.ByCode, page.Option{Value: string(at.ID), Text: at.Name})
		for _, c := range theirs {
			if c.Usable(at.Quantity, v.now) {
				line.Offer = offered(c)
				break
			}
		}
	}
	return nil
}

func offered(c desk.Card) *page.Membership {
	m := &page.Membership{Card: string(c.ID), Name: c.Name}
	if left, limited := c.Left(); limited {
		m.Left, m.Of = count(left), count(c.Uses)
	}
	return m
}
