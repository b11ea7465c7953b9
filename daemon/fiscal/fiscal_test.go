package fiscal_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"countersign/daemon/fiscal"
)

func TestKindOf(t *testing.T) {
	refused := fiscal.Errorf(fiscal.Refused, "no %d", 7)
	for _, try := range []struct {
		err  error
		want fiscal.ErrorKind
	}{
		{nil, 0},
		{refused, fiscal.Refused},
		{fmt.Errorf("relay: %w", refused), fiscal.Refused},
		{io.EOF, fiscal.Unclear}, // what is not understood may have happened
	} {
		if got := fiscal.KindOf(try.err); got != try.want {
			t.Errorf("%v is %v, want %v", try.err, got, try.want)
		}
	}
}

func TestErrorSaysAllAndUnwraps(t *testing.T) {
	err := &fiscal.Error{Kind: fiscal.Unclear, Text: "no answer", Cause: io.EOF}
	if err.Error() != "fiscal device unclear: no answer: EOF" || !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	names := map[string]bool{}
	for k := range fiscal.ErrorKind(5) {
		names[k.String()] = true
	}
	if len(names) != 4 { // three kinds, and one name for all else
		t.Errorf("names %v", names)
	}
}

// R24: staff read the device's own words, and what is known where it gave none.
func TestReason(t *testing.T) {
	if got := fiscal.Reason(fmt.Errorf("relay: %w", fiscal.Errorf(fiscal.Refused, "no paper"))); got != "no paper" {
		t.Error(got)
	}
	if got := fiscal.Reason(io.EOF); got != "EOF" {
		t.Error(got)
	}
}
