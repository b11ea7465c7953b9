package daemon_test

import (
	"context"
	"math/rand/v2"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/money"
	"countersign/display"
)

// hands are what clients hold where the company hosts the links (R37): links
// that they were sent or have scanned, and pages that they opened by them.
type hands struct{ links, pages []string }

// page is one that some client has open, also an old one.
func (h *hands) page(rng *rand.Rand) (string, bool) {
	if len(h.pages) == 0 {
		return "", false
	}
	return h.pages[rng.IntN(len(h.pages))], true
}

// scan is a client who opens a link: the code on the display, one that staff
// copied just now, or one from long ago.
func (w *world) scan() {
	url := ""
	switch shown, connected := w.glass.now(); {
	case connected && shown.Kind == display.QR && w.rng.IntN(2) == 0:
		url = shown.URL
		w.sameAmount(shown)
	case len(w.hands.links) > 0 && w.rng.IntN(4) == 0:
		url = w.hands.links[w.rng.IntN(len(w.hands.links))]
	default:
		url = w.copied()
	}
	if url == "" {
		return
	}
	w.hands.links = append(w.hands.links, url)
	page, err := w.at.follow(url)
	w.note("open %s: %s %v", url, page, err)
	if err == nil {
		w.hands.pages = append(w.hands.pages, page)
	}
}

// copied is the link that staff copy for somebody.
func (w *world) copied() string {
	v, ok := w.any()
	if !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Duration(1+w.rng.IntN(13))*time.Second)
	defer cancel()
	l, err := w.d.Link(ctx, access.System(), v)
	w.note("copy the link of %s: %s %v", v, l.URL, err)
	if err != nil {
		return ""
	}
	return l.URL
}

// sameAmount: what the code on the glass opens asks for what is written under
// it (R30). One that opens nothing asks for nothing.
func (w *world) sameAmount(shown display.Scene) {
	amount, opens := w.at.offers()[shown.URL]
	if opens && money.Format(amount, "EUR", "en") != shown.Amount {
		w.fault("R30: the display says %s, and the link behind its code asks for %d", shown.Amount, amount)
	}
}

// linksKept: what can still be paid through at the end of the day is the link of
// a visit that owes just that (R37).
func (w *world) linksKept() {
	if w.at.offers == nil {
		return
	}
	due := map[string]int64{}
	for _, id := range w.visits {
		v, err := w.d.Desk().Visit(access.System(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		if l, err := w.d.Desk().Link(access.System(), id); err == nil && l.URL != "" {
			due[l.URL] = v.Due()
		}
	}
	for url, amount := range w.at.offers() {
		if owed, known := due[url]; !known || owed != amount {
			w.fault("R37: %s still asks for %d, and its visit owes %d (known %t)", url, amount, owed, known)
		}
	}
}
