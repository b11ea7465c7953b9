package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"countersign/daemon"
)

// weather is a reception with displays on bad lines, in browsers that stop and
// go on, at a daemon that dies, moves and comes back from a backup.
type weather struct {
	*site
	truth
	rng    *rand.Rand
	target atomic.Pointer[string]
	still  sync.RWMutex // held while the browser's processes are stopped
	walls  []*wall
	visits []string
	n      int
	backup string // the newest one

	diary sync.Mutex
	said  []string
	had   map[string]int // mishaps that happened, by name
}

// TestR30DisplaysInBadWeather does random things at the reception while random
// faults befall its displays, looks at every glass about once a second, and holds
// each picture against the invariant: a code on the glass means that the daemon
// says so, or that the connection has been gone for under six seconds.
//
// It runs for a minute with one seed, or as long as COUNTERSIGN_SIM says with a
// new one, which it prints, with the story if it fails; COUNTERSIGN_SEED runs a
// seed again.
func TestR30DisplaysInBadWeather(t *testing.T) {
	long, seed := 50*time.Second, uint64(11)
	if d, err := time.ParseDuration(os.Getenv("COUNTERSIGN_SIM")); err == nil {
		long, seed = d, uint64(time.Now().UnixNano())
	}
	if n, err := strconv.ParseUint(os.Getenv("COUNTERSIGN_SEED"), 10, 64); err == nil {
		seed = n
	}
	w := openWeather(t, seed, long)
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	var busy sync.WaitGroup
	next := w.dealt()
	for i, x := range w.walls {
		busy.Go(func() { x.watch(ctx, &w.still) })
		if i > 0 { // one display has its faults with the daemon alone
			busy.Go(func() { w.stormy(ctx, x, rand.New(rand.NewPCG(seed, uint64(i))), next) })
		}
	}
	for n := 0; ctx.Err() == nil && !t.Failed(); n++ {
		w.step(ctx, n)
		rest(ctx, time.Duration(200+w.rng.IntN(1800))*time.Millisecond)
		if n%5 == 0 { // long enough for some pictures of one truth
			rest(ctx, 3*time.Second)
		}
	}
	busy.Wait()
	seen, polls, outdone := sights{}, 0, 0
	for _, x := range w.walls {
		x.judge(t, &w.truth, &seen)
		polls, outdone = polls+x.line.polls, outdone+x.outdone
	}
	t.Logf("seed %d: %+v, %d polls, %d gave way to a copy; mishaps: %v", seed, seen, polls, outdone, w.had)
	if n := int(long.Seconds()); seen.codes < n/2 || seen.amounts < n/2 || seen.quiet < n/12 || polls < 2 || outdone < 1 {
		t.Error("too little was seen: the test shows nothing")
	}
	for _, name := range w.kinds() {
		if w.had[name] == 0 {
			t.Errorf("this never happened: %s", name)
		}
	}
	if t.Failed() {
		for _, line := range w.said {
			t.Log(line)
		}
	}
}

func openWeather(t *testing.T, seed uint64, long time.Duration) *weather {
	t.Helper()
	w := &weather{site: newSite(t), rng: rand.New(rand.NewPCG(seed, 99)), truth: truth{paid: map[string]time.Time{}, due: map[string]int64{}}, had: map[string]int{}}
	at := w.listen
	w.target.Store(&at)
	b, e := browser(t), &eyes{read: map[[32]byte]string{}}
	for i := range 4 {
		x := &wall{screen: sitFor(t, b, fmt.Sprintf("wall %d", i), look{width: 720, height: 405}, long+3*time.Minute), line: newLine(t, &w.target), eyes: e}
		x.open(x.line.base() + "/display")
		x.until(`document.documentElement.getAttribute("data-view") === "pair"`)
		code := tell[string](x.screen, `document.getElementById("amount").textContent.replace("\u2009", "")`)
		w.must("pair", w.ask(t.Context(), http.MethodPost, "/api/v1/displays/pair", map[string]any{"code": code, "desk": "front", "name": x.name}, nil), http.StatusCreated)
		x.until(`document.documentElement.getAttribute("data-view") === "idle"`)
		x.well()
		x.wrong = 0
		w.walls = append(w.walls, x)
	}
	w.book(t.Context())
	w.keep()
	w.settle(time.Now())
	return w
}

func (w *weather) must(what string, got, want int) {
	w.t.Helper()
	if got != want {
		w.t.Fatalf("%s answered %d", what, got)
	}
}

// tell writes a line of the story.
func (w *weather) tell(format string, args ...any) {
	w.diary.Lock()
	defer w.diary.Unlock()
	w.said = append(w.said, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// What befalls all displays at once.
const (
	slept    = "the machine slept"
	died     = "the daemon died"
	moved    = "the daemon moved"
	restored = "the daemon was restored"
)

// happened counts a mishap.
func (w *weather) happened(name string) {
	w.diary.Lock()
	defer w.diary.Unlock()
	w.had[name]++
}

// kinds are the names of all mishaps there are.
func (w *weather) kinds() []string {
	all := []string{slept, died, moved, restored}
	for _, m := range mishaps() {
		all = append(all, m.name)
	}
	return all
}

// dealt returns what gives the next mishap of a deck, in an order of the seed,
// for ever and to whoever asks.
func (w *weather) dealt() func() mishap {
	deck := mishaps()
	w.rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	var taken atomic.Uint64
	return func() mishap { return deck[int(taken.Add(1)-1)%len(deck)] }
}

// settle notes what the daemon says now, after something that began at from.
func (w *weather) settle(from time.Time) {
	w.t.Helper()
	w.await("the daemon says what is up", 20*time.Second, func(ctx context.Context) bool {
		token, ok := w.read(ctx)
		if ok {
			w.note(fact{from, time.Now(), token})
		}
		return ok
	})
}

// step does one thing at the reception, or to the daemon. What befalls all
// displays is not left to chance in a run of a minute: it comes early, so that
// some quiet is left.
func (w *weather) step(ctx context.Context, nth int) {
	from := time.Now()
	n := w.rng.IntN(100)
	if sure, ok := map[int]int{2: asleep, 4: deadHere, 6: deadBoth}[nth]; ok {
		n = sure
	} else if nth < 60 {
		n %= asleep
	}
	switch {
	case n < 10:
		w.tell("book")
		w.book(ctx)
	case n < 45:
		w.show()
	case n < 58:
		w.tell("hide")
		w.ask(ctx, http.MethodDelete, "/api/v1/desks/front/scene", nil, nil)
	case n < 80:
		w.pay(ctx)
	case n < 84:
		w.tell("back up")
		w.keep()
	case n < asleep:
		w.show()
	case n == asleep:
		w.sleep(ctx)
	default:
		w.die(ctx, n)
	}
	w.settle(from)
}

func (w *weather) book(ctx context.Context) {
	w.n++
	if v, ok := w.newVisitAt(ctx, strconv.Itoa(w.n), 4500+137*w.n); ok { // no two ask for the same
		w.visits = append(w.visits, v.ID)
	}
}

// show puts a visit up that is still to be paid, a new one if there is none.
func (w *weather) show() {
	if len(w.visits) == 0 || w.rng.IntN(4) == 0 {
		w.book(context.Background())
	}
	if len(w.visits) == 0 {
		return
	}
	which := w.visits[w.rng.IntN(len(w.visits))]
	w.tell("show %s", which)
	// The answer waits for a display to have painted, which the weather may prevent.
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	w.ask(ctx, http.MethodPost, "/api/v1/visits/"+which+"/link/show", map[string]any{"desk": "front", "replace": true}, nil)
}

// pay has a client pay, mostly the one whose code is up.
func (w *weather) pay(ctx context.Context) {
	if len(w.visits) == 0 {
		return
	}
	at := w.rng.IntN(len(w.visits))
	which := w.visits[at]
	token, ok := w.link(ctx, which)
	if !ok {
		w.visits = append(w.visits[:at], w.visits[at+1:]...) // gone with a backup
		return
	}
	page, ok := w.open(ctx, token)
	w.tell("open %s: %t", which, ok)
	rest(ctx, time.Duration(w.rng.IntN(1200))*time.Millisecond)
	if ok && w.site.pay(ctx, page) {
		w.tell("paid %s, %s", which, token)
		w.mu.Lock()
		w.paid[token] = time.Now()
		w.mu.Unlock()
		w.visits = append(w.visits[:at], w.visits[at+1:]...)
	}
}

// keep makes a backup.
func (w *weather) keep() {
	w.t.Helper()
	w.backup = filepath.Join(w.t.(*testing.T).TempDir(), fmt.Sprintf("%d.db", time.Now().UnixNano()))
	if said, err := w.command("backup", w.backup).CombinedOutput(); err != nil {
		w.t.Fatalf("backup: %v: %s", err, said)
	}
}

// sleep stops every page's process for a while, as a machine that sleeps.
func (w *weather) sleep(ctx context.Context) {
	w.still.Lock()
	defer w.still.Unlock()
	for _, x := range w.walls {
		x.trouble()
		defer x.well()
	}
	w.tell("the machine sleeps: %d pages", signalPages(syscall.SIGSTOP))
	defer func() {
		signalPages(syscall.SIGCONT)
		for _, x := range w.walls {
			x.goesOn()
		}
		w.tell("and wakes up")
	}()
	w.happened(slept)
	rest(ctx, time.Duration(w.rng.IntN(9000))*time.Millisecond)
}

// The steps that stop something, as they are drawn.
const (
	asleep = 95 + iota
	deadHere
	deadMoved
	deadRestored
	deadBoth
)

// die kills the daemon and starts it again: at once or later, here or at another
// port, on its data or on the newest backup.
func (w *weather) die(ctx context.Context, how int) {
	w.t.Helper()
	for _, x := range w.walls {
		x.trouble()
		defer x.well()
	}
	w.tell("the daemon dies")
	w.happened(died)
	w.kill()
	rest(ctx, time.Duration(w.rng.IntN(5000))*time.Millisecond)
	if how == deadMoved || how == deadBoth {
		w.happened(moved)
		w.listen = freeAddress(w.t)
		w.base = "http://" + w.listen
		at := w.listen
		w.target.Store(&at)
		w.tell("it moves to %s", at)
	}
	if how == deadRestored || how == deadBoth {
		w.happened(restored)
		w.tell("it is restored from %s", filepath.Base(w.backup))
		copied, err := os.ReadFile(w.backup)
		if err == nil {
			err = os.WriteFile(daemon.File(w.data), copied, 0o600)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	w.start()
	w.tell("it is back")
}
