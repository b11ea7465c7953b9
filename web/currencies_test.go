package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/visit"
)

// coin is a currency as people read it, worked out apart from package money.
type coin struct {
	code   money.Currency
	sign   string
	digits int
}

func coins() []coin {
	return []coin{{"EUR", "€", 2}, {"HUF", "Ft", 2}, {"JPY", "¥", 0}, {"KWD", "KWD", 3}}
}

// typed is an amount as it is typed: 12.34.
func (c coin) typed(amount int64, point string) string {
	digits := strconv.FormatInt(amount, 10)
	for len(digits) <= c.digits {
		digits = "0" + digits
	}
	if c.digits == 0 {
		return digits
	}
	at := len(digits) - c.digits
	return digits[:at] + point + digits[at:]
}

// tooFine is an amount with a decimal more than the currency has.
func (c coin) tooFine() string { return "1." + strings.Repeat("0", c.digits) + "1" }

// says is an amount as a page in a language says it.
func (c coin) says(amount int64, lang string) string {
	point, group := ".", ","
	if lang == "de" {
		point, group = ",", "."
	}
	whole, part, _ := strings.Cut(c.typed(amount, "|"), "|")
	if len(whole) > 4 {
		whole = whole[:len(whole)-3] + group + whole[len(whole)-3:]
	}
	if part != "" {
		whole += point + part
	}
	switch {
	case lang == "de":
		return whole + "\u202f" + c.sign
	case len(c.sign) > 1 && c.sign[0] < 0x80:
		return c.sign + "\u202f" + whole
	}
	return c.sign + whole
}

// misprints are the amounts of a text that have not just as many decimals as
// the currency, and those of fields that are to be typed over. The axis of a
// chart is in whole coins.
func (c coin) misprints(text, lang string) (found []string) {
	text = regexp.MustCompile(`(?s)<svg class="axis".*?</svg>`).ReplaceAllString(text, "")
	sign, number := regexp.QuoteMeta(c.sign), `(\d[\d.,]*)`
	shown := regexp.MustCompile(sign + `\x{202f}?` + number)
	point, group := `\.`, `,`
	if lang == "de" {
		shown, point, group = regexp.MustCompile(number+`\x{202f}`+sign), `,`, `\.`
	}
	decimals := map[int]string{0: "", 2: point + `\d\d`, 3: point + `\d\d\d`}[c.digits]
	right := regexp.MustCompile(`^(\d{1,4}|\d{2,3}(` + group + `\d{3})+)` + decimals + `$`)
	for _, m := range shown.FindAllStringSubmatch(text, -1) {
		if !right.MatchString(strings.TrimRight(m[1], ".,")) {
			found = append(found, m[0])
		}
	}
	plain := regexp.MustCompile(`^\d+` + map[int]string{0: "", 2: `\.\d\d`, 3: `\.\d\d\d`}[c.digits] + `$`)
	for _, m := range regexp.MustCompile(`(?:name="(?:amount|price|min|max|value|line_price|line_discount|counted|taken|opening)"[^>]* value|data-price)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !plain.MatchString(m[1]) {
			found = append(found, m[0])
		}
	}
	return found
}

// trade is what a day in a currency left behind.
type trade struct {
	coin
	*salon
	c              *http.Client
	service, oil   string // of the catalogue
	big, gift, dep visit.Visit
	linked         id.Payment
}

// refuses sends a form whose one field is too fine for the currency: nothing is
// stored, and the field is named.
func (x *trade) refuses(path, named string, pairs ...string) {
	x.t.Helper()
	before := x.kept()
	got := x.htmx(x.c, http.MethodPost, path, pairs...)
	got.wants(x.t, path+" too fine", http.StatusUnprocessableEntity, named, "such as "+x.typed(25*pow10(x.digits), "."), `data-test="problem"`)
	if x.kept() != before {
		x.t.Errorf("%s stored an amount that is too fine", path)
	}
}

// kept is what the day has sold, taken and counted, and the catalogue: not what
// a poller or a display writes meanwhile.
func (x *trade) kept() (all string) {
	for _, list := range []string{"/visits?date=2026-11-22", "/payments?limit=500", "/catalogue.csv"} {
		all += x.api(http.MethodGet, list, "").text
	}
	return all + fmt.Sprint(x.api(http.MethodGet, "/day-closes", "").json(x.t)["day_closes"])
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// opens furnishes the catalogue by the tablet's forms.
func (x *trade) opens() {
	boss := access.System()
	l, err := x.d.Desk().Location()
	x.must(err)
	l.Currency = x.code
	x.must(x.d.Desk().SaveLocation(boss, l))
	const at = "/desk/catalogue/items"
	for _, field := range []string{"price", "min", "max"} {
		form := []string{"kind", "service", "name", "Colour", "active", "1", "key", field}
		for name, amount := range map[string]int64{"price": 12345, "min": 10000, "max": 20000} {
			if name != field {
				form = append(form, name, x.typed(amount, "."))
			}
		}
		x.refuses(at, `name="`+field+`" inputmode="decimal" value="`+x.tooFine(), append(form, field, x.tooFine())...)
	}
	x.post(x.c, at, "kind", "service", "name", "Colour", "active", "1", "key", "a", "price", x.typed(12345, ","), "min", x.typed(10000, ","), "max", x.typed(20000, ".")).wants(x.t, "a service", http.StatusSeeOther)
	x.post(x.c, at, "kind", "gift_card", "name", "Gift", "active", "1", "key", "b", "price", x.typed(3000, ","), "value", x.typed(3500, ".")).wants(x.t, "a gift card", http.StatusSeeOther)
	found, _, err := x.d.Desk().FindItems(boss, desk.ItemQuery{Q: "Colour"})
	x.must(err)
	if len(found) != 1 || found[0].Price != 12345 || found[0].Min != 10000 || found[0].Max != 20000 {
		x.t.Fatalf("typed into the catalogue: %+v", found)
	}
	x.service = found[0].ID
	x.oil = x.sells(catalogue.Item{Kind: visit.Product, Name: "Oil", SKU: "77", Price: 1234}, 5).ID
}

// books makes the visit by its form, at a price outside the range, then takes a
// part of it in cash.
func (x *trade) books() {
	form := func(price string, over ...string) []string {
		return append(newVisit(append([]string{"client_name", "Anna", "client_phone", "+36201234567", "client_language", "", "line_ref", x.service, "line_name", "Colour", "line_price", price}, over...)...),
			"line_id", "", "line_kind", "product", "line_ref", x.oil, "line_name", "Oil", "line_quantity", "2", "line_price", x.typed(1234, ","), "line_discount", x.typed(234, "."), "line_tax", "standard")
	}
	x.refuses("/desk/visits", `name="line_price" inputmode="decimal" value="`+x.tooFine(), form(x.tooFine())...)
	x.refuses("/desk/visits", `name="line_discount" inputmode="decimal" value="`+x.tooFine(), form(x.typed(12345, "."), "line_discount", x.tooFine())...)
	x.htmx(x.c, http.MethodPost, "/desk/visits", form(x.typed(23456, ","))...).wants(x.t, "outside the range", http.StatusUnprocessableEntity, `value="`+x.service+`=23456"`, x.says(10000, "en")+"–"+x.says(20000, "en"))
	x.htmx(x.c, http.MethodPost, "/desk/visits", form(x.typed(23456, ","), "confirm", x.service+"=23456")...).wants(x.t, "the visit", http.StatusOK, x.says(25690, "en"))
	x.big = x.visits()[0]
	at := "/desk/visits/" + string(x.big.ID)
	x.refuses(at+"/cash", `data-kind="amount_invalid"`, "amount", x.tooFine(), "key", "fine", "tab", "cash")
	x.htmx(x.c, http.MethodPost, at+"/cash", "amount", x.typed(5690, ","), "key", "part", "tab", "cash").wants(x.t, "a part", http.StatusOK, x.says(5690, "en"), x.says(20000, "en"))
}

// links pays the rest by link, and gives two parts of it back.
func (x *trade) links() {
	at := "/p/" + string(x.big.Token)
	g := x.hang()
	code := g.see("pair").Code
	x.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "One"}`)
	g.painted(g.see("idle"))
	x.must(x.d.Desk().Show(access.System(), x.big.ID, "front", false))
	if f := g.see("qr"); f.Scene.Amount != x.says(20000, "en") {
		x.t.Errorf("the display asks for %q", f.Scene.Amount)
	}
	x.reads("the client's page", at, 20000, 23456, 2234, 5690)
	to := strings.TrimPrefix(x.do(client(nil), http.MethodPost, at+"/open", "{}", "Content-Type", "application/json").json(x.t)["redirect"].(string), x.base)
	x.holds("the provider's page", x.do(client(nil), http.MethodGet, to, ""), "en", 20000)
	x.reads("while paying", at, 20000)
	x.do(client(nil), http.MethodPost, to+"/pay", "")
	x.await("the payment", func() bool { v, err := x.d.Desk().Visit(access.System(), x.big.ID); return err == nil && v.PaidByLink })
	if f := g.see("paid"); f.Scene.Amount != x.says(20000, "en") {
		x.t.Errorf("the display says that %q was paid", f.Scene.Amount)
	}
	entries, err := x.d.Desk().VisitPayments(access.System(), x.big.ID)
	x.must(err)
	x.linked = entries[1].ID
	back := "/desk/visits/" + string(x.big.ID) + "/payments/" + string(x.linked) + "/refund"
	if got := x.api(http.MethodPost, "/payments/"+string(x.linked)+"/refunds", `{"amount": 1234, "reason": "too long a wait"}`); got.status != http.StatusCreated || got.json(x.t)["amount"] != 1234.0 {
		x.t.Errorf("%d %s", got.status, got.text)
	}
	x.htmx(x.c, http.MethodGet, back).wants(x.t, "the refund's form", http.StatusOK, x.says(18766, "en"), `value="`+x.typed(18766, ".")+`"`)
	x.refuses(back, `value="`+x.tooFine()+`"`, "amount", x.tooFine(), "method", "link", "reason", "x", "key", "fine")
	x.htmx(x.c, http.MethodPost, back, "amount", x.typed(66, ","), "method", "link", "reason", "a coin", "key", "r").wants(x.t, "given back", http.StatusOK, x.says(66, "en"))
}

// reads looks at a page of a phone in both languages.
func (x *trade) reads(what, path string, amounts ...int64) {
	x.t.Helper()
	for _, lang := range []string{"en", "de"} {
		got := x.do(client(nil), http.MethodGet, path, "", "Accept-Language", lang, "Accept", "text/html")
		x.holds(what+" in "+lang, got, lang, amounts...)
	}
}

// holds finds amounts on a page, and none that is misprinted.
func (x *trade) holds(what string, got answer, lang string, amounts ...int64) {
	x.t.Helper()
	got.wants(x.t, what, http.StatusOK)
	for _, a := range amounts {
		if !strings.Contains(got.text, x.says(a, lang)) {
			x.t.Errorf("%s doesn't say %s", what, x.says(a, lang))
		}
	}
	if bad := x.misprints(got.text, lang); len(bad) > 0 {
		x.t.Errorf("%s misprints %q", what, bad)
	}
}

// keeps sells a gift card and takes a deposit, and pays with a part of each.
func (x *trade) keeps() {
	boss := access.System()
	sell := func(kind visit.LineKind, price int64) visit.Visit {
		v, _, err := x.d.Desk().CreateVisit(boss, visit.Draft{Client: x.big.Client, StartsAt: x.big.StartsAt, Lines: []visit.Line{{Kind: kind, Name: "Thing", Quantity: 1, UnitPrice: price}}}, desk.Key{})
		x.must(err)
		return v
	}
	x.gift, x.dep = sell(visit.GiftCard, 3000), sell(visit.Service, 4000)
	x.api(http.MethodPost, "/visits/"+string(x.gift.ID)+"/payments", `{"method": "card", "amount": 3000}`)
	cards, err := x.d.Desk().VisitCards(boss, x.gift.ID)
	x.must(err)
	client := x.api(http.MethodPost, "/clients/"+string(x.big.Client.ID)+"/deposits", `{"method": "cash", "amount": 5000}`)
	if client.status != http.StatusCreated || len(cards) != 1 {
		x.t.Fatalf("%d %s, cards %v", client.status, client.text, cards)
	}
	at := "/desk/visits/" + string(x.dep.ID)
	x.htmx(x.c, http.MethodGet, at+"/pay?tab=more").wants(x.t, "what is held", http.StatusOK, x.says(5000, "en"), `value="`+x.typed(4000, ".")+`"`)
	x.refuses(at+"/deposit", `data-kind="amount_invalid"`, "amount", x.tooFine(), "key", "fine", "tab", "more")
	x.htmx(x.c, http.MethodPost, at+"/deposit", "amount", x.typed(1234, ","), "key", "d", "tab", "more").wants(x.t, "by deposit", http.StatusOK, x.says(1234, "en"), x.says(2766, "en"))
	x.htmx(x.c, http.MethodPost, at+"/gift_card", "gift_card", cards[0].Code, "key", "g", "tab", "more").wants(x.t, "by gift card", http.StatusOK, x.says(2766, "en"), `data-state="nothing_due"`)
}
