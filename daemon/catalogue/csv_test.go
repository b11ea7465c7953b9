package catalogue_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

func read(t testing.TB, text string, c money.Currency) []catalogue.Row {
	t.Helper()
	rows, err := catalogue.Read(strings.NewReader(text), c)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return rows
}

// wrong is what is wrong with rows, as "number column".
func wrong(rows []catalogue.Row) (all []string) {
	for _, r := range rows {
		for _, f := range r.Faults {
			all = append(all, fmt.Sprintf("%d %s", r.Number, f.Location))
		}
	}
	return all
}

// A file is divided, and its amounts written, as the spreadsheets of a language expect it.
func TestWritingForALanguage(t *testing.T) {
	row := catalogue.Row{Item: catalogue.Item{Kind: visit.Service, Name: "Cut, wash", Price: 450, TaxSystem: "standard", Active: true}}
	for lang, want := range map[string]string{"en": `service,,"Cut, wash",4.50,`, "de": "service;;Cut, wash;4,50;"} {
		var b bytes.Buffer
		if err := catalogue.Write(&b, []catalogue.Row{row}, "EUR", lang); err != nil || !strings.Contains(b.String(), "\r\n"+want) {
			t.Errorf("%s: %v %s", lang, err, b.String())
		}
	}
}

func TestReadingAFile(t *testing.T) {
	four := int64(4)
	oil := catalogue.Item{Kind: visit.Product, SKU: "7", Name: "Oil; pure, 50 ml", Price: 229050, TaxSystem: "standard", Active: true}
	for name, text := range map[string]string{
		"commas":         "kind,sku,name,price,stock\nproduct,7,\"Oil; pure, 50 ml\",2290.50,4\n",
		"semicolons":     "kind;sku;name;price;stock\nproduct;7;\"Oil; pure, 50 ml\";2290,50;4\n",
		"a mark":         "\ufeffkind,sku,name,price,stock\r\nproduct,7,\"Oil; pure, 50 ml\",2290.50,4\r\n",
		"another order":  "STOCK,Price, Name ,kind,sku,\n4,\"2.290,50\",\"Oil; pure, 50 ml\",Product,7,\n\n,,,,\n",
		"no last line":   "kind;sku;name;price;stock\nproduct;7;\"Oil; pure, 50 ml\";2 290,50;4",
		"cells too few":  "kind;sku;name;price;stock;min;max;tax_system;active\nproduct;7;\"Oil; pure, 50 ml\";2'290.50;4\n",
		"empty columns":  "kind;sku;name;price;stock;;\nproduct;7;\"Oil; pure, 50 ml\";2290,5;4;;\n",
		"all that it is": "kind,sku,name,price,stock,active,min,max,tax_system\nproduct,7,\"Oil; pure, 50 ml\",2290.50,4,ja,,,standard\n",
	} {
		rows := read(t, text, "EUR")
		want := []catalogue.Row{{Number: 2, Item: oil, OnHand: &four}}
		if diff := cmp.Diff(want, rows, cmpopts.IgnoreUnexported(catalogue.Row{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryBadCellIsNamed(t *testing.T) {
	const header = "kind,sku,name,price,min,max,tax_system,stock,active,uses,days,value\n"
	for row, want := range map[string][]string{
		`service,,Haircut,35`:                                    nil,
		`Gift card,,Card,50,,,,,no,,365,55`:                      nil,
		`gift-card,,Card,50`:                                     nil,
		`gift,,Card,50`:                                          {"2 kind"},
		`service,,,35`:                                           {"2 name"},
		`service,,Haircut,`:                                      {"2 price"},
		`service,,Haircut,cheap`:                                 {"2 price"},
		`service,,Haircut,3.555`:                                 {"2 price"},
		`service,,Haircut,"1,234"`:                               {"2 price"},
		`service,,Haircut,-1`:                                    {"2 price"},
		`service,,Haircut,99999999999999999999`:                  {"2 price"},
		`service,,Haircut,35,x,y`:                                {"2 max", "2 min"},
		`service,,Haircut,35,40,30`:                              {"2 min"},
		`service,,Haircut,35,,,,3`:                               {"2 stock"},
		`product,,Oil,35,,,,many`:                                {"2 stock"},
		`product,,Oil,35,,,,1.5`:                                 {"2 stock"},
		`product,,Oil,35,,,,1000001`:                             {"2 stock"},
		`product,,Oil,35,,,,-3`:                                  nil,
		`service,,Haircut,35,,,,,maybe`:                          {"2 active"},
		`membership,,Ten,35,,,,,,ten`:                            {"2 uses"},
		`membership,,Ten,35,,,,,,10,-1`:                          {"2 days"},
		`service,,Haircut,35,,,,,,10`:                            {"2 uses"},
		`service,,Haircut,35,,,,,,,,,,more`:                      {"2 "},
		`service,,Hair"cut,35`:                                   {"2 "},
		`service,,"Hair cut,35`:                                  {"2 "},
		"product,A1,Oil,35\nproduct,b,Wax,1\nproduct,a1,Oil 2,3": {"2 sku", "4 sku"},
		"gift,,x\nbad\"row\nservice,,Haircut,35":                 {"2 kind", "2 price", "3 "},
	} {
		if got := wrong(read(t, header+row, "EUR")); !slices.Equal(got, want) {
			t.Errorf("%q is wrong in %v, want %v", row, got, want)
		}
	}
}

func TestFilesThatHaveNoRowsToSpeakOf(t *testing.T) {
	long := "kind,name,price\n" + strings.Repeat("service,a,1\n", catalogue.MaxRows)
	if rows := read(t, long, "EUR"); len(rows) != catalogue.MaxRows {
		t.Errorf("read %d rows", len(rows))
	}
	for name, c := range map[string]struct {
		text, code, says string
	}{
		"nothing":          {"", "csv_unreadable", "header"},
		"no header":        {"service,,Haircut,35\n", "csv_unreadable", "service is no column"},
		"a column missing": {"kind,price\nservice,35\n", "csv_unreadable", "name is missing"},
		"an unknown one":   {"kind,name,price,colour\n", "csv_unreadable", "colour is no column"},
		"one twice":        {"kind,name,price,Name\n", "csv_unreadable", "name is there twice"},
		"Windows":          {"kind,name,price\nservice,F\xe4rben,35\n", "csv_unreadable", "UTF-8"},
		"UTF-16":           {"\xff\xfek\x00i\x00n\x00d\x00", "csv_unreadable", "UTF-8"},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "csv_unreadable", "UTF-8"},
		"too many rows":    {long + "service,a,1\n", "csv_too_long", "20000"},
		"too many bytes":   {"kind,name,price\nservice,\"" + strings.Repeat("a", catalogue.MaxBytes) + "\",1\n", "body_too_large", "5 MB"},
	} {
		_, err := catalogue.Read(strings.NewReader(c.text), "EUR")
		f := fault.From(err)
		if f == nil || f.Code != c.code || !strings.Contains(strings.ReplaceAll(err.Error(), ":", ""), c.says) {
			t.Errorf("%s: %v, want %s that says %q", name, err, c.code, c.says)
		}
	}
	failing := fmt.Errorf("the line is down")
	if _, err := catalogue.Read(broken{failing}, "EUR"); !errors.Is(err, failing) {
		t.Errorf("a reader that fails: %v", err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestFormulasAreHarmlessAndComeBack(t *testing.T) {
	for _, name := range []string{`=1+1`, `=HYPERLINK("http://x","y")`, "+49", "-5", "@SUM", "＝1", "'=1", "''=1", "'quoted'", "'", "a=b", "Ärzte", `"a";b,c`} {
		var b bytes.Buffer
		row := catalogue.Row{Item: catalogue.Item{Kind: visit.Product, Name: name, SKU: name, TaxSystem: name, Active: true}}
		if err := catalogue.Write(&b, []catalogue.Row{row}, "EUR", "en"); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), "\ufeffkind,sku,") || !strings.HasSuffix(b.String(), "\r\n") {
			t.Errorf("written as %q", b.String())
		}
		for _, cell := range strings.Split(strings.ReplaceAll(b.String(), `"`, ""), ",") {
			if cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]) {
				t.Errorf("%q is written as the cell %q", name, cell)
			}
		}
		if got := read(t, b.String(), "EUR")[0].Item; got != row.Item {
			t.Errorf("%q came back as %+v", name, got)
		}
	}
}

// R2: what is written is read back, in every currency's decimals.
func TestR2WhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD"}).Draw(t, "currency")
		text := rapid.StringMatching(`[=+@'";, a-zÄ.-]{1,12}x`)
		var rows []catalogue.Row
		for n := range rapid.IntRange(0, 5).Draw(t, "rows") {
			i := catalogue.Item{Kind: rapid.SampledFrom(catalogue.Kinds()).Draw(t, "kind"), Name: text.Draw(t, "name"),
				SKU: fmt.Sprint(text.Draw(t, "sku"), n), TaxSystem: text.Draw(t, "tax"), Active: rapid.Bool().Draw(t, "active"),
				Price: rapid.Int64Range(0, money.Max).Draw(t, "price"), Max: rapid.Int64Range(0, money.Max).Draw(t, "max")}
			i.Min = rapid.Int64Range(0, i.Max).Draw(t, "min")
			r := catalogue.Row{Number: n + 2}
			switch i.Kind {
			case visit.Membership:
				i.Uses, i.Days = rapid.Int64Range(0, 10_000).Draw(t, "uses"), rapid.Int64Range(0, 36_500).Draw(t, "days")
			case visit.GiftCard:
				i.Value = rapid.Int64Range(0, money.Max).Draw(t, "value")
			case visit.Product:
				r.OnHand = rapid.Ptr(rapid.Int64Range(-1_000_000, 1_000_000), true).Draw(t, "stock")
			}
			r.Item = i.Tidy()
			rows = append(rows, r)
		}
		lang := rapid.SampledFrom([]string{"en", "de"}).Draw(t, "lang")
		var b bytes.Buffer
		if err := catalogue.Write(&b, rows, c, lang); err != nil {
			t.Fatal(err)
		}
		back, err := catalogue.Read(&b, c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, back, cmpopts.IgnoreUnexported(catalogue.Row{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

// A file of a few columns changes those, and no others.
func TestWhatAFileHasNoColumnForStays(t *testing.T) {
	was := catalogue.Item{ID: "i_1", Version: 3, Kind: visit.Membership, Name: "Ten", SKU: "T", Price: 100, Min: 90, Max: 110,
		TaxSystem: "reduced", Uses: 10, Days: 365, Value: 0}
	got := read(t, "kind,name,price\nmembership,Ten,95\n", "EUR")[0].Over(was)
	want := was
	want.Price = 9500
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	got = read(t, "kind,name,price,sku,min,max,tax_system,active,uses,days\nmembership,Ten,95,,,,,,,\n", "EUR")[0].Over(was)
	want = catalogue.Item{ID: "i_1", Version: 3, Kind: visit.Membership, Name: "Ten", Price: 9500, TaxSystem: "standard", Active: true}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// What a file adds is offered, though it has no column that says so.
func TestWhatAFileAddsIsOffered(t *testing.T) {
	want := catalogue.Item{Kind: visit.Service, Name: "Cut", Price: 9500, TaxSystem: "standard", Active: true}
	if got := read(t, "kind,name,price\nservice,Cut,95\n", "EUR")[0].Over(catalogue.Item{}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// FuzzRead: no bytes break the reading, what it lets through is valid, and
// comes back from being written.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"kind,sku,name,price,min,max,tax_system,stock,active,uses,days,value\nproduct,1,=Oil,2.50,,,reduced,-4,yes,,,\n",
		"\ufeffkind;name;price\r\ngift card;\"a\"\"b\";1.234,50\r\n\r\n", "kind,name,price\n\"", "name,price,kind\n'=x,1,service\n,,\n", ";;\n", "",
	} {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, yen bool) {
		c := money.Currency("EUR")
		if yen {
			c = "JPY"
		}
		rows, err := catalogue.Read(bytes.NewReader(text), c)
		if err != nil && fault.From(err).Kind == fault.Internal {
			t.Fatal(err)
		}
		var good []catalogue.Row
		for _, r := range rows {
			if len(r.Faults) > 0 {
				continue
			}
			if err := r.Item.Check(); err != nil || !utf8.ValidString(r.Item.Name) {
				t.Fatalf("%+v was let through: %v", r, err)
			}
			good = append(good, r)
		}
		var b bytes.Buffer
		if err := catalogue.Write(&b, good, c, "en"); err != nil {
			t.Fatal(err)
		}
		back, err := catalogue.Read(&b, c)
		if err != nil || len(back) != len(good) {
			t.Fatalf("%d rows came back of %d, %v", len(back), len(good), err)
		}
		for i := range back {
			if len(back[i].Faults) > 0 || back[i].Item != good[i].Item {
				t.Fatalf("%+v came back as %+v", good[i], back[i])
			}
		}
	})
}
