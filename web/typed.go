package web

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// typed is a visit's form as it was sent: what it means, and the form itself
// to be shown again, as typed, if something is wrong.
type typed struct {
	form     *page.VisitForm
	client   visit.Client
	startsAt time.Time
	staff    id.Staff
	status   visit.Status
	lines    []visit.Line
	currency money.Currency // of the amounts
	was      visit.Visit    // as it is stored, without lines when it is new
}

// wrong tells whether the form has to be shown again before anything is asked
// of the desk.
func (t *typed) wrong() bool {
	return len(t.form.Errors) > 0 || len(t.form.OutsideRange) > 0 || t.form.Unpicked
}

// typed reads the fields that package page lists; amounts are in the visit's currency.
func (v *view) typed(was visit.Visit) (*typed, error) {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return nil, err
	}
	settled := v.settle(was.Currency)
	c := visit.Client{ID: id.Client(v.form("client_id")), Name: v.form("client_name"), Phone: v.form("client_phone"), Email: v.form("client_email"), Language: v.form("client_language")}
	t := &typed{client: c, currency: was.Currency, was: was, staff: id.Staff(v.form("staff")), status: visit.Status(v.form("status")), form: &page.VisitForm{
		Date: v.form("date"), Time: v.form("time"), Status: v.form("status"), Errors: map[string]string{},
		Base: v.form("base"), Theirs: map[string]*page.Elsewhere{}, Unpicked: len(settled.open) > 0,
	}}
	var err error
	if t.form.Client, err = v.fieldsOf(c); err != nil {
		return nil, err
	}
	t.client.ID, t.form.Client.Offers.Plain = id.Client(t.form.Client.ID), !fragment(v.r)
	err = v.furnish(t.form, v.form("staff"), was.Currency)
	if err == nil {
		t.form.Found, err = v.found("", "")
	}
	if err != nil {
		return nil, err
	}
	t.form.Found.Plain = !fragment(v.r)
	items, err := v.knownOf(v.r.PostForm["line_ref"])
	if err != nil {
		return nil, err
	}
	t.startsAt, err = time.ParseInLocation("2006-01-02 15:04", v.form("date")+" "+v.form("time"), v.zone)
	if err != nil || t.startsAt.Format(time.DateOnly) != v.form("date") { // a time that the clocks skip may be of the day before
		t.form.Errors[dateOrTime(v.form("date"))] = page.Text(v.lang, "problem.invalid")
	}
	if err := v.typedLines(t, items); err != nil {
		return nil, err
	}
	t.form.Sum = v.summed(t.form.Lines, was)
	return t, v.reask(t, settled)
}

// dateOrTime is the field to blame when both together are no time.
func dateOrTime(date string) string {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return "date"
	}
	return "time"
}

// typedLines reads the lines: one value of every field for each, in order.
func (v *view) typedLines(t *typed, items known) error {
	if len(v.r.PostForm["line_name"]) > 200 {
		return fault.Invalid(fault.Field{Location: "body.lines", Message: "must be at most 100"})
	}
	for i, f := range v.typedFields() {
		f = v.dress(f, items)
		t.lines = append(t.lines, v.typedLine(t, i, &f, items[f.Ref].Item))
		t.form.Lines = append(t.form.Lines, f)
	}
	return nil
}

// typedFields are the lines as they were sent.
func (v *view) typedFields() []page.LineFields {
	lines := make([]page.LineFields, len(v.r.PostForm["line_name"]))
	for i := range lines {
		at := func(field string) string {
			if values := v.r.PostForm["line_"+field]; i < len(values) {
				return values[i]
			}
			return ""
		}
		lines[i] = page.LineFields{ID: at("id"), Kind: at("kind"), Ref: at("ref"), Name: at("name"), Quantity: at("quantity"),
			Price: at("price"), Discount: at("discount"), Tax: at("tax")}
	}
	return lines
}

// asIs takes back what was said of the form: nobody has tried to save it.
func (t *typed) asIs(confirmed []string) {
	t.form.Errors, t.form.OutsideRange, t.form.Confirm, t.form.Unpicked = map[string]string{}, nil, confirmed, false
	for i := range t.form.Lines {
		t.form.Lines[i].Ask = ""
	}
}

// typedLine reads a line, and marks whatever is wrong with it.
func (v *view) typedLine(t *typed, i int, f *page.LineFields, item catalogue.Item) visit.Line {
	l := visit.Line{ID: id.Line(f.ID), Kind: visit.LineKind(f.Kind), Ref: f.Ref, Name: f.Name, TaxSystem: f.Tax}
	sound := true
	wrong := func(field, key string, args ...any) {
		t.form.Errors[fmt.Sprintf("line_%s.%d", field, i)], sound = page.Text(v.lang, key, args...), false
	}
	amount := func(field, text string) int64 {
		n, err := money.Parse(text, t.currency)
		if errors.Is(err, money.ErrOverflow) || err == nil && (n < 0 || n > money.Max) {
			wrong(field, "problem.amount_limit", "Least", v.in(t.currency, 0), "Most", v.in(t.currency, money.Max))
		} else if err != nil {
			wrong(field, "problem.amount_invalid", "Example", exampleOf(t.currency, v.lang))
		}
		return n
	}
	var err error
	if l.Quantity, err = strconv.ParseInt(strings.TrimSpace(f.Quantity), 10, 64); err != nil || l.Quantity < 1 || l.Quantity > maxPieces {
		wrong("quantity", "problem.quantity_range")
	}
	l.UnitPrice = amount("price", f.Price)
	if l.Kind == visit.GiftCard && l.UnitPrice == 0 && item.Value == 0 && sound {
		wrong("price", "problem.gift_empty")
	}
	if f.Discount != "" {
		l.Discount = amount("discount", f.Discount)
	}
	if sound && l.Discount > l.Quantity*l.UnitPrice { // at most 10¹⁵ by the bounds above
		wrong("discount", "problem.discount_over")
	}
	if t.form.Errors[fmt.Sprintf("line_price.%d", i)] == "" && item.Outside(l.UnitPrice) {
		v.askPrice(t, f, l)
	}
	return l
}

// maxPieces is the most that a line can be of: 10,000, as the texts have it.
const maxPieces = 10_000

// askPrice asks about a price outside its range, once: another one is asked about again (R2).
func (v *view) askPrice(t *typed, f *page.LineFields, l visit.Line) {
	meant := f.Ref + "=" + count(l.UnitPrice)
	t.form.Confirm = append(t.form.Confirm, meant)
	if !slices.Contains(v.r.PostForm["confirm"], meant) {
		t.form.OutsideRange = append(t.form.OutsideRange, l.Name)
		f.Ask = v.in(t.currency, l.UnitPrice)
	}
}

var lineShape = regexp.MustCompile(`^body\.lines\[(\d+)\]\.(\w+)$`)

// short asks whether products are to be sold that aren't there, or says that they can't be.
func (t *typed) short(p *problem) {
	t.form.SellsShort = p.members["acceptable"] == true
	named := map[string]bool{}
	for _, l := range shortLines(p.members) {
		if named[l.Ref] {
			continue // two lines of one product are short together
		}
		named[l.Ref] = true
		t.form.Short = append(t.form.Short, page.Short{Name: l.Name, Wanted: l.Wanted, OnHand: l.OnHand})
		if t.form.SellsShort {
			t.form.AcceptShort = append(t.form.AcceptShort, l.Ref+"="+count(l.Wanted))
		}
	}
}

// mark puts what the desk found wrong beside the fields of the form.
func (t *typed) mark(lang string, fields []fault.Field) {
	names := map[string]string{"body.starts_at": "date", "body.lines": "lines"}
	for _, f := range []string{"name", "phone", "email", "language"} {
		names["body.client."+f] = "client_" + f
	}
	inLine := map[string]string{"unit_price": "price", "quantity": "quantity", "discount": "discount", "name": "name"}
	t.form.Problem = &page.Problem{Kind: "invalid"}
	for _, f := range fields {
		name := names[f.Location]
		if m := lineShape.FindStringSubmatch(f.Location); m != nil && inLine[m[2]] != "" {
			name = "line_" + inLine[m[2]] + "." + m[1]
			if t.form.Errors[name] != "" || inLine[m[2]] != "name" && t.marked(m[1]) {
				continue // said already, or said of what could not be read
			}
		}
		if name == "" {
			// A field that the form has no place for: said above it.
			t.form.Problem = &page.Problem{Text: f.Location + " " + page.Refused(lang, f.Message)}
			continue
		}
		t.form.Errors[name] = page.Refused(lang, f.Message)
		if key := map[string]string{"client_phone": "problem.phone_invalid", "client_email": "problem.email_invalid"}[name]; key != "" {
			t.form.Errors[name] = page.Text(lang, key)
		}
	}
}

// marked tells whether an amount or the quantity of a line is marked already.
func (t *typed) marked(line string) bool {
	return slices.ContainsFunc([]string{"price", "quantity", "discount"}, func(field string) bool { return t.form.Errors["line_"+field+"."+line] != "" })
}
