package web

import (
	"context"

	"countersign/daemon/access"
)

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
