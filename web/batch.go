package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
)

// batchPath is where many visits arrive at once.
const batchPath = "/visits:batch"

type batchInput struct {
	Keyed
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
func (s *server) createVisits(one shape) func(context.Context, access.Actor, *batchInput) (*batchOutput, error) {
	return func(ctx context.Context, a access.Actor, in *batchInput) (*batchOutput, error) {
		if err := a.Need(access.VisitsEdit); err != nil {
			return nil, err
		}
		out := &batchOutput{}
		out.Body.Results = make([]wireOutcome, 0, len(in.Body.Visits))
		seen := map[string]bool{}
		for i, text := range in.Body.Visits {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			result := wireOutcome{Index: i}
			if answer, err := s.createOnce(a, one, text, in.keyOf(i), seen); err != nil {
				p := s.judgeIn(ctx, err)
				result.Status, result.Error = p.status, p
			} else {
				result.Status, result.Visit = answer.Status, &answer.Body
			}
			out.Body.Results = append(out.Body.Results, result)
		}
		return out, nil
	}
}

// keyOf is the idempotency key of one visit of a batch: those without an
// external id, too, are there once however often the batch is sent.
func (in *batchInput) keyOf(i int) desk.Key {
	k := in.key(http.MethodPost, batchPath)
	if k.Value != "" {
		k.Value += "\n" + strconv.Itoa(i) // no header has a line break
	}
	return k
}

// createOnce makes one visit of a batch. A second row of the same external id
// is a mistake of whoever sends it: it would undo the first unseen.
func (s *server) createOnce(a access.Actor, one shape, text []byte, k desk.Key, seen map[string]bool) (*visitOutput, error) {
	var row struct {
		ExternalID string `json:"external_id"`
	}
	if err := json.Unmarshal(text, &row); err == nil && row.ExternalID != "" {
		if seen[row.ExternalID] {
			return nil, fault.Invalid(fault.Field{Location: "body.external_id", Message: "appears twice in this batch"})
		}
		seen[row.ExternalID] = true
	}
	return s.readAndCreate(a, one, text, k)
}

func (s *server) readAndCreate(a access.Actor, one shape, text []byte, k desk.Key) (*visitOutput, error) {
	if err := one.check(text); err != nil {
		return nil, err
	}
	var in visitInput
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fault.Invalid(fault.Field{Location: "body", Message: "is not a visit"}).Because(err)
	}
	v, created, err := s.desk.CreateVisit(a, in.draft(), k)
	if err != nil {
		return nil, err
	}
	if created {
		return s.answer(v, http.StatusCreated)
	}
	return s.answer(v, http.StatusOK)
}

// shape holds a part of a body against its description, as huma does with
// whole bodies.
type shape struct {
	registry huma.Registry
	schema   *huma.Schema
}

// shapeOf is the shape of what a type describes.
func (a *api) shapeOf(t reflect.Type) shape {
	registry := a.huma.OpenAPI().Components.Schemas
	return shape{registry, registry.Schema(t, true, "")}
}

// check names every place where a part isn't as described.
func (s shape) check(text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return fault.Invalid(fault.Field{Location: "body", Message: "is not JSON"})
	}
	found := &huma.ValidateResult{}
	huma.Validate(s.registry, s.schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, v, found)
	fields := make([]fault.Field, 0, len(found.Errors))
	for _, err := range found.Errors {
		if e, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			fields = append(fields, fieldOf(e))
		}
	}
	if len(found.Errors) > 0 {
		return fault.Invalid(fields...)
	}
	return nil
}
