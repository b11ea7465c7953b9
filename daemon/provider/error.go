package provider

import (
	"errors"
	"fmt"
	"time"
)

// ErrorKind says what a failed call means for the money.
type ErrorKind uint8

// The kinds of failure. The zero kind is "not one of ours".
const (
	// Unavailable: nothing happened; try again after RetryAfter, or soon.
	Unavailable ErrorKind = iota + 1
	// Refused: nothing happened, and the same request will not do better.
	Refused
	// NotFound: the provider does not know that session, payment or reference.
	NotFound
	// Unclear: it may have happened. Never to be treated as "it did not".
	Unclear
	// Forged: a webhook that is not the provider's word for this account.
	Forged
)

// String names the kind, for logs and tests.
func (k ErrorKind) String() string {
	switch k {
	case Unavailable:
		return "unavailable"
	case Refused:
		return "refused"
	case NotFound:
		return "not found"
	case Unclear:
		return "unclear"
	case Forged:
		return "forged"
	}
	return "unknown"
}

// Extent is how much of a provider an error is about, and so whether asking for
// something else makes sense.
type Extent uint8

// The extents.
const (
	OfAll    Extent = iota // the provider, our keys, or the way there
	OfOne                  // the session, payment or reference that was asked for alone
	OfEither               // a server that fell over, at this alone or altogether
)

// Error is the one error type of adapters. Text is for logs and the
// receptionist's details; it holds no key and no address with a secret.
type Error struct {
	Kind       ErrorKind
	RetryAfter time.Duration // the provider's wish; zero: none
	Extent     Extent
	Text       string
	Cause      error
}

// Error is the kind, the text and the cause in one line.
func (e *Error) Error() string {
	s := "provider " + e.Kind.String()
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an *Error with a text and no cause.
func Errorf(k ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// SaidBy is what a provider said, fit for staff to read: without what an error was
// wrapped in on its way, which may quote a request. It is "" of other errors.
func SaidBy(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Text
	}
	return ""
}

// ExtentOf is how much of a provider an error is about. An error that nobody
// said it of is about all of it.
func ExtentOf(err error) Extent {
	var e *Error
	switch {
	case !errors.As(err, &e) || e.RetryAfter > 0:
		return OfAll
	case e.Kind == NotFound:
		return OfOne
	}
	return e.Extent
}

// KindOf is the kind of an error of a provider. Any other error is Unclear:
// what is not understood may have happened. It is zero for nil.
func KindOf(err error) ErrorKind {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unclear
}
