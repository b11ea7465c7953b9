package page

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// Typing a name offers who is known; who is chosen fills the client's part of the form and leaves
// the rest of it as it was, and counts as something that has not been saved.
func TestAKnownClientIsChosenInTheForm(t *testing.T) {
	var asked atomic.Value
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/ws", func(w http.ResponseWriter, r *http.Request) { hold(w, r) })
		mux.HandleFunc("GET /desk/clients/offers", func(w http.ResponseWriter, r *http.Request) {
			asked.Store(r.URL.RawQuery)
			drawTo(t, w, Offers{By: "name", Rows: []Offer{{"c_1", "Anna Kovacs", "4567", ""}}})
		})
		mux.HandleFunc("GET /desk/clients/who", func(w http.ResponseWriter, r *http.Request) {
			client := ClientFields{Name: r.FormValue("client_name")}
			if r.FormValue("client") == "c_1" {
				client = ClientFields{ID: "c_1", Known: "Anna Kovacs", Name: "Anna Kovacs", Phone: "+36201234567"}
			}
			drawTo(t, w, Who{Client: client, Focus: true, Errors: map[string]string{}})
		})
	})
	field := func(name string) string { return fmt.Sprintf(`document.querySelector('[name=%s]')`, name) }
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/form-new"), until(`window.htmx && `+field("client_name")),
		do(`(f => { f.value = '11:15'; f.dispatchEvent(new Event('input', {bubbles: true})) })(`+field("time")+`)`),
		do(`(f => { f.value = 'Ann'; f.dispatchEvent(new Event('input', {bubbles: true})) })(`+field("client_name")+`)`),
		until(`document.querySelector('#offers:not(.htmx-added) [data-test=offer]')`))
	if got := asked.Load(); got != "client_name=Ann" {
		t.Errorf("asked for offers with %q", got)
	}
	run(t, ctx, do(`delete document.querySelector('[data-lines]').dataset.changed`), do(`document.querySelector('[data-test=offer]').click()`), until(`document.querySelector('#who:not(.htmx-added) [data-test=tied]')`))
	state := `[` + field("client_id") + `.value, ` + field("client_phone") + `.value, ` + field("client_name") + `.readOnly, ` + field("time") + `.value, document.querySelector('[data-lines]').dataset.changed, document.querySelectorAll('#offers, #who').length, document.activeElement.name].join(' ')`
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](state)); err != nil || got != "c_1 +36201234567 true 11:15 1 2 untie" {
		t.Errorf("chosen: %q, %v", got, err)
	}
	run(t, ctx, do(`document.querySelector('[data-test=untie]').click()`), until(`document.querySelector('#who:not(.htmx-added)') && !document.querySelector('[data-test=tied]')`))
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](state)); err != nil || got != "  false 11:15 1 2 client_name" {
		t.Errorf("untied: %q, %v", got, err)
	}
}

// A client opens beside the list, which stays where it is and shows who is open; what a client
// holds is fetched anew when something has happened, and what is being typed stays.
func TestAClientOpensBesideTheList(t *testing.T) {
	s := &salon{say: make(chan string)}
	ctx, server := pen(t), gallery(t, func(mux *http.ServeMux) {
		mux.HandleFunc("GET /desk/ws", s.socket)
		mux.HandleFunc("GET /desk/clients/list", func(w http.ResponseWriter, r *http.Request) {
			rows := clientRows()
			rows.Rows, rows.More = []ClientRow{{"c_20", "Zoe", "", "/desk/clients/c_20"}}, ""
			drawTo(t, w, rows)
		})
		mux.HandleFunc("GET /desk/clients/c_20", func(w http.ResponseWriter, r *http.Request) {
			zoe := *openClient(func(c *Client) { c.ID, c.Name, c.Past.ID = "c_20", "Zoe", "c_20" }).Client
			drawTo(t, w, zoe)
		})
		mux.HandleFunc("GET /desk/clients/c_20/past", func(w http.ResponseWriter, r *http.Request) {
			past := clientPast()
			past.ID, past.Balances[1] = "c_20", Balance{"cashback", "€3.00", false}
			drawTo(t, w, past)
		})
	})
	run(t, ctx, see(1366, 1024, false), chromedp.Navigate(server.URL+"/fixture/client"), until(`window.htmx && document.querySelector('[data-test=more-clients]')`),
		do(`document.querySelector('[data-test=more-clients]').click()`), until(`document.querySelector('#row-c_20:not(.htmx-added)')`),
		do(`document.querySelector('#row-c_20').click()`), until(`document.querySelector('#client').dataset.client === 'c_20'`))
	state := `[document.querySelectorAll('.row').length, document.querySelectorAll('.row.on').length, document.querySelector('.row.on').id, location.pathname, document.querySelectorAll('#balances').length].join(' ')`
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](state)); err != nil || got != "7 1 row-c_20 /desk/clients/c_20 1" {
		t.Errorf("open: %q, %v", got, err)
	}
	run(t, ctx, do(`document.querySelector('[data-test=grant]').open = true`), do(`document.querySelector('#grant-amount').value = '7'`))
	s.say <- `{"seq": 42, "type": "payment.booked", "data": {"visit": "v_3"}}`
	run(t, ctx, until(`document.querySelector('[data-test=balance][data-kind=cashback] b').textContent === '€3.00'`))
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[document.querySelector('#grant-amount').value, document.querySelector('[data-test=grant]').open, document.querySelectorAll('#balances').length].join(' ')`)); err != nil || got != "7 true 1" {
		t.Errorf("after something happened: %q, %v", got, err)
	}
}
