package web

import (
	"context"

	"countersign/daemon/access"
	"countersign/daemon/visit"
)

type listOutput struct {
	Body map[string]any
}

// listItems serves the catalogue's lists, GET /services and the like. The
// plural is the name of the list, as everywhere.
func (s *server) listItems(kind visit.LineKind, plural string) func(context.Context, access.Actor, *nothing) (*listOutput, error) {
	return func(_ context.Context, a access.Actor, _ *nothing) (*listOutput, error) {
		loc, err := s.desk.Location()
		if err != nil {
			return nil, err
		}
		items, err := s.desk.Items(a)
		if err != nil {
			return nil, err
		}
		shown := []wireItem{}
		for _, i := range items {
			if i.Kind == kind {
				shown = append(shown, showItem(i, string(loc.Currency)))
			}
		}
		return &listOutput{Body: map[string]any{plural: shown, "next_cursor": ""}}, nil
	}
}

type staffOutput struct {
	Body struct {
		Staff []wireStaff `json:"staff"`
		Next  string      `json:"next_cursor"`
	}
}

// listStaff serves GET /staff.
func (s *server) listStaff(context.Context, access.Actor, *nothing) (*staffOutput, error) {
	people, err := s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	out := &staffOutput{}
	out.Body.Staff = []wireStaff{}
	for _, p := range people {
		out.Body.Staff = append(out.Body.Staff, wireStaff{ID: string(p.ID), Name: p.Name, Role: string(p.Role), Active: p.Active})
	}
	return out, nil
}
