package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/web/page"
)

// How many rows of a file a page shows: a tablet can't draw twenty thousand.
const (
	badShown  = 500
	goodShown = 200
)

// exportItems serves GET /desk/catalogue/export.
func (v *view) exportItems() error {
	text, err := v.s.catalogueFile(v.a, v.lang)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="catalogue-%s.csv"`, v.loc.Today(v.now)))
	_, err = v.w.Write(text)
	return err
}

// filePage serves GET /desk/catalogue/file.
func (v *view) filePage() error {
	p, err := v.shelfPage("")
	if err != nil {
		return err
	}
	p.File = &page.File{Columns: catalogue.Columns(), Example: v.example()}
	created, wrong := strconv.Atoi(v.query("created"))
	changed, alsoWrong := strconv.Atoi(v.query("changed"))
	if errors.Join(wrong, alsoWrong) == nil {
		p.File.Done = &page.Tally{Created: created, Changed: changed}
	}
	v.show(http.StatusOK, *p)
	return nil
}

// readItems serves POST /desk/catalogue/file: what a file would change, and, once somebody has seen
// that, the change. The file comes twice, so that nothing is kept in between.
func (v *view) readItems() error {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return err
	}
	name, data, err := v.sentFile()
	if err != nil {
		return v.fileAgain(err)
	}
	if v.form("sure") == "1" {
		done, err := v.s.importFile(v.a, []byte(data), false)
		if err == nil {
			return v.seeOther("/desk/catalogue/file?" + url.Values{"created": {strconv.Itoa(done.Created)}, "changed": {strconv.Itoa(done.Changed)}}.Encode())
		}
		if f := fault.From(err); f == nil || f.Code != "import_refused" {
			return v.fileAgain(err)
		}
		// The catalogue has changed since they looked: they look again.
	}
	tried, err := v.s.importFile(v.a, []byte(data), true)
	if err != nil {
		return v.fileAgain(err)
	}
	p, err := v.shelfPage("")
	if err != nil {
		return err
	}
	p.File = &page.File{Tried: v.trial(name, data, tried)}
	v.show(http.StatusOK, *p)
	return nil
}

// sentFile is the file that a form carries: chosen just now, or the text of the one that was looked
// through, whose ends of lines the browser has changed.
func (v *view) sentFile() (name, data string, err error) {
	if err := v.r.ParseMultipartForm(fileLimit); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", "", malformed(err)
	}
	if v.form("sure") == "1" {
		return v.form("name"), strings.ReplaceAll(v.form("data"), "\r\n", "\n"), nil
	}
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return "", "", fault.Invalid(fault.Field{Location: "body.file", Message: "is missing"})
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	return header.Filename, string(raw), err
}

// fileAgain shows the page of files with why one can't be read.
func (v *view) fileAgain(err error) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	p, err := v.shelfPage("")
	if err != nil {
		return err
	}
	p.File = &page.File{Columns: catalogue.Columns(), Example: v.example(), Problem: v.worded(why)}
	if why.code == "csv_unreadable" {
		for _, f := range why.fields {
			p.File.Problem.Text += " “" + f.Location + "” " + strings.TrimSuffix(page.Refused(v.lang, f.Message), ".") + "."
		}
	}
	v.show(why.status, *p)
	return nil
}

// trial is a dry run as its page: the bad rows first, then what would change.
func (v *view) trial(name, data string, done desk.Imported) *page.Trial {
	t := &page.Trial{Name: name, Data: data, Tally: page.Tally{Created: done.Created, Changed: done.Changed, Unchanged: done.Unchanged, Bad: done.Bad}}
	for _, outcome := range [][]string{{desk.RowBad}, {desk.RowCreated, desk.RowChanged}, {desk.RowUnchanged}} {
		left := goodShown
		if outcome[0] == desk.RowBad {
			left = badShown
		}
		for _, r := range done.Rows {
			switch {
			case !slices.Contains(outcome, r.Outcome):
			case left == 0:
				t.More++
			default:
				t.Rows = append(t.Rows, v.fileRow(r))
				left--
			}
		}
	}
	return t
}

func (v *view) fileRow(r desk.ImportedRow) page.FileRow {
	row := page.FileRow{Number: r.Number, Outcome: r.Outcome, Kind: string(r.Item.Kind), Name: r.Item.Name, SKU: r.Item.SKU,
		Price: v.money(r.Item.Price)}
	for _, f := range r.Faults {
		row.Faults = append(row.Faults, page.FileFault{Column: f.Location, What: page.Refused(v.lang, f.Message)})
		if f.Location == "price" {
			row.Price = ""
		}
	}
	if isKind(r.Item.Kind) {
		row.Kind = page.Text(v.lang, "kind."+row.Kind)
	}
	if r.Outcome == desk.RowChanged {
		row.Changed = v.changed(r)
	}
	return row
}

// changed names the columns that a row changes, with what they were and will be.
func (v *view) changed(r desk.ImportedRow) (columns []string) {
	add := func(column string, was, is string) {
		if was != is {
			columns = append(columns, column+" "+orNone(was)+" → "+orNone(is))
		}
	}
	cur, onHand := v.loc.Currency, func(n *int64) string {
		if n == nil {
			return ""
		}
		return count(*n)
	}
	was, is := r.Was, r.Item
	add("sku", was.SKU, is.SKU)
	add("name", was.Name, is.Name)
	add("price", money.Decimal(was.Price, cur), money.Decimal(is.Price, cur))
	add("min", decimal(was.Min, cur), decimal(is.Min, cur))
	add("max", decimal(was.Max, cur), decimal(is.Max, cur))
	add("tax_system", was.TaxSystem, is.TaxSystem)
	if r.OnHand != nil {
		add("stock", onHand(r.WasOnHand), onHand(r.OnHand))
	}
	add("active", yes(was.Active), yes(is.Active))
	add("uses", filled(was.Uses), filled(is.Uses))
	add("days", filled(was.Days), filled(is.Days))
	add("value", decimal(was.Value, cur), decimal(is.Value, cur))
	return columns
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
