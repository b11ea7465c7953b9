package outcall_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"countersign/daemon/provider/outcall"
)

// R39: below a vendor's library, nothing of this computer is told, no body is
// read without an end, and what came back is known.
func TestGuard(t *testing.T) {
	var told http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told = r.Header
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("x", 20))
	}))
	defer srv.Close()
	for limit, whole := range map[int64]bool{20: true, 19: false} {
		hc := &http.Client{Transport: outcall.Guard{Base: http.DefaultTransport, Limit: limit, Drop: []string{"X-Computer"}}}
		ctx, ex := outcall.Noted(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, bytes.NewReader([]byte("x")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Computer", "salon-pc")
		req.Header.Set("User-Agent", "library/1 linux")
		res, err := hc.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
		if (err == nil) != whole {
			t.Errorf("20 bytes of at most %d: %v", limit, err)
		}
		if ex.Status != http.StatusTeapot || told.Get("X-Computer") != "" || told.Get("User-Agent") != "Countersign" {
			t.Errorf("noted %+v, told %v", ex, told)
		}
	}
	ctx, ex := outcall.Noted(context.Background())
	if ctx == nil || ex.Status != 0 {
		t.Errorf("without an answer there is %+v", ex)
	}
}
