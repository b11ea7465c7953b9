package web

import (
	"context"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
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

// staffFields are what is said of a staff member. The PIN is never read back.
type staffFields struct {
	Name   *string `json:"name,omitempty"`
	Role   *string `json:"role,omitempty" enum:"administrator,manager,receptionist,finance,viewer"`
	PIN    *string `json:"pin,omitempty" pattern:"^[0-9]{4,8}$" doc:"Four to eight digits; written only."`
	Active *bool   `json:"active,omitempty"`
}

func (in staffFields) over(d desk.StaffDraft) desk.StaffDraft {
	set(&d.Name, in.Name)
	set((*string)(&d.Role), in.Role)
	set(&d.PIN, in.PIN)
	set(&d.Active, in.Active)
	return d
}

type createStaffInput struct {
	Body staffFields
}

type oneStaffOutput struct {
	Body wireStaff
}

// createStaff serves POST /staff (R38).
func (s *server) createStaff(_ context.Context, a access.Actor, in *createStaffInput) (*oneStaffOutput, error) {
	return s.saveStaffOf(a, in.Body.over(desk.StaffDraft{Active: true}))
}

// StaffPath is the staff member that an address names.
type StaffPath struct {
	ID string `path:"id" maxLength:"64"`
}

type editStaffInput struct {
	StaffPath
	Body staffFields
}

// editStaff serves PATCH /staff/{id} (R38).
func (s *server) editStaff(_ context.Context, a access.Actor, in *editStaffInput) (*oneStaffOutput, error) {
	people, err := s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.ID == id.Staff(in.ID) {
			return s.saveStaffOf(a, in.Body.over(desk.StaffDraft{ID: p.ID, Name: p.Name, Role: p.Role, Active: p.Active}))
		}
	}
	return nil, fault.NotFound("staff")
}

func (s *server) saveStaffOf(a access.Actor, d desk.StaffDraft) (*oneStaffOutput, error) {
	p, err := s.desk.SaveStaff(a, d)
	if err != nil {
		return nil, err
	}
	return &oneStaffOutput{Body: wireStaff{ID: string(p.ID), Name: p.Name, Role: string(p.Role), Active: p.Active}}, nil
}
