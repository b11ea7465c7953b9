package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/display/slide"
	"countersign/web/page"
)

// slidesPath takes a picture, and whatever a form puts around it. More is read
// than is taken, so that a camera's file is refused in words, on the page.
const (
	slidesPath  = "/desk/setup/slides"
	slidesLimit = 3*slide.MaxUpload + 64<<10
)

// idlePart is what Set up shows of the slides and the quiet hours.
func (v *view) idlePart() (page.Idle, error) {
	i, err := v.s.desk.Idle()
	if err != nil {
		return page.Idle{}, err
	}
	p := page.Idle{QuietFrom: i.QuietFrom, QuietUntil: i.QuietUntil}
	for n, s := range i.Slides {
		p.Slides = append(p.Slides, page.SlideRow{ID: string(s.ID), Name: s.Name, Seconds: s.Seconds, Number: n + 1, First: n == 0, Last: n == len(i.Slides)-1,
			Size: strconv.Itoa(s.Width) + " × " + strconv.Itoa(s.Height)})
	}
	return p, nil
}

// addSlide serves POST /desk/setup/slides: a picture, made fit to be shown.
func (v *view) addSlide() error {
	if err := v.a.Need(access.DisplaysManage); err != nil {
		return err
	}
	name, file, err := v.sentPicture()
	if err != nil {
		return v.undone("slides", err, func(*page.Setup) {})
	}
	fitted, err := fit(v.s, v.r, file, slide.Fit)
	if err == nil {
		_, err = v.s.desk.AddSlide(v.a, name, fitted)
	}
	if err != nil {
		return v.undone("slides", err, func(*page.Setup) {})
	}
	return v.done("slides")
}

// sentPicture is the file that a form carries.
func (v *view) sentPicture() (name string, file []byte, err error) {
	const inMemory = 1 << 20 // the rest goes through a file of the system's
	if err := v.r.ParseMultipartForm(inMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", nil, malformed(err)
	}
	if v.r.MultipartForm != nil {
		// net/http removes the files of the request that it made, and a handler
		// further out has given us a copy of it.
		defer func() { _ = v.r.MultipartForm.RemoveAll() }()
	}
	sent, header, err := v.r.FormFile("file")
	if err != nil {
		return "", nil, fault.Invalid(fault.Field{Location: "body.file", Message: "is missing"})
	}
	defer sent.Close()
	if header.Size > slide.MaxUpload {
		return "", nil, fault.Invalid(fault.Field{Location: "body.file", Message: "is larger than 20 MB"})
	}
	file, err = io.ReadAll(io.LimitReader(sent, slide.MaxUpload+1))
	return header.Filename, file, err
}

// fit makes a picture fit to be shown or printed, one at a time: each may
// unfold to many megabytes.
func fit[P any](s *server, r *http.Request, file []byte, make func([]byte) (P, error)) (made P, err error) {
	select {
	case s.fitting <- struct{}{}:
		defer func() { <-s.fitting }()
	case <-r.Context().Done():
		return made, r.Context().Err()
	}
	made, err = make(file)
	why := fault.Field{Location: "body.file", Message: "is too large, or hardly anything: about 1920 × 1080 pixels are right"}
	switch {
	case err == nil:
		return made, nil
	case errors.Is(err, slide.ErrFormat):
		why = fault.Field{Location: "body.file", Message: "is not a JPEG, PNG or WebP picture"}
	case !errors.Is(err, slide.ErrTooLarge) && !errors.Is(err, slide.ErrDimension):
		return made, err
	}
	return made, fault.Invalid(why).Because(err)
}

func (v *view) slide() id.Item { return id.Item(chi.URLParam(v.r, "id")) }

// saveSlide serves POST /desk/setup/slides/{id}: how long it is shown, and where.
func (v *view) saveSlide() error {
	seconds, err := strconv.Atoi(v.form("seconds"))
	if err != nil {
		seconds = 0 // refused by the desk, which names the field
	}
	by := map[string]int{"up": -1, "down": 1}[v.form("move")]
	if err := v.s.desk.EditSlide(v.a, v.slide(), seconds, by); err != nil {
		return v.undone("slides", err, func(p *page.Setup) { p.Open = string(v.slide()) })
	}
	return v.done("slides")
}

// removeSlide serves POST /desk/setup/slides/{id}/remove.
func (v *view) removeSlide() error {
	if err := v.s.desk.RemoveSlide(v.a, v.slide()); err != nil {
		return v.undone("slides", err, func(*page.Setup) {})
	}
	return v.done("slides")
}

// slidePicture serves GET /desk/setup/slides/{id}.jpg.
func (v *view) slidePicture() error {
	if err := v.a.Need(access.DisplaysManage); err != nil {
		return err
	}
	jpeg, err := v.s.desk.SlidePicture(v.slide())
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "image/jpeg")
	v.w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	_, err = v.w.Write(jpeg)
	return err
}

// saveQuiet serves POST /desk/setup/quiet.
func (v *view) saveQuiet() error {
	from, until := v.form("quiet_from"), v.form("quiet_until")
	if err := v.s.desk.SaveQuiet(v.a, from, until); err != nil {
		return v.undone("slides", err, func(p *page.Setup) { p.Idle.QuietFrom, p.Idle.QuietUntil = from, until })
	}
	return v.done("slides")
}
