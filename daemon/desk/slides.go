package desk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/display"
	"countersign/display/slide"
)

// Bounds of the slides: a salon's dozen pictures, not a film.
const (
	MaxSlides       = 20
	minSlideSeconds = 3
	maxSlideSeconds = 300
	newSlideSeconds = 9
)

// Idle is what displays do while no visit is up (R31).
type Idle struct {
	Slides []Slide `json:"slides,omitempty"`
	// QuietFrom and QuietUntil, "22:00" and "07:30" in the location's zone, are
	// when idle displays are dark; both empty for never.
	QuietFrom  string `json:"quiet_from,omitempty"`
	QuietUntil string `json:"quiet_until,omitempty"`
}

// Slide is a picture that is shown for some seconds, in the order of Idle.
type Slide struct {
	ID      id.Item   `json:"id"`
	Name    string    `json:"name"` // of the file it came from
	Seconds int       `json:"seconds"`
	Width   int       `json:"width"` // pixels
	Height  int       `json:"height"`
	Bytes   int       `json:"bytes"`
	AddedAt time.Time `json:"added_at"`
}

// slidePicture is a slide's JPEG, or the logo's PNG. It is a record of its own,
// so that what displays do can be read without it.
type slidePicture struct {
	ID   id.Item `json:"id"`
	File []byte  `json:"jpeg"`
}

const idleSetting = "idle"

// Idle returns what displays do while no visit is up.
func (d *Desk) Idle() (i Idle, err error) {
	err = d.view(func(o *op) error {
		i, err = o.idle()
		return err
	})
	return i, err
}

func (o *op) idle() (Idle, error) {
	s, _, err := o.settings.Get(o.tx, idleSetting)
	return s.Idle, err
}

func (o *op) putIdle(a access.Actor, act string, i Idle, detail any) error {
	if err := o.settings.Put(o.tx, setting{Name: idleSetting, Idle: i}); err != nil {
		return err
	}
	if err := o.record(a, act, detail); err != nil {
		return err
	}
	return o.tell(DisplayChanged, Detail{})
}

// AddSlide adds a picture at the end, with the name of its file.
func (d *Desk) AddSlide(a access.Actor, name string, p slide.Picture) (s Slide, err error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Slide{}, err
	}
	s = Slide{ID: d.ids.Item(), Name: slideName(name), Seconds: newSlideSeconds, Width: p.Width, Height: p.Height, Bytes: len(p.JPEG)}
	err = d.update(func(o *op) error {
		i, err := o.idle()
		if err != nil {
			return err
		}
		if len(i.Slides) >= MaxSlides {
			return fault.New(fault.Conflict, "too_many_slides", "There are as many pictures as can be shown. Remove one first.")
		}
		s.AddedAt = o.now
		i.Slides = append(i.Slides, s)
		if err := o.pictures.Put(o.tx, slidePicture{ID: s.ID, File: p.JPEG}); err != nil {
			return err
		}
		return o.putIdle(a, "slide.add", i, s)
	})
	return s, err
}

// slideName is a file's name as it can be printed and kept.
func slideName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80])
	}
	return name
}

// EditSlide changes how long a picture is shown, and moves it by so many
// places: -1 is one earlier.
func (d *Desk) EditSlide(a access.Actor, which id.Item, seconds, by int) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	if seconds < minSlideSeconds || seconds > maxSlideSeconds {
		return fault.Invalid(fault.Field{Location: "body.seconds", Message: "must be from 3 to 300"})
	}
	return d.update(func(o *op) error {
		i, at, err := o.slideAt(which)
		if err != nil {
			return err
		}
		s := i.Slides[at]
		s.Seconds = seconds
		i.Slides = slices.Delete(i.Slides, at, at+1)
		i.Slides = slices.Insert(i.Slides, min(max(at+by, 0), len(i.Slides)), s)
		return o.putIdle(a, "slide.edit", i, s)
	})
}

// RemoveSlide takes a picture away for good.
func (d *Desk) RemoveSlide(a access.Actor, which id.Item) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		i, at, err := o.slideAt(which)
		if err != nil {
			return err
		}
		gone := i.Slides[at]
		i.Slides = slices.Delete(i.Slides, at, at+1)
		if err := o.pictures.Delete(o.tx, which); err != nil {
			return err
		}
		return o.putIdle(a, "slide.remove", i, gone)
	})
}

func (o *op) slideAt(which id.Item) (i Idle, at int, err error) {
	if i, err = o.idle(); err != nil {
		return i, 0, err
	}
	if at = slices.IndexFunc(i.Slides, func(s Slide) bool { return s.ID == which }); at < 0 {
		err = fault.NotFound("slide")
	}
	return i, at, err
}

// SaveQuiet sets from when to when idle displays are dark; both empty for never.
func (d *Desk) SaveQuiet(a access.Actor, from, until string) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	var wrong []fault.Field
	for _, hour := range []struct{ name, said, other string }{{"quiet_from", from, until}, {"quiet_until", until, from}} {
		// time.Parse takes "7:30" as well, and hours are compared as they are written.
		if _, err := time.Parse("15:04", hour.said); (err != nil || len(hour.said) != len("15:04")) && (hour.said != "" || hour.other != "") {
			wrong = append(wrong, fault.Field{Location: "body." + hour.name, Message: "must be an hour such as 22:00"})
		}
	}
	if from == until && from != "" && len(wrong) == 0 {
		wrong = append(wrong, fault.Field{Location: "body.quiet_until", Message: "must be another hour than the beginning"})
	}
	if len(wrong) > 0 {
		return fault.Invalid(wrong...)
	}
	return d.update(func(o *op) error {
		i, err := o.idle()
		if err != nil {
			return err
		}
		i.QuietFrom, i.QuietUntil = from, until
		return o.putIdle(a, "quiet.save", i, map[string]string{"from": from, "until": until})
	})
}

// quietAt tells whether displays are dark at a moment. Hours past midnight
// belong to the night that began the day before.
func (i Idle) quietAt(t time.Time) bool {
	if i.QuietFrom == "" || i.QuietUntil == "" {
		return false
	}
	now := t.Format("15:04")
	if i.QuietFrom < i.QuietUntil {
		return now >= i.QuietFrom && now < i.QuietUntil
	}
	return now >= i.QuietFrom || now < i.QuietUntil
}

// dress gives an idle scene its pictures, or the dark of quiet hours.
func (o *op) dress(drawn display.Scene) (display.Scene, error) {
	i, err := o.idle()
	if err != nil {
		return drawn, err
	}
	loc, err := o.location()
	if err != nil {
		return drawn, err
	}
	if drawn.Quiet = i.quietAt(o.now.In(loc.Clock())); drawn.Quiet {
		return drawn, nil
	}
	for _, s := range i.Slides {
		drawn.Brand.Slides = append(drawn.Brand.Slides, display.Slide{Src: display.SlidePath(string(s.ID)), Seconds: s.Seconds})
	}
	return drawn, nil
}

// SlidePicture returns a slide's JPEG.
func (d *Desk) SlidePicture(which id.Item) (jpeg []byte, err error) {
	err = d.view(func(o *op) error {
		p, ok, err := o.pictures.Get(o.tx, which)
		if err == nil && (!ok || which == logoPicture) {
			err = fault.NotFound("slide")
		}
		jpeg = p.File
		return err
	})
	return jpeg, err
}

// Slide returns a picture for displays.
func (s *Screens) Slide(which string) (jpeg []byte, ok bool, err error) {
	jpeg, err = s.d.SlidePicture(id.Item(which))
	if f := fault.From(err); f != nil && f.Kind == fault.Missing {
		return nil, false, nil
	}
	return jpeg, err == nil, err
}
