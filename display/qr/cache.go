package qr

import (
	"slices"
	"sync"
)

// Cache keeps the rendered SVG of the texts asked for last. It exists for two
// reasons: encoding costs half a millisecond, and encoding twice may give two
// different (both valid) pictures, which would look like a change to a screen.
type Cache struct {
	mu    sync.Mutex
	limit int
	svg   map[string]string
	order []string // texts, the least lately asked for first
}

// NewCache makes a cache of at most n codes; it is safe for concurrent use.
func NewCache(n int) *Cache {
	return &Cache{limit: max(n, 1), svg: make(map[string]string)}
}

// touch makes a text the one asked for last, so that a code which is up is
// the last to be drawn anew.
func (c *Cache) touch(text string) {
	at := slices.Index(c.order, text)
	copy(c.order[at:], c.order[at+1:])
	c.order[len(c.order)-1] = text
}

// SVG is the drawing of text, the same bytes for as long as it is kept.
func (c *Cache) SVG(text string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if svg, ok := c.svg[text]; ok {
		c.touch(text)
		return svg, nil
	}
	// Encoded under the lock on purpose: two callers with one text must get
	// one picture.
	code, err := Encode(text)
	if err != nil {
		return "", err
	}
	if len(c.order) == c.limit {
		delete(c.svg, c.order[0])
		c.order = c.order[1:]
	}
	svg := code.SVG()
	c.svg[text], c.order = svg, append(c.order, text)
	return svg, nil
}
