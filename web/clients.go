package web

import (
	"context"
	"net/http"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/id"
)

type wireBalances struct {
	Loyalty  int64 `json:"loyalty"`
	Cashback int64 `json:"cashback"`
	Deposit  int64 `json:"deposit"`
}

type wireKnownClient struct {
	ID        string        `json:"id"`
	Name      string        `json:"name"`
	Phone     string        `json:"phone" doc:"E.164 where it can be read as a number."`
	Email     string        `json:"email"`
	Language  string        `json:"language"`
	Note      string        `json:"note"`
	Version   int64         `json:"version"`
	CreatedAt time.Time     `json:"created_at"`
	Balances  *wireBalances `json:"balances,omitempty" doc:"What the client holds, in minor units; of one client only."`
	Cards     []wireCard    `json:"cards,omitempty" doc:"Gift cards and memberships; of one client only."`
}

type wireCard struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"gift_card,membership"`
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	State      string     `json:"state" enum:"active,held,void"`
	Balance    int64      `json:"balance"`
	Currency   string     `json:"currency"`
	Uses       int64      `json:"uses" doc:"How often a membership can be used; 0 without limit."`
	Used       int64      `json:"used"`
	ValidUntil *time.Time `json:"valid_until"`
}

func showCards(cards []desk.Holding, zone *time.Location) []wireCard {
	shown := make([]wireCard, 0, len(cards))
	for _, c := range cards {
		shown = append(shown, wireCard{ID: string(c.ID), Kind: string(c.Kind), Code: c.Code, Name: c.Name, State: string(c.State),
			Balance: c.Balance, Currency: string(c.Currency), Uses: c.Uses, Used: c.Used, ValidUntil: moment(c.ValidUntil, zone)})
	}
	return shown
}

func showClient(c client.Client, zone *time.Location) wireKnownClient {
	return wireKnownClient{ID: string(c.ID), Name: c.Name, Phone: c.Phone, Email: c.Email, Language: c.Language, Note: c.Note,
		Version: c.Version, CreatedAt: c.CreatedAt.In(zone)}
}

type listClientsInput struct {
	Q      string `query:"q" maxLength:"200" doc:"Words of the name, the number or its last digits, the address."`
	Cursor string `query:"cursor" maxLength:"700"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500"`
}

type clientsOutput struct {
	Body struct {
		Clients []wireKnownClient `json:"clients"`
		Next    string            `json:"next_cursor"`
	}
}

// listClients serves GET /clients.
func (s *server) listClients(_ context.Context, a access.Actor, in *listClientsInput) (*clientsOutput, error) {
	found, next, err := s.desk.Clients(a, desk.ClientQuery{Q: in.Q, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &clientsOutput{}
	out.Body.Next, out.Body.Clients = next, make([]wireKnownClient, len(found))
	for i, c := range found {
		out.Body.Clients[i] = showClient(c, loc.Clock())
	}
	return out, nil
}

// ClientPath is the client that an address names.
type ClientPath struct {
	ID string `path:"id" maxLength:"64"`
}

type clientOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     wireKnownClient
}

// answerClient is a client with what they hold.
func (s *server) answerClient(a access.Actor, c client.Client) (*clientOutput, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &clientOutput{ETag: etag(c.Version), Body: showClient(c, loc.Clock())}
	if a.Rights.Has(access.VisitsView) { // who may only write learns nothing by it
		held, err := s.desk.Balances(a, c.ID)
		if err != nil {
			return nil, err
		}
		out.Body.Balances = (*wireBalances)(&held)
	}
	cards, err := s.desk.ClientCards(access.System(), c.ID)
	if err != nil {
		return nil, err
	}
	if a.Rights.Has(access.TakePayments) { // a card's code is as good as its balance
		out.Body.Cards = showCards(cards, loc.Clock())
	}
	return out, nil
}

// getClient serves GET /clients/{id}.
func (s *server) getClient(_ context.Context, a access.Actor, in *ClientPath) (*clientOutput, error) {
	c, err := s.desk.Client(a, id.Client(in.ID))
	if err != nil {
		return nil, err
	}
	return s.answerClient(a, c)
}

type clientFields struct {
	Name     *string `json:"name,omitempty"`
	Phone    *string `json:"phone,omitempty"`
	Email    *string `json:"email,omitempty"`
	Language *string `json:"language,omitempty"`
	Note     *string `json:"note,omitempty"`
}

func (in clientFields) over(c client.Client) client.Client {
	set(&c.Name, in.Name)
	set(&c.Phone, in.Phone)
	set(&c.Email, in.Email)
	set(&c.Language, in.Language)
	set(&c.Note, in.Note)
	return c
}

type createClientInput struct {
	Keyed
	Body clientFields
}

// createClient serves POST /clients.
func (s *server) createClient(_ context.Context, a access.Actor, in *createClientInput) (*clientOutput, error) {
	c, err := s.desk.SaveClient(a, in.Body.over(client.Client{}), in.key(http.MethodPost, "/clients"))
	if err != nil {
		return nil, err
	}
	out, err := s.answerClient(a, c)
	if err != nil {
		return nil, err
	}
	out.Location = apiBase + "/clients/" + string(c.ID)
	return out, nil
}

type editClientInput struct {
	ClientPath
	IfMatch string `header:"If-Match" doc:"The version that the edit is based on, as in \"3\"."`
	Body    clientFields
}

// editClient serves PATCH /clients/{id}.
func (s *server) editClient(_ context.Context, a access.Actor, in *editClientInput) (*clientOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	c, err := s.desk.Client(access.System(), id.Client(in.ID))
	if err != nil {
		return nil, err
	}
	c = in.Body.over(c)
	c.Version = version
	if c, err = s.desk.SaveClient(a, c, desk.Key{}); err != nil {
		return nil, err
	}
	return s.answerClient(a, c)
}

type grantInput struct {
	ClientPath
	Keyed
	Body struct {
		Method string `json:"method" enum:"loyalty,cashback"`
		Amount int64  `json:"amount" minimum:"-99999999999" maximum:"99999999999" doc:"In minor units; below 0 takes off."`
		Reason string `json:"reason" maxLength:"200"`
	}
}

// grantBalance serves POST /clients/{id}/grants (R16).
func (s *server) grantBalance(_ context.Context, a access.Actor, in *grantInput) (*paymentOutput, error) {
	e, err := s.desk.GrantBalance(a, id.Client(in.ID), desk.Grant{Method: in.Body.Method, Amount: in.Body.Amount, Reason: in.Body.Reason},
		in.key(http.MethodPost, "/clients/"+in.ID+"/grants"))
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	shown, err := s.showEntry(e, loc.Clock())
	return &paymentOutput{Body: shown}, err
}

type depositInput struct {
	ClientPath
	Keyed
	Body struct {
		Method string `json:"method" enum:"cash,card"`
		Amount int64  `json:"amount" minimum:"1" maximum:"99999999999" doc:"In minor units."`
	}
}

// takeDeposit serves POST /clients/{id}/deposits (R16).
func (s *server) takeDeposit(_ context.Context, a access.Actor, in *depositInput) (*paymentOutput, error) {
	e, err := s.desk.TopUp(a, id.Client(in.ID), desk.Taking{Method: in.Body.Method, Amount: in.Body.Amount},
		in.key(http.MethodPost, "/clients/"+in.ID+"/deposits"))
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	shown, err := s.showEntry(e, loc.Clock())
	return &paymentOutput{Body: shown}, err
}

type cardsOutput struct {
	Body struct {
		Cards []wireCard `json:"cards"`
		Next  string     `json:"next_cursor"`
	}
}

// listCards serves GET /visits/{id}/cards (R22).
func (s *server) listCards(_ context.Context, a access.Actor, in *VisitPath) (*cardsOutput, error) {
	if _, err := s.desk.Visit(a, in.visit()); err != nil {
		return nil, err
	}
	cards, err := s.desk.VisitCards(a, in.visit())
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	out := &cardsOutput{}
	out.Body.Cards = showCards(cards, loc.Clock())
	return out, nil
}
