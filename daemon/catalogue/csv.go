package catalogue

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"countersign/daemon/fault"
	"countersign/daemon/money"
)

// The largest file that is read.
const (
	MaxBytes = 5 << 20
	MaxRows  = 20_000
)

// Columns are those of a file, in the order in which it is written.
func Columns() []string {
	return []string{"kind", "sku", "name", "price", "min", "max", "tax_system", "stock", "active", "uses", "days", "value"}
}

// required are the columns without which a row says nothing.
func required() []string { return []string{"kind", "name", "price"} }

const bom = "\ufeff" // by which spreadsheets know UTF-8

// Row is a line of a file: an item, and what is on hand if it says so.
type Row struct {
	Number int // of its line in the file; the header's is 1
	Item   Item
	OnHand *int64
	// Faults name a column each, and what is wrong in it.
	Faults []fault.Field

	has map[string]bool // the file's columns; nil for a row that wasn't read from one
}

// Over returns an item as the row changes it: what the file has no column for stays. An item that
// wasn't there has nothing that could stay.
func (r Row) Over(was Item) Item {
	i := r.Item
	if was.ID == "" {
		return i
	}
	i.ID, i.Version = was.ID, was.Version
	for column, keep := range map[string]func(){
		"sku": func() { i.SKU = was.SKU }, "min": func() { i.Min = was.Min }, "max": func() { i.Max = was.Max },
		"tax_system": func() { i.TaxSystem = was.TaxSystem }, "active": func() { i.Active = was.Active },
		"uses": func() { i.Uses = was.Uses }, "days": func() { i.Days = was.Days }, "value": func() { i.Value = was.Value },
	} {
		if r.has != nil && !r.has[column] {
			keep()
		}
	}
	return i
}

func (r *Row) fault(column, what string) {
	r.Faults = append(r.Faults, fault.Field{Location: column, Message: what})
}

// Write writes rows as a file that the spreadsheets of a language open by a double click, and Read
// reads back: German ones expect semicolons, and take 4.50 for a day in April.
func Write(w io.Writer, rows []Row, c money.Currency, lang string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	amount := func(n int64) string { return money.Decimal(n, c) }
	if lang == "de" {
		out.Comma = ';'
		amount = func(n int64) string { return strings.ReplaceAll(money.Decimal(n, c), ".", ",") }
	}
	if err := out.Write(Columns()); err != nil {
		return err
	}
	for _, r := range rows {
		if err := out.Write(r.cells(amount)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (r Row) cells(written func(int64) string) []string {
	i := r.Item
	amount := func(n int64) string {
		if n == 0 {
			return ""
		}
		return written(n)
	}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	onHand, active := "", "no"
	if r.OnHand != nil {
		onHand = strconv.FormatInt(*r.OnHand, 10)
	}
	if i.Active {
		active = "yes"
	}
	return []string{string(i.Kind), harmless(i.SKU), harmless(i.Name), written(i.Price), amount(i.Min), amount(i.Max),
		harmless(i.TaxSystem), onHand, active, number(i.Uses), number(i.Days), amount(i.Value)}
}

// formula are the characters by which a spreadsheet takes a text for a formula, and runs it.
const formula = "=+-@＝＋－＠"

// quoted tells whether a text, after any apostrophes, looks like a formula.
func quoted(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.ContainsAny(string([]rune(s)[0]), formula)
}

// harmless puts an apostrophe before what a spreadsheet would run; plain takes it off again. A text
// that has one of its own before a formula gets another, so that both come back as they were.
func harmless(s string) string {
	if quoted(s) {
		return "'" + s
	}
	return s
}

func plain(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && quoted(s) {
		return rest
	}
	return s
}
