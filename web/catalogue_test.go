package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// product adds a product by the API, and returns its id.
func (s *salon) product(name, sku string) string {
	s.t.Helper()
	got := s.api(http.MethodPost, "/products", fmt.Sprintf(`{"name": %q, "sku": %q, "price": 1450}`, name, sku))
	if got.status != http.StatusCreated {
		s.t.Fatalf("a product: %d %s", got.status, got.text)
	}
	return got.json(s.t)["id"].(string)
}

// listed are the names in a list.
func listed(t *testing.T, got answer, plural string) (names []string) {
	t.Helper()
	for _, one := range got.json(t)[plural].([]any) {
		names = append(names, one.(map[string]any)["name"].(string))
	}
	return names
}

// R2: every kind has its list, whose items are made, read, edited by version
// and found.
func TestR2ItemsByTheAPI(t *testing.T) {
	s := open(t)
	for path, more := range map[string]string{"services": `"min": 3000, "max": 5000`, "products": `"sku": "A-1"`,
		"memberships": `"uses": 10, "days": 365`, "gift-cards": `"value": 5500, "days": 1095`} {
		at := "/" + path
		plural := strings.ReplaceAll(path, "-", "_")
		body := `{"name": "Ärzte & Co", "price": 3500, ` + more + `}`
		made := s.api(http.MethodPost, at, body, "Idempotency-Key", path)
		again := s.api(http.MethodPost, at, body, "Idempotency-Key", path)
		id := made.json(t)["id"].(string)
		if made.status != http.StatusCreated || made.header.Get("ETag") != `"1"` || made.header.Get("Location") != "/api/v1"+at+"/"+id || again.text != made.text {
			t.Errorf("POST %s: %d %v %s, again %s", at, made.status, made.header, made.text, again.text)
		}
		edited := s.api(http.MethodPatch, at+"/"+id, `{"price": 3600, "active": false}`, "If-Match", `"1"`)
		want := strings.NewReplacer(`"price":3500`, `"price":3600`, `"active":true`, `"active":false`, `"version":1`, `"version":2`).Replace(made.text)
		if edited.status != http.StatusOK || edited.header.Get("ETag") != `"2"` || edited.text != want {
			t.Errorf("PATCH %s: %d %s, want %s", at, edited.status, edited.text, want)
		}
		if got := s.api(http.MethodGet, at+"/"+id, ""); got.text != edited.text || got.header.Get("ETag") != `"2"` {
			t.Errorf("GET %s: %s", at, got.text)
		}
		for query, found := range map[string]bool{"": true, "?active=true": false, "?q=arz": true, "?q=arz&active=true": false, "?q=x": false} {
			got := listed(t, s.api(http.MethodGet, at+query, ""), plural)
			if slices.Contains(got, "Ärzte & Co") != found {
				t.Errorf("GET %s%s lists %q", at, query, got)
			}
		}
	}
}

func TestItemsComeInPagesByTheAPI(t *testing.T) {
	s := open(t)
	for _, name := range []string{"C", "a", "B"} {
		s.product(name, "")
	}
	var names []string
	for next := ""; ; {
		got := s.api(http.MethodGet, "/products?limit=2&cursor="+strings.NewReplacer("+", "%2B", "/", "%2F", " ", "%20").Replace(next), "")
		names = append(names, listed(t, got, "products")...)
		if next = got.json(t)["next_cursor"].(string); next == "" {
			break
		}
	}
	if !slices.Equal(names, []string{"a", "B", "C"}) {
		t.Errorf("the pages have %q", names)
	}
}

// R22: what came and went of a product, and what is on hand.
func TestR22StockByTheAPI(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "")
	at := "/products/" + oil
	if got := s.api(http.MethodGet, at, "").json(t); got["on_hand"] != nil {
		t.Errorf("on hand before it is counted: %v", got["on_hand"])
	}
	move := `{"quantity": 12, "reason": "receipt", "note": "from Kiel"}`
	first := s.api(http.MethodPost, at+"/stock", move, "Idempotency-Key", "k")
	again := s.api(http.MethodPost, at+"/stock", move, "Idempotency-Key", "k")
	if first.status != http.StatusCreated || first.text != again.text || first.json(t)["product"] != oil {
		t.Errorf("moved %d %s, again %s", first.status, first.text, again.text)
	}
	s.api(http.MethodPost, at+"/stock", `{"quantity": -2, "reason": "write_off"}`)
	got := s.api(http.MethodGet, at+"/stock", "").json(t)
	if moves := got["movements"].([]any); len(moves) != 2 || got["on_hand"] != float64(10) || moves[0].(map[string]any)["quantity"] != float64(-2) {
		t.Errorf("the stock: %v", got)
	}
	if got := s.api(http.MethodGet, at, "").json(t); got["on_hand"] != float64(10) {
		t.Errorf("on hand: %v", got["on_hand"])
	}
}

// R2: selling what isn't there asks once more, by a field of its own.
func TestR2OutOfStockByTheAPI(t *testing.T) {
	s := open(t)
	oil := s.product("Oil", "")
	s.api(http.MethodPost, "/products/"+oil+"/stock", `{"quantity": 1, "reason": "receipt"}`)
	sale := func(quantity int, accept bool) string {
		return fmt.Sprintf(`{"accept_out_of_stock": %t, "lines": [{"kind": "product", "ref": %q, "name": "Oil", "quantity": %d, "unit_price": 1450}]}`, accept, oil, quantity)
	}
	got := s.api(http.MethodPost, "/visits", sale(2, false))
	if got.status != http.StatusUnprocessableEntity || got.code(t) != "out_of_stock" || !slices.Equal(got.fields(t), []string{"body.lines[0].quantity"}) {
		t.Fatalf("%d %s", got.status, got.text)
	}
	line := got.json(t)["lines"].([]any)[0].(map[string]any)
	if line["wanted"] != float64(2) || line["on_hand"] != float64(1) || line["ref"] != oil || got.json(t)["acceptable"] != true {
		t.Errorf("the line: %v", line)
	}
	made := s.api(http.MethodPost, "/visits", sale(1, false))
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.text)
	}
	at := "/visits/" + made.json(t)["id"].(string)
	if got := s.api(http.MethodPatch, at, sale(2, false), "If-Match", `"1"`); got.code(t) != "out_of_stock" {
		t.Errorf("the edit: %d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPatch, at, sale(2, true), "If-Match", `"1"`); got.status != http.StatusOK {
		t.Errorf("the accepted edit: %d %s", got.status, got.text)
	}
}

// R8: tax systems are made, read, and edited by version.
func TestR8TaxSystemsByTheAPI(t *testing.T) {
	s := open(t)
	made := s.api(http.MethodPost, "/tax-systems", `{"name": "Reduced", "rate": 700}`, "Idempotency-Key", "k")
	again := s.api(http.MethodPost, "/tax-systems", `{"name": "Reduced", "rate": 700}`, "Idempotency-Key", "k")
	if made.status != http.StatusCreated || made.header.Get("Location") != "/api/v1/tax-systems/reduced" || made.text != again.text {
		t.Errorf("%d %s, again %s", made.status, made.text, again.text)
	}
	edited := s.api(http.MethodPatch, "/tax-systems/reduced", `{"rate": 500}`, "If-Match", made.header.Get("ETag"))
	if edited.json(t)["rate"] != float64(500) || edited.json(t)["name"] != "Reduced" || edited.header.Get("ETag") != `"2"` {
		t.Errorf("edited: %d %s", edited.status, edited.text)
	}
	if got := s.api(http.MethodGet, "/tax-systems/reduced", ""); got.text != edited.text {
		t.Errorf("read: %s", got.text)
	}
	if got := listed(t, s.api(http.MethodGet, "/tax-systems", ""), "tax_systems"); !slices.Equal(got, []string{"Standard", "Reduced"}) {
		t.Errorf("listed: %q", got)
	}
}

// A file goes out and comes back in; a dry run says so first.
func TestTheCatalogueAsAFile(t *testing.T) {
	s := open(t)
	s.product("=Oil", "A-1")
	got := s.api(http.MethodGet, "/catalogue.csv", "")
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") ||
		!strings.Contains(got.header.Get("Content-Disposition"), "catalogue.csv") || !strings.Contains(got.text, "product,A-1,'=Oil,14.50,") {
		t.Fatalf("the file: %d %v\n%s", got.status, got.header, got.text)
	}
	text := got.text + "service,,Colour,35,,,,,,,,\r\n"
	for _, step := range []struct {
		query              string
		created, unchanged float64
	}{{"?dry=1", 1, 2}, {"?dry=true", 1, 2}, {"", 1, 2}, {"", 0, 3}} {
		got := s.api(http.MethodPost, "/catalogue:import"+step.query, text, "Content-Type", "text/csv")
		if j := got.json(t); got.status != http.StatusOK || j["created"] != step.created || j["unchanged"] != step.unchanged || j["dry"] != (step.query != "") {
			t.Errorf("import%s: %d %s", step.query, got.status, got.text)
		}
	}
	large := "kind,name,price\n" + strings.Repeat("service,A,1\n", 20_000)
	got = s.api(http.MethodPost, "/catalogue:import?dry=1", large, "Content-Type", "text/csv")
	if j := got.json(t); got.status != http.StatusOK || j["bad"] != float64(19_999) {
		t.Errorf("20,000 rows: %d %.200s", got.status, got.text)
	}
}
