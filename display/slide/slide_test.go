package slide

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

var (
	red  = color.RGBA{200, 20, 20, 255}
	blue = color.RGBA{20, 20, 200, 255}
)

// photo is w by h, its top left quarter red and the rest blue.
func photo(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, blue)
			if x < w/2 && y < h/2 {
				img.SetRGBA(x, y, red)
			}
		}
	}
	return img
}

// taken is a JPEG as a phone writes it, held in one of eight ways, with a
// place name in it.
func taken(t *testing.T, img image.Image, held uint16, order binary.AppendByteOrder) []byte {
	t.Helper()
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II")
	}
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range []uint16{0x010f, 0x0112} { // the make, then the orientation
		tiff = order.AppendUint16(order.AppendUint16(tiff, tag), 3)
		tiff = order.AppendUint16(order.AppendUint32(tiff, 1), held)
		tiff = append(tiff, 0, 0)
	}
	part := append([]byte("Exif\x00\x00"), tiff...)
	part = append(part, "taken at Secret Street 7"...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return append(append(head, part...), raw.Bytes()[2:]...)
}

// quarter is where the red quarter is: its column and its row.
func quarter(t *testing.T, p Picture) (column, row int) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	for row := range 2 {
		for column := range 2 {
			r, _, b, _ := img.At(p.Width/4+column*p.Width/2, p.Height/4+row*p.Height/2).RGBA()
			if r > b {
				return column, row
			}
		}
	}
	t.Error("there is no red quarter")
	return 0, 0
}

func TestR31SlidesAreUprightWithoutMetadata(t *testing.T) {
	want := map[uint16][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}, 9: {0, 0}}
	for held, at := range want {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			p, err := Fit(taken(t, photo(400, 200), held, order))
			if err != nil {
				t.Fatal(err)
			}
			if column, row := quarter(t, p); column != at[0] || row != at[1] {
				t.Errorf("held %d %v: red is at %d %d, want %v", held, order, column, row, at)
			}
			if turned := held >= 5 && held <= 8; turned != (p.Height > p.Width) {
				t.Errorf("held %d: %d × %d", held, p.Width, p.Height)
			}
			if bytes.Contains(p.JPEG, []byte("Secret Street")) || bytes.Contains(p.JPEG, []byte("Exif")) {
				t.Errorf("held %d: the file still tells where it was taken", held)
			}
		}
	}
}

func TestR31SlidesAreNoLargerThanAScreen(t *testing.T) {
	p, err := Fit(taken(t, photo(2400, 600), 1, binary.BigEndian))
	if err != nil || p.Width != 1920 || p.Height != 480 {
		t.Errorf("%d × %d %v", p.Width, p.Height, err)
	}
	if p, err = Fit(taken(t, photo(320, 200), 1, binary.BigEndian)); err != nil || p.Width != 320 || p.Height != 200 {
		t.Errorf("a small one was made %d × %d %v", p.Width, p.Height, err)
	}
}

func TestR31WhatIsTransparentIsWhite(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	p, err := Fit(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(32, 32).RGBA(); min(r, g, b) < 0xfe00 {
		t.Errorf("%x %x %x", r, g, b)
	}
}

func TestR31WhatIsNoSlide(t *testing.T) {
	bomb := new(bytes.Buffer)
	if err := png.Encode(bomb, image.NewGray(image.Rect(0, 0, 16, 16))); err != nil {
		t.Fatal(err)
	}
	head := bomb.Bytes()[12:29] // the first chunk's name, width, height and the rest
	binary.BigEndian.PutUint32(head[4:], 20000)
	binary.BigEndian.PutUint32(head[8:], 20000)
	binary.BigEndian.PutUint32(bomb.Bytes()[29:], crc32.ChecksumIEEE(head))
	tiny := new(bytes.Buffer)
	if err := png.Encode(tiny, image.NewGray(image.Rect(0, 0, 2, 300))); err != nil {
		t.Fatal(err)
	}
	whole := taken(t, photo(64, 64), 1, binary.BigEndian)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"too many bytes":  {make([]byte, MaxUpload+1), ErrTooLarge},
		"too many pixels": {bomb.Bytes(), ErrDimension},
		"hardly any":      {tiny.Bytes(), ErrDimension},
		"a page":          {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrFormat},
		"nothing":         {nil, ErrFormat},
		"half a picture":  {whole[:len(whole)/2], ErrFormat},
	} {
		if _, err := Fit(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	var t testing.T
	f.Add(taken(&t, photo(32, 16), 6, binary.LittleEndian))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && config.Width*config.Height > 1<<20 {
			return // right, and slow
		}
		p, err := Fit(file)
		if err == nil && (p.Width < 1 || p.Height < 1 || max(p.Width, p.Height) > edge) {
			t.Errorf("%d × %d", p.Width, p.Height)
		}
	})
}
