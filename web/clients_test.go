package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// R5: visits arrive in bulk, each with its own outcome, and again without change.
func TestR5Batch(t *testing.T) {
	s := open(t)
	line := `"lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 2500}]`
	body := `{"visits": [{"external_id": "x1", "client": {"name": "Anna", "phone": "+36201234567"}, ` + line + `},
		{"external_id": "x2", "lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": -1}]}, {"external_id": "x3", "colour": "red"}, "text",
		{"external_id": "x4", ` + line + `}]}`
	for round, want := range [][]float64{{201, 422, 422, 422, 201}, {200, 422, 422, 422, 200}} {
		got := s.api(http.MethodPost, "/visits:batch", body)
		results, _ := got.json(t)["results"].([]any)
		if got.status != http.StatusOK || len(results) != 5 {
			t.Fatalf("%d %s", got.status, got.text)
		}
		for i, r := range results {
			one := r.(map[string]any)
			if one["index"] != float64(i) || one["status"] != want[i] || (one["visit"] == nil) != (want[i] == 422) || (one["error"] == nil) != (want[i] != 422) {
				t.Errorf("round %d, visit %d: %v", round, i, one)
			}
		}
		if bad := results[1].(map[string]any)["error"].(map[string]any); bad["code"] != "validation" || !strings.Contains(fmt.Sprint(bad["errors"]), "unit_price") {
			t.Errorf("%v", bad)
		}
	}
	// Each is read as strictly as alone, and nothing of our insides is said.
	odd := []string{line, strings.Replace(line, `"unit_price": 2500`, `"discount": 0`, 1), strings.Replace(line, "2500", "12.5", 1), strings.Replace(line, "2500", `"25"`, 1),
		strings.Replace(line, "2500", "1e30", 1), `"client": "Anna"`, `"starts_at": "2026-02-30T10:00:00Z"`, `"status": "maybe"`, `"client": {"id": "c_nobody"}`}
	got := s.api(http.MethodPost, "/visits:batch", `{"visits": [{`+strings.Join(odd[1:], "}, {")+`}, null, 5]}`)
	for i, r := range got.json(t)["results"].([]any) {
		one := r.(map[string]any)
		if bad, _ := one["error"].(map[string]any); one["status"] != float64(422) || bad["code"] != "validation" || bad["errors"] == nil {
			t.Errorf("%d: %v", i, one)
		}
	}
	for _, inside := range []string{"json:", "Go ", "visitInput", "web."} {
		if strings.Contains(got.text, inside) {
			t.Errorf("shows %q: %.600s", inside, got.text)
		}
	}
	found := s.visits()
	if len(found) != 2 || found[0].Version != 1 || found[1].Version != 1 {
		t.Errorf("%+v", found)
	}
	for name, body := range map[string]string{"none": `{"visits": []}`, "too many": `{"visits": [` + strings.Repeat(`{},`, 1000) + `{}]}`, "no list": `{}`} {
		if got := s.api(http.MethodPost, "/visits:batch", body); got.status != http.StatusUnprocessableEntity || got.code(t) != "validation" {
			t.Errorf("%s: %d %.200s", name, got.status, got.text)
		}
	}
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf(`{"external_id": "m%d", "client": {"name": "Client %d"}, %s}`, i, i, line)
	}
	got = s.api(http.MethodPost, "/visits:batch", `{"visits": [`+strings.Join(many, ",")+`]}`)
	if got.status != http.StatusOK || strings.Count(got.text, `"status":201`) != 1000 {
		t.Errorf("a thousand: %d, %d created", got.status, strings.Count(got.text, `"status":201`))
	}
}

// R5: a batch that is sent again with its key makes no visit twice, also of
// those that have no external id; with another body it makes none.
func TestR5BatchOnceForAKey(t *testing.T) {
	s := open(t)
	one := `{"client": {"name": "Anna"}, "lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 2500}]}`
	body := `{"visits": [` + one + `, ` + one + `]}`
	first := s.api(http.MethodPost, "/visits:batch", body, "Idempotency-Key", "night")
	again := s.api(http.MethodPost, "/visits:batch", body, "Idempotency-Key", "night")
	if first.status != http.StatusOK || again.text != first.text || len(s.visits()) != 2 {
		t.Errorf("%d visits, %s, again %s", len(s.visits()), first.text, again.text)
	}
	other := s.api(http.MethodPost, "/visits:batch", strings.Replace(body, "2500", "2600", 1), "Idempotency-Key", "night")
	if strings.Count(other.text, "idempotency_key_reused") != 2 || len(s.visits()) != 2 {
		t.Errorf("%d visits, %s", len(s.visits()), other.text)
	}
}

// R16: clients, and what they hold, over the API.
func TestR16ClientsByAPI(t *testing.T) {
	s := open(t)
	made := s.api(http.MethodPost, "/clients", `{"name": "Anna Kovacs", "phone": "+36 20 123 4567"}`, "Idempotency-Key", "one")
	c := made.json(t)
	if made.status != http.StatusCreated || c["phone"] != "+36201234567" || made.header.Get("ETag") != `"1"` {
		t.Fatalf("%d %s", made.status, made.text)
	}
	at := "/clients/" + c["id"].(string)
	for body, code := range map[string]string{`{}`: "validation", `{"name": "Ben", "phone": "+36201234567"}`: "phone_taken", `{"name": "Ben", "age": 3}`: "validation"} {
		if got := s.api(http.MethodPost, "/clients", body); got.status != http.StatusUnprocessableEntity || got.code(t) != code {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	if got := s.api(http.MethodPatch, at, `{"note": "tea"}`); got.status != http.StatusPreconditionRequired {
		t.Errorf("without a version: %d", got.status)
	}
	if got := s.api(http.MethodPatch, at, `{"note": "tea"}`, "If-Match", `"1"`); got.status != http.StatusOK || got.json(t)["note"] != "tea" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPatch, at, `{"note": "milk"}`, "If-Match", `"1"`); got.status != http.StatusPreconditionFailed {
		t.Errorf("stale: %d", got.status)
	}
	for range 2 {
		if got := s.api(http.MethodPost, at+"/grants", `{"method": "loyalty", "amount": 700, "reason": "welcome"}`, "Idempotency-Key", "two"); got.status != http.StatusCreated {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	if got := s.api(http.MethodPost, at+"/deposits", `{"method": "cash", "amount": 2000}`); got.status != http.StatusCreated || got.json(t)["register"] != "cash" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := s.api(http.MethodPost, at+"/grants", `{"method": "loyalty", "amount": -701, "reason": "a slip"}`); got.code(t) != "insufficient_balance" {
		t.Errorf("%d %s", got.status, got.text)
	}
	held := s.api(http.MethodGet, at, "").json(t)["balances"].(map[string]any)
	if held["loyalty"] != float64(700) || held["deposit"] != float64(2000) {
		t.Errorf("%v", held)
	}
	list, _ := s.api(http.MethodGet, "/clients?q=kov", "").json(t)["clients"].([]any)
	if len(list) != 1 {
		t.Errorf("%v", list)
	}
	if got := s.api(http.MethodGet, "/clients/c_nobody", ""); got.status != http.StatusNotFound || got.code(t) != "client_not_found" {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// R16: a visit that is said to be another number's isn't the first one's any more, and one that is
// only corrected stays theirs.
func TestR16AnotherNumberByAPI(t *testing.T) {
	s := open(t)
	v := s.api(http.MethodPost, "/visits", `{"client": {"name": "Anna", "phone": "+36201234567"}}`).json(t)
	at, anna := "/visits/"+v["id"].(string), v["client"].(map[string]any)["id"]
	for i, c := range []struct {
		body string
		anna bool
	}{{`{"name": "Anna Nagy"}`, true}, {`{"language": "hu"}`, true}, {`{"name": "Ben", "phone": "+36207654321"}`, false}, {fmt.Sprintf(`{"id": %q}`, anna), true}} {
		got := s.api(http.MethodPatch, at, `{"client": `+c.body+`}`, "If-Match", fmt.Sprintf("%q", fmt.Sprint(i+1)))
		is := got.json(t)["client"].(map[string]any)
		if got.status != http.StatusOK || is["id"] == "" || (is["id"] == anna) != c.anna || (is["phone"] == "+36201234567") != c.anna {
			t.Errorf("%s: %d, the client is %v, Anna %v", c.body, got.status, is, anna)
		}
	}
}

// R22: the codes of cards are for who may take payments.
func TestR22CardsByAPI(t *testing.T) {
	s := open(t)
	v := s.api(http.MethodPost, "/visits", `{"client": {"name": "Anna", "phone": "+36201234567"}, "lines": [{"kind": "gift_card", "name": "Gift card", "quantity": 1, "unit_price": 3000}]}`).json(t)
	s.api(http.MethodPost, "/visits/"+v["id"].(string)+"/payments", `{"method": "card", "amount": 3000}`)
	cards, _ := s.api(http.MethodGet, "/visits/"+v["id"].(string)+"/cards", "").json(t)["cards"].([]any)
	if len(cards) != 1 || cards[0].(map[string]any)["balance"] != float64(3000) {
		t.Fatalf("%v", cards)
	}
	at := "/clients/" + v["client"].(map[string]any)["id"].(string)
	if mine, _ := s.api(http.MethodGet, at, "").json(t)["cards"].([]any); len(mine) != 1 {
		t.Errorf("%v", mine)
	}
	viewer, err := s.d.Desk().CreateToken(access.System(), "viewer", access.Viewer.Rights(), 0)
	s.must(err)
	if got := s.do(client(nil), http.MethodGet, "/api/v1"+at, "", "Authorization", "Bearer "+viewer); got.status != http.StatusOK || strings.Contains(got.text, `"code"`) {
		t.Errorf("a viewer reads the codes: %d %s", got.status, got.text)
	}
	code, visit := cards[0].(map[string]any)["code"].(string), "/desk/visits/"+v["id"].(string)
	s.htmx(s.tablet(access.Receptionist), http.MethodGet, visit).wants(t, "the tablet", http.StatusOK, code)
	if got := s.htmx(s.tablet(access.Viewer), http.MethodGet, visit); got.status != http.StatusOK || strings.Contains(got.text, code) {
		t.Errorf("a viewer reads the code on the tablet: %d", got.status)
	}
	writer, err := s.d.Desk().CreateToken(access.System(), "writer", access.Rights{access.VisitsEdit}, 0)
	s.must(err)
	got := s.do(client(nil), http.MethodPatch, "/api/v1"+at, `{"note": "left-handed"}`, "Authorization", "Bearer "+writer, "If-Match", `"1"`, "Content-Type", "application/json")
	if got.status != http.StatusOK || strings.Contains(got.text, `"balances"`) {
		t.Errorf("who may not view learns the balances: %d %s", got.status, got.text)
	}
}

// R38: staff over the API; a PIN goes in and never comes out.
func TestR38StaffByAPI(t *testing.T) {
	s := open(t)
	made := s.api(http.MethodPost, "/staff", `{"name": "Ida", "role": "receptionist", "pin": "918273"}`)
	if made.status != http.StatusCreated || strings.Contains(made.text, "918273") || made.json(t)["active"] != true {
		t.Fatalf("%d %s", made.status, made.text)
	}
	at := "/staff/" + made.json(t)["id"].(string)
	if got := s.api(http.MethodPatch, at, `{"active": false}`); got.status != http.StatusOK || got.json(t)["active"] != false || got.json(t)["name"] != "Ida" {
		t.Errorf("%d %s", got.status, got.text)
	}
	for _, bad := range []string{`{"name": "Ida"}`, `{"name": "Ida", "role": "boss", "pin": "1234"}`, `{"name": "Ida", "role": "viewer", "pin": "12"}`} {
		if got := s.api(http.MethodPost, "/staff", bad); got.status != http.StatusUnprocessableEntity || got.code(t) != "validation" {
			t.Errorf("%s: %d %s", bad, got.status, got.text)
		}
	}
	if got := s.api(http.MethodPatch, "/staff/s_nobody", `{"name": "X"}`); got.status != http.StatusNotFound {
		t.Errorf("%d %s", got.status, got.text)
	}
	people, _ := s.api(http.MethodGet, "/staff", "").json(t)["staff"].([]any)
	for _, p := range people {
		if one := p.(map[string]any); one["role"] == "administrator" && one["active"] == true {
			if got := s.api(http.MethodPatch, "/staff/"+one["id"].(string), `{"role": "viewer"}`); got.status != http.StatusUnprocessableEntity {
				t.Errorf("the last administrator: %d %s", got.status, got.text)
			}
		}
	}
}

// R1: who searches at the desk finds today's visit, however many there were.
func TestR1SearchFindsTodayAmongMany(t *testing.T) {
	s := open(t)
	old := strings.TrimSuffix(strings.Repeat(`{"client": {"name": "Anna Old"}, "starts_at": "2020-03-02T10:00:00Z"},`, 501), ",")
	s.api(http.MethodPost, "/visits:batch", `{"visits": [`+old+`, {"client": {"name": "Anna Today"}}]}`)
	s.htmx(s.tablet(access.Receptionist), http.MethodGet, "/desk/list?q=anna").wants(t, "the search", http.StatusOK, "Anna Today")
}
