package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// samples are how long something took, each time.
type samples []time.Duration

// time runs something and notes how long it took.
func (s *samples) time(run func() error) error {
	began := time.Now()
	err := run()
	*s = append(*s, time.Since(began))
	return err
}

// median is the middle one: a machine that hiccups moves means, not medians.
func (s samples) median() time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

func (s samples) micro() float64 { return float64(s.median()) / float64(time.Microsecond) }

func (s samples) milli() float64 { return float64(s.median()) / float64(time.Millisecond) }

// String is the median, how far a tenth goes either way, and of how many.
func (s samples) String() string {
	if len(s) == 0 {
		return "nothing measured"
	}
	sorted := slices.Sorted(slices.Values(s))
	at := func(tenth int) time.Duration { return sorted[len(sorted)*tenth/10].Round(time.Microsecond) }
	return fmt.Sprintf("%v (%v to %v, %d times)", at(5), at(1), at(9), len(sorted))
}

// table is printed under a benchmark: what was measured, and what it came to.
type table [][2]string

func (t table) String() string {
	wide := 0
	for _, row := range t {
		wide = max(wide, utf8.RuneCountInString(row[0]))
	}
	var out strings.Builder
	for _, row := range t {
		fmt.Fprintf(&out, "  %s%s  %s\n", row[0], strings.Repeat(" ", wide-utf8.RuneCountInString(row[0])), row[1])
	}
	return out.String()
}

// within fails a benchmark that misses its target.
func within(b *testing.B, what string, got, most float64) {
	b.Helper()
	if got > most {
		b.Errorf("%s: %.2f, and %.2f is the most", what, got, most)
	}
}
