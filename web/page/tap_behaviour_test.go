package page

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// moving serves a visit whose first refresh takes a notice away, so that what stands below
// it moves up: Copy link comes to where Show QR was.
type moving struct {
	salon
	shown atomic.Int32
}

func (m *moving) routes(t *testing.T) func(*http.ServeMux) {
	return func(mux *http.ServeMux) {
		mux.HandleFunc("GET /tap", func(w http.ResponseWriter, _ *http.Request) {
			drawTo(t, w, desk(visitWith(func(_ *Visit, b *PayBlock) { b.Notice = &Notice{Kind: "no_display", Name: "Reception 1"} })))
		})
		mux.HandleFunc("GET /desk/visits/v_3/pay", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, payBlock()) })
		mux.HandleFunc("POST /desk/visits/v_3/show", func(w http.ResponseWriter, _ *http.Request) {
			m.shown.Add(1)
			b := payBlock()
			b.Notice = &Notice{Kind: "shown", Name: "Reception 1"}
			drawTo(t, w, b)
		})
		mux.HandleFunc("GET /desk/list", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, dayList()) })
		mux.HandleFunc("GET /desk/ws", m.socket)
	}
}

// counted watches what is pressed, and what is fetched for the payment block.
const counted = `(() => {
	const b = document.querySelector('[data-test=show-qr]').getBoundingClientRect();
	window.place = {x: b.x + b.width / 2, y: b.y + b.height / 2};
	window.hit = [];
	document.addEventListener('click', e => window.hit.push(e.target.closest('button').dataset.test));
	window.fetched = () => performance.getEntriesByType('resource').filter(r => /v_3\/pay/.test(r.name)).length;
})()`

func moved(t *testing.T) (*moving, context.Context) {
	t.Helper()
	m := &moving{salon: salon{say: make(chan string), drop: make(chan struct{})}}
	server := gallery(t, m.routes(t))
	ctx, cancel := context.WithTimeout(pen(t), 30*time.Second)
	t.Cleanup(cancel)
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/tap"), until(`window.htmx && document.querySelector('[data-test=show-qr]')`), do(counted))
	return m, ctx
}

func touch(kind input.DispatchTouchEventType) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		place, err := chromedp.Evaluate[struct{ X, Y float64 }](`window.place`)(ctx, target)
		if err != nil {
			return err
		}
		p := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
		if kind == input.DispatchTouchEventTypeTouchStart {
			p.TouchPoints = []*input.TouchPoint{{X: place.X, Y: place.Y}}
		}
		_, err = cdp.Call(ctx, target, input.DispatchTouchEvent, p)
		return err
	})
}

// R12: a refresh that comes while a finger is on Show QR doesn't put another button under it;
// it is made up for afterwards. What was done is said where it moves nothing.
func TestR12AFingerPressesWhatItWasPutOn(t *testing.T) {
	m, ctx := moved(t)
	run(t, ctx, touch(input.DispatchTouchEventTypeTouchStart), until(`document.body.hasAttribute('data-pressed')`))
	m.say <- `{"seq": 42, "type": "scene.shown", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`fetched() === 1`), do(`document.querySelector('#summary').textContent`), touch(input.DispatchTouchEventTypeTouchEnd),
		until(`hit.length === 1`), until(`fetched() === 2`), until(`!document.querySelector('#pay [data-test=notice]')`))
	hit, err := chromedp.Run(ctx, chromedp.Evaluate[string](`hit[0] + ": " + document.querySelector('#toast').textContent`))
	if err != nil || hit != "show-qr: Shown on Reception 1." || m.shown.Load() != 1 {
		t.Errorf("%s was pressed, shown %d times, %v", hit, m.shown.Load(), err)
	}
}

// What has just come to where another button was isn't pressed by a finger that was on its way
// to that one; a little later, or with the keyboard, it is.
func TestR12ATapIsForWhatWasThere(t *testing.T) {
	m, ctx := moved(t)
	run(t, ctx, do(`(() => {
		window.tap = detail => {
			const at = document.elementFromPoint(place.x, place.y), where = {bubbles: true, cancelable: true, clientX: place.x, clientY: place.y, detail};
			at.dispatchEvent(new PointerEvent('pointerdown', where));
			at.dispatchEvent(new PointerEvent('pointerup', where));
			at.dispatchEvent(new MouseEvent('click', where));
		};
		document.body.addEventListener('htmx:afterSwap', e => { if (e.detail.target.id === 'pay') { window.before = hit.length; tap(1); window.after = hit.length; tap(0); window.keyed = hit.length; } });
	})()`))
	m.say <- `{"seq": 42, "type": "scene.shown", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`window.keyed !== undefined`), do(`setTimeout(() => { tap(1); window.later = hit.length; }, 400)`), until(`window.later !== undefined`))
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[before, after, keyed, later, hit].join(" ")`))
	if err != nil || got != "0 0 1 2 copy-link,copy-link" || m.shown.Load() != 0 {
		t.Errorf("%s, shown %d times, %v", got, m.shown.Load(), err)
	}
}

// What a refresh brought can be pressed as soon as it is there.
func TestR12ATapRightAfterARefresh(t *testing.T) {
	m, ctx := moved(t)
	run(t, ctx, do(`document.body.addEventListener('htmx:afterSwap', e => { if (e.detail.target.id === 'pay' && !hit.length) setTimeout(() => document.querySelector('[data-test=show-qr]').click(), 0) })`))
	m.say <- `{"seq": 42, "type": "scene.shown", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`hit.length === 1`), do(`setTimeout(() => window.waited = true, 100)`), until(`window.waited`))
	if m.shown.Load() != 1 {
		t.Errorf("shown %d times", m.shown.Load())
	}
}
