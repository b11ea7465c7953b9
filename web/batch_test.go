package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// R5: a second row of the same external id in one batch is refused, and leaves
// what the first one made.
func TestR5ABatchNamesAVisitOnce(t *testing.T) {
	s := open(t)
	got := s.api(http.MethodPost, "/visits:batch", `{"visits": [
		{"external_id": "b-1", "client": {"name": "Ann"}, "lines": [{"kind": "service", "name": "Cut", "quantity": 1, "unit_price": 500}]},
		{"external_id": "b-1", "client": {"name": "Dup"}},
		{"external_id": "b-2", "client": {"name": "Ben"}}]}`)
	results := got.json(t)["results"].([]any)
	for i, want := range []float64{201, 422, 201} {
		if r := results[i].(map[string]any); r["status"] != want {
			t.Errorf("row %d: %v, want %v", i, r, want)
		}
	}
	if !strings.Contains(got.text, "body.external_id") || !strings.Contains(got.text, "appears twice") {
		t.Errorf("the row isn't told why: %s", got.text)
	}
	first := results[0].(map[string]any)["visit"].(map[string]any)
	if now := s.api(http.MethodGet, "/visits/"+first["id"].(string), "").json(t); now["total"] != 500.0 || now["version"] != first["version"] {
		t.Errorf("the first row was undone: %v", now)
	}
}
