package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/visit"
)

// itemRoute is a kind of items with an address of its own, and what one and
// many of it are called.
type itemRoute struct {
	kind      visit.LineKind
	path      string
	one, many string
}

// slugOf is a name as it stands in an operation's id.
func slugOf(name string) string { return strings.ReplaceAll(name, " ", "-") }

type wireItem struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	SKU       string `json:"sku"`
	Price     int64  `json:"price"`
	Min       int64  `json:"min" doc:"The usual range of the price; 0 and 0 for none."`
	Max       int64  `json:"max"`
	Currency  string `json:"currency"`
	TaxSystem string `json:"tax_system"`
	Active    bool   `json:"active"`
	Uses      int64  `json:"uses" doc:"Of a membership: visits that it holds, 0 for any number."`
	Days      int64  `json:"days" doc:"Of a membership or gift card: how long it is good for, 0 for ever."`
	Value     int64  `json:"value" doc:"Of a gift card: what is on it when it is issued, 0 for its price."`
	OnHand    *int64 `json:"on_hand" doc:"Of a product: pieces on the itemRoute; null if they aren't counted."`
	Version   int64  `json:"version"`
}

// showItems are items as the API tells them.
func (s *server) showItems(a access.Actor, items ...catalogue.Item) ([]wireItem, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	levels, err := s.desk.OnHand(a, ids...)
	if err != nil {
		return nil, err
	}
	shown := make([]wireItem, len(items))
	for n, i := range items {
		shown[n] = wireItem{ID: i.ID, Kind: string(i.Kind), Name: i.Name, SKU: i.SKU, Price: i.Price, Min: i.Min, Max: i.Max,
			Currency: string(loc.Currency), TaxSystem: i.TaxSystem, Active: i.Active, Uses: i.Uses, Days: i.Days, Value: i.Value, Version: i.Version}
		if levels[n].Counted {
			shown[n].OnHand = &levels[n].OnHand
		}
	}
	return shown, nil
}

type listItemsInput struct {
	Q      string `query:"q" maxLength:"200" doc:"Beginnings of words of the name or of the SKU. The first matches come, in one page."`
	Active bool   `query:"active" doc:"Only what is sold now."`
	Cursor string `query:"cursor" maxLength:"700"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" doc:"100 if left out."`
}

type listOutput struct {
	Body map[string]any
}

// listItems serves the catalogue's lists, GET /services and the like. The
// plural is the name of the list, as everywhere.
func (s *server) listItems(of itemRoute) func(context.Context, access.Actor, *listItemsInput) (*listOutput, error) {
	plural := strings.ReplaceAll(of.many, " ", "_")
	return func(_ context.Context, a access.Actor, in *listItemsInput) (*listOutput, error) {
		found, next, err := s.desk.FindItems(a, desk.ItemQuery{Q: in.Q, Kind: of.kind, Retired: !in.Active, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		shown, err := s.showItems(a, found...)
		return &listOutput{Body: map[string]any{plural: shown, "next_cursor": next}}, err
	}
}

// What may be said of an item. Its own rules are the catalogue's; here are only
// types, and bounds beyond which a number can't be read.

type itemInput struct {
	Name      string `json:"name"`
	SKU       string `json:"sku,omitempty" doc:"No two items have one."`
	Price     int64  `json:"price" minimum:"0" maximum:"99999999999" doc:"In the currency's minor unit."`
	Min       int64  `json:"min,omitempty" minimum:"0" maximum:"99999999999"`
	Max       int64  `json:"max,omitempty" minimum:"0" maximum:"99999999999"`
	TaxSystem string `json:"tax_system,omitempty"`
	Active    *bool  `json:"active,omitempty" doc:"True, if left out."`
	Uses      int64  `json:"uses,omitempty"`
	Days      int64  `json:"days,omitempty"`
	Value     int64  `json:"value,omitempty" minimum:"0" maximum:"99999999999"`
}

func (in itemInput) item(kind visit.LineKind) catalogue.Item {
	return catalogue.Item{Kind: kind, Name: in.Name, SKU: in.SKU, Price: in.Price, Min: in.Min, Max: in.Max, TaxSystem: in.TaxSystem,
		Active: in.Active == nil || *in.Active, Uses: in.Uses, Days: in.Days, Value: in.Value}
}

// itemPatch has pointers, so that what was left out stays.
type itemPatch struct {
	Name      *string `json:"name,omitempty"`
	SKU       *string `json:"sku,omitempty"`
	Price     *int64  `json:"price,omitempty" minimum:"0" maximum:"99999999999"`
	Min       *int64  `json:"min,omitempty" minimum:"0" maximum:"99999999999"`
	Max       *int64  `json:"max,omitempty" minimum:"0" maximum:"99999999999"`
	TaxSystem *string `json:"tax_system,omitempty"`
	Active    *bool   `json:"active,omitempty"`
	Uses      *int64  `json:"uses,omitempty"`
	Days      *int64  `json:"days,omitempty"`
	Value     *int64  `json:"value,omitempty" minimum:"0" maximum:"99999999999"`
}

func (in itemPatch) over(i catalogue.Item) catalogue.Item {
	for from, to := range map[*string]*string{in.Name: &i.Name, in.SKU: &i.SKU, in.TaxSystem: &i.TaxSystem} {
		set(to, from)
	}
	for from, to := range map[*int64]*int64{in.Price: &i.Price, in.Min: &i.Min, in.Max: &i.Max, in.Uses: &i.Uses, in.Days: &i.Days, in.Value: &i.Value} {
		set(to, from)
	}
	set(&i.Active, in.Active)
	return i
}

// set takes over what was said.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

type itemOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     wireItem
}

// answerItem is an item with its version as the ETag that an edit sends back.
func (s *server) answerItem(a access.Actor, i catalogue.Item) (*itemOutput, error) {
	shown, err := s.showItems(a, i)
	if err != nil {
		return nil, err
	}
	return &itemOutput{ETag: etag(i.Version), Body: shown[0]}, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

type createItemInput struct {
	Keyed
	Body itemInput
}

// createItem serves POST /services and the like.
func (s *server) createItem(of itemRoute) func(context.Context, access.Actor, *createItemInput) (*itemOutput, error) {
	return func(_ context.Context, a access.Actor, in *createItemInput) (*itemOutput, error) {
		i, err := s.desk.CreateItem(a, in.Body.item(of.kind), in.key(http.MethodPost, of.path))
		if err != nil {
			return nil, err
		}
		// Who may edit the catalogue is shown what came of it, with or without the right to look.
		out, err := s.answerItem(access.System(), i)
		if err == nil {
			out.Location = apiBase + of.path + "/" + i.ID
		}
		return out, err
	}
}

// ItemPath names an item in an operation's address.
type ItemPath struct {
	ID string `path:"id" maxLength:"64"`
}

// itemOf is an item of the kind that an address is for.
func (s *server) itemOf(a access.Actor, of itemRoute, which string) (catalogue.Item, error) {
	i, err := s.desk.Item(a, which)
	if err == nil && i.Kind != of.kind {
		err = fault.NotFound("item")
	}
	return i, err
}

// getItem serves GET /services/{id} and the like.
func (s *server) getItem(of itemRoute) func(context.Context, access.Actor, *ItemPath) (*itemOutput, error) {
	return func(_ context.Context, a access.Actor, in *ItemPath) (*itemOutput, error) {
		i, err := s.itemOf(a, of, in.ID)
		if err != nil {
			return nil, err
		}
		return s.answerItem(a, i)
	}
}

type editItemInput struct {
	ItemPath
	IfMatch string `header:"If-Match" doc:"The version that the edit is based on, as in \"3\"."`
	Body    itemPatch
}

// editItem serves PATCH /services/{id} and the like (R4).
func (s *server) editItem(of itemRoute) func(context.Context, access.Actor, *editItemInput) (*itemOutput, error) {
	return func(_ context.Context, a access.Actor, in *editItemInput) (*itemOutput, error) {
		version, err := versionOf(in.IfMatch)
		if err != nil {
			return nil, err
		}
		was, err := s.itemOf(access.System(), of, in.ID)
		if err != nil {
			return nil, err
		}
		i := in.Body.over(was)
		i.Version = version
		if i, err = s.desk.SaveItem(a, i); err != nil {
			return nil, err
		}
		return s.answerItem(access.System(), i)
	}
}
