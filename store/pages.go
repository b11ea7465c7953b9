package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// What a bbolt file looks like, as far as it takes to walk it (bbolt's internal/common). Numbers are in the machine's
// byte order.
//
//	page     id 8 · flags 2 · count 2 · overflow 4 · then count elements, then their keys and values
//	branch   pos 4 · ksize 4 · child 8
//	leaf     flags 4 · pos 4 · ksize 4 · vsize 4        pos counts from the element itself
//	bucket   root 8 · sequence 8                         the value of a leaf element with flag 1; root 0: a page follows
//	meta     magic 4 · version 4 · page size 4 · flags 4 · root 8 · sequence 8 · freelist 8 · pages 8 · txid 8 · FNV-1a 8
const (
	boltMagic  = 0xED0CDAED
	headSize   = 16
	elemSize   = 16
	metaSize   = 64
	branchFlag = 0x01
	leafFlag   = 0x02
	freeFlag   = 0x10
	bucketFlag = 0x01
	noFreelist = ^uint64(0)
)

// checkPages walks every page of the file by plain reads with every number checked before it is used, so that no
// damage can take the process down as it could in bbolt's memory map. It proves that bbolt can read the file: each
// page where it is expected and used once, elements inside their page and in order, no page missing. The caller holds
// the file's lock, or nobody writes.
func checkPages(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	t := &tree{file: f}
	if err := t.readMeta(); err != nil {
		return err
	}
	t.todo = append(t.todo, t.root)
	for len(t.todo) > 0 {
		id := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		if err := t.visit(id); err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
	}
	return t.checkFree()
}

type tree struct {
	file     *os.File
	pageSize uint64
	root     uint64
	freelist uint64
	pages    uint64 // the file's, all told
	seen     []bool
	todo     []uint64
	buf      []byte
}

// readMeta takes the newer of the two meta pages that is whole, as bbolt does. The second one's place depends on the
// page size, which stands in the first: without that, every size is tried.
func (t *tree) readMeta() error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	var best []byte
	for at := int64(0); at < info.Size() && at <= 1<<24; at = nextMeta(at, best) {
		if m := t.metaAt(at); m != nil && (best == nil || field(m, 48) > field(best, 48)) {
			best = m
		}
	}
	if best == nil {
		return errors.New("both meta pages are unreadable")
	}
	t.pageSize = uint64(binary.NativeEndian.Uint32(best[8:]))
	t.root, t.freelist, t.pages = field(best, 16), field(best, 32), field(best, 40)
	if t.pageSize < 512 || t.pages < 3 || t.pages > uint64(info.Size())/t.pageSize {
		return fmt.Errorf("it should have %d pages of %d bytes, but has only %d bytes", t.pages, t.pageSize, info.Size())
	}
	t.seen = make([]bool, t.pages)
	t.seen[0], t.seen[1] = true, true
	return nil
}

// nextMeta is where to look after at: 0, then where the first meta page puts the second, or else 1 KB, 2 KB, 4 KB, ….
func nextMeta(at int64, best []byte) int64 {
	switch {
	case at == 0 && best != nil:
		return int64(binary.NativeEndian.Uint32(best[8:]))
	case best != nil:
		return 1 << 62
	case at == 0:
		return 1 << 10
	default:
		return at * 2
	}
}

func (t *tree) metaAt(at int64) []byte {
	page := make([]byte, headSize+metaSize)
	if _, err := t.file.ReadAt(page, at); err != nil {
		return nil
	}
	m := page[headSize:]
	h := fnv.New64a()
	h.Write(m[:metaSize-8])
	if binary.NativeEndian.Uint32(m) != boltMagic || h.Sum64() != field(m, metaSize-8) {
		return nil
	}
	return m
}

func field(b []byte, at int) uint64 { return binary.NativeEndian.Uint64(b[at:]) }

// load reads a page with its overflow and marks it used.
func (t *tree) load(id uint64) ([]byte, error) {
	if id < 2 || id >= t.pages {
		return nil, fmt.Errorf("it is outside of the file's %d", t.pages)
	}
	var head [headSize]byte
	if _, err := t.file.ReadAt(head[:], int64(id*t.pageSize)); err != nil {
		return nil, err
	}
	more := uint64(binary.NativeEndian.Uint32(head[12:]))
	if got := field(head[:], 0); got != id || more >= t.pages-id {
		return nil, fmt.Errorf("it says it is page %d with %d more", got, more)
	}
	for i := id; i <= id+more; i++ {
		if t.seen[i] {
			return nil, errors.New("it is used twice")
		}
		t.seen[i] = true
	}
	size := int((more + 1) * t.pageSize)
	if cap(t.buf) < size {
		t.buf = make([]byte, size)
	}
	_, err := io.ReadFull(io.NewSectionReader(t.file, int64(id*t.pageSize), int64(size)), t.buf[:size])
	return t.buf[:size], err
}

func (t *tree) visit(id uint64) error {
	page, err := t.load(id)
	if err != nil {
		return err
	}
	return t.elements(page)
}

// elements checks a page's elements and notes the pages they lead to.
func (t *tree) elements(page []byte) error {
	flags := binary.NativeEndian.Uint16(page[8:])
	count := int(binary.NativeEndian.Uint16(page[10:]))
	if flags != branchFlag && flags != leafFlag {
		return fmt.Errorf("its kind is %#x", flags)
	}
	if headSize+count*elemSize > len(page) || (flags == branchFlag && count == 0) {
		return fmt.Errorf("it has %d elements", count)
	}
	var last []byte
	for i := range count {
		at := headSize + i*elemSize
		key, err := t.element(page, at, flags == leafFlag)
		if err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("element %d is out of order", i)
		}
		last = key
	}
	return nil
}

func (t *tree) element(page []byte, at int, leaf bool) (key []byte, err error) {
	e := page[at:]
	pos, ksize, vsize := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:]), uint32(0)
	if leaf {
		pos, ksize, vsize = binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
	}
	if uint64(pos)+uint64(ksize)+uint64(vsize) > uint64(len(e)) {
		return nil, errors.New("it reaches beyond its page")
	}
	key = e[pos : pos+ksize]
	if !leaf {
		t.todo = append(t.todo, field(e, 8))
		return key, nil
	}
	if binary.NativeEndian.Uint32(e)&bucketFlag != 0 {
		return key, t.bucket(e[pos+ksize : pos+ksize+vsize])
	}
	return key, nil
}

func (t *tree) bucket(header []byte) error {
	if len(header) < 16 {
		return errors.New("its bucket has no root")
	}
	if root := field(header, 0); root != 0 {
		t.todo = append(t.todo, root)
		return nil
	}
	if len(header) < 16+headSize {
		return errors.New("its small bucket has no page")
	}
	return t.elements(header[16:])
}

// checkFree reads the freelist, and finds pages that are both used and free, or neither.
func (t *tree) checkFree() error {
	if t.freelist == noFreelist {
		return nil
	}
	page, err := t.load(t.freelist)
	if err != nil {
		return fmt.Errorf("the freelist, page %d: %w", t.freelist, err)
	}
	count, at := uint64(binary.NativeEndian.Uint16(page[10:])), uint64(headSize)
	if count == 0xFFFF { // too many for the field: the first element is the count
		count, at = field(page, headSize), headSize+8
	}
	if binary.NativeEndian.Uint16(page[8:]) != freeFlag || count > (uint64(len(page))-at)/8 {
		return fmt.Errorf("the freelist, page %d, is none", t.freelist)
	}
	for i := range count {
		id := field(page, int(at+i*8))
		if id < 2 || id >= t.pages || t.seen[id] {
			return fmt.Errorf("the freelist has page %d, which is not free", id)
		}
		t.seen[id] = true
	}
	for id, seen := range t.seen {
		if !seen {
			return fmt.Errorf("page %d is neither used nor free", id)
		}
	}
	return nil
}
