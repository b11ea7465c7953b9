package display

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// before runs a script in every page before its own.
func (s *screen) before(script string) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		s.t.Fatal(err)
	}
}

// drifting draws a state every minute of ninety and tells how many places it
// had, how far it went, and what was cut on the way.
const drifting = `(function (drawing, brand) {
  var real = Date.now, base = real(), places = {}, far = 0, faults = [];
  for (var minute = 0; minute < 90; minute++) {
    Date.now = function () { return base + minute * 60000; };
    var found = minute % 9 ? (paint.draw(drawing), []) : measure(drawing, brand), how = document.getElementById('stage').style.transform;
    places[how] = 1;
    how.match(/-?\d+/g).forEach(function (n) { far = Math.max(far, Math.abs(n)); });
    if (found.length) { faults = found; }
  }
  Date.now = real;
  return { places: Object.keys(places).length, far: far, faults: faults };
})`

// R31: a picture that stands still burns in. It moves, by a few pixels around a
// code and further when idle, and nothing is cut wherever it is.
func TestR31PictureMovesAgainstBurnIn(t *testing.T) {
	s := laid(t)
	eval[bool](s, measuringAll+"true")
	for _, g := range []glass{{800, 480, 0}, {360, 640, 0}, {1920, 1080, 0}, {1920, 480, 0}, {2160, 3840, 0}} {
		s.do(chromedp.EmulateViewport(g.width, g.height))
		for _, d := range drawings(t, tongues[1]) {
			if d.Flash != "" || d.View == "cover" {
				continue
			}
			got := eval[struct {
				Places, Far int
				Faults      []string
			}](s, drifting+"("+quoted(t, d)+", "+quoted(t, tongues[1].brand)+")")
			most := max(2, int(g.height+125)/250)
			if d.View == "idle" || d.View == "closed" || d.View == "quiet" {
				most = max(most, int(min(g.width, g.height)+16)/32)
			}
			if got.Far != most || got.Places < min(4*most, 60) {
				t.Errorf("%s, %s: it was in %d places up to %d pixels away, not %d", d.Name, g, got.Places, got.Far, most)
			}
			for _, fault := range got.Faults {
				t.Errorf("%s, %s, moved: %s", d.Name, g, fault)
			}
		}
	}
}

// R31: a single slide hangs for hours: it moves as well, and stays whole.
func TestR31SingleSlideMovesAgainstBurnIn(t *testing.T) {
	s := laid(t)
	for _, g := range []glass{{800, 480, 0}, {360, 640, 0}, {1920, 1080, 0}, {2160, 3840, 0}} {
		s.do(chromedp.EmulateViewport(g.width, g.height))
		got := eval[struct {
			Places int
			Far    float64
			Cut    string
		}](s, `(function () {
			var real = Date.now, base = real(), places = {}, far = 0, cut = '', box = document.getElementById('slides');
			document.documentElement.classList.add('sliding');
			for (var minute = 0; minute < 90; minute++) {
				Date.now = function () { return base + minute * 60000; };
				paint.draw({ view: 'idle', scene: {}, brand: { name: 'Salon', slides: [{ src: '/none', seconds: 9 }] } });
				document.documentElement.classList.add('sliding'); // as with a picture, which has a size from now
				paint.draw({ view: 'idle', scene: {}, brand: { name: 'Salon', slides: [{ src: '/none', seconds: 9 }] } });
				var r = box.getBoundingClientRect(), top = document.querySelector('header').getBoundingClientRect().bottom;
				places[[Math.round(r.left), Math.round(r.top)]] = 1;
				far = Math.max(far, Math.abs((r.left + r.right - innerWidth) / 2));
				if (r.left < 0 || r.right > innerWidth || r.bottom > innerHeight || r.top < top - 1) { cut = JSON.stringify([r, top]); }
			}
			Date.now = real;
			document.documentElement.classList.remove('sliding');
			return { places: Object.keys(places).length, far: far, cut: cut };
		})()`)
		if got.Cut != "" || got.Places < 12 || got.Far < float64(min(g.width, g.height))/150 {
			t.Errorf("%s: it was in %d places, up to %.1f pixels away; cut: %s", g, got.Places, got.Far, got.Cut)
		}
	}
}

// R31: without reduced motion the views that wait move; with it nothing does,
// and the code never does.
func TestR31ReducedMotionStandsStill(t *testing.T) {
	s := laid(t)
	for _, motion := range []string{"no-preference", "reduce"} {
		s.media("light", motion)
		for _, d := range drawings(t, tongues[0]) {
			eval[bool](s, `(document.getElementById('flash').classList.remove('on'), paint.draw(`+quoted(t, d)+`), `+quoted(t, d.Flash)+` && paint.flash(`+quoted(t, d.Flash)+`), true)`)
			s.painted()
			n := eval[int](s, `document.getAnimations().filter(function (a) { return a.animationName || `+quoted(t, motion == "reduce")+`; }).length`)
			moves := d.View == "in_progress" || d.View == "paid" || d.View == "idle" || d.View == "cover" && d.Cover != "replaced"
			if motion == "reduce" && n > 0 {
				t.Errorf("%s: %d things move", d.Name, n)
			}
			if motion != "reduce" && moves != (n > 0) {
				t.Errorf("%s: %d things move", d.Name, n)
			}
		}
	}
	s.clean()
}

// R31: the screen is kept awake where the browser can, and asked for again when
// the browser took that away.
func TestR31ScreenIsKeptAwake(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.before(`var asked = 0, held = null, hidden = false, later = [];
    Object.defineProperty(document, 'hidden', { get: function () { return hidden; } });
    Object.defineProperty(navigator, 'wakeLock', { value: { request: function (kind) {
      asked += kind === 'screen';
      held = new EventTarget();
      return asked === 3 ? Promise.reject(new Error('battery')) : Promise.resolve(held);
    } } });
    var real = setTimeout;
    window.setTimeout = function (f, ms) { if (ms === 60000) { later.push(f); return 0; } return real.apply(window, arguments); };`)
	s.do(chromedp.Navigate(h.srv.URL + "/display"))
	s.view("pair")
	asked := func(want int, when string) {
		t.Helper()
		if got := eval[int](s, "asked"); got != want {
			t.Errorf("%s it has asked %d times, not %d", when, got, want)
		}
	}
	asked(1, "loaded")
	eval[bool](s, `(document.dispatchEvent(new Event('visibilitychange')), true)`)
	asked(1, "while it holds the lock")
	eval[bool](s, `(hidden = true, held.dispatchEvent(new Event('release')), document.dispatchEvent(new Event('visibilitychange')), true)`)
	asked(1, "hidden")
	eval[bool](s, `(hidden = false, document.dispatchEvent(new Event('visibilitychange')), true)`)
	asked(2, "looked at again")
	eval[bool](s, `(held.dispatchEvent(new Event('release')), later.pop()(), true)`)
	asked(3, "a minute after it was taken")
	s.until(`later.length === 2`)
	eval[bool](s, `(later.pop()(), true)`)
	asked(4, "a minute after it was refused")
	s.clean()
}

// R31: two notes when something was paid, once, short, and only where the
// location wants them.
func TestR31SoundOnlyWhenWanted(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.before(`var notes = [], ended = 0;
    window.AudioContext = window.webkitAudioContext = function () {
      var level = { setValueAtTime: function () {}, exponentialRampToValueAtTime: function () {} };
      return { currentTime: 0, destination: {}, close: function () { ended++; },
        createGain: function () { return { gain: level, connect: function () {} }; },
        createOscillator: function () {
          var note = { frequency: {}, connect: function () {}, start: function (at) { note.from = at; }, stop: function (at) { note.to = at; } };
          notes.push(note);
          return note;
        } };
    };`)
	s.paired(h)
	pay := func(sound bool) int {
		t.Helper()
		h.salon.change(func() { h.salon.brand.Sound = sound })
		h.salon.show("front", code(t, "v_1", "€25.00"))
		h.Wake()
		s.view("qr")
		h.salon.show("front", Scene{Kind: Paid, Visit: "v_1", Amount: "€25.00"})
		h.Wake()
		s.view("paid")
		return eval[int](s, "notes.length")
	}
	if n := pay(false); n != 0 {
		t.Errorf("%d notes nobody wanted", n)
	}
	if n := pay(true); n != 2 {
		t.Errorf("%d notes, not two", n)
	}
	h.salon.show("front", Scene{Kind: Paid, Visit: "v_1", Amount: "€25.00", Revision: "again"})
	h.Wake()
	s.painted()
	if n := eval[int](s, "notes.length"); n != 2 {
		t.Errorf("a paid visit that is drawn anew plays again: %d notes", n)
	}
	if last := eval[float64](s, "Math.max.apply(null, notes.map(function (n) { return n.to; }))"); last > 1.5 {
		t.Errorf("it sounds for %v s", last)
	}
	s.until("ended === 1")
	s.clean()
}

// R31: from the right, words stand at the right and the code at the left, and
// amounts are still read from the left.
func TestR31MirroredFromTheRight(t *testing.T) {
	s := laid(t)
	s.do(chromedp.EmulateViewport(1280, 800))
	const places = `(function (d, brand) {
  d.brand = brand;
  paint.draw(d);
  function mid(id) { var r = document.getElementById(id).getBoundingClientRect(); return r.left + r.width / 2; }
  var number = document.createRange(), node = document.getElementById('amount').firstChild;
  function at(i) { number.setStart(node, i); number.setEnd(node, i + 1); return number.getBoundingClientRect().left; }
  var first = node.data.search(/\d/);
  return { words: mid('amount') > innerWidth / 2, code: mid('card') < innerWidth / 2, name: mid('name') > innerWidth / 2,
    number: at(first) < at(first + 1), steps: document.querySelector('li b').getBoundingClientRect().left > mid('step1') };
})`
	for _, l := range tongues {
		right := l.brand.Language == "ar"
		for _, d := range drawings(t, l) {
			if d.View != "qr" || d.Sandbox {
				continue
			}
			got := eval[map[string]bool](s, places+"("+quoted(t, d)+", "+quoted(t, l.brand)+")")
			for _, what := range []string{"words", "code", "name", "steps"} {
				if what == "name" && l.brand.Language == "de" { // longer than half the screen
					continue
				}
				if got[what] != right {
					t.Errorf("%s, %s: %s to the right: %t", l.brand.Language, d.Name, what, got[what])
				}
			}
			if !got["number"] {
				t.Errorf("%s, %s: the amount is read from the right", l.brand.Language, d.Name)
			}
		}
	}
}

// A browser without script is told what it lacks, over everything else.
func TestPageWithoutScriptSaysSo(t *testing.T) {
	h := open(t)
	s := browse(t)
	if _, err := chromedp.Call(s.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.EmulateViewport(480, 800), chromedp.Navigate(h.srv.URL+"/display"))
	s.shoot("noscript")
	const seen = `(function () {
  var r = document.createRange();
  r.selectNodeContents(document.querySelector('.plain'));
  r = r.getBoundingClientRect();
  return r.left >= 0 && r.right <= innerWidth && r.height > 0 && document.elementFromPoint(innerWidth / 2, innerHeight / 2).className === 'plain';
})()`
	if !eval[bool](s, seen) {
		t.Error("what it lacks can't be read")
	}
}
