package outcall

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Exchange is what came back of a call, which a vendor's own library doesn't
// say of every failure. Status is 0 without an answer.
type Exchange struct {
	Status int
	Header http.Header
}

type exchangeKey struct{}

// Noted is ctx for a call through a Guard, and what the Guard will note of it.
func Noted(ctx context.Context) (context.Context, *Exchange) {
	ex := &Exchange{}
	return context.WithValue(ctx, exchangeKey{}, ex), ex
}

// Guard stands below a vendor's own library, which may read a body without an
// end, send a request again by itself, and tell of this computer.
type Guard struct {
	Base  http.RoundTripper
	Limit int64    // of a body, in bytes
	Drop  []string // headers that aren't sent
}

// RoundTrip notes what came back and limits how much of it is read.
func (g Guard) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.GetBody = nil // as in Caller
	r.Header.Set("User-Agent", "Countersign")
	for _, name := range g.Drop {
		r.Header.Del(name)
	}
	res, err := g.Base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if ex, ok := r.Context().Value(exchangeKey{}).(*Exchange); ok {
		ex.Status, ex.Header = res.StatusCode, res.Header
	}
	res.Body = &limited{res.Body, g.Limit}
	return res, nil
}

type limited struct {
	io.ReadCloser
	left int64
}

var errLong = errors.New("the answer is too long")

// Read fails once the limit is passed.
func (l *limited) Read(b []byte) (int, error) {
	n, err := l.ReadCloser.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return n, errLong
	}
	return n, err
}
