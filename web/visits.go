package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// What may be said of a visit. Lengths, shapes and sums are the visit's own
// rules; here are only types, and bounds beyond which a number can't be read.

type lineInput struct {
	ID        string `json:"id,omitempty"`
	Kind      string `json:"kind" enum:"service,product,membership,gift_card"`
	Ref       string `json:"ref,omitempty"`
	Name      string `json:"name"`
	Quantity  int64  `json:"quantity" minimum:"1" maximum:"10000"`
	UnitPrice int64  `json:"unit_price" minimum:"0" maximum:"99999999999"`
	Discount  int64  `json:"discount,omitempty" minimum:"0" maximum:"999999999990000"`
	TaxSystem string `json:"tax_system,omitempty"`
}

func (l lineInput) line() visit.Line {
	return visit.Line{ID: id.Line(l.ID), Kind: visit.LineKind(l.Kind), Ref: l.Ref, Name: l.Name, Quantity: l.Quantity,
		UnitPrice: l.UnitPrice, Discount: l.Discount, TaxSystem: l.TaxSystem}
}

func linesOf(in []lineInput) []visit.Line {
	lines := make([]visit.Line, len(in))
	for i, l := range in {
		lines[i] = l.line()
	}
	return lines
}

// clientInput has pointers, so that a patch can tell what was left out.
type clientInput struct {
	ID       *string `json:"id,omitempty"`
	Name     *string `json:"name,omitempty"`
	Phone    *string `json:"phone,omitempty"`
	Email    *string `json:"email,omitempty"`
	Language *string `json:"language,omitempty"`
}

// over returns a client with what was said in the place of what was.
func (c clientInput) over(was visit.Client) visit.Client {
	if c.ID != nil {
		was.ID = id.Client(*c.ID)
	}
	for from, to := range map[*string]*string{c.Name: &was.Name, c.Phone: &was.Phone, c.Email: &was.Email, c.Language: &was.Language} {
		if from != nil {
			*to = *from
		}
	}
	return was
}

// instead is a visit's client as a patch leaves it. Another id is another
// person, of whom nothing stays; without one, the desk finds out whether it is.
func (c clientInput) instead(was visit.Client) *visit.Client {
	if c.ID != nil && id.Client(*c.ID) != was.ID {
		was = visit.Client{}
	}
	is := c.over(was)
	if c.ID == nil {
		is.ID = ""
	}
	return &is
}

type visitInput struct {
	ExternalID string       `json:"external_id,omitempty" doc:"The booking system's id: a visit that has it is updated."`
	Client     *clientInput `json:"client,omitempty"`
	StartsAt   *time.Time   `json:"starts_at,omitempty" doc:"Now, if left out: somebody walked in."`
	Staff      string       `json:"staff,omitempty"`
	Status     string       `json:"status,omitempty" enum:"booked,confirmed,arrived,done,no-show,cancelled"`
	Lines      []lineInput  `json:"lines,omitempty" maxItems:"100" nullable:"false"`
	Currency   string       `json:"currency,omitempty" doc:"The location's; another one is refused."`

	AcceptShort bool `json:"accept_out_of_stock,omitempty" doc:"Sell products that aren't on hand, where the location lets you."`
}

func (in visitInput) draft() visit.Draft {
	d := visit.Draft{ExternalID: in.ExternalID, Staff: id.Staff(in.Staff), Status: visit.Status(in.Status),
		Lines: linesOf(in.Lines), Currency: money.Currency(in.Currency), AcceptShort: in.AcceptShort}
	if in.Client != nil {
		d.Client = in.Client.over(visit.Client{})
	}
	if in.StartsAt != nil {
		d.StartsAt = *in.StartsAt
	}
	return d
}

type createVisitInput struct {
	Keyed
	Body visitInput
}

type visitOutput struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     wireVisit
}

// answer is a visit with its version as the ETag that an edit sends back.
func (s *server) answer(v visit.Visit, status int) (*visitOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &visitOutput{Status: status, ETag: etag(v.Version), Body: showVisit(v, loc.Clock(), time.Now())}
	if status == http.StatusCreated {
		out.Location = apiBase + "/visits/" + string(v.ID)
	}
	return out, nil
}

// createVisit serves POST /visits (R3, R5).
func (s *server) createVisit(_ context.Context, a access.Actor, in *createVisitInput) (*visitOutput, error) {
	v, created, err := s.desk.CreateVisit(a, in.Body.draft(), in.key(http.MethodPost, "/visits"))
	if err != nil {
		return nil, err
	}
	if created {
		return s.answer(v, http.StatusCreated)
	}
	return s.answer(v, http.StatusOK)
}

// VisitPath is the visit that an address names. It is exported, like all that
// inputs embed: huma reads nothing of what isn't.
type VisitPath struct {
	ID string `path:"id" maxLength:"64"`
}

func (p VisitPath) visit() id.Visit { return id.Visit(p.ID) }

// getVisit serves GET /visits/{id}.
func (s *server) getVisit(_ context.Context, a access.Actor, in *VisitPath) (*visitOutput, error) {
	v, err := s.desk.Visit(a, in.visit())
	if err != nil {
		return nil, err
	}
	return s.answer(v, http.StatusOK)
}

type listVisitsInput struct {
	Date   string `query:"date" doc:"A day in the location's zone, as in 2026-11-22."`
	Q      string `query:"q" maxLength:"200" doc:"Words of a name, digits of a phone, a short code."`
	State  string `query:"state" enum:"booked,confirmed,arrived,done,no-show,cancelled,unpaid,partially_paid,paid,overpaid,refunded"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" doc:"100 if left out."`
}

type visitsOutput struct {
	Body struct {
		Visits []wireVisit `json:"visits"`
		Next   string      `json:"next_cursor"`
	}
}

// listVisits serves GET /visits (R1).
func (s *server) listVisits(_ context.Context, a access.Actor, in *listVisitsInput) (*visitsOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	found, next, err := s.desk.Visits(a, desk.Query{Date: in.Date, Q: in.Q, State: in.State, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &visitsOutput{}
	out.Body.Next, out.Body.Visits = next, []wireVisit{}
	for _, v := range found {
		out.Body.Visits = append(out.Body.Visits, showVisit(v, loc.Clock(), time.Now()))
	}
	return out, nil
}

type editVisitInput struct {
	VisitPath
	IfMatch string `header:"If-Match" doc:"The version that the edit is based on, as in \"3\"."`
	Body    struct {
		Client   *clientInput `json:"client,omitempty"`
		StartsAt *time.Time   `json:"starts_at,omitempty"`
		Staff    *string      `json:"staff,omitempty"`
		Status   *string      `json:"status,omitempty" enum:"booked,confirmed,arrived,done,no-show,cancelled"`
		Lines    *[]lineInput `json:"lines,omitempty" maxItems:"100" doc:"The whole list."`

		AcceptShort bool `json:"accept_out_of_stock,omitempty"`
	}
}

// patch is the edit over the visit as the editor saw it: fields of the client
// that were left out stay.
func (in *editVisitInput) patch(was visit.Visit) visit.Patch {
	p := visit.Patch{StartsAt: in.Body.StartsAt, Staff: (*id.Staff)(in.Body.Staff), Status: (*visit.Status)(in.Body.Status), AcceptShort: in.Body.AcceptShort}
	if in.Body.Client != nil {
		p.Client = in.Body.Client.instead(was.Client)
	}
	if in.Body.Lines != nil {
		lines := linesOf(*in.Body.Lines)
		p.Lines = &lines
	}
	return p
}

// editVisit serves PATCH /visits/{id} (R4).
func (s *server) editVisit(ctx context.Context, a access.Actor, in *editVisitInput) (*visitOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	was, err := s.desk.Visit(access.System(), in.visit())
	if err != nil {
		return nil, err
	}
	v, err := s.d.EditVisit(ctx, a, in.visit(), version, in.patch(was))
	if err != nil {
		return nil, err
	}
	return s.answer(v, http.StatusOK)
}

// versionOf reads If-Match. "*" would be an edit based on nothing that anybody
// saw, which is what R4 forbids.
func versionOf(header string) (int64, error) {
	if header == "" {
		return 0, fault.New(fault.PreconditionRequired, "version_required", "Say which version this is based on, with If-Match.")
	}
	version, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(header, "W/"), `"`), 10, 64)
	if err != nil || version < 1 {
		return 0, fault.Invalid(fault.Field{Location: "header.If-Match", Message: `must be a version, as in "3"`})
	}
	return version, nil
}

// unblockVisit serves POST /visits/{id}/unblock (R14).
func (s *server) unblockVisit(ctx context.Context, a access.Actor, in *VisitPath) (*visitOutput, error) {
	v, err := s.d.Unblock(ctx, a, in.visit())
	if err != nil {
		return nil, err
	}
	return s.answer(v, http.StatusOK)
}
