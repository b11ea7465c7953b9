package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"countersign/daemon"
	"countersign/web/metrics"
)

func scrape(t *testing.T, m *metrics.Meters) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// R41: when the store can't be read the numbers say so, and the others come.
func TestR41NumbersWithoutAStore(t *testing.T) {
	d, err := daemon.Open(daemon.Config{Data: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	m := metrics.New(d, "test")
	if text := scrape(t, m); !strings.Contains(text, "\ncountersign_store_up 1\n") || !strings.Contains(text, "\ncountersign_synced 0\n") {
		t.Errorf("before:\n%s", text)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text := scrape(t, m)
	if !strings.Contains(text, "\ncountersign_store_up 0\n") || strings.Contains(text, "countersign_jobs_waiting") || !strings.Contains(text, "go_goroutines") {
		t.Errorf("after:\n%s", text)
	}
}

// Two daemons in one program count apart: nothing is shared by them.
func TestMetersAreTheirOwn(t *testing.T) {
	d, err := daemon.Open(daemon.Config{Data: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	one, other := metrics.New(d, "test"), metrics.New(d, "test")
	one.Answered("/p/{token}", http.StatusOK, 30*time.Millisecond)
	one.Answered("/desk/ws", http.StatusSwitchingProtocols, time.Hour)
	text := scrape(t, one)
	if !strings.Contains(text, `countersign_http_request_duration_seconds_bucket{route="/p/{token}",status="2xx",le="0.1"} 1`) || strings.Contains(text, "/desk/ws") {
		t.Errorf("requests are not counted as they should be:\n%s", text)
	}
	if strings.Contains(scrape(t, other), "/p/{token}") {
		t.Error("another daemon's requests are counted as well")
	}
}
