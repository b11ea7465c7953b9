package display

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// sizes are a wall, a wall on its side, and the smallest tablet.
var sizes = []struct {
	name          string
	width, height int64
}{{"1920x1080", 1920, 1080}, {"1080x1920", 1080, 1920}, {"1024x600", 1024, 600}}

// scenes are everything a display can show.
func scenes(t *testing.T) map[string]Scene {
	long := code(t, "v_3", "KWD 1,234,567.890")
	long.Title = "Microneedling mit Hyaluron und anschließender Beratung für empfindliche Haut + 3 more"
	long.Greeting = "Maximiliane-Alexandra"
	again := code(t, "v_4", "€25.00")
	again.Kind, again.Reason = Failed, "declined"
	plain := code(t, "v_5", "€9,999,999.99")
	plain.Title = ""
	return map[string]Scene{
		"idle": {Kind: Idle}, "qr": code(t, "v_1", "€25.00"), "qr-long": long, "qr-private": plain,
		"in_progress": {Kind: InProgress, Visit: "v_1", Amount: "€25.00"},
		"paid":        {Kind: Paid, Visit: "v_1", Amount: "€25.00"},
		"paid-long":   {Kind: Paid, Visit: "v_3", Amount: "KWD 1,234,567.890"},
		"failed":      {Kind: Failed, Reason: "declined"}, "again": again,
		"closed": {Kind: Closed},
	}
}

// TestR31Screens shows every scene at every size, light and dark, keeps the
// pictures, and measures what must hold in all of them.
func TestR31Screens(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.media("light", "reduce")
	s.do(chromedp.EmulateViewport(1920, 1080))
	s.do(chromedp.Navigate(h.srv.URL + "/display"))
	s.view("pair")
	for _, size := range sizes {
		s.resize(size.width, size.height)
		s.measure("pair-" + size.name)
		s.shoot("pair-" + size.name)
	}
	s.paired(h)
	for name, scene := range scenes(t) {
		scene.Sandbox = name == "again" || name == "qr-private" || name == "closed"
		h.salon.show("front", scene)
		h.Wake()
		s.view(viewName(scene))
		s.until(`document.body.innerText.indexOf("` + strings.ReplaceAll(scene.Amount, " ", `\u00a0`) + `") >= 0`)
		for _, size := range sizes {
			s.resize(size.width, size.height)
			for _, scheme := range []string{"light", "dark"} {
				s.media(scheme, "reduce")
				s.until(`document.documentElement.classList.contains("night") === ` + map[string]string{"light": "false", "dark": "true"}[scheme])
				s.painted()
				s.measure(name + "-" + size.name)
				s.shoot(name + "-" + size.name + "-" + scheme)
			}
		}
	}
	s.clean()
}

// viewName is how the page calls what it makes of a scene.
func viewName(scene Scene) string {
	if scene.Kind == Failed && scene.QRSVG != "" {
		return "again"
	}
	return scene.Kind
}

// resize makes the screen another size and waits until the page has laid itself
// out for it and painted.
func (s *screen) resize(width, height int64) {
	s.t.Helper()
	s.do(chromedp.EmulateViewport(width, height))
	s.painted()
}

// painted waits for two animation frames.
func (s *screen) painted() {
	s.t.Helper()
	const frames = `new Promise(function (done) { requestAnimationFrame(function () { requestAnimationFrame(function () { done(true); }); }); })`
	if _, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](frames, chromedp.EvalAwaitPromise)); err != nil {
		s.t.Fatal(err)
	}
}

// measure holds the look's numbers: nothing outside the screen, nothing over
// anything else, a code large enough to be scanned from two metres, and whole
// pixels a module.
func (s *screen) measure(where string) {
	s.t.Helper()
	for _, fault := range eval[[]string](s, measuring) {
		s.t.Errorf("%s: %s", where, fault)
	}
}

const measuring = `(function () {
  var faults = [], w = innerWidth, h = innerHeight, boxes = [];
  ['name', 'greeting', 'heading', 'amount', 'what', 'steps', 'card', 'big', 'sum', 'small', 'secure', 'other', 'day'].forEach(function (id) {
    var el = document.getElementById(id), r = el.getBoundingClientRect();
    if (!r.width || !el.textContent && id !== 'card' || getComputedStyle(el).visibility === 'hidden') { return; }
    if (r.left < 0 || r.top < 0 || r.right > w + .5 || r.bottom > h + .5) { faults.push(id + ' leaves the screen'); }
    boxes.forEach(function (o) {
      var x = Math.min(r.right, o.r.right) - Math.max(r.left, o.r.left), y = Math.min(r.bottom, o.r.bottom) - Math.max(r.top, o.r.top);
      if (x > 1 && y > Math.max(2, .008 * h)) { faults.push(id + ' lies over ' + o.id + ' by ' + Math.round(y)); }
    });
    boxes.push({ id: id, r: r });
  });
  var svg = document.querySelector('#card svg');
  if (svg) {
    var side = svg.getBoundingClientRect().width, modules = Number(svg.getAttribute('viewBox').split(' ')[2]);
    var least = h > w ? .8 * w : .6 * Math.min(w, h);
    if (side < least - .5) { faults.push('the code is ' + side + ' wide, less than ' + least); }
    var pixels = side * devicePixelRatio / modules;
    if (Math.abs(pixels - Math.round(pixels)) > .01) { faults.push('a module has ' + pixels + ' pixels'); }
    if (getComputedStyle(document.getElementById('card')).backgroundColor !== 'rgb(255, 255, 255)') { faults.push('the card is not white'); }
  }
  return faults;
})()`
