package slide

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a camera held a JPEG's picture, by its EXIF part; 1, which
// is upright, where it doesn't say or can't be read.
func orientation(file []byte) int {
	for rest := file[min(2, len(file)):]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || len(rest) < 2+size { // the picture itself begins, or the file is broken
			break
		}
		if part, found := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); found && marker == 0xe1 {
			return fromTIFF(part)
		}
		rest = rest[2+size:]
	}
	return 1
}

// fromTIFF finds the orientation, tag 0x0112, in the first directory of a TIFF
// header.
func fromTIFF(part []byte) int {
	if len(part) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(part[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(part[4:]))
	if at+2 > uint64(len(part)) {
		return 1
	}
	count := int(order.Uint16(part[at:]))
	entries := part[at+2:]
	for i := 0; i < count && len(entries) >= 12; i, entries = i+1, entries[12:] {
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
	}
	return 1
}
