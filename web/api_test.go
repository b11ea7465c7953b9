package web_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

var update = flag.Bool("update", false, "write the goldens anew")

// golden compares a text with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", name, difference(string(want), got))
	}
}

// Nobody gets in without saying who they are.
func TestEveryOperationAsksWho(t *testing.T) {
	s := open(t)
	v := s.book()
	before := s.dump()
	tried := 0
	for _, at := range s.addresses(v, http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete) {
		method, p, _ := strings.Cut(at, " ")
		if !strings.HasPrefix(p, "/api/") || strings.Contains(p, "docs") || strings.Contains(p, "openapi") {
			continue
		}
		tried++
		for _, how := range [][]string{nil, {"Authorization", "Basic " + s.token}, {"Cookie", "countersign_session=" + s.token}} {
			got := s.do(client(nil), method, p, `{}`, how...)
			if got.status != http.StatusUnauthorized || got.code(t) != "unauthenticated" || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %v: %d %.200s", at, how, got.status, got.text)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d operations were tried", tried)
	}
	if s.dump() != before {
		t.Error("somebody unknown changed something")
	}
}

// R38: who may ask for what, by role.
func TestRightsOfOperations(t *testing.T) {
	s := open(t)
	v := s.book()
	tokens := map[access.Role]string{}
	for _, role := range access.Roles() {
		secret, err := s.d.Desk().CreateToken(access.System(), string(role), role.Rights(), 0)
		s.must(err)
		tokens[role] = secret
	}
	var lines []string
	for _, at := range s.addresses(v, http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete) {
		method, p, _ := strings.Cut(at, " ")
		if !strings.HasPrefix(p, "/api/") || strings.Contains(p, "docs") || strings.Contains(p, "openapi") {
			continue
		}
		may := []string{}
		for _, role := range access.Roles() {
			got := s.do(client(nil), method, p, `{}`, "Authorization", "Bearer "+tokens[role], "If-Match", `"9"`)
			if got.status != http.StatusForbidden {
				may = append(may, string(role))
			} else if got.code(t) != "forbidden" || !strings.Contains(got.json(t)["detail"].(string), ".") {
				t.Errorf("%s as %s: %.200s", at, role, got.text)
			}
		}
		lines = append(lines, fmt.Sprintf("%-62s %s", strings.ReplaceAll(at, string(v.ID), "{id}"), strings.Join(may, " ")))
	}
	golden(t, "rights.golden", strings.Join(lines, "\n")+"\n")
}

// R39: wrong tokens are slowed and then stopped; right ones are let in all the same.
func TestGuessingTokensIsSlowed(t *testing.T) {
	s := open(t)
	stopped := false
	for i := range 60 {
		got := s.do(client(nil), http.MethodGet, "/api/v1/visits", "", "Authorization", fmt.Sprintf("Bearer cs_%d", i))
		if got.status == http.StatusTooManyRequests {
			stopped = got.header.Get("Retry-After") != "" && got.code(t) == "too_many_requests"
			break
		}
	}
	if !stopped {
		t.Error("sixty wrong tokens in a row were answered")
	}
	if got := s.api(http.MethodGet, "/visits", ""); got.status != http.StatusOK {
		t.Errorf("the right token: %d", got.status)
	}
}

// The same key with the same body gives the first answer again (API.md).
func TestIdempotencyKeys(t *testing.T) {
	s := open(t)
	v := s.book()
	body := `{"client": {"name": "Ben"}, "lines": []}`
	first := s.api(http.MethodPost, "/visits", body, "Idempotency-Key", "one")
	again := s.api(http.MethodPost, "/visits", body, "Idempotency-Key", "one")
	if first.status != http.StatusCreated || again.status != first.status || again.json(t)["id"] != first.json(t)["id"] {
		t.Errorf("visit: %d %s, again %d %s", first.status, first.text, again.status, again.text)
	}
	if got := s.api(http.MethodPost, "/visits", `{}`, "Idempotency-Key", "one"); got.status != 422 || got.code(t) != "idempotency_key_reused" {
		t.Errorf("another body: %d %s", got.status, got.text)
	}
	at := "/visits/" + string(v.ID) + "/payments"
	paid := s.api(http.MethodPost, at, `{"method": "cash", "amount": 1000}`, "Idempotency-Key", "two")
	twice := s.api(http.MethodPost, at, `{"method": "cash", "amount": 1000}`, "Idempotency-Key", "two")
	if paid.status != http.StatusCreated || twice.text != paid.text {
		t.Errorf("payment: %d %s, again %d %s", paid.status, paid.text, twice.status, twice.text)
	}
	if got := s.api(http.MethodGet, "/visits/"+string(v.ID), "").json(t); got["paid"] != 1000.0 || got["due"] != 1500.0 || got["payment_state"] != "partially_paid" {
		t.Errorf("the visit: %v", got)
	}
	other, err := s.d.Desk().CreateToken(access.System(), "other", access.All(), 0)
	s.must(err)
	if got := s.do(client(nil), http.MethodPost, "/api/v1/visits", `{}`, "Authorization", "Bearer "+other, "Idempotency-Key", "one"); got.status != http.StatusCreated {
		t.Errorf("another program's key: %d %s", got.status, got.text)
	}
}

// R4: an edit carries the version that it is based on, and is told what changed.
func TestVersionsOfVisits(t *testing.T) {
	s := open(t)
	got := s.api(http.MethodPost, "/visits", `{"external_id": "b-1", "client": {"name": "Ben", "phone": "+4915112345001"}}`)
	at := got.header.Get("Location")
	if got.status != http.StatusCreated || got.header.Get("ETag") != `"1"` || !strings.HasPrefix(at, "/api/v1/visits/v_") {
		t.Fatalf("%d %v", got.status, got.header)
	}
	at = strings.TrimPrefix(at, "/api/v1")
	got = s.api(http.MethodPatch, at, `{"client": {"name": "Benedikt"}}`, "If-Match", `"1"`)
	if got.status != http.StatusOK || got.header.Get("ETag") != `"2"` {
		t.Fatalf("%d %s", got.status, got.text)
	}
	if c := got.json(t)["client"].(map[string]any); c["name"] != "Benedikt" || c["phone"] != "+4915112345001" {
		t.Errorf("a patch of the name left %v", c)
	}
	got = s.api(http.MethodPatch, at, `{"status": "done"}`, "If-Match", `"1"`)
	if p := got.json(t); got.status != http.StatusPreconditionFailed || p["code"] != "version_mismatch" || p["version"] != 2.0 || fmt.Sprint(p["changed"]) != "[client]" {
		t.Errorf("%d %s", got.status, got.text)
	}
	// R5: the booking system says it again.
	got = s.api(http.MethodPost, "/visits", `{"external_id": "b-1", "client": {"name": "Ben", "phone": "+4915112345001"}, "lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 100}]}`)
	if got.status != http.StatusOK || got.json(t)["total"] != 100.0 || "/visits/"+got.json(t)["id"].(string) != at {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// R6: a link is one and the same; its codes are pictures.
func TestLinks(t *testing.T) {
	s := open(t)
	v := s.book()
	at := "/visits/" + string(v.ID)
	first, again := s.api(http.MethodGet, at+"/link", ""), s.api(http.MethodGet, at+"/link", "")
	if first.text != again.text || first.json(t)["url"] != s.base+"/p/"+string(v.Token) {
		t.Errorf("%s %s", first.text, again.text)
	}
	if got := s.api(http.MethodGet, at+"/qr.svg", ""); got.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(got.text, "<svg") {
		t.Errorf("%d %v %.80s", got.status, got.header, got.text)
	}
	if got := s.api(http.MethodGet, at+"/qr.png?size=256", ""); got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.text, "\x89PNG") {
		t.Errorf("%d %v", got.status, got.header)
	}
	// R8: lines of two tax systems, named.
	clash, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{
		{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 1}, {Kind: visit.Service, Name: "Cure", Quantity: 1, UnitPrice: 1, TaxSystem: "exempt"}}}, desk.Key{})
	s.must(err)
	for _, r := range [][2]string{{http.MethodGet, "/link"}, {http.MethodGet, "/qr.svg"}, {http.MethodPost, "/link/show"}} {
		got := s.api(r[0], "/visits/"+string(clash.ID)+r[1], `{"desk": "front"}`)
		if p := got.json(t); got.status != 422 || p["code"] != "mixed_tax_systems" || len(p["lines"].([]any)) != 2 {
			t.Errorf("%v: %d %s", r, got.status, got.text)
		}
	}
}

// The description stands alone: no other host, nothing that leads nowhere.
func TestDescription(t *testing.T) {
	s := open(t)
	doc := s.do(client(nil), http.MethodGet, "/api/v1/openapi.json", "")
	if doc.status != http.StatusOK || !strings.HasPrefix(doc.json(t)["openapi"].(string), "3.1") {
		t.Fatalf("%d %.200s", doc.status, doc.text)
	}
	schemas := doc.json(t)["components"].(map[string]any)["schemas"].(map[string]any)
	for part := range strings.SplitSeq(doc.text, `"$ref":"#/components/schemas/`) {
		if name, _, ok := strings.Cut(part, `"`); ok && !strings.HasPrefix(part, "{") && schemas[name] == nil {
			t.Errorf("there is no schema %q", name)
		}
	}
	page := s.do(client(nil), http.MethodGet, "/api/v1/docs", "")
	if page.status != http.StatusOK || strings.Contains(page.text, "<script") || strings.Contains(page.text, "://") {
		t.Errorf("%d %.300s", page.status, page.text)
	}
	for _, want := range []string{"/api/v1/visits/{id}/link/show", "Idempotency-Key", "unit_price", "finance.online_payments"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the page doesn't say %s", want)
		}
	}
}
