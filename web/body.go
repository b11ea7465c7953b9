package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"countersign/daemon/catalogue"
)

// How much is read of a request, by who sends it.
const (
	apiLimit  = 64 << 10
	hookLimit = 1 << 20
	// A file of the catalogue, and the frame that a form puts around it.
	fileLimit = catalogue.MaxBytes + 64<<10
	// A thousand visits with their lines.
	batchLimit = 4 << 20
)

// limitOf is how much a route reads of a body.
func limitOf(path string) int64 {
	switch {
	case strings.HasPrefix(path, "/hooks/"):
		return hookLimit
	case path == apiBase+importPath, path == "/desk/catalogue/file":
		return fileLimit
	case path == slidesPath, path == logoPath:
		return slidesLimit
	case path == apiBase+batchPath:
		return batchLimit
	}
	return apiLimit
}

// within is how long a body of a size may take to arrive.
func within(limit int64) time.Duration {
	return bodyWithin + time.Duration(limit/bodyPace)*time.Second
}

// How long a body may take: a moment, and more for those that may be larger. A
// peer that sends a byte now and then holds a connection no longer than that.
const (
	bodyWithin = 10 * time.Second
	bodyPace   = 64 << 10 // bytes a second, as slow as a network may be
)

// bounded reads no more of a body than its route needs, and waits for it no
// longer than that takes. The API's own frame counts by itself, one byte below,
// so that its answer is a problem.
func (s *server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := limitOf(r.URL.Path)
		if r.ContentLength != 0 {
			// Also for a body that nobody reads: net/http waits for its end before it
			// answers. With the last byte it lifts the deadline itself, so a handler
			// that waits for a display or a provider isn't cut off. A test's recorder has none.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within(limit)))
			r.Body = body{r.Body}
		}
		if r.ContentLength > limit {
			s.refuse(w, r, tooLarge(limit))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit+1)
		next.ServeHTTP(w, r)
	})
}

// body is a request's body with a deadline.
type body struct{ io.ReadCloser }

// Read tells a body that is late from one that is broken.
func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		err = tooSlow{late}
	}
	return n, err
}

// tooSlow is a body that didn't arrive in time.
type tooSlow struct{ late net.Error }

func (t tooSlow) Error() string { return "body: " + t.late.Error() }

// Unwrap shows that it is a timeout; huma asks for it.
func (t tooSlow) Unwrap() error { return t.late }
