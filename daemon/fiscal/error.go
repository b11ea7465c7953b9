package fiscal

import (
	"errors"
	"fmt"
	"time"
)

// ErrorKind says what a failed call means for the receipt.
type ErrorKind uint8

// The kinds of failure. The zero kind is "not one of ours".
const (
	// Unavailable: nothing was registered; try again after RetryAfter, or soon.
	Unavailable ErrorKind = iota + 1
	// Refused: nothing was registered, and the same receipt will not do better
	// until somebody has looked at the device.
	Refused
	// Unclear: it may have been registered. Only the same Key may be tried again.
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

// Error is the one error type of adapters. Text is for logs and for staff; it
// holds no key and no address with a secret.
type Error struct {
	Kind       ErrorKind
	RetryAfter time.Duration // the device's wish; zero: none
	Text       string
	Cause      error
}

// Error is the kind, the text and the cause in one line.
func (e *Error) Error() string {
	s := "fiscal device " + e.Kind.String()
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

// KindOf is the kind of an error of a device. Any other error is Unclear: what
// is not understood may have happened. It is zero for nil.
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

// Reason is what staff are told of an error: the device's own words, where it
// gave some.
func Reason(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Text != "" {
		return e.Text
	}
	return err.Error()
}
