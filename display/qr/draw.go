package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"
)

// Bounds of a PNG's edge in pixels: below the first a phone has nothing to
// read, above the last one request would cost a hundred megabytes.
const (
	MinPNG = 64
	MaxPNG = 4096
)

// SVG draws the code with its quiet zone. The white ground and the dark
// modules are two subpaths' worth of paint but the modules are ONE path, their
// horizontal runs merged: 2 KB where rectangles are 24 KB, and a tablet paints
// it in a quarter of the time. It scales to its container.
func (c Code) SVG() string {
	side := strconv.Itoa(c.side())
	b := make([]byte, 0, 4096)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `...)
	b = append(b, side+" "+side...)
	b = append(b, `" shape-rendering="crispEdges"><rect width="`+side+`" height="`+side+`" fill="#fff"/><path fill="#000" d="`...)
	for y, row := range c.modules {
		b = appendRuns(b, row, y+quiet)
	}
	return string(append(b, `"/></svg>`...))
}

// appendRuns adds one subpath for each horizontal run of dark modules.
func appendRuns(b []byte, row []bool, y int) []byte {
	for x := 0; x < len(row); x++ {
		if !row[x] {
			continue
		}
		start := x
		for x < len(row) && row[x] {
			x++
		}
		width := int64(x - start)
		b = append(b, 'M')
		b = strconv.AppendInt(b, int64(start+quiet), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(y), 10)
		b = append(b, 'h')
		b = strconv.AppendInt(b, width, 10)
		b = append(b, "v1h-"...)
		b = strconv.AppendInt(b, width, 10)
		b = append(b, 'z')
	}
	return b
}

// PNG draws the code size pixels wide and high. Every module has the same
// whole number of pixels, since a blurred edge is what phones fail at; what is
// left over widens the quiet zone.
func (c Code) PNG(size int) ([]byte, error) {
	if size < MinPNG || size > MaxPNG {
		return nil, fmt.Errorf("qr: a picture is %d to %d pixels wide, not %d", MinPNG, MaxPNG, size)
	}
	scale := size / c.side()
	if scale == 0 {
		return nil, fmt.Errorf("qr: %d pixels are too few for %d modules", size, c.side())
	}
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	margin := (size - scale*len(c.modules)) / 2
	for y, row := range c.modules {
		for x, dark := range row {
			if dark {
				fill(img, margin+x*scale, margin+y*scale, scale)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	return out.Bytes(), nil
}

// fill paints one module dark.
func fill(img *image.Paletted, x, y, scale int) {
	for dy := range scale {
		row := img.Pix[(y+dy)*img.Stride+x:]
		for dx := range scale {
			row[dx] = 1
		}
	}
}
