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
		{"line is late", 12 * time.Second, func(w *wall, rng *rand.Rand) {
			w.line.become(lineOpen, leaseTime+time.Second+time.Duration(rng.IntN(7000))*time.Millisecond)
		}, line(lineOpen)},
		{"line grows late", latest + time.Second, func(w *wall, _ *rand.Rand) { w.line.growLate() }, line(lineOpen)},
		{"sockets are blocked", 16 * time.Second, line(lineHTTP), line(lineOpen)},
		{"profile is copied", 0, copyProfile, endCopy},
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

// copyProfile opens a copy of the display's browser where sockets are blocked,
// and waits until the display has found out, and given way.
func copyProfile(w *wall, _ *rand.Rand) {
	ctx, cancel := context.WithTimeout(w.ctx, 15*time.Second)
	defer cancel()
	kept, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{w.line.base() + "/display"}})
	if err != nil || len(kept.Cookies) != 1 {
		return
	}
	address := "http://" + *w.line.target.Load() + "/display"
	other, done := chromedp.NewContext(w.ctx, chromedp.WithNewBrowserContext())
	w.uncopied = done
	// The first action must not have a deadline.
	if err := chromedp.Do(other, chromedp.Navigate("about:blank")); err != nil {
		return
	}
	other, cancel = context.WithTimeout(other, 15*time.Second)
	defer cancel()
	_, err = chromedp.Call(other, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `delete window.WebSocket`})
	if err == nil {
		_, err = chromedp.Call(other, network.SetCookie, network.SetCookieParams{Name: kept.Cookies[0].Name, Value: kept.Cookies[0].Value, URL: address})
	}
	if err == nil {
		err = chromedp.Do(other, chromedp.Navigate(address))
	}
	if err == nil && chromedp.Do(ctx, chromedp.Poll[chromedp.Void](`document.documentElement.getAttribute("data-cover") === "replaced"`)) == nil {
		w.outdone++
	}
}

// endCopy closes the copy, and has a person tap the display.
func endCopy(w *wall, _ *rand.Rand) {
	if w.uncopied != nil {
		w.uncopied()
	}
	w.uncopied = nil
	w.try(chromedp.Reload())
}

// stormy has one mishap after another befall a display until ctx ends: each time
// the next that is due, so that all of them happen.
func (w *weather) stormy(ctx context.Context, x *wall, rng *rand.Rand, next func() mishap) {
	for {
		rest(ctx, time.Duration(300+rng.IntN(2500))*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
		m := next()
		w.tell("%s: %s", x.name, m.name)
		x.trouble()
		m.begin(x, rng)
		rest(ctx, m.least)
		if ctx.Err() == nil {
			w.happened(m.name)
		}
		rest(ctx, time.Duration(500+rng.IntN(3500))*time.Millisecond)
		m.over(x, rng)
		x.mend()
		x.well()
		w.tell("%s: over", x.name)
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
