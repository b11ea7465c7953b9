package catalogue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// Read reads a file: every row with all that is wrong with it, or an error for a file that has no
// rows to speak of. It is UTF-8, separated by commas or semicolons, with a header in any order.
func Read(r io.Reader, c money.Currency) ([]Row, error) {
	in, err := open(r)
	if err != nil {
		return nil, err
	}
	header, err := in.Read()
	if err != nil {
		return nil, unreadable("The file has no header: its first line names the columns.")
	}
	at, err := places(header)
	if err != nil {
		return nil, err
	}
	f := &file{csv: in, at: at, currency: c, has: map[string]bool{}}
	for column := range at {
		f.has[column] = true
	}
	if err := f.read(); err != nil {
		return nil, err
	}
	f.duplicates()
	return f.rows, nil
}

func unreadable(text string) *fault.Error {
	return fault.New(fault.Unprocessable, "csv_unreadable", text)
}

// open finds out how the file is separated: by whichever there is more of in its header.
func open(r io.Reader) (*csv.Reader, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "body_too_large", fmt.Sprintf("The file is larger than %d MB.", MaxBytes>>20))
	}
	if !utf8.Valid(raw) {
		return nil, unreadable("The file isn't in UTF-8: save it as “CSV UTF-8”.")
	}
	raw = bytes.TrimPrefix(raw, []byte(bom))
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord = -1
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	return in, nil
}

// places finds the columns, and names those that aren't ours.
func places(header []string) (map[string]int, error) {
	at := map[string]int{}
	var wrong []fault.Field
	add := func(column, what string) { wrong = append(wrong, fault.Field{Location: column, Message: what}) }
	for i, name := range header {
		column := strings.ToLower(strings.TrimSpace(name))
		_, twice := at[column]
		switch {
		case column == "":
		case twice:
			add(column, "is there twice")
		case !slices.Contains(Columns(), column):
			add(name, "is no column that we know")
		default:
			at[column] = i
		}
	}
	for _, column := range required() {
		if _, ok := at[column]; !ok {
			add(column, "is missing")
		}
	}
	if len(wrong) == 0 {
		return at, nil
	}
	err := unreadable("The first line must name the columns: " + strings.Join(Columns(), ", ") + ".")
	err.Fields = wrong
	return nil, err
}

// file is a file that is being read.
type file struct {
	csv      *csv.Reader
	at       map[string]int // where the columns are
	has      map[string]bool
	currency money.Currency
	rows     []Row
}

func (f *file) read() error {
	for {
		cells, err := f.csv.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if len(f.rows) == MaxRows {
			return fault.New(fault.TooLarge, "csv_too_long", fmt.Sprintf("The file has more than %d rows.", MaxRows))
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			r := Row{Number: wrong.StartLine, has: f.has}
			r.fault("", "has quotation marks that don't match: "+wrong.Err.Error())
			f.rows = append(f.rows, r)
			continue
		}
		if err != nil {
			return err
		}
		if blank(cells) {
			continue
		}
		line, _ := f.csv.FieldPos(0)
		f.rows = append(f.rows, f.row(line, cells))
	}
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// row reads one row and says everything that is wrong with it. Cells that are
// missing at its end are empty: spreadsheets leave them out.
func (f *file) row(line int, cells []string) Row {
	r := Row{Number: line, has: f.has}
	cell := func(column string) string {
		if i, ok := f.at[column]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	if last := slices.Max(slices.Collect(maps.Values(f.at))); last+1 < len(cells) && !blank(cells[last+1:]) {
		r.fault("", "has more cells than the header")
	}
	r.Item = Item{Kind: kindOf(cell("kind")), SKU: plain(cell("sku")), Name: plain(cell("name")), TaxSystem: plain(cell("tax_system"))}
	for column, to := range map[string]*int64{"price": &r.Item.Price, "min": &r.Item.Min, "max": &r.Item.Max, "value": &r.Item.Value} {
		f.amount(&r, column, cell(column), to)
	}
	for column, to := range map[string]*int64{"uses": &r.Item.Uses, "days": &r.Item.Days} {
		f.number(&r, column, cell(column), to)
	}
	f.onHand(&r, cell("stock"))
	f.active(&r, cell("active"))
	r.Item = r.Item.Tidy()
	if err := fault.From(r.Item.Check()); err != nil {
		for _, wrong := range err.Fields {
			column := strings.TrimPrefix(wrong.Location, "body.")
			if !slices.ContainsFunc(r.Faults, func(f fault.Field) bool { return f.Location == column }) { // unreadable is not missing as well
				r.fault(column, wrong.Message)
			}
		}
	}
	slices.SortStableFunc(r.Faults, func(a, b fault.Field) int { return strings.Compare(a.Location, b.Location) })
	return r
}

// kindOf reads a kind as people write it: "Gift card" is gift_card.
func kindOf(s string) visit.LineKind {
	return visit.LineKind(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(s)))
}

func (f *file) amount(r *Row, column, typed string, to *int64) {
	if typed == "" {
		if column == "price" {
			r.fault(column, "is missing")
		}
		return
	}
	amount, err := money.Parse(typed, f.currency)
	switch {
	case errors.Is(err, money.ErrDecimals):
		r.fault(column, fmt.Sprintf("has more than %d decimals: %q", f.currency.Digits(), typed))
	case err != nil:
		r.fault(column, fmt.Sprintf("is not an amount: %q", typed))
	}
	*to = amount
}

func (f *file) number(r *Row, column, typed string, to *int64) {
	if typed == "" {
		return
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		r.fault(column, fmt.Sprintf("is not a whole number: %q", typed))
		return
	}
	*to = n
}

func (f *file) onHand(r *Row, typed string) {
	if typed == "" {
		return
	}
	var n int64
	f.number(r, "stock", typed, &n)
	switch {
	case n > maxStock || n < -maxStock:
		r.fault("stock", fmt.Sprintf("must not be beyond %d", maxStock))
	case r.Item.Kind != visit.Product:
		r.fault("stock", "is for products")
	}
	r.OnHand = &n
}

func (f *file) active(r *Row, typed string) {
	switch strings.ToLower(typed) {
	case "", "yes", "y", "true", "1", "ja":
		r.Item.Active = true
	case "no", "n", "false", "0", "nein":
	default:
		r.fault("active", fmt.Sprintf("must be yes or no: %q", typed))
	}
}

// duplicates names rows that have one SKU, both of them.
func (f *file) duplicates() {
	first := map[string]int{}
	for i := range f.rows {
		key := SKUKey(f.rows[i].Item.SKU)
		if key == "" {
			continue
		}
		other, ok := first[key]
		if !ok {
			first[key] = i
			continue
		}
		f.rows[i].fault("sku", fmt.Sprintf("is that of row %d, too", f.rows[other].Number))
		f.rows[other].fault("sku", fmt.Sprintf("is that of row %d, too", f.rows[i].Number))
	}
}
