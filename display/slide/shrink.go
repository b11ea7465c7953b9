package slide

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
)

// maxMemory bounds what reading a file of few bytes may take, in bytes. The
// daemon that keeps the money runs on, whatever staff upload (its unit gives
// it 512 MiB).
const maxMemory = 160 << 20

// memory is about what reading a picture takes, in bytes a pixel.
func memory(file []byte, format string) int {
	switch format {
	case "jpeg":
		if progressive(file) { // all coefficients are kept until the last pass
			return 15
		}
		return 3
	case "png":
		if len(file) > 24 && file[24] == 16 { // bit depth, in the header that every PNG begins with
			return 8
		}
	}
	return 4
}

// progressive tells whether a JPEG is of the kind that comes in several
// passes: its frame header is SOF2 (ITU-T T.81, table B.1).
func progressive(file []byte) bool {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		switch marker := file[at+1]; {
		case marker == 0xff: // a byte of filling
			at++
			continue
		case marker == 0xda: // the first scan: a frame came before it, or never comes
			return false
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return marker != 0xc0 && marker != 0xc1
		}
		at += 2 + int(binary.BigEndian.Uint16(file[at+2:]))
	}
	return false
}

// shrink draws a picture on paper at w by h, no larger than it is: each pixel
// is the mean of what falls on it. It goes row by row, since whatever needs the
// whole picture a second time needs as much memory again.
func shrink(img image.Image, paper color.Color, w, h int) *image.RGBA {
	from := img.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	row := image.NewRGBA(image.Rect(0, 0, from.Dx(), 1))
	sums := make([]uint64, 4*w)
	ground := image.NewUniform(paper)
	fill := 0 // how much of the row to be is there, of from.Dy()
	y := 0
	for line := range from.Dy() {
		draw.Draw(row, row.Rect, ground, image.Point{}, draw.Src)
		draw.Draw(row, row.Rect, img, image.Point{from.Min.X, from.Min.Y + line}, draw.Over)
		// A line of the picture covers h of from.Dy() parts, of one row or of two.
		for left := h; left > 0; {
			part := min(left, from.Dy()-fill)
			gather(sums, row.Pix, w, from.Dx(), uint64(part))
			left -= part
			if fill += part; fill == from.Dy() {
				settle(to.Pix[y*to.Stride:], sums, uint64(from.Dx())*uint64(from.Dy()))
				y, fill = y+1, 0
			}
		}
	}
	return to
}

// gather adds a line of pixels to the sums of a row of w, weighted.
func gather(sums []uint64, line []uint8, w, wide int, weight uint64) {
	x, fill := 0, 0
	for i := range wide {
		p := line[4*i : 4*i+4]
		for left := w; left > 0; {
			part := min(left, wide-fill)
			k := weight * uint64(part)
			s := sums[4*x : 4*x+4]
			s[0] += k * uint64(p[0])
			s[1] += k * uint64(p[1])
			s[2] += k * uint64(p[2])
			s[3] += k * uint64(p[3])
			left -= part
			if fill += part; fill == wide {
				x, fill = x+1, 0
			}
		}
	}
}

// settle writes a row's means, and empties the sums.
func settle(row []uint8, sums []uint64, whole uint64) {
	for i, sum := range sums {
		row[i] = uint8((sum + whole/2) / whole)
	}
	clear(sums)
}
