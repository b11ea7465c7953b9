package notify

import (
	"errors"
	"fmt"
)

// ErrorKind says what a failed attempt means for the message.
type ErrorKind uint8

// The kinds of failure. The zero kind is "not one of ours".
const (
	// Unavailable: it was not sent, and may be tried again.
	Unavailable ErrorKind = iota + 1
	// Refused: it was not sent, and the same message never will be: the address is wrong, or it is
	// not wanted.
	Refused
	// Unclear: it may have been sent. Never to be treated as "it was not".
	Unclear
)

// String names the kind, for logs and tests.
func (k ErrorKind) String() string {
	switch k {
	case Unavailable:
		return "unavailable"
	case Refused:
		return "refused"
	case Unclear:
		return "unclear"
	}
	return "unknown"
}

// Error is the one error type of senders. Text is for the receptionist: it holds no password and
// no key.
type Error struct {
	Kind  ErrorKind
	Text  string
	Cause error
}

// Error is the kind and the text in one line. The cause is left out: it may quote what was sent.
func (e *Error) Error() string {
	if e.Text == "" {
		return "message " + e.Kind.String()
	}
	return "message " + e.Kind.String() + ": " + e.Text
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an *Error with a text and no cause.
func Errorf(k ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// KindOf is the kind of a sender's error. Any other error is Unclear: what is not understood may
// have been sent. It is zero for nil.
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

// Reason is what a receptionist reads about a failure, "" for none.
func Reason(err error) string {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e) && e.Text != "":
		return e.Text
	}
	return KindOf(err).String()
}
