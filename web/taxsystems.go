package web

import (
	"context"
	"net/http"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
)

type wireTaxSystem struct {
	ID      string `json:"id" doc:"What items and lines name."`
	Name    string `json:"name"`
	Rate    int64  `json:"rate" doc:"In basis points: 1900 is 19 %."`
	Active  bool   `json:"active"`
	Version int64  `json:"version"`
}

type taxSystemsOutput struct {
	Body struct {
		Systems []wireTaxSystem `json:"tax_systems"`
		Next    string          `json:"next_cursor"`
	}
}

// listTaxSystems serves GET /tax-systems (R8).
func (s *server) listTaxSystems(_ context.Context, a access.Actor, _ *nothing) (*taxSystemsOutput, error) {
	systems, err := s.desk.TaxSystems(a)
	if err != nil {
		return nil, err
	}
	out := &taxSystemsOutput{}
	out.Body.Systems = make([]wireTaxSystem, len(systems))
	for i, one := range systems {
		out.Body.Systems[i] = wireTaxSystem(one)
	}
	return out, nil
}

type taxSystemOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     wireTaxSystem
}

func answerTaxSystem(s catalogue.TaxSystem) *taxSystemOutput {
	return &taxSystemOutput{ETag: etag(s.Version), Body: wireTaxSystem(s)}
}

// getTaxSystem serves GET /tax-systems/{id}.
func (s *server) getTaxSystem(_ context.Context, a access.Actor, in *ItemPath) (*taxSystemOutput, error) {
	found, err := s.desk.TaxSystem(a, in.ID)
	if err != nil {
		return nil, err
	}
	return answerTaxSystem(found), nil
}

type createTaxSystemInput struct {
	Keyed
	Body struct {
		ID     string `json:"id,omitempty" doc:"Made of the name, if left out."`
		Name   string `json:"name"`
		Rate   int64  `json:"rate" minimum:"0" maximum:"10000"`
		Active *bool  `json:"active,omitempty" doc:"True, if left out."`
	}
}

// createTaxSystem serves POST /tax-systems.
func (s *server) createTaxSystem(_ context.Context, a access.Actor, in *createTaxSystemInput) (*taxSystemOutput, error) {
	made, err := s.desk.CreateTaxSystem(a, catalogue.TaxSystem{ID: in.Body.ID, Name: in.Body.Name, Rate: in.Body.Rate,
		Active: in.Body.Active == nil || *in.Body.Active}, in.key(http.MethodPost, "/tax-systems"))
	if err != nil {
		return nil, err
	}
	out := answerTaxSystem(made)
	out.Location = apiBase + "/tax-systems/" + made.ID
	return out, nil
}

type editTaxSystemInput struct {
	ItemPath
	IfMatch string `header:"If-Match" doc:"The version that the edit is based on, as in \"3\"."`
	Body    struct {
		Name   *string `json:"name,omitempty"`
		Rate   *int64  `json:"rate,omitempty" minimum:"0" maximum:"10000"`
		Active *bool   `json:"active,omitempty"`
	}
}

// editTaxSystem serves PATCH /tax-systems/{id}.
func (s *server) editTaxSystem(_ context.Context, a access.Actor, in *editTaxSystemInput) (*taxSystemOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	edited, err := s.desk.TaxSystem(access.System(), in.ID)
	if err != nil {
		return nil, err
	}
	set(&edited.Name, in.Body.Name)
	set(&edited.Rate, in.Body.Rate)
	set(&edited.Active, in.Body.Active)
	edited.Version = version
	if edited, err = s.desk.SaveTaxSystem(a, edited); err != nil {
		return nil, err
	}
	return answerTaxSystem(edited), nil
}
