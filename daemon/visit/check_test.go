package visit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/visit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// complaints are the locations of what is wrong with a draft.
func complaints(d visit.Draft) []string {
	_, err := visit.New(d, source(), noon(), "EUR")
	if err == nil {
		return nil
	}
	var at []string
	for _, f := range fault.From(err).Fields {
		at = append(at, f.Location)
	}
	return at
}

// Text of any kind is bounded and can't steer a terminal, a message's header or a screen; all
// else is somebody's name.
func TestTextBounds(t *testing.T) {
	set := map[string]struct {
		limit int
		fill  string
		put   func(*visit.Draft, string)
	}{
		"body.external_id":         {200, "x", func(d *visit.Draft, s string) { d.ExternalID = s }},
		"body.client.name":         {200, "ő", func(d *visit.Draft, s string) { d.Client.Name = s }},
		"body.client.phone":        {32, "1", func(d *visit.Draft, s string) { d.Client.Phone = s }},
		"body.lines[0].name":       {200, "髪", func(d *visit.Draft, s string) { d.Lines[0].Name = s }},
		"body.lines[0].ref":        {100, "x", func(d *visit.Draft, s string) { d.Lines[0].Ref = s }},
		"body.lines[0].tax_system": {64, "x", func(d *visit.Draft, s string) { d.Lines[0].TaxSystem = s }},
	}
	for at, c := range set {
		for text, bad := range map[string]bool{
			strings.Repeat(c.fill, c.limit):   false,
			strings.Repeat(c.fill, c.limit+1): true,
			"111\x00":                         true, "11\n1": true, "111\x1b[2J": true, "111\u0085": true, "111\u2028": true,
			"111\u202e": true, "111\u2066": true, "111\xff": true, "\xed\xa0\x80": true,
		} {
			d := draft()
			c.put(&d, text)
			want := []string(nil)
			if bad {
				want = []string{at}
			}
			if diff := cmp.Diff(want, complaints(d)); diff != "" {
				t.Errorf("%s of %.20q:\n%s", at, text, diff)
			}
		}
	}
	for _, name := range []string{"<script>alert(1)</script>", "O'Neill & Söhne", "אנה \u200f(א)", "محمد", "👩🏽‍🦰", `"; DROP TABLE`} {
		d := draft()
		d.Client.Name, d.Lines[0].Name = name, name
		if at := complaints(d); at != nil {
			t.Errorf("the name %q is refused at %v", name, at)
		}
	}
}

func TestShapesOfContacts(t *testing.T) {
	type contact = map[string]bool
	for at, c := range map[string]struct {
		put   func(*visit.Client, string)
		texts contact
	}{
		"body.client.phone": {func(c *visit.Client, s string) { c.Phone = s }, contact{
			"": true, "+36201234567": true, "(020) 123-45.67/8": true, "112": true,
			"12": false, "call me": false, "12+3456": false, "+": false, "123;ext=4": false,
		}},
		"body.client.email": {func(c *visit.Client, s string) { c.Email = s }, contact{
			"": true, "a@example.com": true, "first.last+tag@sub.example.co": true, "ü@bücher.example": true,
			"a@": false, "@b.c": false, "ab.c": false, "a@b@c.d": false, "a@localhost": false, "a b@c.d": false,
			"a@b..c": false, "a@.b": false, "a@b.": false, "a@-b.c": false, "<a@b.c>": false, "a@b.c,d@e.f": false,
			strings.Repeat("a", 65) + "@b.c": false, "a@" + strings.Repeat("b", 254) + ".c": false,
		}},
		"body.client.language": {func(c *visit.Client, s string) { c.Language = s }, contact{
			"": true, "en": true, "pt-BR": true, "zh-Hant-TW": true, "de-CH-1996": true,
			"e": false, "english!": false, "en_GB": false, "en-": false, "-en": false, "e1": false, "en--GB": false,
			"abcdefghi": false, "en-" + strings.Repeat("a-", 15) + "ab": true, "en-" + strings.Repeat("a-", 15) + "abc": false,
		}},
		"body.client.id": {func(c *visit.Client, s string) { c.ID = "c_" }, contact{"": false}},
	} {
		for text, ok := range c.texts {
			d := draft()
			c.put(&d.Client, text)
			want := []string{at}
			if ok {
				want = nil
			}
			if diff := cmp.Diff(want, complaints(d)); diff != "" {
				t.Errorf("%s of %q:\n%s", at, text, diff)
			}
		}
	}
}

// R2: what a line may say, at its edges.
func TestR2LineBounds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*visit.Line)
		want   []string
	}{
		"free":             {func(l *visit.Line) { l.UnitPrice = 0 }, nil},
		"dearest":          {func(l *visit.Line) { l.UnitPrice = money.Max }, nil},
		"too dear":         {func(l *visit.Line) { l.UnitPrice = money.Max + 1 }, []string{"unit_price"}},
		"negative price":   {func(l *visit.Line) { l.UnitPrice = -1 }, []string{"unit_price"}},
		"most":             {func(l *visit.Line) { l.Quantity = 10_000 }, nil},
		"too many":         {func(l *visit.Line) { l.Quantity = 10_001 }, []string{"quantity"}},
		"none":             {func(l *visit.Line) { l.Quantity = 0 }, []string{"quantity"}},
		"fewer than none":  {func(l *visit.Line) { l.Quantity = -1 }, []string{"quantity"}},
		"all discount":     {func(l *visit.Line) { l.Discount = 4500 }, nil},
		"discount too big": {func(l *visit.Line) { l.Discount = 4501 }, []string{"discount"}},
		"surcharge":        {func(l *visit.Line) { l.Discount = -1 }, []string{"discount"}},
		"discount of many": {func(l *visit.Line) { l.Quantity, l.Discount = 2, 9000 }, nil},
		"no kind":          {func(l *visit.Line) { l.Kind = "" }, []string{"kind"}},
		"unknown kind":     {func(l *visit.Line) { l.Kind = "tip" }, []string{"kind"}},
		"no name":          {func(l *visit.Line) { l.Name = "  " }, []string{"name"}},
		"strange id":       {func(l *visit.Line) { l.ID = "v_1" }, []string{"id"}},
		"overflowing":      {func(l *visit.Line) { l.Quantity, l.UnitPrice = 1<<62, 1<<62 }, []string{"quantity", "unit_price"}},
	} {
		d := draft()
		c.change(&d.Lines[0])
		var want []string
		for _, field := range c.want {
			want = append(want, "body.lines[0]."+field)
		}
		if diff := cmp.Diff(want, complaints(d)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestR2VisitBounds(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	many := func(n int, l visit.Line) (lines []visit.Line) {
		for range n {
			lines = append(lines, l)
		}
		return lines
	}
	dear := haircut()
	dear.UnitPrice = money.Max
	twin := haircut()
	twin.ID = "l_1"
	for name, c := range map[string]struct {
		change func(*visit.Draft)
		want   []string
	}{
		"first date":       {func(d *visit.Draft) { d.StartsAt = at("2000-01-01T00:00:00Z") }, nil},
		"too early":        {func(d *visit.Draft) { d.StartsAt = at("1999-12-31T23:59:59Z") }, []string{"body.starts_at"}},
		"last date":        {func(d *visit.Draft) { d.StartsAt = at("2099-12-31T23:59:59Z") }, nil},
		"too late":         {func(d *visit.Draft) { d.StartsAt = at("2100-01-01T00:00:00Z") }, []string{"body.starts_at"}},
		"no staff":         {func(d *visit.Draft) { d.Staff = "" }, nil},
		"strange staff":    {func(d *visit.Draft) { d.Staff = "v_1" }, []string{"body.staff"}},
		"strange status":   {func(d *visit.Draft) { d.Status = "late" }, []string{"body.status"}},
		"no-show":          {func(d *visit.Draft) { d.Status = visit.NoShow }, nil},
		"a hundred lines":  {func(d *visit.Draft) { d.Lines = many(100, haircut()) }, nil},
		"one more":         {func(d *visit.Draft) { d.Lines = many(101, haircut()) }, []string{"body.lines"}},
		"too much in all":  {func(d *visit.Draft) { d.Lines = many(2, dear) }, []string{"body.lines"}},
		"too much at once": {func(d *visit.Draft) { d.Lines = many(1, dear); d.Lines[0].Quantity = 2 }, []string{"body.lines"}},
		"far too much":     {func(d *visit.Draft) { dear.Quantity = 10_000; d.Lines = many(100, dear) }, []string{"body.lines"}},
		"one line twice":   {func(d *visit.Draft) { d.Lines = many(2, twin) }, []string{"body.lines[1].id"}},
		"another currency": {func(d *visit.Draft) { d.Currency = "USD" }, []string{"body.currency"}},
	} {
		d := draft()
		c.change(&d)
		if diff := cmp.Diff(c.want, complaints(d)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// A form is corrected once: everything that is wrong is said at once.
func TestAllFaultsAreCollected(t *testing.T) {
	d := draft()
	d.Client.Name, d.Client.Email, d.Staff, d.Status, d.Currency = "\x00", "no", "no", "no", "USD"
	d.Lines[0].Quantity, d.Lines[0].Kind = 0, ""
	want := []string{"body.client.name", "body.client.email", "body.staff", "body.status",
		"body.lines[0].kind", "body.lines[0].quantity", "body.currency"}
	if diff := cmp.Diff(want, complaints(d)); diff != "" {
		t.Error(diff)
	}
}

// A currency that isn't the location's has its own code, whatever else is wrong.
func TestCurrencyMismatch(t *testing.T) {
	d := draft()
	d.Currency = "USD"
	_, err := visit.New(d, source(), noon(), "EUR")
	if f := fault.From(err); f.Kind != fault.Unprocessable || f.Code != "currency_mismatch" {
		t.Errorf("got %v", f)
	}
	d.Currency = ""
	if v := made(t, d); v.Currency != "EUR" {
		t.Errorf("no currency became %s", v.Currency)
	}
}

// Edit holds the whole visit against the same rules.
func TestEditChecks(t *testing.T) {
	v := made(t, draft())
	_, err := v.Edit(visit.Patch{Lines: &[]visit.Line{{}}, Status: new(visit.Status("x"))}, 1, noon(), source())
	if f := fault.From(err); f.Code != "validation" || len(f.Fields) != 4 {
		t.Errorf("got %v", err)
	}
}

// Whatever arrives, New answers: a visit whose sums hold, or a list of faults.
func TestNewNeverLetsThroughWhatDoesNotAddUp(t *testing.T) {
	amount := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2, 20_000), rapid.SampledFrom([]int64{money.Max, money.Max + 1}))
	rapid.Check(t, func(t *rapid.T) {
		d := visit.Draft{Client: visit.Client{Name: rapid.String().Draw(t, "name"), Email: rapid.String().Draw(t, "email")}}
		for i := range rapid.IntRange(0, 5).Draw(t, "lines") {
			d.Lines = append(d.Lines, visit.Line{Kind: visit.Product, Name: fmt.Sprint(i),
				Quantity: amount.Draw(t, "quantity"), UnitPrice: amount.Draw(t, "price"), Discount: amount.Draw(t, "discount")})
		}
		v, err := visit.New(d, source(), noon(), "EUR")
		if err != nil {
			if f := fault.From(err); f.Kind != fault.Unprocessable || len(f.Fields) == 0 {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		if total := v.Total(); total < 0 || total > money.Max || v.Due() != total {
			t.Fatalf("total %d, due %d", total, v.Due())
		}
	})
}
