package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// mishap is something that goes wrong with one display, and how it is over.
type mishap struct {
	name        string
	least       time.Duration // long enough to be seen, where it is a silence
	begin, over func(w *wall, rng *rand.Rand)
}

func mishaps() []mishap {
	line := func(mode int) func(*wall, *rand.Rand) { return func(w *wall, _ *rand.Rand) { w.line.become(mode, 0) } }
	nothing := func(*wall, *rand.Rand) {}
	return []mishap{
		{"line holds", leaseTime + paintTime + time.Second, line(lineHeld), line(lineOpen)},
		{"line swallows", leaseTime + paintTime + time.Second, line(lineDead), line(lineOpen)},
		{"line refuses", 0, line(lineCut), line(lineOpen)},
		{"line delays", 0, func(w *wall, rng *rand.Rand) { w.line.become(lineOpen, time.Duration(rng.IntN(1500))*time.Millisecond) }, line(lineOpen)},
		{"line is cut once", 0, func(w *wall, _ *rand.Rand) { w.line.cut() }, nothing},
		{"page is frozen", 0, lifecycle(page.SetWebLifecycleStateStateFrozen), lifecycle(page.SetWebLifecycleStateStateActive)},
		{"tab is throttled", 0, throttle(4), throttle(1)},
		{"offline", 0, offline(true), offline(false)},
		{"clock is set", 0, setClock, nothing},
		{"loaded again", 0, func(w *wall, _ *rand.Rand) { w.try(chromedp.Reload()) }, nothing},
		{"left and gone back", 0, func(w *wall, _ *rand.Rand) { w.try(chromedp.Navigate("about:blank")) },
			func(w *wall, _ *rand.Rand) { w.try(chromedp.NavigateBack()) }},
	}
}

// try does something that may fail while the daemon is away.
func (w *wall) try(steps ...chromedp.Action[chromedp.Void]) {
	ctx, cancel := context.WithTimeout(w.ctx, 15*time.Second)
	defer cancel()
	_ = chromedp.Do(ctx, steps...) // where the page can't be loaded now, mend loads it
}

// mend loads a page again that the browser gave up, as a person does.
func (w *wall) mend() {
	ctx, cancel := context.WithTimeout(w.ctx, 15*time.Second)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href`))
	if err == nil && at != w.line.base()+"/display" {
		_ = chromedp.Do(ctx, chromedp.Navigate(w.line.base()+"/display")) // tried again after the next mishap
	}
}

func lifecycle(state page.SetWebLifecycleStateState) func(*wall, *rand.Rand) {
	return func(w *wall, _ *rand.Rand) {
		_, _ = chromedp.Call(w.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
	}
}

func throttle(rate float64) func(*wall, *rand.Rand) {
	return func(w *wall, _ *rand.Rand) {
		_, _ = chromedp.Call(w.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
	}
}

func offline(so bool) func(*wall, *rand.Rand) {
	return func(w *wall, _ *rand.Rand) {
		w.line.mute(so)
		rule := &network.Conditions{Offline: so, DownloadThroughput: -1, UploadThroughput: -1}
		_, _ = chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{rule}})
		_, _ = chromedp.Call(w.ctx, network.OverrideNetworkState,
			network.OverrideNetworkStateParams{Offline: so, DownloadThroughput: -1, UploadThroughput: -1})
	}
}

// setClock sets the page's clock by up to a day, forward or back.
func setClock(w *wall, rng *rand.Rand) {
	by := (rng.IntN(2*86400) - 86400) * 1000
	_, _ = chromedp.Run(w.ctx, chromedp.Evaluate[bool](fmt.Sprintf(
		`(function () { var now = Date.now; Date.now = function () { return now.call(Date) + %d; }; return true; })()`, by)))
}

// stormy has one mishap after another befall a display until ctx ends: every
// few of the deck, so that several displays have all of them.
func (w *wall) stormy(ctx context.Context, rng *rand.Rand, deck []mishap, first, every int, note func(string, ...any)) {
	for at := first; ; at += every {
		rest(ctx, time.Duration(500+rng.IntN(5000))*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
		m := deck[at%len(deck)]
		note("%s: %s", w.name, m.name)
		w.trouble()
		m.begin(w, rng)
		rest(ctx, m.least+time.Duration(500+rng.IntN(6000))*time.Millisecond)
		m.over(w, rng)
		w.mend()
		w.well()
		note("%s: over", w.name)
	}
}

// rest waits, unless ctx ends first.
func rest(ctx context.Context, long time.Duration) {
	t := time.NewTimer(long)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// signalPages sends a signal to the browser's processes that run pages: those
// that descend from this test, nobody else's.
func signalPages(signal syscall.Signal) (sent int) {
	parents := map[int]int{}
	pages := []int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	for _, path := range stats {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		parents[pid], _ = strconv.Atoi(fields[1])
		if line, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline")); err == nil && strings.Contains(string(line), "--type=renderer") {
			pages = append(pages, pid)
		}
	}
	for _, pid := range pages {
		for up := pid; up > 1; up = parents[up] {
			if up == os.Getpid() && syscall.Kill(pid, signal) == nil {
				sent++
			}
		}
	}
	return sent
}
