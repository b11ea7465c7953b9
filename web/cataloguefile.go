package web

import (
	"bytes"
	"context"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/web/page"
)

// importPath is where a whole catalogue comes in; its bodies may be larger.
const importPath = "/catalogue:import"

type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// exportCatalogue serves GET /catalogue.csv.
func (s *server) exportCatalogue(_ context.Context, a access.Actor, _ *nothing) (*fileOutput, error) {
	text, err := s.catalogueFile(a, "en")
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="catalogue.csv"`, Body: text}, nil
}

// catalogueFile is the whole catalogue as CSV, for the spreadsheets of a language.
func (s *server) catalogueFile(a access.Actor, lang string) ([]byte, error) {
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	rows, err := s.desk.Export(a)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = catalogue.Write(&b, rows, loc.Currency, page.Language(lang))
	return b.Bytes(), err
}

// importFile takes in a whole catalogue.
func (s *server) importFile(a access.Actor, text []byte, dry bool) (desk.Imported, error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return desk.Imported{}, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return desk.Imported{}, err
	}
	rows, err := catalogue.Read(bytes.NewReader(text), loc.Currency)
	if err != nil {
		return desk.Imported{}, err
	}
	return s.desk.Import(a, rows, dry)
}

type importInput struct {
	Dry     bool   `query:"dry" doc:"Only say what the file would come to."`
	RawBody []byte `contentType:"text/csv" doc:"UTF-8, separated by commas or semicolons; its first line names the columns kind, sku, name, price, min, max, tax_system, stock, active, uses, days, value."`
}

type wireImportedRow struct {
	Row     int           `json:"row" doc:"The line of the file; the header's is 1."`
	Outcome string        `json:"outcome" enum:"created,changed,unchanged,bad"`
	ID      string        `json:"id"`
	Kind    string        `json:"kind"`
	SKU     string        `json:"sku"`
	Name    string        `json:"name"`
	Errors  []fault.Field `json:"errors" doc:"What is wrong with a bad row, by column."`
}

type importOutput struct {
	Body struct {
		Dry       bool              `json:"dry"`
		Created   int               `json:"created"`
		Changed   int               `json:"changed"`
		Unchanged int               `json:"unchanged"`
		Bad       int               `json:"bad"`
		Rows      []wireImportedRow `json:"rows"`
	}
}

// importCatalogue serves POST /catalogue:import.
func (s *server) importCatalogue(_ context.Context, a access.Actor, in *importInput) (*importOutput, error) {
	done, err := s.importFile(a, in.RawBody, in.Dry)
	if err != nil {
		return nil, err
	}
	out := &importOutput{}
	b := &out.Body
	b.Dry, b.Created, b.Changed, b.Unchanged, b.Bad = in.Dry, done.Created, done.Changed, done.Unchanged, done.Bad
	b.Rows = make([]wireImportedRow, len(done.Rows))
	for i, r := range done.Rows {
		b.Rows[i] = wireImportedRow{Row: r.Number, Outcome: r.Outcome, ID: r.Item.ID, Kind: string(r.Item.Kind), SKU: r.Item.SKU,
			Name: r.Item.Name, Errors: append([]fault.Field{}, r.Faults...)}
	}
	return out, nil
}
