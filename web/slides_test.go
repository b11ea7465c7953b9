package web_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/display"
)

// upload sends a picture as the tablet's form does.
func (s *salon) upload(c *http.Client, name string, file []byte) answer {
	s.t.Helper()
	return s.uploadTo(c, "/desk/setup/slides", name, file)
}

// uploadTo sends a picture to a form of the tablet, with what else it says.
func (s *salon) uploadTo(c *http.Client, path, name string, file []byte, fields ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if file != nil {
		part, err := form.CreateFormFile("file", name)
		s.must(err)
		_, err = part.Write(file)
		s.must(err)
	}
	for i := 0; i < len(fields); i += 2 {
		s.must(form.WriteField(fields[i], fields[i+1]))
	}
	s.must(form.Close())
	return s.do(c, http.MethodPost, path, body.String(), "Content-Type", form.FormDataContentType(), "Accept", "text/html")
}

func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// R31: staff upload pictures, and idle displays show them, re-encoded.
func TestR31UploadASlide(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	s.upload(c, "winter.png", picture(t, 3000, 1000)).wants(t, "uploaded", http.StatusSeeOther)
	page := s.do(c, http.MethodGet, "/desk/setup?section=slides", "", "Accept", "text/html")
	page.wants(t, "the list", http.StatusOK, "winter.png", "1920 × 640", `data-test="slide"`)
	idle, err := s.d.Desk().Idle()
	s.must(err)
	which := string(idle.Slides[0].ID)
	thumb := s.do(c, http.MethodGet, "/desk/setup/slides/"+which+".jpg", "")
	if config, err := jpeg.DecodeConfig(strings.NewReader(thumb.text)); err != nil || config.Width != 1920 || thumb.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the picture: %v %v", err, thumb.header)
	}
	for name, got := range map[string]answer{
		"a stranger":        s.do(client(nil), http.MethodGet, display.SlidePath(which), ""),
		"a strange display": s.do(client(nil), http.MethodGet, display.SlidePath(which), "", "Cookie", display.Cookie+"="+strings.Repeat("A", 43)),
	} {
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s sees it: %d", name, got.status)
		}
	}
	s.post(c, "/desk/setup/slides/"+which, "seconds", "1").wants(t, "too short", http.StatusUnprocessableEntity)
	s.post(c, "/desk/setup/slides/"+which, "seconds", "12").wants(t, "longer", http.StatusSeeOther)
	s.post(c, "/desk/setup/slides/"+which+"/remove").wants(t, "removed", http.StatusSeeOther)
	s.post(c, "/desk/setup/slides/"+which+"/remove").wants(t, "removed twice", http.StatusNotFound)
	s.do(c, http.MethodGet, "/desk/setup/slides/"+which+".jpg", "").wants(t, "gone", http.StatusNotFound)
}

func TestR31WhatCantBeUploaded(t *testing.T) {
	const large = 21<<20 + 7
	s := open(t)
	c := s.tablet(access.Manager)
	for name, file := range map[string][]byte{"no picture": []byte("hello"), "nothing": nil, "too small": picture(t, 3, 3), "empty": {}} {
		s.upload(c, name, file).wants(t, name, http.StatusUnprocessableEntity, `data-test="problem"`, `class="wrong"`)
	}
	s.upload(c, "large.png", make([]byte, large)).wants(t, "large", http.StatusUnprocessableEntity, `class="wrong"`, "larger than 20 MB")
	s.upload(c, "huge.png", make([]byte, 61<<20)).wants(t, "huge", http.StatusRequestEntityTooLarge)
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*"))
	s.must(err)
	for _, path := range left { // of this test by its size: others upload meanwhile
		if info, err := os.Stat(path); err == nil && info.Size() == large {
			t.Errorf("%s is left", path)
		}
	}
	s.upload(s.tablet(access.Receptionist), "x.png", picture(t, 30, 30)).wants(t, "without the right", http.StatusForbidden)
	if idle, err := s.d.Desk().Idle(); err != nil || len(idle.Slides) > 0 {
		t.Errorf("%d slides of nothing (%v)", len(idle.Slides), err)
	}
}

func TestR31SaveQuietHours(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Manager)
	s.post(c, "/desk/setup/quiet", "quiet_from", "22:00").wants(t, "no end", http.StatusUnprocessableEntity, `value="22:00"`, `class="wrong"`)
	s.post(c, "/desk/setup/quiet", "quiet_from", "22:00", "quiet_until", "07:30").wants(t, "saved", http.StatusSeeOther)
	s.do(c, http.MethodGet, "/desk/setup?section=slides", "", "Accept", "text/html").wants(t, "shown", http.StatusOK, `value="22:00"`, `value="07:30"`)
}
