package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"countersign/daemon"
)

// R30: a daemon that was restored from an older backup, in which a code is up
// that was paid since, doesn't put it up again: it asks the company first.
func TestR30RestoredDaemonShowsNothingPaid(t *testing.T) {
	for name, opened := range map[string]bool{"opened before the backup": true, "opened after it": false} {
		t.Run(name, func(t *testing.T) { restore(t, opened) })
	}
}

func restore(t *testing.T, opened bool) {
	h, p := newSite(t), newPromises()
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	defer func() { stop(); busy.Wait() }()
	g := newGlass(h, &p.life, p.seen)
	busy.Go(func() { g.run(ctx) })
	pairGlass(t, h, g)
	v, _ := h.newVisit(ctx, "1")
	if h.ask(ctx, http.MethodPost, "/api/v1/visits/"+v.ID+"/link/show", map[string]any{"desk": "front"}, nil) != http.StatusOK || p.shown == 0 {
		t.Fatal("the code isn't up")
	}
	token, _ := h.link(ctx, v.ID)
	page := ""
	if opened {
		page, _ = h.open(ctx, token)
	}
	kept := filepath.Join(t.TempDir(), "kept.db")
	if said, err := h.command("backup", kept).CombinedOutput(); err != nil {
		t.Fatalf("backup: %v: %s", err, said)
	}
	if !opened {
		page, _ = h.open(ctx, token)
	}
	if !h.pay(ctx, page) {
		t.Fatal("not paid")
	}
	p.note(func(p *promises) { p.paidIn[v.ID] = p.life.Load() })
	h.await("Paid is shown", 5*time.Second, func(context.Context) bool {
		f, _ := g.now()
		return f.Scene.Kind == "paid"
	})
	h.kill()
	p.life.Add(1)
	copied, err := os.ReadFile(kept)
	if err == nil {
		err = os.WriteFile(daemon.File(h.data), copied, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.start()
	h.await("the display is back", 5*time.Second, func(context.Context) bool {
		_, connected := g.now()
		return connected
	})
	rest(ctx, 4*time.Second) // two heartbeats
	unbroken(t, p)
}
