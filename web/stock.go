package web

import (
	"context"
	"net/http"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/stock"
)

type wireMovement struct {
	ID       string    `json:"id"`
	Product  string    `json:"product"`
	Quantity int64     `json:"quantity" doc:"Pieces that came; below 0 those that went."`
	Reason   string    `json:"reason" doc:"receipt, sale, return, adjustment or write_off."`
	Visit    string    `json:"visit"`
	Payment  string    `json:"payment"`
	Staff    string    `json:"staff"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

func showMovement(m stock.Movement, zone *time.Location) wireMovement {
	return wireMovement{ID: string(m.ID), Product: m.Item, Quantity: m.Quantity, Reason: string(m.Reason), Visit: string(m.Visit),
		Payment: string(m.Payment), Staff: string(m.Staff), Note: m.Note, At: m.At.In(zone)}
}

type listMovementsInput struct {
	ItemPath
	Cursor string `query:"cursor" maxLength:"32"`
}

type movementsOutput struct {
	Body struct {
		Movements []wireMovement `json:"movements"`
		OnHand    *int64         `json:"on_hand" doc:"Their sum; null before the first: the product isn't counted."`
		Next      string         `json:"next_cursor"`
	}
}

// listMovements serves GET /products/{id}/stock (R22).
func (s *server) listMovements(_ context.Context, a access.Actor, in *listMovementsInput) (*movementsOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	found, next, err := s.desk.Movements(a, in.ID, in.Cursor)
	if err != nil {
		return nil, err
	}
	levels, err := s.desk.OnHand(a, in.ID)
	if err != nil {
		return nil, err
	}
	out := &movementsOutput{}
	out.Body.Next, out.Body.Movements = next, make([]wireMovement, len(found))
	for i, m := range found {
		out.Body.Movements[i] = showMovement(m, loc.Clock())
	}
	if levels[0].Counted {
		out.Body.OnHand = &levels[0].OnHand
	}
	return out, nil
}

type moveStockInput struct {
	ItemPath
	Keyed
	Body struct {
		Quantity int64  `json:"quantity" minimum:"-1000000" maximum:"1000000" doc:"Pieces that came; below 0 those that went."`
		Reason   string `json:"reason" enum:"receipt,adjustment,write_off" doc:"Sales and returns come with their payments."`
		Note     string `json:"note,omitempty"`
	}
}

type movementOutput struct {
	Body wireMovement
}

// moveStock serves POST /products/{id}/stock (R22).
func (s *server) moveStock(_ context.Context, a access.Actor, in *moveStockInput) (*movementOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	m, err := s.desk.Move(a, in.ID, in.Body.Quantity, stock.Reason(in.Body.Reason), in.Body.Note, in.key(http.MethodPost, "/products/"+in.ID+"/stock"))
	if err != nil {
		return nil, err
	}
	return &movementOutput{Body: showMovement(m, loc.Clock())}, nil
}
