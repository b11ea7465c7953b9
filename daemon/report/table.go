package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"countersign/daemon/money"
)

// Table is rows of cells for a spreadsheet; its first row names the columns.
type Table [][]string

// Write writes a table as spreadsheet programs open it by a double click: with
// a byte order mark, since they take it for another encoding without; cells
// divided as the language's programs expect; and nothing that they would
// calculate: a name that begins with = is a name (the sign before it is the
// one that they hide).
func (t Table) Write(w io.Writer, lang string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if lang == "de" {
		out.Comma = ';'
	}
	for _, row := range t {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = harmless(cell)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a cell from being a formula. An amount below zero is none.
func harmless(cell string) string {
	begun := strings.TrimLeft(cell, " \t\r\n") // some programs skip these
	if begun == "" || !strings.ContainsAny(string([]rune(begun)[0]), "=+-@＝＋－＠") || isNumber(cell) {
		return cell
	}
	return "'" + cell
}

func isNumber(cell string) bool {
	digits := strings.TrimPrefix(cell, "-")
	return digits != "" && strings.Trim(digits, "0123456789.,") == ""
}

// Amount writes an amount as a number that the language's programs read.
func Amount(amount int64, c money.Currency, lang string) string {
	written := money.Decimal(amount, c)
	if lang == "de" {
		written = strings.ReplaceAll(written, ".", ",")
	}
	return written
}

// Sums is a cut as a table: what the key is called, how many payments and
// refunds there are under it, what came in, what went back, the net and its
// currency.
func Sums(head []string, sums []Sum, c money.Currency, lang string, name func(key string) string) Table {
	t := Table{head}
	for _, s := range sums {
		t = append(t, []string{name(s.Key), strconv.Itoa(s.Count), Amount(s.In, c, lang), Amount(s.Out, c, lang), Amount(s.Net(), c, lang), string(c)})
	}
	return t
}
