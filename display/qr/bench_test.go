package qr

import (
	"fmt"
	"slices"
	"testing"
	"time"

	qrcode "github.com/yeqown/go-qrcode/v2"
)

// TestKnownCodeIsNotDrawnAgain: what is found takes no memory, which neither
// encoding nor drawing could do without.
func TestKnownCodeIsNotDrawnAgain(t *testing.T) {
	cache := NewCache(64)
	ask := func() {
		if _, err := cache.SVG(texts[0]); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	if n := testing.AllocsPerRun(100, ask); n != 0 {
		t.Errorf("a known code took %v allocations", n)
	}
}

// BenchmarkCode measures a code that is known, which must be there within
// 20 µs, and a new one with its drawing against go-qrcode's encoding alone.
func BenchmarkCode(b *testing.B) {
	const rounds = 300
	cache := NewCache(1)
	var known, made, alone []time.Duration
	timed := func(into *[]time.Duration, run func() error) {
		began := time.Now()
		if err := run(); err != nil {
			b.Fatal(err)
		}
		*into = append(*into, time.Since(began))
	}
	n := 0
	for b.Loop() {
		for range rounds {
			n++
			text := fmt.Sprintf("HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHJKLMNPQRS%09d", n)
			draw := func() error { _, err := cache.SVG(text); return err }
			// Who goes first takes turns: the second finds the tables in the processor's cache.
			if n%2 == 0 {
				timed(&alone, func() error { return encodeOnly(text) })
			}
			timed(&made, draw)
			timed(&known, draw)
			if n%2 == 1 {
				timed(&alone, func() error { return encodeOnly(text) })
			}
		}
	}
	ratio := float64(middle(made)) / float64(middle(alone))
	b.ReportMetric(float64(middle(known).Nanoseconds())/1000, "known-µs")
	b.ReportMetric(ratio, "new-ratio")
	b.Logf("known %v; new and drawn %v; go-qrcode alone %v: %.2f×", middle(known), middle(made), middle(alone), ratio)
	if middle(known) > 20*time.Microsecond {
		b.Errorf("a known code took %v, and 20 µs is the most", middle(known))
	}
	if ratio > 1.1 {
		b.Errorf("a new code took %.2f× of go-qrcode, and 1.1× is the most", ratio)
	}
}

// encodeOnly is go-qrcode by itself, in the mode that we would set.
func encodeOnly(text string) error {
	made, err := qrcode.NewWith(text, qrcode.WithEncodingMode(qrcode.EncModeAlphanumeric), qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
	if err != nil {
		return err
	}
	return made.Save(nowhere{})
}

type nowhere struct{}

func (nowhere) Write(qrcode.Matrix) error { return nil }
func (nowhere) Close() error              { return nil }

func middle(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
