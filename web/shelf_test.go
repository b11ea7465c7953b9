package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// sells adds an item to the catalogue, with so many pieces of it; none for one that isn't counted.
func (s *salon) sells(i catalogue.Item, pieces int64) catalogue.Item {
	s.t.Helper()
	i.Active = true
	i, err := s.d.Desk().SaveItem(access.System(), i)
	s.must(err)
	if pieces > 0 {
		_, err = s.d.Desk().Move(access.System(), i.ID, pieces, stock.Receipt, "", desk.Key{})
		s.must(err)
	}
	return i
}

func (s *salon) left(item string) int64 {
	s.t.Helper()
	levels, err := s.d.Desk().OnHand(access.System(), item)
	s.must(err)
	return levels[0].OnHand
}

// R38: the catalogue is for those who may edit it; the search for a line for those who edit visits.
func TestRightsOfTheCatalogue(t *testing.T) {
	s := open(t)
	for role, may := range map[access.Role]bool{access.Administrator: true, access.Manager: true, access.Receptionist: false, access.Viewer: false} {
		c := s.tablet(role)
		want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[may]
		for _, at := range []string{"", "/list", "/taxes", "/file", "/export"} {
			s.do(c, http.MethodGet, "/desk/catalogue"+at, "", "Accept", "text/html").wants(t, string(role)+" at "+at, want)
		}
		if home := s.do(c, http.MethodGet, "/desk", "", "Accept", "text/html"); strings.Contains(home.text, `href="/desk/catalogue"`) != may {
			t.Errorf("%s: the rail is wrong about the catalogue", role)
		}
	}
	s.htmx(s.tablet(access.Receptionist), http.MethodGet, "/desk/items").wants(t, "the search", http.StatusOK, "Haircut")
	s.htmx(s.tablet(access.Viewer), http.MethodGet, "/desk/items").wants(t, "a viewer's search", http.StatusForbidden)
}

// R2: every kind is made and changed by its form; what is wrong is said beside what was typed.
func TestR2ItemForms(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	const at = "/desk/catalogue/items"
	s.sells(catalogue.Item{Kind: visit.Product, Name: "Soap", SKU: "1001"}, 0)
	for name, form := range map[string][]string{
		"no name":      {"kind", "service", "name", " ", "price", "5"},
		"no price":     {"kind", "service", "name", "Cut", "price", ""},
		"no amount":    {"kind", "service", "name", "Cut", "price", "free"},
		"half a range": {"kind", "service", "name", "Cut", "price", "5", "min", "5"},
		"no number":    {"kind", "membership", "name", "Ten", "price", "5", "uses", "many"},
		"a SKU twice":  {"kind", "product", "name", "Soap, large", "price", "5", "sku", "1001"},
	} {
		before := s.dump()
		s.post(c, at, append(form, "active", "1", "key", name)...).wants(t, name, http.StatusUnprocessableEntity, `class="wrong"`, `data-test="problem"`)
		if s.dump() != before {
			t.Errorf("%s: something was stored", name)
		}
	}
	s.post(c, at, "kind", "house", "name", "x", "price", "5").wants(t, "no kind", http.StatusNotFound)
	s.post(c, at, "id", "i_none", "kind", "product", "name", "x", "price", "5").wants(t, "an id of one's own", http.StatusNotFound)
	for range 2 { // a double tap makes one
		s.post(c, at, "kind", "gift_card", "name", "Gift", "price", "45,50", "value", "50", "days", "365", "active", "1", "key", "once").wants(t, "a gift card", http.StatusSeeOther)
	}
	gifts, _, err := s.d.Desk().FindItems(access.System(), desk.ItemQuery{Kind: visit.GiftCard})
	s.must(err)
	if len(gifts) != 1 || gifts[0].Price != 4550 || gifts[0].Value != 5000 || gifts[0].Days != 365 {
		t.Fatalf("%+v", gifts)
	}
	open := "/desk/catalogue?item=" + gifts[0].ID
	s.do(c, http.MethodGet, open, "", "Accept", "text/html").wants(t, "open", http.StatusOK, `value="45.50"`, `value="50.00"`, `name="version" value="1"`)
	edit := []string{"id", gifts[0].ID, "kind", "gift_card", "version", "1", "name", "Gift", "price", "40", "active", "1"}
	s.post(c, at, edit...).wants(t, "changed", http.StatusSeeOther)
	edit[7] = "Another"
	s.post(c, at, edit...).wants(t, "on an old version", http.StatusPreconditionFailed, `data-kind="conflict"`, `name="version" value="2"`, `value="Another"`)
	if now, err := s.d.Desk().Item(access.System(), gifts[0].ID); err != nil || now.Name != "Gift" || now.Price != 4000 || now.Value != 5000 {
		t.Errorf("a field that wasn't sent: %+v %v", now, err)
	}
}

// The list has the items of a kind; a search goes through all kinds, and knows what isn't offered.
func TestCatalogueList(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	s.sells(catalogue.Item{Kind: visit.Product, Name: "Shampoo", SKU: "2041", Price: 1000}, 12)
	_, err := s.d.Desk().SaveItem(access.System(), catalogue.Item{Kind: visit.Service, Name: "Shave, old", Price: 900})
	s.must(err)
	got := s.htmx(c, http.MethodGet, "/desk/catalogue/list?kind=product")
	got.wants(t, "the products", http.StatusOK, "Shampoo", "12 left", "1 product")
	if strings.Contains(got.text, "Haircut") {
		t.Error("a service among the products")
	}
	s.htmx(c, http.MethodGet, "/desk/catalogue/list?kind=product&q=sh").wants(t, "sh", http.StatusOK, "Shampoo", "Shave, old", "Not offered")
	s.htmx(c, http.MethodGet, "/desk/catalogue/list?q=zzz").wants(t, "zzz", http.StatusOK, "Nothing found")
	s.htmx(c, http.MethodGet, "/desk/catalogue/list?kind=%22x").wants(t, "no kind", http.StatusOK, "Haircut")
}

// R22: what comes and goes is entered once, and a count is held against what the page showed.
func TestR22StockForm(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	i := s.sells(catalogue.Item{Kind: visit.Product, Name: "Soap", Price: 500}, 0)
	at := "/desk/catalogue/items/" + i.ID + "/stock"
	page := "/desk/catalogue?item=" + i.ID
	s.do(c, http.MethodGet, page, "", "Accept", "text/html").wants(t, "uncounted", http.StatusOK, "Not counted yet")
	for range 2 {
		s.post(c, at, "reason", "receipt", "quantity", "12", "note", "Invoice 4711", "key", "one").wants(t, "a delivery", http.StatusSeeOther)
	}
	s.post(c, at, "reason", "write_off", "quantity", "2", "key", "two").wants(t, "a loss", http.StatusSeeOther)
	for range 2 {
		s.post(c, at, "reason", "adjustment", "quantity", "7", "seen", "10", "key", "three").wants(t, "a count", http.StatusSeeOther)
	}
	s.post(c, at, "reason", "adjustment", "quantity", "5", "seen", "10", "key", "four").wants(t, "a count of yesterday", http.StatusPreconditionFailed, "changed meanwhile", `value="5"`, `name="seen" value="7"`)
	if got := s.left(i.ID); got != 7 {
		t.Fatalf("%d on hand", got)
	}
	for _, bad := range []string{"", "x", "-1", "0", "1.5", "99999999999999999999", "1000001"} {
		s.post(c, at, "reason", "receipt", "quantity", bad, "key", "k"+bad).wants(t, "pieces "+bad, http.StatusUnprocessableEntity, `class="wrong"`, "12")
	}
	s.post(c, at, "reason", "sale", "quantity", "1", "key", "six").wants(t, "a sale by hand", http.StatusUnprocessableEntity)
	s.do(c, http.MethodGet, page, "", "Accept", "text/html").wants(t, "the history", http.StatusOK, "Invoice 4711", "<td>−3</td><td>7</td>", "12</td><td>12</td>", "manager")
	s.post(c, "/desk/catalogue/items/i_cut/stock", "reason", "receipt", "quantity", "1").wants(t, "of a service", http.StatusNotFound)
}

// R22: counting may begin with none, and a page that is open follows what others sell.
func TestR22CountedNoneAndFollowed(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	i := s.sells(catalogue.Item{Kind: visit.Product, Name: "Soap", Price: 500}, 0)
	at := "/desk/catalogue/items/" + i.ID + "/stock"
	ws, _, err := s.dial(c, "", nil)
	s.must(err)
	for range 2 {
		s.post(c, at, "reason", "adjustment", "quantity", "0", "seen", "0", "key", "one").wants(t, "none", http.StatusSeeOther)
	}
	if e := s.hear(ws, "stock.changed"); string(e.Data) != `{"item":"`+i.ID+`","on_hand":0}` {
		t.Errorf("told %s", e.Data)
	}
	s.htmx(c, http.MethodGet, at).wants(t, "the part", http.StatusOK, `data-test="on-hand"><b>0</b>`, `data-stock-now="0"`, `id="stock-moves"`)
	s.htmx(s.tablet(access.Receptionist), http.MethodGet, at).wants(t, "without the right", http.StatusForbidden)
}

// R8: tax systems have a name and a rate.
func TestTaxForms(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	const at = "/desk/catalogue/taxes"
	s.post(c, at, "name", "Reduced VAT", "rate", "8,1", "active", "1").wants(t, "added", http.StatusSeeOther)
	s.do(c, http.MethodGet, at, "", "Accept", "text/html").wants(t, "listed", http.StatusOK, "Reduced VAT", "8.1 %", "Standard")
	for name, form := range map[string][]string{
		"no name": {"name", "", "rate", "7"}, "no rate": {"name", "Other", "rate", "low"}, "beyond": {"name", "Other", "rate", "101"},
		"the same name": {"name", "Reduced VAT", "rate", "7"}, "not of all": {"id", "standard", "version", "1", "name", "Standard", "rate", "19"},
	} {
		s.post(c, at, form...).wants(t, name, http.StatusUnprocessableEntity, `data-test="problem"`, `data-test="save-tax"`)
	}
	s.post(c, at, "id", "standard", "version", "1", "name", "VAT", "rate", "19", "active", "1").wants(t, "changed", http.StatusSeeOther)
	s.post(c, at, "id", "standard", "version", "1", "name", "Mine", "rate", "20", "active", "1").wants(t, "on an old version", http.StatusPreconditionFailed, `value="Mine"`, `name="version" value="2"`)
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 1},
		{Kind: visit.Service, Name: "Cure", Quantity: 1, UnitPrice: 1, TaxSystem: "reduced-vat"}, {Kind: visit.Service, Name: "Theirs", Quantity: 1, UnitPrice: 1, TaxSystem: "exempt"}}}, desk.Key{})
	s.must(err)
	s.htmx(c, http.MethodGet, "/desk/visits/"+string(v.ID)).wants(t, "what clashes", http.StatusOK, `data-kind="mixed_tax_systems"`, "Cut (VAT 19 %)", "Cure (Reduced VAT 8.1 %)", "Theirs (exempt)")
	s.do(c, http.MethodGet, "/desk/catalogue?item=new", "", "Accept", "text/html").wants(t, "to choose from", http.StatusOK, "VAT 19 %", "Reduced VAT 8.1 %")
}

// sendFile sends a form as a browser sends one with a file.
func (s *salon) sendFile(c *http.Client, file string, pairs ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if file != "" {
		part, err := form.CreateFormFile("file", "items.csv")
		s.must(err)
		_, err = part.Write([]byte(file))
		s.must(err)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	s.must(form.Close())
	return s.do(c, http.MethodPost, "/desk/catalogue/file", body.String(), "Content-Type", form.FormDataContentType(), "Accept", "text/html")
}

// A file is looked through row by row before anything changes, and goes in whole or not at all.
func TestFileIsSeenBeforeItIsRead(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	const good = "kind;name;price;stock;sku\nservice;Haircut;36,00;;\nproduct;\"Soap \"\"blue\"\"\";5,00;3;1\nproduct;=1+1;2;;\n"
	before := s.dump()
	s.sendFile(c, "kind,name,price,tax_system\nservice,Cut,5,standard\nhouse,,x,none\n").wants(t, "a bad file", http.StatusOK,
		`data-test="trial"`, `data-kind="bad"`, "<b>kind</b>", "<b>name</b>", "<b>price</b>")
	for name, file := range map[string]string{"no columns": "a,b\n1,2\n", "no text": "kind,name,price\n\xff", "nothing": ""} {
		s.sendFile(c, file).wants(t, name, http.StatusUnprocessableEntity, `data-test="problem"`, `data-test="file-field"`)
	}
	s.sendFile(c, "kind,name,price\nservice,"+strings.Repeat("x", catalogue.MaxBytes)+",1\n").wants(t, "a large file", http.StatusRequestEntityTooLarge, `data-test="problem"`)
	tried := s.sendFile(c, good)
	tried.wants(t, "a good file", http.StatusOK, `data-test="import"`, "price 35.00 → 36.00", "Nothing has been changed yet", "Soap &#34;blue&#34;")
	if s.dump() != before {
		t.Fatal("looking changed something")
	}
	again := regexp.MustCompile(`(?s)<textarea name="data" hidden>\n(.*?)</textarea>`).FindStringSubmatch(tried.text)
	if again == nil {
		t.Fatal("the file isn't sent again")
	}
	data := strings.NewReplacer("&#34;", `"`, "\n", "\r\n", "&#43;", "+", "&amp;", "&").Replace(again[1])
	sure := s.sendFile(c, "", "sure", "1", "name", "items.csv", "data", data)
	if to := sure.header.Get("Location"); sure.status != http.StatusSeeOther || to != "/desk/catalogue/file?changed=1&created=2" {
		t.Fatalf("read in: %d %s %.300s", sure.status, to, sure.text)
	}
	found, _, err := s.d.Desk().FindItems(access.System(), desk.ItemQuery{Q: "soap"})
	s.must(err)
	if len(found) != 1 || found[0].Name != `Soap "blue"` || s.left(found[0].ID) != 3 {
		t.Errorf("%+v", found)
	}
	s.sendFile(c, "", "sure", "1", "name", "x", "data", "kind,name,price\nhouse,x,1\n").wants(t, "sure of a bad file", http.StatusOK, `data-kind="bad"`)
	out := s.do(c, http.MethodGet, "/desk/catalogue/export", "")
	out.wants(t, "taken out", http.StatusOK, `"Soap ""blue"""`, ",36.00,", "'=1+1")
	s.sendFile(c, out.text).wants(t, "taken out and read in", http.StatusOK, "The catalogue is like this already")
}

// R2: two letters find a line, with its price, range and stock.
func TestR2LinesAreFound(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	i := s.sells(catalogue.Item{Kind: visit.Product, Name: "Hair oil", SKU: "2055", Price: 2290}, 3)
	s.htmx(c, http.MethodGet, "/desk/items?q=ha").wants(t, "ha", http.StatusOK, "Haircut", "€30.00–€50.00", "Hair oil", "€22.90", "3 left", `data-ref="`+i.ID+`"`, `data-price="22.90"`)
	s.htmx(c, http.MethodGet, "/desk/items?q=205").wants(t, "205", http.StatusOK, "Hair oil", `type="button"`)
	s.htmx(c, http.MethodGet, "/desk/items?q=%3Cscript%3E").wants(t, "nothing", http.StatusOK, "Nothing is called “&lt;script&gt;”")
	s.htmx(c, http.MethodGet, "/desk/items?kind=product").wants(t, "the products", http.StatusOK, "Hair oil")
	// Without script the form carries it all.
	got := s.post(c, "/desk/visits", newVisit("look", "1", "q", "oil", "client_name", "Mia")...)
	got.wants(t, "looked for", http.StatusOK, `name="add" value="`+i.ID+`"`, `type="submit"`, `value="Mia"`)
	got = s.post(c, "/desk/visits", newVisit("add", i.ID, "q", "oil")...)
	got.wants(t, "added", http.StatusOK, `value="Hair oil"`, `value="22.90"`, `value="Haircut"`)
	if n := len(s.visits()); n != 0 {
		t.Errorf("%d visits were made by looking", n)
	}
}

// R2: a price outside the range is asked about once, and again when it is another one.
func TestR2EveryPriceOutsideIsAskedAbout(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "55")...).wants(t, "55", http.StatusUnprocessableEntity, `name="confirm" value="i_cut=5500"`, `data-kind="outside_range"`)
	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "5", "confirm", "i_cut=5500")...).wants(t, "5 after 55", http.StatusUnprocessableEntity, `name="confirm" value="i_cut=500"`)
	s.htmx(c, http.MethodPost, "/desk/visits", newVisit("line_price", "5", "confirm", "i_cut=500")...).wants(t, "5 meant", http.StatusOK, "€5.00")
}

// R2: selling what isn't there asks, and is refused where the location says so.
func TestR2SellingWhatIsNotThereAsksOnTheTablet(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	i := s.sells(catalogue.Item{Kind: visit.Product, Name: "Hair oil", Price: 2290}, 3)
	wants := func(quantity string, over ...string) []string {
		return newVisit(append([]string{"line_kind", "product", "line_ref", i.ID, "line_name", "Hair oil", "line_price", "22,90", "line_quantity", quantity}, over...)...)
	}
	s.htmx(c, http.MethodPost, "/desk/visits", wants("4")...).wants(t, "4 of 3", http.StatusUnprocessableEntity, `data-kind="out_of_stock"`, "4 wanted, 3 there", `name="accept_short" value="`+i.ID+`=4"`, "Sell anyway")
	s.htmx(c, http.MethodPost, "/desk/visits", wants("5", "accept_short", i.ID+"=4")...).wants(t, "5 after 4", http.StatusUnprocessableEntity, `value="`+i.ID+`=5"`)
	if n := len(s.visits()); n != 0 {
		t.Fatalf("%d visits", n)
	}
	s.htmx(c, http.MethodPost, "/desk/visits", wants("5", "accept_short", i.ID+"=5")...).wants(t, "5 meant", http.StatusOK, "€114.50")
	v := s.visits()[0]
	edit := wants("6", "version", "1", "line_id", string(v.Lines[0].ID))
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(v.ID), edit...).wants(t, "6 of 3", http.StatusUnprocessableEntity, `data-kind="out_of_stock"`, "Sell anyway")
	s.htmx(c, http.MethodPost, "/desk/visits/"+string(v.ID), append(edit, "accept_short", i.ID+"=6")...).wants(t, "6 meant", http.StatusOK)

	boss := s.tablet(access.Administrator)
	s.post(boss, "/desk/setup/location", "name", "Salon", "currency", "EUR", "zone", "Europe/Berlin", "language", "en", "colour", "#aa3366").wants(t, "refusing", http.StatusSeeOther)
	got := s.htmx(c, http.MethodPost, "/desk/visits", wants("4", "accept_short", i.ID+"=4")...)
	got.wants(t, "refused", http.StatusUnprocessableEntity, `data-kind="out_of_stock"`, "be sold")
	if strings.Contains(got.text, "Sell anyway") {
		t.Error("a refusal offers to sell anyway")
	}
}
