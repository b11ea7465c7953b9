package desk_test

import (
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/display"
)

// R32: a desk that staff add has an address that isn't guessed, whatever
// letters its name is of; no two have one name.
func TestR32DesksThatStaffAdd(t *testing.T) {
	s := open(t)
	shape := regexp.MustCompile(`^(reception-2|desk|very-long-name-of)-[2-9a-hjkmnp-z]{6}$`)
	for _, name := range []string{"Reception 2", "美容室", "Ресепшн", "Very long name of a desk upstairs"} {
		p, err := s.AddPlace(boss, " "+name+" ")
		if err != nil || !shape.MatchString(string(p.ID)) || p.Name != name {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		_, err = s.AddPlace(boss, name)
		s.refused(err, "validation")
	}
	_, err := s.AddPlace(boss, "FRONT")
	s.refused(err, "validation")
	_, err = s.SavePlace(boss, desk.Place{ID: "other", Name: "Front"})
	s.refused(err, "validation")
	_, err = s.RenamePlace(boss, "nosuch", "New")
	s.refused(err, "desk_not_found")
	_, err = s.RenamePlace(boss, "front", "Back")
	s.refused(err, "validation")
	if p, err := s.RenamePlace(boss, "front", "FRONT"); err != nil || p.Name != "FRONT" {
		t.Errorf("%+v, %v", p, err)
	}
}

// R32: no desk takes the place of another whose id its own would be, neither
// one that staff add, nor one that a program names.
func TestR32ANewDeskTakesNoOthersPlace(t *testing.T) {
	same := func() io.Reader { return rand.NewChaCha8([32]byte{7}) }
	first := "back-room-" + id.NewSource(same()).Tail()
	s := openAs(t, func(c *desk.Config) { c.IDs = id.NewSource(same()) })
	_, err := s.SavePlace(boss, desk.Place{ID: id.Desk(first), Name: "Printed long ago"})
	s.must(err)
	before, err := s.Places()
	s.must(err)
	added, err := s.AddPlace(boss, "BACK-ROOM!!")
	if err != nil || string(added.ID) == first {
		t.Fatalf("added %+v, %v", added, err)
	}
	_, err = s.SavePlace(boss, desk.Place{Name: "FRONT?"})
	s.refused(err, "validation")
	after, err := s.Places()
	s.must(err)
	for _, p := range before {
		if !slices.Contains(after, p) {
			t.Errorf("%+v became something else: %+v", p, after)
		}
	}
}

// A desk is removed once nothing stands at it and nothing is shown there.
func TestR32RemoveADesk(t *testing.T) {
	s := open(t)
	x, err := s.PairDisplay(boss, "hash", "back", "Screen")
	s.must(err)
	s.refused(s.RemovePlace(boss, "back"), "desk_in_use")
	_, err = s.EditDisplay(boss, x.ID, "Screen", "front")
	s.must(err)
	v := s.visit(2500)
	s.must(s.Show(boss, v.ID, "back", false))
	s.refused(s.RemovePlace(boss, "back"), "desk_in_use")
	s.must(s.Hide(boss, "back"))
	s.must(s.RemovePlace(boss, "back"))
	s.refused(s.RemovePlace(boss, "back"), "desk_not_found")
	_, err = s.Shown("back")
	s.refused(err, "desk_not_found")
}

// R28: the key of a revoked display isn't given out again, unless that very
// display is paired once more.
func TestR28RevokedKeys(t *testing.T) {
	s := open(t)
	const key = "a key of a display"
	gone := func() bool {
		gone, err := s.Screens().Revoked(key)
		s.must(err)
		return gone
	}
	x, err := s.PairDisplay(boss, display.KeyHash(key), "front", "Screen")
	s.must(err)
	if gone() {
		t.Error("revoked before it was")
	}
	s.must(s.RevokeDisplay(boss, x.ID))
	if !gone() {
		t.Error("not revoked")
	}
	_, err = s.PairDisplay(boss, display.KeyHash(key), "front", "Screen")
	s.must(err)
	if gone() {
		t.Error("revoked after it was paired again")
	}
}

// R31: quiet hours are written as the clock writes them, since they are
// compared as they are written.
func TestR31QuietHoursAreWhole(t *testing.T) {
	s := open(t)
	for _, hour := range []string{"7:30", "07:3", "24:00", "x", "07:30 "} {
		s.refused(s.SaveQuiet(boss, "22:00", hour), "validation")
		s.refused(s.SaveQuiet(boss, hour, "22:00"), "validation")
	}
	s.must(s.SaveQuiet(boss, "22:00", "07:30"))
}
