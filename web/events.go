package web

import (
	"context"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// eventPage is how many events one answer or one reading holds.
const eventPage = 200

type wireEvent struct {
	Seq  uint64      `json:"seq"`
	Type string      `json:"type"`
	At   time.Time   `json:"at"`
	Data desk.Detail `json:"data"`
}

type eventsInput struct {
	After uint64 `query:"after" doc:"The last event that is known; 0 for all."`
	Wait  int    `query:"wait" minimum:"0" maximum:"25" doc:"Seconds to wait for one."`
}

type eventsOutput struct {
	Body struct {
		Events []wireEvent `json:"events"`
		Next   uint64      `json:"next" doc:"What to ask after the next time."`
	}
}

// listEvents serves GET /events: the changes after a cursor, at once or when
// there is one.
func (s *server) listEvents(ctx context.Context, _ access.Actor, in *eventsInput) (*eventsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(in.Wait)*time.Second)
	defer cancel()
	out := &eventsOutput{}
	for {
		changed := s.desk.Changed()
		events, next, err := s.eventsAfter(in.After)
		if err != nil {
			return nil, err
		}
		out.Body.Events, out.Body.Next = events, next
		if len(events) > 0 || next != in.After {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, nil
		case <-changed:
		}
	}
}

// eventsAfter reads one page of changes, and the cursor after it. A cursor
// from the future, as after a backup was restored, is set back to the end.
func (s *server) eventsAfter(after uint64) ([]wireEvent, uint64, error) {
	entries, err := s.desk.Changes(after, eventPage)
	if err != nil {
		return nil, 0, err
	}
	events := make([]wireEvent, len(entries))
	for i, e := range entries {
		events[i] = wireEvent{Seq: e.Seq, Type: e.Value.Type, At: e.Value.At, Data: e.Value.Data}
		after = e.Seq
	}
	if len(entries) == 0 {
		last, err := s.desk.LastChange()
		if err != nil {
			return nil, 0, err
		}
		after = min(after, last)
	}
	return events, after, nil
}
