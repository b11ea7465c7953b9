package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/display"
	"countersign/display/slide"
)

// idleScene is what a display at the front desk shows.
func (s salon) idleScene() display.Scene {
	s.t.Helper()
	drawn, err := s.Screens().Scene(display.Device{ID: "d", Desk: "front"})
	s.must(err)
	return drawn
}

func (s salon) addSlide(name string) desk.Slide {
	s.t.Helper()
	added, err := s.AddSlide(boss, name, slide.Picture{JPEG: []byte("jpeg of " + name), Width: 4, Height: 3})
	s.must(err)
	return added
}

func TestR31Slides(t *testing.T) {
	s := open(t)
	var ids []id.Item
	for _, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
		ids = append(ids, s.addSlide(name).ID)
	}
	s.must(s.EditSlide(boss, ids[2], 20, -1))
	s.must(s.EditSlide(boss, ids[0], 5, -1)) // the first stays the first
	var shown []string
	for _, x := range s.idleScene().Brand.Slides {
		shown = append(shown, fmt.Sprint(strings.TrimPrefix(x.Src, display.SlidePath("")), " ", x.Seconds))
	}
	if want := []string{fmt.Sprint(ids[0], " 5"), fmt.Sprint(ids[2], " 20"), fmt.Sprint(ids[1], " 9")}; !slices.Equal(shown, want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	jpeg, ok, err := s.Screens().Slide(string(ids[2]))
	if err != nil || !ok || string(jpeg) != "jpeg of c.jpg" {
		t.Errorf("%q %t %v", jpeg, ok, err)
	}
	s.must(s.RemoveSlide(boss, ids[2]))
	if _, ok, err := s.Screens().Slide(string(ids[2])); ok || err != nil {
		t.Errorf("a removed picture is still there (%v)", err)
	}
	s.refused(s.RemoveSlide(boss, ids[2]), "slide_not_found")
	s.refused(s.EditSlide(boss, ids[2], 9, 0), "slide_not_found")
	for _, seconds := range []int{0, 2, 301, -5} {
		s.refused(s.EditSlide(boss, ids[0], seconds, 0), "validation")
	}
	if v := s.visit(1000); s.Show(boss, v.ID, "front", false) == nil && len(s.idleScene().Brand.Slides) > 0 {
		t.Error("a code with pictures beside it")
	}
}

func TestR31SlidesAreBounded(t *testing.T) {
	s := open(t)
	for n := range desk.MaxSlides {
		s.addSlide(fmt.Sprint(n))
	}
	_, err := s.AddSlide(boss, "one more", slide.Picture{})
	s.refused(err, "too_many_slides")
	if i, err := s.Idle(); err != nil || len(i.Slides) != desk.MaxSlides {
		t.Errorf("%d slides %v", len(i.Slides), err)
	}
	guest := access.Actor{Rights: access.Rights{access.VisitsView}}
	_, err = s.AddSlide(guest, "x", slide.Picture{})
	for _, err := range []error{err, s.EditSlide(guest, "i_x", 9, 0), s.RemoveSlide(guest, "i_x"), s.SaveQuiet(guest, "", "")} {
		s.refused(err, "forbidden")
	}
}

func TestR31SlideNames(t *testing.T) {
	s := open(t)
	for name, want := range map[string]string{"  a\x00b\n.jpg ": "ab.jpg", strings.Repeat("ü", 200): strings.Repeat("ü", 80), "\xff.png": ".png"} {
		if got := s.addSlide(name).Name; got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// Quiet hours are the location's, past midnight too, and never hide a code.
func TestR31QuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at midnight of 2000-01-01, UTC
		s := open(t)
		loc := desk.DefaultLocation()
		loc.Zone = "Europe/Berlin" // an hour ahead
		s.must(s.SaveLocation(boss, loc))
		s.must(s.SaveQuiet(boss, "22:00", "07:30"))
		s.addSlide("a.jpg")
		start := time.Now()
		for after, want := range map[time.Duration]bool{0: true, 6*time.Hour + 29*time.Minute: true, 6*time.Hour + 30*time.Minute: false,
			20*time.Hour + 59*time.Minute: false, 21 * time.Hour: true, 23 * time.Hour: true} {
			if i, err := s.Idle(); err != nil || desk.QuietAt(i, start.Add(after).In(loc.Clock())) != want {
				t.Errorf("after %v quiet is %t (%v)", after, !want, err)
			}
		}
		if x := s.idleScene(); !x.Quiet || len(x.Brand.Slides) != 0 {
			t.Errorf("at one in the night: quiet %t, %d slides", x.Quiet, len(x.Brand.Slides))
		}
		v := s.visit(1000)
		s.must(s.Show(boss, v.ID, "front", false))
		if x := s.idleScene(); x.Quiet || x.Kind != display.QR {
			t.Errorf("a code at night: %s, quiet %t", x.Kind, x.Quiet)
		}
		s.must(s.Hide(boss, "front"))
		time.Sleep(8 * time.Hour)
		if x := s.idleScene(); x.Quiet || len(x.Brand.Slides) != 1 {
			t.Errorf("in the morning: quiet %t, %d slides", x.Quiet, len(x.Brand.Slides))
		}
		for _, hours := range [][2]string{{"22:00", ""}, {"", "07:00"}, {"25:00", "07:00"}, {"9", "10"}, {"08:00", "08:00"}} {
			s.refused(s.SaveQuiet(boss, hours[0], hours[1]), "validation")
		}
		s.must(s.SaveQuiet(boss, "", ""))
	})
}
