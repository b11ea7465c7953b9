package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// wall is a display in a real browser, at the end of a line of its own.
type wall struct {
	*screen
	line *line
	eyes *eyes

	mu    sync.Mutex
	wrong int       // troubles that go on
	calm  time.Time // since when there are none
	stood time.Time // when it last went on
	shots []shot

	// Of the goroutine that makes its mishaps:
	uncopied func() // ends the copy of its profile
	outdone  int    // how often it gave way to one
}

// eyes read codes off pictures, each picture once.
type eyes struct {
	mu   sync.Mutex
	read map[[32]byte]string
}

// see is the token on a picture, "" for none.
func (e *eyes) see(picture []byte) string {
	sum := sha256.Sum256(picture)
	e.mu.Lock()
	defer e.mu.Unlock()
	if token, ok := e.read[sum]; ok {
		return token
	}
	e.read[sum] = ""
	seen, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return ""
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(seen)
	if err != nil {
		return ""
	}
	code, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err == nil {
		e.read[sum] = tokenOf(code.GetText())
	}
	return e.read[sum]
}

// trouble notes that something begins to go wrong with a display, and well that
// it is over.
func (w *wall) trouble() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong++
}

func (w *wall) well() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong--
	w.calm = time.Now()
}

// goesOn notes that the display stood still until now.
func (w *wall) goesOn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stood = time.Now()
}

// look takes a picture of the glass and reads it. A browser that doesn't answer
// gives none.
func (w *wall) look(still *sync.RWMutex) {
	still.RLock() // while the browser's processes are stopped, nobody asks
	defer still.RUnlock()
	w.mu.Lock()
	s := shot{from: time.Now(), calm: w.calm, stood: w.stood}
	if w.wrong > 0 {
		s.calm = s.from
	}
	w.mu.Unlock()
	s.contact, s.news, s.lag = w.line.heard(s.from, s.from.Add(-paintTime))
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	before := w.amount(ctx)
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return
	}
	s.to = time.Now()
	if before == w.amount(ctx) { // no other was painted in between, so this is on the picture
		s.amount = before
	}
	s.picture, s.token = picture, w.eyes.see(picture)
	w.mu.Lock()
	w.shots = append(w.shots, s)
	w.mu.Unlock()
}

// amount is what the page asks for beside a code, "" for nothing.
func (w *wall) amount(ctx context.Context) string {
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`document.querySelector("[data-view=qr] #card svg") ? document.getElementById("amount").textContent : ""`))
	if err != nil {
		return "" // the page is being loaded
	}
	return text
}

// watch looks about once a second, until ctx ends.
func (w *wall) watch(ctx context.Context, still *sync.RWMutex) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.look(still)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// sights is how much was judged: pictures, those with a code, those with a code
// and an amount, and those of quiet times.
type sights struct{ pictures, codes, amounts, quiet int }

// judge holds every picture against the truth, and keeps those that are wrong.
func (w *wall) judge(t *testing.T, tr *truth, seen *sights) {
	t.Helper()
	for _, s := range w.shots {
		seen.pictures++
		if s.token != "" {
			seen.codes++
		}
		if s.token != "" && s.amount != "" {
			seen.amounts++
		}
		if _, one := tr.only(s.from.Add(-paintTime), s.to); one && s.from.Sub(s.calm) > calmTime {
			seen.quiet++
		}
		wrong := tr.hold(s)
		if wrong == "" {
			continue
		}
		t.Errorf("%s %s: %s", s.from.Format("15:04:05.000"), w.name, wrong)
		folder := filepath.Join("..", "..", "artifacts", "weather")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%s-%s.png", w.name, s.from.Format("150405.000"))
		if err := os.WriteFile(filepath.Join(folder, name), s.picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
