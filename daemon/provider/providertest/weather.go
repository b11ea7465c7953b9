package providertest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Weather stands between an adapter and its provider and misbehaves as the
// network and the provider's machines do. It works for every adapter, since
// it knows nothing of what is said.
type Weather struct {
	base http.RoundTripper

	mu  sync.Mutex
	now Storm // nil: fair
}

// Storm is one kind of bad weather: it answers a request, and may carry it
// out with base.
type Storm func(base http.RoundTripper, r *http.Request) (*http.Response, error)

// NewWeather is fair weather over base.
func NewWeather(base http.RoundTripper) *Weather { return &Weather{base: base} }

// Set makes every request from now on meet the storm; nil is fair weather.
func (w *Weather) Set(s Storm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = s
}

// RoundTrip lets the weather at a request.
func (w *Weather) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	s := w.now
	w.mu.Unlock()
	if s == nil {
		return w.base.RoundTrip(r)
	}
	return s(w.base, r)
}

var errLost = errors.New("connection reset by peer")

// Unreachable loses the request.
func Unreachable(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, errLost
}

// Untrusted is somebody else behind the provider's name: a certificate that
// nobody vouches for.
func Untrusted(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
}

// LostAnswer lets the request be carried out and loses the answer.
func LostAnswer(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	if res, err := base.RoundTrip(r); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	return nil, errLost
}

// Silence lets the request be carried out and answers nothing until the
// caller gives up.
func Silence(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	_, err := LostAnswer(base, r.Clone(r.Context()))
	<-r.Context().Done()
	return nil, errors.Join(r.Context().Err(), err)
}

// Answer answers by itself; nothing is carried out. header is "Name: value"
// or empty.
func Answer(status int, header, body string) Storm {
	return func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return answer(r, status, header, io.NopCloser(strings.NewReader(body))), nil
	}
}

// Endless answers 200 and a body that never ends.
func Endless(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	return answer(r, http.StatusOK, "", io.NopCloser(spaces{})), nil
}

// Stall answers 200 and the first bytes of a body whose rest never comes.
func Stall(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
	return answer(r, http.StatusOK, "", &stalled{r: r}), nil
}

// Changing lets a storm only at requests that make or change something: an
// adapter that looks before it asks gets as far as asking.
func Changing(s Storm) Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return base.RoundTrip(r)
		}
		return s(base, r)
	}
}

// Rewrite carries the request out and changes the words of the answer.
func Rewrite(old, with string) Storm {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		res, err := base.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		body = bytes.ReplaceAll(body, []byte(old), []byte(with))
		res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return res, err
	}
}

func answer(r *http.Request, status int, header string, body io.ReadCloser) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	if name, value, ok := strings.Cut(header, ": "); ok {
		h.Set(name, value)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: h, Body: body, ContentLength: -1,
		Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// spaces are JSON that goes on for ever.
type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

type stalled struct {
	r    *http.Request
	told bool
}

func (s *stalled) Read(b []byte) (int, error) {
	if !s.told && len(b) > 0 {
		s.told = true
		b[0] = '{'
		return 1, nil
	}
	<-s.r.Context().Done()
	return 0, s.r.Context().Err()
}

// Close ends nothing: the request's context does.
func (s *stalled) Close() error { return nil }
