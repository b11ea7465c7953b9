package web

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"countersign/daemon/fault"
)

// problem is an error as RFC 9457 has it, with a stable code. It is the only
// shape in which the API says no, ours and huma's own refusals alike.
type problem struct {
	status  int
	title   string
	detail  string
	code    string
	fields  []fault.Field
	members map[string]any
	retry   time.Duration
}

// problemOf turns any error into what may be told outside. What isn't a
// *fault.Error is ours, and says nothing but that.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(large.Limit)
	}
	if _, slow := errors.AsType[tooSlow](err); slow {
		return overdue()
	}
	f := fault.From(err)
	status := f.Kind.Status()
	return &problem{status: status, title: http.StatusText(status), detail: f.Text, code: f.Code,
		fields: f.Fields, members: f.Details, retry: f.RetryAfter}
}

func tooLarge(limit int64) *problem {
	return problemOf(fault.New(fault.TooLarge, "body_too_large", "This is more than is read at once.").With("limit", limit))
}

// overdue is a request that was not here in time.
func overdue() *problem {
	return &problem{status: http.StatusRequestTimeout, title: http.StatusText(http.StatusRequestTimeout),
		code: "request_timeout", detail: "The request took too long to arrive."}
}

// GetStatus is the status on the wire; huma asks for it.
func (p *problem) GetStatus() int { return p.status }

// Error is the line for the log.
func (p *problem) Error() string { return p.code + ": " + p.detail }

// ContentType names what follows; huma asks for it.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are the headers that go with the status; huma adds them.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", seconds(p.retry))
	}
	if p.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="countersign"`)
	}
	return h
}

// seconds rounds up: who comes back on time must not come too early.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// MarshalJSON merges the details as members of their own. They can't replace
// those of the standard.
func (p *problem) MarshalJSON() ([]byte, error) {
	all := map[string]any{}
	for name, v := range p.members {
		all[name] = v
	}
	all["status"], all["title"], all["detail"], all["code"] = p.status, p.title, p.detail, p.code
	if len(p.fields) > 0 {
		all["errors"] = p.fields
	}
	return json.Marshal(all)
}

// refuse writes an error as a problem. What is our own fault goes to the log
// with its cause.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.judge(r, err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"status":500,"title":"Internal Server Error","code":"internal"}`)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.status)
	_, _ = w.Write(body) // who has gone needs no answer
}

// judge is problemOf for a request: what is our fault, or somebody's outside, is
// written to the log with the request's id, by which staff can name it.
func (s *server) judge(r *http.Request, err error) *problem {
	p := problemOf(err)
	if p.status == http.StatusInternalServerError {
		s.log.Error().Err(err).Str("request", requestID(r)).Str("route", pattern(r)).Msg("a request failed")
	} else if f := fault.From(err); f != nil && f.Cause != nil && p.status == http.StatusServiceUnavailable {
		s.log.Warn().Err(f.Cause).Str("request", requestID(r)).Str("route", pattern(r)).Msg("something outside does not answer")
	}
	return p
}

// swapped is the status that a refused piece of a page goes out with: the page doesn't take
// in a 503, which may be a proxy's own page.
func swapped(status int) int {
	if status == http.StatusServiceUnavailable {
		return http.StatusConflict
	}
	return status
}

// ownWords makes problems of the errors that huma makes by itself. It is a
// transformer of the API, since huma's other way is a package variable.
func ownWords(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &problem{status: m.Status, title: http.StatusText(m.Status), code: "validation", detail: "The request can't be understood."}
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		return tooLarge(limitOf(ctx.Operation().Path)), nil
	case http.StatusUnprocessableEntity:
		p.detail = "Some of the values can't be accepted."
	case http.StatusUnsupportedMediaType:
		p.detail = "The body must be application/json."
	case http.StatusRequestTimeout:
		return overdue(), nil
	case http.StatusInternalServerError:
		return problemOf(errors.New(m.Detail)), nil
	}
	for _, e := range m.Errors {
		if e != nil {
			p.fields = append(p.fields, fieldOf(e))
		}
	}
	if len(p.fields) == 0 {
		p.fields = []fault.Field{{Location: "body", Message: m.Detail}}
	}
	return p, nil
}

var (
	missingShape = regexp.MustCompile(`^expected required property (\S+) to be present$`)
	typeShape    = regexp.MustCompile(`Go struct field \w+\.([\w.]+) of type`)
)

// fieldOf names the place of one of huma's errors, and never repeats a value
// or the name of a type of ours.
func fieldOf(e *huma.ErrorDetail) fault.Field {
	f := fault.Field{Location: e.Location, Message: e.Message}
	if m := missingShape.FindStringSubmatch(e.Message); m != nil {
		f.Location, f.Message = strings.TrimPrefix(e.Location+"."+m[1], "."), "is missing"
	}
	if e.Message == "unexpected property" {
		f.Message = "is not a field of this"
	}
	if strings.Contains(e.Message, "cannot unmarshal") {
		f.Message = "has the wrong type or is too large"
		if m := typeShape.FindStringSubmatch(e.Message); m != nil {
			f.Location = "body." + m[1]
		}
	}
	return f
}
