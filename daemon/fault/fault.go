// Package fault names the ways in which an operation can fail, once for the whole daemon.
//
// An Error carries two texts for two readers: Code and Text are for programs and people outside
// and never show internals; Cause is for the log. The Kind is a closed list, so that one place
// (the web) can turn it into a status without knowing any operation.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is the class of a failure. The zero Kind is Internal: an error whose kind was forgotten
// must look like our mistake, never like the caller's.
type Kind uint8

// The kinds of failure, each with the status it has on the wire.
const (
	Internal             Kind = iota // 500: ours; the cause is logged and never shown
	Unprocessable                    // 422: understood, but the content breaks a rule (the func Invalid makes these)
	Malformed                        // 400: could not be read at all
	Unauthenticated                  // 401: nobody is signed in
	Forbidden                        // 403: somebody is, without the right
	Missing                          // 404: no such thing (the func NotFound makes these)
	Conflict                         // 409: not in the state that this needs
	Stale                            // 412: based on an older version (R4)
	TooLarge                         // 413: more than we read
	PreconditionRequired             // 428: an edit without its version
	TooMany                          // 429: guessing or hurrying (R39)
	Unavailable                      // 503: something outside does not answer
)

// Status is the number that stands for the kind on the wire (RFC 9110).
func (k Kind) Status() int {
	switch k {
	case Unprocessable:
		return 422
	case Malformed:
		return 400
	case Unauthenticated:
		return 401
	case Forbidden:
		return 403
	case Missing:
		return 404
	case Conflict:
		return 409
	case Stale:
		return 412
	case TooLarge:
		return 413
	case PreconditionRequired:
		return 428
	case TooMany:
		return 429
	case Unavailable:
		return 503
	}
	return 500
}

// Field is one mistake in what was sent, with the place it is in ("body.lines[0].quantity").
type Field struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// Error is a failure that may be told to a person. It is a value to share: the methods that add
// to it return copies, so a package can keep one as a sentinel.
type Error struct {
	Kind       Kind
	Code       string         // stable, for programs: "visit_blocked"
	Text       string         // one sentence for people, without internals
	Fields     []Field        // what was wrong with the input, all of it
	Details    map[string]any // more members of the answer: "blocked_until"
	RetryAfter time.Duration  // when trying again may help; 0: not said
	Cause      error          // for the log only
}

// New makes a failure of a kind, with its stable code and one sentence for people.
func New(k Kind, code, text string) *Error {
	return &Error{Kind: k, Code: code, Text: text}
}

// Invalid says that the input breaks rules, and names every place where it does.
func Invalid(fields ...Field) *Error {
	return &Error{
		Kind:   Unprocessable,
		Code:   "validation",
		Text:   "Some of the values can't be accepted.",
		Fields: slices.Clone(fields),
	}
}

// NotFound says that there is no such thing; its code is what + "_not_found".
func NotFound(what string) *Error {
	return &Error{
		Kind: Missing,
		Code: what + "_not_found",
		Text: "There is no such " + strings.ReplaceAll(what, "_", " ") + ".",
	}
}

// From finds the failure inside any error. One that carries none is ours: kind internal, with
// the error kept as the cause, so that nothing unforeseen is ever shown to a person. The answer
// is a pointer that is nil for nil: compare it before it goes back into an error.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e
	}
	return New(Internal, "internal", "Something went wrong on our side.").Because(err)
}

// With returns a copy whose details hold one more member.
func (e *Error) With(key string, v any) *Error {
	c := e.copy()
	c.Details[key] = v
	return c
}

// Because returns a copy that keeps the cause for the log and for errors.Is.
func (e *Error) Because(cause error) *Error {
	c := e.copy()
	c.Cause = cause
	return c
}

// After returns a copy that says when trying again may help.
func (e *Error) After(d time.Duration) *Error {
	c := e.copy()
	c.RetryAfter = d
	return c
}

// Error is the operator's line: code, text, every field, and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code + ": " + e.Text)
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Location + ": " + f.Message + "]")
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is and errors.As see through a failure.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes two failures the same when their codes are: a sentinel still matches after details
// or a cause were added to a copy of it.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t != nil && e.Code == t.Code
}

// copy shares nothing that a later With could write into.
func (e *Error) copy() *Error {
	c := *e
	c.Fields = slices.Clone(e.Fields)
	c.Details = maps.Clone(e.Details)
	if c.Details == nil {
		c.Details = map[string]any{}
	}
	return &c
}
