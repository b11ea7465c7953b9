package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/daemon/visit"
)

// refusal is a request that must be refused, and change nothing.
type refusal struct {
	name, method, path, body string
	headers                  []string
}

func line(over string) string {
	all := map[string]string{"kind": `"service"`, "name": `"Cut"`, "quantity": "1", "unit_price": "2500"}
	for part := range strings.SplitSeq(over, ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			all[name] = value
		}
	}
	var fields []string
	for name, value := range all {
		if value != "" {
			fields = append(fields, fmt.Sprintf("%q: %s", name, value))
		}
	}
	slices.Sort(fields)
	return `{"lines": [{` + strings.Join(fields, ", ") + `}]}`
}

func visitRefusals() []refusal {
	long := strings.Repeat("x", 10_000)
	bodies := map[string]string{
		"too large":          `{"external_id": "` + strings.Repeat("x", 70_000) + `"}`,
		"not JSON":           `{"client": `,
		"nothing":            ``,
		"a list":             `[]`,
		"very deep":          strings.Repeat("[", 30_000),
		"unknown field":      `{"klient": {}}`,
		"unknown in client":  `{"client": {"nickname": "x"}}`,
		"unknown in line":    line(`colour="red"`),
		"client is a text":   `{"client": "Anna"}`,
		"line without name":  line("name="),
		"line without price": line("unit_price="),
		"quantity a text":    line(`quantity="1"`),
		"quantity negative":  line("quantity=-1"),
		"quantity 0":         line("quantity=0"),
		"quantity huge":      line("quantity=1000000000000"),
		"price negative":     line("unit_price=-1"),
		"price fraction":     line("unit_price=12.5"),
		"price huge":         line("unit_price=99999999999999"),
		"price beyond":       line("unit_price=1e30"),
		"price null":         line("unit_price=null"),
		"discount negative":  line("discount=-5"),
		"discount too much":  line("discount=2501"),
		"sum too much":       `{"lines": [` + strings.TrimSuffix(strings.TrimPrefix(line("unit_price=99999999999;quantity=2"), `{"lines": [`), `]}`) + `]}`,
		"kind unknown":       line(`kind="tip"`),
		"currency another":   `{"currency": "USD"}`,
		"currency nonsense":  `{"currency": "euro"}`,
		"status unknown":     `{"status": "maybe"}`,
		"staff nonsense":     `{"staff": "../../x"}`,
		"date words":         `{"starts_at": "yesterday"}`,
		"date early":         `{"starts_at": "1999-12-31T23:59:59Z"}`,
		"date late":          `{"starts_at": "2100-01-01T00:00:00Z"}`,
		"date year 10000":    `{"starts_at": "10000-01-01T00:00:00Z"}`,
		"date 30 February":   `{"starts_at": "2026-02-30T10:00:00Z"}`,
		"date a number":      `{"starts_at": 5}`,
		"name long":          `{"client": {"name": "` + long + `"}}`,
		"phone long":         `{"client": {"phone": "` + strings.Repeat("1", 10_000) + `"}}`,
		"email long":         `{"client": {"email": "` + long + `@example.com"}}`,
		"language long":      `{"client": {"language": "` + long + `"}}`,
		"external id long":   `{"external_id": "` + long + `"}`,
		"line name long":     line(`name="` + long + `"`),
		"line ref long":      line(`ref="` + long + `"`),
		"tax system long":    line(`tax_system="` + long + `"`),
		"name with newline":  `{"client": {"name": "a\nb"}}`,
		"name turned":        `{"client": {"name": "a\u202eb"}}`,
		"email a script":     `{"client": {"email": "<script>alert(1)</script>"}}`,
		"phone a script":     `{"client": {"phone": "<script>alert(1)</script>"}}`,
		"101 lines":          `{"lines": [` + strings.TrimSuffix(strings.Repeat(`{"kind": "service", "name": "x", "quantity": 1, "unit_price": 1},`, 101), ",") + `]}`,
	}
	var all []refusal
	for name, body := range bodies {
		all = append(all, refusal{"visit: " + name, http.MethodPost, "/visits", body, nil})
	}
	return append(all, refusal{"visit: as a form", http.MethodPost, "/visits", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}})
}

func otherRefusals(v visit.Visit) []refusal {
	at := "/visits/" + string(v.ID)
	all := []refusal{
		{"edit: no version", http.MethodPatch, at, `{"status": "done"}`, nil},
		{"edit: a version of words", http.MethodPatch, at, `{"status": "done"}`, []string{"If-Match", `"new"`}},
		{"edit: any version", http.MethodPatch, at, `{"status": "done"}`, []string{"If-Match", "*"}},
		{"edit: another version", http.MethodPatch, at, `{"status": "done"}`, []string{"If-Match", `"7"`}},
		{"edit: unknown field", http.MethodPatch, at, `{"paid": 5}`, []string{"If-Match", `"1"`}},
		{"edit: unknown visit", http.MethodPatch, "/visits/v_nothing", `{}`, []string{"If-Match", `"1"`}},
		{"pay: nothing said", http.MethodPost, at + "/payments", `{}`, nil},
		{"pay: unknown visit", http.MethodPost, "/visits/v_nothing/payments", `{"method": "cash", "amount": 1}`, nil},
		{"list: a date of words", http.MethodGet, "/visits?date=tomorrow", "", nil},
		{"list: a date there isn't", http.MethodGet, "/visits?date=2026-02-30", "", nil},
		{"list: limit 0", http.MethodGet, "/visits?limit=-1", "", nil},
		{"list: limit too high", http.MethodGet, "/visits?limit=9999", "", nil},
		{"list: unknown state", http.MethodGet, "/visits?state=odd", "", nil},
		{"ledger: a date there isn't", http.MethodGet, "/payments?from=2026-13-01", "", nil},
		{"ledger: by something else", http.MethodGet, "/payments?by=mood", "", nil},
		{"events: wait an hour", http.MethodGet, "/events?wait=3600", "", nil},
		{"events: after nothing", http.MethodGet, "/events?after=-1", "", nil},
		{"get: unknown visit", http.MethodGet, "/visits/v_nothing", "", nil},
		{"get: a path", http.MethodGet, "/visits/..%2F..%2Fx", "", nil},
		{"link: unknown visit", http.MethodGet, "/visits/v_nothing/link", "", nil},
		{"png: too large", http.MethodGet, at + "/qr.png?size=100000", "", nil},
		{"show: no desk", http.MethodPost, at + "/link/show", `{}`, nil},
		{"show: unknown desk", http.MethodPost, at + "/link/show", `{"desk": "roof"}`, nil},
		{"hide: unknown desk", http.MethodDelete, "/desks/roof/scene", "", nil},
		{"pair: unknown code", http.MethodPost, "/displays/pair", `{"code": "K7Q2MX", "desk": "front", "name": "One"}`, nil},
		{"pair: unknown desk", http.MethodPost, "/displays/pair", `{"code": "K7Q2MX", "desk": "roof", "name": "One"}`, nil},
		{"pair: name long", http.MethodPost, "/displays/pair", `{"code": "K7Q2MX", "desk": "front", "name": "` + strings.Repeat("x", 10_000) + `"}`, nil},
		{"revoke: unknown display", http.MethodDelete, "/displays/d_nothing", "", nil},
		{"no such address", http.MethodGet, "/tips", "", nil},
		{"no such method", http.MethodPut, "/visits", "{}", nil},
	}
	for name, amount := range map[string]string{"0": "0", "negative": "-1", "too much": "2501", "huge": "99999999999999", "beyond": "1e30",
		"a fraction": "12.5", "a text": `"25"`, "nothing": "null"} {
		all = append(all, refusal{"pay: amount " + name, http.MethodPost, at + "/payments", `{"method": "cash", "amount": ` + amount + `}`, nil})
	}
	return append(all, refusal{"pay: with a bet", http.MethodPost, at + "/payments", `{"method": "bet", "amount": 1}`, nil})
}

func catalogueRefusals(product string) []refusal {
	long := strings.Repeat("x", 10_000)
	at := "/products/" + product
	csv := []string{"Content-Type", "text/csv"}
	all := []refusal{
		{"item: edit: no version", http.MethodPatch, at, `{"price": 1}`, nil},
		{"item: edit: another version", http.MethodPatch, at, `{"price": 1}`, []string{"If-Match", `"7"`}},
		{"item: edit: unknown item", http.MethodPatch, "/products/i_nothing", `{}`, []string{"If-Match", `"1"`}},
		{"item: edit: another list", http.MethodPatch, "/services/" + product, `{}`, []string{"If-Match", `"1"`}},
		{"item: edit: the kind", http.MethodPatch, at, `{"kind": "service"}`, []string{"If-Match", `"1"`}},
		{"item: edit: no name", http.MethodPatch, at, `{"name": " "}`, []string{"If-Match", `"1"`}},
		{"item: get: another list", http.MethodGet, "/services/" + product, "", nil},
		{"item: get: unknown item", http.MethodGet, "/products/i_nothing", "", nil},
		{"item: list: limit too high", http.MethodGet, "/products?limit=501", "", nil},
		{"item: list: long search", http.MethodGet, "/products?q=" + long[:201], "", nil},
		{"stock: of a service", http.MethodGet, "/products/i_nothing/stock", "", nil},
		{"stock: a cursor of words", http.MethodGet, at + "/stock?cursor=x", "", nil},
		{"stock: nothing said", http.MethodPost, at + "/stock", `{}`, nil},
		{"stock: none", http.MethodPost, at + "/stock", `{"quantity": 0, "reason": "receipt"}`, nil},
		{"stock: too many", http.MethodPost, at + "/stock", `{"quantity": 1000001, "reason": "receipt"}`, nil},
		{"stock: a sale", http.MethodPost, at + "/stock", `{"quantity": -1, "reason": "sale"}`, nil},
		{"stock: written off and more", http.MethodPost, at + "/stock", `{"quantity": 1, "reason": "write_off"}`, nil},
		{"stock: a long note", http.MethodPost, at + "/stock", `{"quantity": 1, "reason": "receipt", "note": "` + long + `"}`, nil},
		{"tax: no name", http.MethodPost, "/tax-systems", `{"rate": 700}`, nil},
		{"tax: too much", http.MethodPost, "/tax-systems", `{"name": "All of it", "rate": 10001}`, nil},
		{"tax: one that there is", http.MethodPost, "/tax-systems", `{"name": "Standard", "rate": 1}`, nil},
		{"tax: edit: no version", http.MethodPatch, "/tax-systems/standard", `{"rate": 1}`, nil},
		{"tax: edit: another version", http.MethodPatch, "/tax-systems/standard", `{"rate": 1}`, []string{"If-Match", `"7"`}},
		{"tax: edit: the ordinary ends", http.MethodPatch, "/tax-systems/standard", `{"active": false}`, []string{"If-Match", `"1"`}},
		{"tax: unknown", http.MethodGet, "/tax-systems/none", "", nil},
		{"import: nothing", http.MethodPost, "/catalogue:import", "", csv},
		{"import: no header", http.MethodPost, "/catalogue:import", "service,,Cut,1\n", csv},
		{"import: an unknown column", http.MethodPost, "/catalogue:import?dry=1", "kind,name,price,colour\n", csv},
		{"import: a picture", http.MethodPost, "/catalogue:import", "\x89PNG\r\n\xff", csv},
		{"import: bad rows", http.MethodPost, "/catalogue:import", "kind,name,price\nservice,Good,1\nservice,,x\ntip,Bad,1\n", csv},
		{"import: too large", http.MethodPost, "/catalogue:import", strings.Repeat("x", 6<<20), csv},
	}
	for name, body := range map[string]string{
		"nothing said": `{}`, "no price": `{"name": "Oil"}`, "no name": `{"name": "", "price": 1}`, "price negative": `{"name": "Oil", "price": -1}`,
		"price a fraction": `{"name": "Oil", "price": 1.5}`, "price huge": `{"name": "Oil", "price": 100000000000}`,
		"range backwards": `{"name": "Oil", "price": 1, "min": 2, "max": 1}`, "uses": `{"name": "Oil", "price": 1, "uses": 2}`,
		"name long": `{"name": "` + long + `", "price": 1}`, "SKU taken": `{"name": "Wax", "price": 1, "sku": "s-1"}`,
		"SKU with newline": `{"name": "Wax", "price": 1, "sku": "a\nb"}`, "unknown field": `{"name": "Oil", "price": 1, "on_hand": 3}`,
	} {
		all = append(all, refusal{"item: " + name, http.MethodPost, "/products", body, nil})
	}
	return all
}

func reportRefusals() []refusal {
	return []refusal{
		{"report: no dates", http.MethodGet, "/reports?from=soon&to=2026-02-30", "", nil},
		{"report: backwards", http.MethodGet, "/reports?from=2026-11-22&to=2026-11-21", "", nil},
		{"report: three years", http.MethodGet, "/reports?from=2024-01-01&to=2026-12-31", "", nil},
		{"report: by something else", http.MethodGet, "/reports?by=mood", "", nil},
		{"report: another cut", http.MethodGet, "/reports.csv?cut=mood", "", nil},
		{"report: no dates in a file", http.MethodGet, "/reports.csv?from=soon", "", nil},
		{"count: nothing said", http.MethodPost, "/day-closes", `{}`, nil},
		{"count: below nothing", http.MethodPost, "/day-closes", `{"counted": -1}`, nil},
		{"count: more taken than there", http.MethodPost, "/day-closes", `{"counted": 1, "taken_out": 2}`, nil},
		{"count: a fraction", http.MethodPost, "/day-closes", `{"counted": 1.5}`, nil},
		{"count: a note of two lines", http.MethodPost, "/day-closes", `{"counted": 1, "note": "a\nb"}`, nil},
		{"count: of another drawer", http.MethodPost, "/day-closes", `{"counted": 1, "number": 7}`, nil},
	}
}

// Every refusal has its status, its code and the place that is wrong, shows
// nothing of our insides, and stores nothing.
func TestRefusals(t *testing.T) {
	s := open(t)
	v := s.book()
	oil := s.product("Oil", "S-1")
	before := s.dump()
	var lines []string
	for _, r := range slices.Concat(visitRefusals(), otherRefusals(v), catalogueRefusals(oil), reportRefusals()) {
		got := s.api(r.method, r.path, r.body, r.headers...)
		if got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %.200s", r.name, got.status, got.header.Get("Content-Type"), got.text)
			continue
		}
		lines = append(lines, fmt.Sprintf("%-28s %d %-24s %s", r.name, got.status, got.code(t), strings.Join(got.fields(t), " ")))
		for _, inside := range []string{"Go ", "json:", "web.", ".go", "countersign/", "xxxxx"} {
			if strings.Contains(got.text, inside) {
				t.Errorf("%s shows %q: %.300s", r.name, inside, got.text)
			}
		}
		if p := got.json(t); p["status"] != float64(got.status) || p["title"] == "" || p["detail"] == "" {
			t.Errorf("%s: %.300s", r.name, got.text)
		}
	}
	slices.Sort(lines)
	golden(t, "refusals.golden", strings.Join(lines, "\n")+"\n")
	if after := s.dump(); after != before {
		t.Errorf("a refused request stored something:\n%s", difference(before, after))
	}
}
