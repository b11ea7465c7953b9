package provider_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"countersign/daemon/provider"
)

func TestParseStatusKnowsOnlyItsWords(t *testing.T) { // R20
	for _, s := range []provider.Status{
		provider.Open, provider.Processing, provider.Paid, provider.Cancelled, provider.Expired, provider.Failed,
	} {
		if got := provider.ParseStatus(string(s)); got != s {
			t.Errorf("%q read as %q", s, got)
		}
	}
	for _, s := range []string{"", "PAID", "paid ", "complete", "succeeded", "unknown"} {
		if got := provider.ParseStatus(s); got != provider.Unknown || got.Closed() {
			t.Errorf("%q read as %q", s, got)
		}
	}
}

func TestClosed(t *testing.T) {
	for s, want := range map[provider.Status]bool{
		provider.Open: false, provider.Processing: false, provider.Unknown: false, "": false,
		provider.Paid: true, provider.Cancelled: true, provider.Expired: true, provider.Failed: true,
	} {
		if s.Closed() != want {
			t.Errorf("%q closed: %v", s, s.Closed())
		}
	}
}

func TestKindOf(t *testing.T) {
	refused := provider.Errorf(provider.Refused, "no %d", 7)
	for _, try := range []struct {
		err  error
		want provider.ErrorKind
	}{
		{nil, 0},
		{refused, provider.Refused},
		{fmt.Errorf("relay: %w", refused), provider.Refused},
		{io.EOF, provider.Unclear}, // what is not understood may have happened
	} {
		if got := provider.KindOf(try.err); got != try.want {
			t.Errorf("%v is %v, want %v", try.err, got, try.want)
		}
	}
}

func TestErrorSaysAllAndUnwraps(t *testing.T) {
	err := &provider.Error{Kind: provider.Unclear, Text: "no answer", Cause: io.EOF}
	if err.Error() != "provider unclear: no answer: EOF" || !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	names := map[string]bool{}
	for k := range provider.ErrorKind(7) {
		names[k.String()] = true
	}
	if len(names) != 6 { // five kinds, and one name for all else
		t.Errorf("names %v", names)
	}
}

// R35: what isn't known to be about one thing alone is about the provider.
func TestExtentOf(t *testing.T) {
	one := &provider.Error{Kind: provider.Unavailable, Extent: provider.OfOne}
	for _, try := range []struct {
		err  error
		want provider.Extent
	}{
		{io.EOF, provider.OfAll},
		{provider.Errorf(provider.Refused, "no such key"), provider.OfAll},
		{&provider.Error{Kind: provider.Unavailable, Extent: provider.OfEither, RetryAfter: 1}, provider.OfAll},
		{&provider.Error{Kind: provider.Unavailable, Extent: provider.OfEither}, provider.OfEither},
		{fmt.Errorf("look: %w", one), provider.OfOne},
		{provider.Errorf(provider.NotFound, "no such id"), provider.OfOne},
	} {
		if got := provider.ExtentOf(try.err); got != try.want {
			t.Errorf("%v: %v", try.err, got)
		}
	}
}
