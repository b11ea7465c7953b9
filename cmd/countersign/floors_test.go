package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFloors holds DESIGN.md's house against the source: who may import whom,
// who owns which outside package, what pure packages go without, and the
// measures of files, functions and comments.
func TestFloors(t *testing.T) {
	findings, err := inspect(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// TestFloorsAreHeld runs the same inspection over a small tree that breaks each
// rule once, so that a rule that went blind is noticed.
func TestFloorsAreHeld(t *testing.T) {
	findings, err := inspect(filepath.Join("testdata", "floors"))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range findings {
		got.WriteString(f.String() + "\n")
	}
	want, err := os.ReadFile(filepath.Join("testdata", "floors.want"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("testdata/floors.want differs (-want +got):\n%s", diff)
	}
}
