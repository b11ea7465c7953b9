package daemon_test

import (
	"bytes"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"countersign/daemon/access"
	"countersign/daemon/provider/providertest"
)

// ears hear all that a day writes and serves. Nothing of it may hold a key, a
// token or a card's number; the log holds nobody's name either (R39).
type ears struct {
	mu    sync.Mutex
	lines bytes.Buffer // the log, and what HTTP servers complain of
	pages []heard
}

// heard is something that was served.
type heard struct{ from, text string }

// Write takes a line of the log.
func (e *ears) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.lines.Write(b)
}

func (e *ears) log() zerolog.Logger { return zerolog.New(e).Level(zerolog.TraceLevel) }

func (e *ears) served(from, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pages = append(e.pages, heard{from, text})
}

// keptQuiet holds all that was heard to what may not be said.
func (w *world) keptQuiet() {
	var secret []string
	for _, s := range append(w.keys(), w.at.secrets...) {
		secret = append(secret, providertest.Forms(s)...)
	}
	private := append([]string{"Kovacs", "201112233", "Szalai", "szalai.example", "201234567"}, secret...)
	for _, v := range w.visits {
		if l, err := w.d.Desk().Link(access.System(), v); err == nil {
			private = append(private, string(l.Token))
		}
	}
	w.ears.mu.Lock()
	defer w.ears.mu.Unlock()
	for line := range strings.Lines(w.ears.lines.String()) {
		if found := providertest.Leaks(line, private); found != nil {
			w.fault("R39: the log says %q: %.300s", found, line)
		}
	}
	for _, page := range w.ears.pages {
		if found := providertest.Leaks(page.text, secret); found != nil {
			w.fault("R39: %s says %q", page.from, found)
		}
	}
	if w.ears.lines.Len() == 0 || len(w.ears.pages) == 0 {
		w.fault("R39: nothing was heard, so nothing was held")
	}
}
