package page

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// hushed labels stand absolutely; the page around the form must not scroll for them, since nothing
// could scroll it back.
func TestTheShellNeverScrolls(t *testing.T) {
	ctx, server := pen(t), gallery(t, nil)
	for _, name := range []string{"form-edit", "form-wrong", "form-stale", "visit-cash", "desk"} {
		run(t, ctx, see(1180, 820, false), chromedp.Navigate(server.URL+"/fixture/"+name), until(`document.readyState === 'complete'`))
		over, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`Math.max(document.documentElement.scrollHeight, document.body.scrollHeight) - innerHeight`))
		if err != nil || over > 0 {
			t.Errorf("%s: the document is %v too high, %v", name, over, err)
		}
	}
}

// soon is pen for who asks only what comes at once.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(pen(t), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// refusing serves the desk with a form that is answered by another.
func refusing(t *testing.T, status int, with VisitForm) func(*http.ServeMux) {
	return func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/ws", hold)
		mux.HandleFunc("POST /desk/visits/v_3", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			drawTo(t, w, with)
		})
	}
}

// inView tells whether a part is to be seen, and not behind the bar with the buttons.
const inView = `(part => { const r = part.getBoundingClientRect(), bar = document.querySelector('.editor .finish').getBoundingClientRect(); return r.height > 0 && r.top >= 0 && r.bottom <= (part.closest('.finish') ? innerHeight : bar.top); })`

// R2: after a refusal the first marked field is in view, and has the focus.
func TestARefusedFormShowsWhatIsMarked(t *testing.T) {
	long := visitForm()
	for range 5 {
		long.Lines = append(long.Lines, long.Lines[0])
	}
	long.Problem, long.Errors = &Problem{Kind: "invalid"}, map[string]string{"line_price.4": "Please enter an amount, such as 25.00."}
	ctx, server := soon(t), gallery(t, refusing(t, http.StatusUnprocessableEntity, long))
	run(t, ctx, see(1180, 820, false), chromedp.Navigate(server.URL+"/fixture/form-edit"), until(`window.htmx`),
		do(`document.querySelector('[data-test=save]').click()`), until(`document.querySelector('.editor .wrong')`), until(`document.activeElement.name`))
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.name + ' ' + [...document.querySelectorAll('[name=line_price]')].indexOf(document.activeElement) + ' ' + `+inView+`(document.activeElement) + ' ' + `+inView+`(document.querySelector('[data-test=problem]'))`))
	if err != nil || seen != "line_price 4 true true" {
		t.Errorf("focus %q, %v", seen, err)
	}
}

// R2, R4: why a save did not happen is in view beside its button, and so is what it is about: the
// price that is asked about, or what somebody else changed.
func TestTheReasonIsInView(t *testing.T) {
	asked, stale := visitForm(), visitForm()
	for range 4 {
		asked.Lines, stale.Lines = append(asked.Lines, asked.Lines[1]), append(stale.Lines, stale.Lines[1])
	}
	asked.OutsideRange, asked.Confirm = []string{"Haircut"}, []string{"i_1=5500"}
	asked.Lines[4].Ask = "€55.00"
	stale.Conflict = &Conflict{Changed: []string{"lines"}, Ask: true}
	stale.Lines[5].Theirs = &Elsewhere{"l_2", "Shampoo 250 ml · 1 × €12.00", "asked"}
	for name, x := range map[string]struct {
		status int
		form   VisitForm
		focus  string
		parts  []string
	}{
		"price": {http.StatusUnprocessableEntity, asked, "line_price", []string{"[data-kind=outside_range]", "[data-test=ask]", "[data-test=save]"}},
		"stale": {http.StatusPreconditionFailed, stale, "pick.l_2", []string{"[data-kind=conflict]", "[data-test=theirs]", "[data-test=save]"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, server := soon(t), gallery(t, refusing(t, x.status, x.form))
			run(t, ctx, see(1180, 820, false), chromedp.Navigate(server.URL+"/fixture/form-edit"), until(`window.htmx`), do(`document.querySelector('[data-test=save]').click()`),
				until(`document.querySelector('.editor .said') && document.activeElement.name`))
			for _, part := range x.parts {
				if seen, err := chromedp.Run(ctx, chromedp.Evaluate[bool](inView+`(document.querySelector('`+part+`'))`)); err != nil || !seen {
					t.Errorf("%s is not in view, %v", part, err)
				}
			}
			if focus, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.name`)); err != nil || focus != x.focus {
				t.Errorf("the focus is on %q, %v", focus, err)
			}
		})
	}
}

// R1: while lines are added and typed the server says what they come to; a new visit has an address
// of its own, which a reload comes back to.
func TestANewVisitAddsUpAtItsOwnAddress(t *testing.T) {
	fresh := visitForm()
	fresh.ID, fresh.Client, fresh.Lines, fresh.Sum = "", ClientFields{}, nil, "€0.00"
	ctx, server := soon(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/ws", hold)
		mux.HandleFunc("GET /desk/visits/new", func(w http.ResponseWriter, _ *http.Request) { drawTo(t, w, fresh) })
		mux.HandleFunc("POST /desk/visits/new/sum", func(w http.ResponseWriter, r *http.Request) {
			drawTo(t, w, FormSum{Sum: r.FormValue("line_price") + " of " + r.FormValue("line_name")})
		})
	})
	sum := func(says string) chromedp.Action[chromedp.Void] {
		return until(`document.querySelector('[data-test=sum] b').textContent === '` + says + `'`)
	}
	run(t, ctx, see(1180, 820, false), chromedp.Navigate(server.URL+"/fixture/desk"), until(`window.htmx`), do(`document.querySelector('[data-test=new-visit]').click()`),
		until(`document.querySelector('.editor') && !document.querySelector('.htmx-added') && location.search.endsWith('&visit=new')`), sum("€0.00"),
		do(`document.querySelector('[data-add]').click()`), sum("35.00 of Haircut"),
		do(`(f => { f.value = '36'; f.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('[data-line-list] [name=line_price]'))`), sum("36 of Haircut"))
}
