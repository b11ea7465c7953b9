package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"countersign/daemon/fault"
)

// The statuses are those of API.md; programs outside rely on them.
func TestStatusOfEveryKind(t *testing.T) {
	for kind, want := range map[fault.Kind]int{
		fault.Internal: 500, fault.Unprocessable: 422, fault.Malformed: 400, fault.Unauthenticated: 401,
		fault.Forbidden: 403, fault.Missing: 404, fault.Conflict: 409, fault.Stale: 412, fault.TooLarge: 413,
		fault.PreconditionRequired: 428, fault.TooMany: 429, fault.Unavailable: 503, fault.Kind(200): 500,
	} {
		if got := kind.Status(); got != want {
			t.Errorf("kind %d has status %d, want %d", kind, got, want)
		}
	}
}

func TestForgottenKindIsOurs(t *testing.T) {
	if got := (&fault.Error{Code: "x"}).Kind; got != fault.Internal {
		t.Errorf("the zero kind is %d, want internal", got)
	}
}

func TestInvalidNamesEveryField(t *testing.T) {
	e := fault.Invalid(fault.Field{Location: "body.a", Message: "no"}, fault.Field{Location: "body.b", Message: "nor this"})
	if e.Kind != fault.Unprocessable || e.Code != "validation" || len(e.Fields) != 2 {
		t.Errorf("got %+v", e)
	}
	const want = "validation: Some of the values can't be accepted. [body.a: no] [body.b: nor this]"
	if e.Error() != want {
		t.Errorf("the log says %q, want %q", e.Error(), want)
	}
}

func TestNotFoundIsNamedAfterTheThing(t *testing.T) {
	e := fault.NotFound("gift_card")
	if e.Kind != fault.Missing || e.Code != "gift_card_not_found" || e.Text != "There is no such gift card." {
		t.Errorf("got %+v", e)
	}
}

// A sentinel that is added to must stay as it was: it is shared by all who answer with it.
func TestAddingCopies(t *testing.T) {
	sentinel := fault.New(fault.Conflict, "visit_blocked", "Blocked.").With("a", 1)
	more := sentinel.With("b", 2).Because(io.EOF).After(time.Second)
	if len(sentinel.Details) != 1 || sentinel.Cause != nil || sentinel.RetryAfter != 0 {
		t.Errorf("the sentinel changed: %+v", sentinel)
	}
	if len(more.Details) != 2 || more.RetryAfter != time.Second {
		t.Errorf("the copy lacks something: %+v", more)
	}
	if !errors.Is(more, sentinel) || !errors.Is(more, io.EOF) {
		t.Error("the copy is neither its sentinel nor its cause")
	}
	if errors.Is(more, fault.NotFound("visit")) {
		t.Error("two codes are the same")
	}
}

func TestFromFindsTheFaultInside(t *testing.T) {
	inner := fault.NotFound("visit")
	if got := fault.From(fmt.Errorf("open link: %w", inner)); got != inner {
		t.Errorf("got %v", got)
	}
	if fault.From(nil) != nil {
		t.Error("no error became one")
	}
	got := fault.From(io.ErrUnexpectedEOF)
	if got.Kind != fault.Internal || got.Code != "internal" || !errors.Is(got, io.ErrUnexpectedEOF) {
		t.Errorf("got %+v", got)
	}
	if got.Text == io.ErrUnexpectedEOF.Error() {
		t.Error("a person is shown internals")
	}
	var none *fault.Error
	if got := fault.From(fmt.Errorf("wrapped: %w", error(none))); got == nil || got.Kind != fault.Internal {
		t.Errorf("a nil fault inside became %v", got)
	}
}
