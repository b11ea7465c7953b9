package page

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// until waits in the page itself for a condition; the limit is the tab's.
func until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise(done => { const look = () => (%s) ? done() : setTimeout(look, 20); look(); })`, condition), chromedp.EvalAwaitPromise)
}

func do(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void]("void (" + script + ")")
}

func run(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func drawTo(t *testing.T, w http.ResponseWriter, p Page) {
	if err := Render(w, "en", p); err != nil {
		t.Error(err)
	}
}

// salon serves the desk with a socket that says what is put into say, and drops the
// first connection when told to.
type salon struct {
	say   chan string
	drop  chan struct{}
	asked atomic.Value // the query of the last request for the payment block
}

func (s *salon) routes(t *testing.T) func(*http.ServeMux) {
	return func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/visits/v_3/pay", func(w http.ResponseWriter, r *http.Request) {
			s.asked.Store(r.URL.RawQuery)
			b := payBlock()
			b.Tab, b.Steps = r.FormValue("tab"), payingSteps()
			drawTo(t, w, b)
		})
		mux.HandleFunc("GET /desk/list", func(w http.ResponseWriter, _ *http.Request) {
			list := dayList()
			list.Rows[2].Chip = Chip{Kind: "paying"}
			list.Count = 10
			drawTo(t, w, list)
		})
		mux.HandleFunc("GET /desk/visits/v_3", func(w http.ResponseWriter, _ *http.Request) {
			drawTo(t, w, *visitWith(func(v *Visit, _ *PayBlock) { v.Due = "€0.00" }))
		})
		mux.HandleFunc("GET /desk/ws", s.socket)
	}
}

func (s *salon) socket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"countersign.desk.v1"}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(r.Context())
	for {
		select {
		case text := <-s.say:
			_ = conn.Write(ctx, websocket.MessageText, []byte(text))
		case <-s.drop:
			return
		case <-ctx.Done():
			return
		}
	}
}

// What happens elsewhere appears beside the button that caused it, and takes nothing
// away from the person at the desk: not the tab, not the amount being typed.
func TestEventsRefreshTheDeskAndKeepWhatIsTyped(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	ctx, server := pen(t), gallery(t, s.routes(t))
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/visit-cash"), until(`window.htmx && document.querySelector('#hand-amount')`),
		do(`(f => { f.value = '12.34'; f.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('#hand-amount'))`))
	s.say <- `{"seq": 42, "type": "link.opened", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`document.querySelector('.step[data-kind=paying]') && document.querySelector('#row-v_3 .chip.paying') && document.querySelector('#summary').textContent.startsWith('10')`))
	typed, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('#hand-amount').value + ' ' + document.querySelectorAll('#summary').length`))
	if err != nil || typed != "12.34 1" {
		t.Errorf("after the refresh: %q, %v", typed, err)
	}
	if got := s.asked.Load(); got != "tab=cash&desk=front" {
		t.Errorf("the payment block was asked for with %q", got)
	}
	s.say <- `{"seq": 43, "type": "payment.booked", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`document.querySelector('[data-test=due]').textContent === '€0.00'`))
}

// R12, R13: the end of a block is no event; the tablet finds it by itself, also
// when it slept meanwhile, and asks again if there was no answer.
func TestR13TheEndOfABlockIsSeen(t *testing.T) {
	for name, passes := range map[string]string{
		"awake": `document.querySelectorAll('[data-ends]').forEach(part => part.dataset.ends = 1)`,
		"slept": `(real => Date.now = () => real() + 900e3)(Date.now.bind(Date))`,
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			routes := func(mux *http.ServeMux) {
				mux.HandleFunc("GET /desk/list", func(w http.ResponseWriter, _ *http.Request) {
					list := dayList()
					list.Rows = list.Rows[:4]
					drawTo(t, w, list)
				})
				mux.HandleFunc("GET /desk/visits/v_3", func(w http.ResponseWriter, _ *http.Request) {
					if asked.Add(1) == 1 {
						http.Error(w, "the network is away", http.StatusServiceUnavailable)
						return
					}
					drawTo(t, w, openVisit())
				})
				mux.HandleFunc("GET /desk/ws", hold)
			}
			ctx, server := pen(t), gallery(t, routes)
			run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/visit-paying"), until(`window.htmx && document.querySelector('[data-kind=blocked]')`),
				until(`document.querySelector('#visit[data-ends]') && document.querySelector('#pay[data-ends]')`),
				do(passes), until(`!document.querySelector('[data-ends]') && !document.querySelector('[data-kind=blocked]') && document.querySelector('[data-test=edit]') && !document.querySelector('.chip.paying')`))
			if n := asked.Load(); n != 2 {
				t.Errorf("the visit was asked for %d times", n)
			}
		})
	}
}

// R4: an edit on another tablet is announced to the one that is editing, never swapped in.
func TestR4AnOpenFormIsNeverSwappedAway(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	ctx, server := pen(t), gallery(t, s.routes(t))
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/form-edit"), until(`window.htmx`),
		do(`document.querySelector('[data-add]').click()`), do(`document.querySelectorAll('[data-remove]')[0].click()`))
	s.say <- `{"seq": 42, "type": "visit.changed", "data": {"id": "v_3"}}`
	run(t, ctx, until(`!document.querySelector('[data-elsewhere]').hidden`))
	names, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...new FormData(document.querySelector('.editor')).getAll('line_name')].join() + ' ' + new FormData(document.querySelector('.editor')).getAll('line_price').join()`))
	if err != nil || names != "Shampoo 250 ml,Haircut 10.00,35.00" {
		t.Errorf("lines %q, %v", names, err)
	}
}

// R2: two letters and Enter add a line; looking for one is no change of the visit.
func TestR2AFoundLineIsAddedByEnter(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		s.routes(t)(mux)
		mux.HandleFunc("GET /desk/items", func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("q") == "" {
				drawTo(t, w, found())
				return
			}
			drawTo(t, w, Found{Q: r.FormValue("q"), Items: []Choice{{Ref: "i_2", Kind: "product", Name: "Shampoo 250 ml", Price: "10.00", Tax: "reduced", Label: "€10.00", Counted: true, OnHand: 3}}})
		})
	})
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/form-new"), until(`window.htmx`),
		do(`(f => { f.focus(); f.value = 'sh'; f.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('#line-q'))`),
		until(`document.querySelector('#found .choice[data-ref=i_2]')`))
	untouched, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!document.querySelector('.editor').dataset.changed`))
	if err != nil || !untouched {
		t.Errorf("looking counts as a change: %v", err)
	}
	run(t, ctx, do(`document.querySelector('#line-q').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))`),
		until(`document.querySelector('#line-q').value === '' && document.querySelector('#found .choice[data-ref=i_1]')`))
	line, err := chromedp.Run(ctx, chromedp.Evaluate[string](`['ref', 'kind', 'name', 'quantity', 'price', 'tax'].map(n => document.querySelector('[data-line-list] [name=line_' + n + ']').value).join() + ' ' + document.querySelector('[data-line-list] [data-left-note]').textContent`))
	if err != nil || line != "i_2,product,Shampoo 250 ml,1,10.00,reduced 3 left" {
		t.Errorf("line %q, %v", line, err)
	}
	// A scanner has typed its Enter before anything was found.
	run(t, ctx, do(`(f => { f.value = '2041'; f.dispatchEvent(new Event('input', {bubbles: true})); f.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true})) })(document.querySelector('#line-q'))`),
		until(`document.querySelectorAll('[data-line-list] [data-line]').length > 1 && document.querySelector('#line-q').value === ''`))
	scanned, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('[data-line-list] [name=line_ref]')].map(f => f.value).join()`))
	if err != nil || scanned != "i_2,i_2" {
		t.Errorf("scanned %q, %v", scanned, err)
	}
}

func TestALostSocketIsSaidAndMended(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	var closed atomic.Bool
	routes := func(mux *http.ServeMux) {
		s.routes(t)(http.NewServeMux())
		mux.HandleFunc("GET /desk/list", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, dayList()) })
		mux.HandleFunc("GET /desk/visits/v_3", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, openVisit()) })
		mux.HandleFunc("GET /desk/ws", func(w http.ResponseWriter, r *http.Request) {
			if closed.Load() {
				http.Error(w, "gone", http.StatusServiceUnavailable)
				return
			}
			s.socket(w, r)
		})
	}
	ctx, server := pen(t), gallery(t, routes)
	run(t, ctx, chromedp.Navigate(server.URL+"/fixture/desk"), until(`window.htmx`))
	closed.Store(true)
	s.drop <- struct{}{}
	run(t, ctx, until(`!document.querySelector('#offline').hidden`))
	closed.Store(false)
	run(t, ctx, until(`document.querySelector('#offline').hidden`))
}

func TestPINPadTypesByTouch(t *testing.T) {
	ctx, server := pen(t), gallery(t, nil)
	run(t, ctx, chromedp.Navigate(server.URL+"/fixture/signin-pin"), until(`!document.querySelector('[data-keys]').hidden`))
	for _, key := range []string{"1", "2", "3", "back", "4", "clear", "4", "8", "0"} {
		run(t, ctx, do(`document.querySelector('[data-key="`+key+`"]').click()`))
	}
	if pin, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('#pin').value`)); err != nil || pin != "480" {
		t.Errorf("PIN %q, %v", pin, err)
	}
}

// R9: a scanned page that a person sees goes on by itself, once.
func TestR9ScannedPageGoesOnOnce(t *testing.T) {
	var opened atomic.Int32
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("POST /p/tok/open", func(w http.ResponseWriter, _ *http.Request) {
			opened.Add(1)
			fmt.Fprint(w, `{"redirect": "/fixture/unknown"}`)
		})
	})
	run(t, ctx, chromedp.Navigate(server.URL+"/fixture/scan"), chromedp.WaitReady(chromedp.CSS("[data-state=unknown]")))
	if opened.Load() != 1 {
		t.Errorf("opened %d times", opened.Load())
	}
}

// R9: when opening fails the page says so and leaves the button to the person.
func TestR9ScannedPageThatFailsLeavesTheButton(t *testing.T) {
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("POST /p/tok/open", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
	})
	run(t, ctx, chromedp.Navigate(server.URL+"/fixture/scan"), until(`!document.querySelector('[data-failed]').hidden && !document.querySelector('[data-test=pay-button]').disabled`))
}

func TestWaitingPagesMoveOn(t *testing.T) {
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("GET /q/front/status", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"url": "/fixture/unknown"}`) })
	})
	run(t, ctx, chromedp.Navigate(server.URL+"/fixture/waiting"), chromedp.WaitReady(chromedp.CSS("[data-state=unknown]")))
}

// R20: a notice comes by itself, moves nothing under somebody who types, and
// goes with one tap.
func TestR20ANoticeWaitsForWhoTypes(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	one := Notices{List: []Attention{{ID: "a_1", Kind: "unmatched", Amount: "€12.00", At: "10:41", Accept: true}}}
	var tapped atomic.Value
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		s.routes(t)(mux)
		mux.HandleFunc("GET /desk/attention", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, one) })
		mux.HandleFunc("POST /desk/attention/a_1", func(w http.ResponseWriter, r *http.Request) {
			tapped.Store(r.FormValue("act"))
			drawTo(t, w, Notices{})
		})
	})
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/item-product"), until(`window.htmx && document.querySelector('[data-test=item-name]')`),
		do(`document.querySelector('[data-test=item-name]').focus(), window.stood = document.querySelector('[data-test=item-name]').getBoundingClientRect().top`))
	s.say <- `{"seq": 42, "type": "attention.raised", "data": {}}`
	run(t, ctx, until(`document.querySelector('#bell b') && document.querySelector('#notices .attention')`))
	moved, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.querySelector("#notices").offsetHeight + Math.abs(window.stood - document.querySelector('[data-test=item-name]').getBoundingClientRect().top)`))
	if err != nil || moved != 0 {
		t.Errorf("what is typed in has moved: %v, %v", moved, err)
	}
	run(t, ctx, do(`document.activeElement.blur()`), until(`document.querySelector('#notices').offsetHeight > 40`),
		do(`document.querySelector('[data-test=accept]').click()`), until(`document.querySelector('#bell.none') && !document.querySelector('.attention')`))
	if got := tapped.Load(); got != "accept" {
		t.Errorf("the tap said %v", got)
	}
}

// R22: what others sell counts down on an open page; what is typed stays, and is
// compared with the number that stood there when it was typed.
func TestR22TheStockIsFollowed(t *testing.T) {
	s := &salon{say: make(chan string), drop: make(chan struct{})}
	var left atomic.Int64
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		s.routes(t)(mux)
		mux.HandleFunc("GET /desk/catalogue/items/i_2/stock", func(w http.ResponseWriter, _ *http.Request) {
			drawTo(t, w, Stock{Item: "i_2", Counted: true, OnHand: left.Load()})
		})
		mux.HandleFunc("GET /desk/catalogue/list", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, ShelfList{Kind: "product"}) })
	})
	sold := func(now int64) chromedp.Action[chromedp.Void] {
		left.Store(now)
		s.say <- fmt.Sprintf(`{"seq": %d, "type": "stock.changed", "data": {"item": "i_2", "on_hand": %d}}`, 100-now, now)
		return until(fmt.Sprintf(`document.querySelector('[data-test=on-hand] b').textContent === '%d'`, now))
	}
	state := func() string {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[data-pieces]').value + ' ' + document.querySelector('[data-seen]').value`))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/item-product"), until(`window.htmx && document.querySelector('[data-pieces]')`))
	run(t, ctx, sold(11), until(`document.querySelector('[data-seen]').value === '11'`), do(`document.querySelector('[data-pieces]').value = '9'`))
	run(t, ctx, sold(10))
	if got := state(); got != "9 11" {
		t.Errorf("typed and seen: %q", got)
	}
}
