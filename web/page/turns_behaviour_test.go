package page

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// late serves the desk, where the first refresh of the visit is answered when it is let go,
// with what was true when it was asked for.
type late struct {
	salon
	asked chan struct{}
	letGo chan struct{}
	turn  atomic.Int32
}

func (l *late) routes(t *testing.T) func(*http.ServeMux) {
	return func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/visits/v_3", func(w http.ResponseWriter, r *http.Request) {
			first := l.turn.Add(1) == 1
			if first {
				l.asked <- struct{}{}
				<-l.letGo
			}
			drawTo(t, w, *visitWith(func(v *Visit, b *PayBlock) {
				if b.Tab = r.FormValue("tab"); first {
					v.Due, b.Due = "€99.00", "€99.00"
				}
			}))
		})
		mux.HandleFunc("GET /desk/visits/v_3/pay", func(w http.ResponseWriter, r *http.Request) {
			b := payBlock()
			b.Tab = r.FormValue("tab")
			drawTo(t, w, b)
		})
		mux.HandleFunc("GET /desk/visits/v_3/payments/p_1/refund", func(w http.ResponseWriter, _ *http.Request) {
			drawTo(t, w, RefundForm{Visit: "v_3", Payment: "p_1", Method: "cash", Ways: []string{"cash"}, Chosen: "cash"})
		})
		mux.HandleFunc("GET /desk/list", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, dayList()) })
		mux.HandleFunc("GET /desk/ws", l.socket)
	}
}

func lately() *late {
	return &late{salon: salon{say: make(chan string), drop: make(chan struct{})}, asked: make(chan struct{}, 1), letGo: make(chan struct{})}
}

// R12: who taps while an older refresh is under way sees what was tapped; the refresh is made up for.
func TestR12ARefreshDoesNotUndoATap(t *testing.T) {
	for name, tap := range map[string][2]string{
		"a tab":     {`document.querySelector('#tab-more').click()`, `document.querySelector('#tab-more[aria-pressed=true]')`},
		"give back": {`document.querySelector('[data-test=give]').click()`, `document.querySelector('#pay[data-test=refund]')`},
	} {
		t.Run(name, func(t *testing.T) {
			l := lately()
			ctx, server := pen(t), gallery(t, l.routes(t))
			run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/visit-given"), until(`window.htmx && document.querySelector('#tab-more')`))
			l.say <- `{"seq": 42, "type": "payment.booked", "data": {"visit": "v_3"}}`
			<-l.asked
			run(t, ctx, do(tap[0]), until(tap[1]))
			close(l.letGo)
			if name == "a tab" {
				run(t, ctx, until(`document.querySelector('[data-test=due]').textContent !== '€99.00' && performance.getEntriesByType('resource').filter(r => /v_3\?/.test(r.name)).length > 1`))
			} else {
				run(t, ctx, until(`performance.getEntriesByType('resource').filter(r => /v_3\?/.test(r.name)).length > 0`), do(`document.querySelector('#summary').textContent`))
			}
			still, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!`+tap[1]))
			if err != nil || !still {
				t.Errorf("what was tapped was swapped away, %v", err)
			}
		})
	}
}

// R29: of two refreshes the one that was asked for last is believed, whichever answers first.
func TestR29AnOlderRefreshComesTooLate(t *testing.T) {
	l := lately()
	ctx, server := pen(t), gallery(t, l.routes(t))
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/visit"+"-shown"), until(`window.htmx && document.querySelector('#pay')`))
	l.say <- `{"seq": 42, "type": "checkout.failed", "data": {"visit": "v_3"}}`
	<-l.asked
	l.say <- `{"seq": 43, "type": "scene.shown", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`performance.getEntriesByType('resource').some(r => /v_3\/pay/.test(r.name))`))
	close(l.letGo)
	run(t, ctx, until(`performance.getEntriesByType('resource').filter(r => /v_3\?/.test(r.name)).length > 1`))
	due, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[data-test=due]').textContent`))
	if err != nil || due == "€99.00" {
		t.Errorf("the older one was shown: %s, %v", due, err)
	}
}
