package web

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/web/page"
)

// clientRows is how many clients the list shows at a time.
const clientRows = 50

// clients serves GET /desk/clients.
func (v *view) clients() error {
	p, err := v.clientsPage("")
	if err != nil {
		return err
	}
	v.show(http.StatusOK, *p)
	return nil
}

// clientList serves GET /desk/clients/list: what a search finds, or with a cursor what comes after
// the rows that are there.
func (v *view) clientList() error {
	if v.query("cursor") != "" {
		rows, err := v.clientRows(strings.TrimSpace(v.query("q")), v.query("cursor"), v.query("open"))
		if err != nil {
			return err
		}
		v.show(http.StatusOK, rows)
		return nil
	}
	p, err := v.clientsPage(v.query("open"))
	if err != nil {
		return err
	}
	v.show(http.StatusOK, p.List)
	return nil
}

// clientsPage is the page with nobody open in it.
func (v *view) clientsPage(selected string) (*page.Clients, error) {
	shell, err := v.shell(nil)
	if err != nil {
		return nil, err
	}
	q := strings.TrimSpace(v.query("q"))
	rows, err := v.clientRows(q, v.query("cursor"), selected)
	return &page.Clients{Shell: shell, List: page.ClientList{Q: q, Later: v.query("cursor") != "", Rows: rows, Selected: selected,
		CanAdd: v.a.Rights.Has(access.VisitsEdit)}}, err
}

func (v *view) clientRows(q, cursor, selected string) (page.ClientRows, error) {
	rows := page.ClientRows{Selected: selected}
	found, next, err := v.s.desk.Clients(v.a, desk.ClientQuery{Q: q, Cursor: cursor, Limit: clientRows})
	search := url.Values{}
	if q != "" {
		search.Set("q", q)
	}
	for _, c := range found {
		row := clientRow(c)
		if row.Address = "/desk/clients/" + url.PathEscape(row.ID); q != "" {
			row.Address += "?" + search.Encode()
		}
		rows.Rows = append(rows.Rows, row)
	}
	if next != "" {
		search.Set("cursor", next)
		rows.More, rows.MoreRows = "/desk/clients?"+search.Encode(), "/desk/clients/list?"+search.Encode()
	}
	return rows, err
}

func clientRow(c client.Client) page.ClientRow {
	row := page.ClientRow{ID: string(c.ID), Name: called(c)}
	if reach := cmp.Or(client.Readable(c.Phone), c.Email); reach != row.Name {
		row.Contact = reach
	}
	return row
}

// called is how a client is named where nobody knows the name.
func called(c client.Client) string {
	return cmp.Or(c.Name, client.Readable(c.Phone), c.Email)
}

// who is the client in the address.
func (v *view) who() id.Client { return id.Client(chi.URLParam(v.r, "id")) }

// clientWindow serves GET /desk/clients/{id}.
func (v *view) clientWindow() error { return v.openClient(http.StatusOK, nil) }

// openClient shows a client's window; change, if any, says in it what went wrong.
func (v *view) openClient(status int, change func(*page.Client)) error {
	c, err := v.s.desk.Client(v.a, v.who())
	if err != nil {
		return err
	}
	w, err := v.windowOf(c)
	if err != nil {
		return err
	}
	if change != nil {
		change(w)
	}
	if fragment(v.r) {
		v.show(status, *w)
		return nil
	}
	p, err := v.clientsPage(string(c.ID))
	if err != nil {
		return err
	}
	p.Client = w
	v.show(status, *p)
	return nil
}

func (v *view) windowOf(c client.Client) (*page.Client, error) {
	w := &page.Client{ID: string(c.ID), Name: called(c), Note: c.Note, CanEdit: v.a.Rights.Has(access.VisitsEdit), Saved: v.query("saved") == "1"}
	for _, o := range languages(c.Language)[1:] {
		if o.Selected {
			w.Language = o.Text
		}
	}
	for _, reach := range []string{client.Readable(c.Phone), c.Email} {
		if reach != "" && reach != w.Name {
			w.Contact = append(w.Contact, reach)
		}
	}
	if v.a.Rights.Has(access.TakePayments) {
		symbol := v.loc.Currency.Symbol()
		w.Grant = &page.GrantForm{Client: w.ID, Key: rand.Text(), Method: ledger.Loyalty, Symbol: symbol, Errors: map[string]string{}}
		w.Deposit = &page.DepositForm{Client: w.ID, Key: rand.Text(), Method: ledger.Cash, Symbol: symbol, Errors: map[string]string{}}
	}
	var err error
	if w.Notice, err = v.bookedFor(c.ID); err != nil {
		return nil, err
	}
	w.Past, err = v.past(c.ID)
	return w, err
}
