package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
)

// batchPath is where many visits arrive at once.
const batchPath = "/visits:batch"

type batchInput struct {
	Body struct {
		// Each is read by itself, so that one that can't be read holds up no other.
		Visits []json.RawMessage `json:"visits" minItems:"1" maxItems:"1000" nullable:"false" doc:"As for POST /visits."`
	}
}

type wireOutcome struct {
	Index  int        `json:"index"`
	Status int        `json:"status" doc:"201 created, 200 it existed, else as the error says."`
	Visit  *wireVisit `json:"visit,omitempty"`
	Error  any        `json:"error,omitempty" doc:"A problem, as it would be the answer to this visit alone."`
}

type batchOutput struct {
	Body struct {
		Results []wireOutcome `json:"results"`
	}
}

// createVisits serves POST /visits:batch (R5): each visit has its own outcome,
// and one that is refused holds up no other. Sent again, by its external ids,
// it changes nothing.
func (s *server) createVisits(ctx context.Context, a access.Actor, in *batchInput) (*batchOutput, error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return nil, err
	}
	out := &batchOutput{}
	out.Body.Results = make([]wireOutcome, 0, len(in.Body.Visits))
	for i, text := range in.Body.Visits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out.Body.Results = append(out.Body.Results, s.oneOf(a, i, text))
	}
	return out, nil
}

// oneOf creates or updates one visit of a batch.
func (s *server) oneOf(a access.Actor, i int, text []byte) wireOutcome {
	answer, err := s.readAndCreate(a, text)
	if err != nil {
		p := problemOf(err)
		return wireOutcome{Index: i, Status: p.status, Error: p}
	}
	return wireOutcome{Index: i, Status: answer.Status, Visit: &answer.Body}
}

func (s *server) readAndCreate(a access.Actor, text []byte) (*visitOutput, error) {
	var in visitInput
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&in); err != nil {
		return nil, fault.Invalid(fault.Field{Location: "body", Message: "is not a visit: " + err.Error()})
	}
	v, created, err := s.desk.CreateVisit(a, in.draft(), desk.Key{})
	if err != nil {
		return nil, err
	}
	if created {
		return s.answer(v, http.StatusCreated)
	}
	return s.answer(v, http.StatusOK)
}
