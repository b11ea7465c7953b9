package slide

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"testing"
)

// took is how much was allocated in all, which is more than was ever held.
func took(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// R31: a picture that staff upload can't take the daemon's memory, which the
// money needs: a phone's largest photograph goes, a file that unfolds to more
// than that is refused before it is read.
func TestR31SlidesTakeLittleMemory(t *testing.T) {
	var large bytes.Buffer
	if err := jpeg.Encode(&large, image.NewYCbCr(image.Rect(0, 0, 8064, 6048), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	if n := took(func() {
		if p, err := Fit(large.Bytes()); err != nil || p.Width != 1920 || p.Height != 1440 {
			t.Errorf("%d × %d, %v", p.Width, p.Height, err)
		}
	}); n > maxMemory {
		t.Errorf("48 megapixels took %d MiB", n>>20)
	}
	var deep bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&deep, image.NewGray16(image.Rect(0, 0, 5000, 5000))); err != nil {
		t.Fatal(err)
	}
	if n := took(func() {
		if _, err := Fit(deep.Bytes()); !errors.Is(err, ErrDimension) {
			t.Errorf("25 megapixels of 16 bits: %v", err)
		}
	}); n > 1<<20 {
		t.Errorf("refusing took %d KiB", n>>10)
	}
}

// R33: a logo keeps what is transparent of it, and nothing else that was in its
// file; a photograph of one is kept as it stands.
func TestR33LogoKeepsItsAlpha(t *testing.T) {
	ring := image.NewNRGBA(image.Rect(0, 0, 3000, 1500))
	for x := 1500; x < 3000; x++ {
		for y := range 1500 {
			ring.SetNRGBA(x, y, color.NRGBA{200, 20, 20, 255})
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, ring); err != nil {
		t.Fatal(err)
	}
	made, err := Logo(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(made))
	if err != nil || img.Bounds() != image.Rect(0, 0, logoEdge, logoEdge/2) {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	if _, _, _, a := img.At(10, 10).RGBA(); a != 0 {
		t.Errorf("what was transparent has alpha %x", a)
	}
	if r, g, _, a := img.At(logoEdge-10, 10).RGBA(); a != 0xffff || r < 0xc000 || g > 0x2000 {
		t.Errorf("what was red is %x %x, alpha %x", r, g, a)
	}
	turned, err := Logo(taken(t, photo(64, 32), 6, binary.BigEndian))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(turned)); err != nil || img.Bounds() != image.Rect(0, 0, 32, 64) {
		t.Errorf("a turned photograph is %v, %v", img.Bounds(), err)
	}
	for _, bad := range [][]byte{nil, []byte("<svg/>"), make([]byte, MaxUpload+1)} {
		if _, err := Logo(bad); err == nil {
			t.Errorf("%d bytes became a logo", len(bad))
		}
	}
}

// The frame header tells what a JPEG takes, behind whatever comes before it.
func TestProgressive(t *testing.T) {
	head := taken(t, photo(32, 16), 6, binary.BigEndian)
	if progressive(head) {
		t.Error("one pass was taken for several")
	}
	at := bytes.Index(head, []byte{0xff, 0xc0})
	head[at+1] = 0xc2
	if !progressive(head) {
		t.Error("several passes were taken for one")
	}
	for n := range head {
		progressive(head[:n]) // half a file is no reason to fall over
	}
}

// Each pixel of what is shown is the mean of what falls on it, at the edges too.
func TestShrinkIsTheMean(t *testing.T) {
	stripes := image.NewGray(image.Rect(10, 20, 310, 320)) // not at the origin
	for i := range stripes.Pix {
		stripes.Pix[i] = uint8(i % 2 * 200)
	}
	for _, size := range [][2]int{{150, 150}, {7, 300}, {300, 7}, {1, 1}, {299, 299}, {300, 300}} {
		got := shrink(stripes, color.White, size[0], size[1])
		if got.Rect != image.Rect(0, 0, size[0], size[1]) {
			t.Fatalf("%v: %v", size, got.Rect)
		}
		var sum int
		for i := 0; i < len(got.Pix); i += 4 {
			sum += int(got.Pix[i])
			if got.Pix[i+3] != 255 {
				t.Fatalf("%v: not opaque", size)
			}
		}
		if mean := sum * 4 / len(got.Pix); mean < 98 || mean > 102 {
			t.Errorf("%v: a mean of %d, want 100", size, mean)
		}
	}
	if got := shrink(stripes, color.White, 300, 300).RGBAAt(1, 0); got != (color.RGBA{200, 200, 200, 255}) {
		t.Errorf("at its own size it is %v", got)
	}
}
