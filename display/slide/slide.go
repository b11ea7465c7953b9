// Package slide makes pictures that staff upload fit to be shown on displays:
// turned upright, no larger than a screen, encoded anew, and so without
// anything else that was in the file, such as where a photograph was taken.
package slide

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	_ "golang.org/x/image/webp" // a format that is taken too
)

const (
	// MaxUpload is the largest file that is taken, in bytes: more than any
	// phone's photograph.
	MaxUpload = 20 << 20
	// minEdge is less than the smallest picture anybody would want to see.
	minEdge = 16
	// edge is the longest edge of what is shown: sharp on a monitor, and on a
	// larger one sharp enough for two metres.
	edge = 1920
	// logoEdge is that of a logo: 17 cm at 120 dots an inch.
	logoEdge = 800
	quality  = 85
)

// Errors of Fit, in words for those who uploaded.
var (
	ErrTooLarge  = errors.New("slide: the file is too large")
	ErrFormat    = errors.New("slide: not a JPEG, PNG or WebP picture")
	ErrDimension = errors.New("slide: too many pixels, or too few")
)

// Picture is a picture to show: a JPEG.
type Picture struct {
	JPEG          []byte
	Width, Height int // pixels
}

// Fit reads a picture that somebody uploaded and makes it one to show.
func Fit(file []byte) (Picture, error) {
	fitted, err := fit(file, color.White, edge)
	if err != nil {
		return Picture{}, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, fitted, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, fmt.Errorf("slide: %w", err)
	}
	return Picture{JPEG: out.Bytes(), Width: fitted.Rect.Dx(), Height: fitted.Rect.Dy()}, nil
}

// Logo reads a logo that somebody uploaded and makes it one to print: a PNG,
// which is transparent where it was.
func Logo(file []byte) ([]byte, error) {
	fitted, err := fit(file, color.Transparent, logoEdge)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, fitted); err != nil {
		return nil, fmt.Errorf("slide: %w", err)
	}
	return out.Bytes(), nil
}

// fit is a picture upright and no larger than limit, on paper where it is
// transparent.
func fit(file []byte, paper color.Color, limit int) (*image.RGBA, error) {
	if len(file) > MaxUpload {
		return nil, ErrTooLarge
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Join(ErrFormat, err)
	}
	if config.Width < minEdge || config.Height < minEdge || config.Width > maxMemory/memory(file, format)/config.Height {
		return nil, ErrDimension
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Join(ErrFormat, err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if longest := max(w, h); longest > limit {
		w, h = max(1, w*limit/longest), max(1, h*limit/longest)
	}
	fitted := shrink(img, paper, w, h)
	if format == "jpeg" {
		fitted = upright(fitted, orientation(file))
	}
	return fitted, nil
}

// upright turns and mirrors a picture as its camera noted, 1 to 8.
func upright(img *image.RGBA, noted int) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	place, ok := turns()[noted]
	if !ok {
		return img
	}
	if noted >= 5 {
		w, h = h, w
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fromX, fromY := place(x, y, w, h)
			to.SetRGBA(x, y, img.RGBAAt(fromX, fromY))
		}
	}
	return to
}

// turns say where a point of the upright picture is in the one that was taken,
// by the orientation of EXIF 2.3, table 4.6.4; w and h are the upright one's.
func turns() map[int]func(x, y, w, h int) (int, int) {
	return map[int]func(x, y, w, h int) (int, int){
		2: func(x, y, w, _ int) (int, int) { return w - 1 - x, y },
		3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y, _, h int) (int, int) { return x, h - 1 - y },
		5: func(x, y, _, _ int) (int, int) { return y, x },
		6: func(x, y, w, _ int) (int, int) { return y, w - 1 - x },
		7: func(x, y, w, h int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y, _, h int) (int, int) { return h - 1 - y, x },
	}
}
