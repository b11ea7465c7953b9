package page

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// R34, R39: a key that was typed stays in its field while the provider's answer to it
// is put beside it, though no page ever carries it.
func TestTypedKeysOutliveTheAnswer(t *testing.T) {
	answer := func(status int, change func(*CompanyForm)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			form := CompanyForm{Kind: "stripe", Title: "Stripe", Fields: []CompanyField{{Kind: "key", Secret: true}}}
			change(&form)
			w.WriteHeader(status)
			drawTo(t, w, Setup{Section: "payments", Payments: Companies{Form: &form}})
		}
	}
	for name, x := range map[string]struct {
		handler http.HandlerFunc
		shows   string
	}{
		"refused": {answer(http.StatusUnprocessableEntity, func(f *CompanyForm) { f.Said = "The key lacks a permission." }), "said"},
		"tried":   {answer(http.StatusOK, func(f *CompanyForm) { f.Tried = &CompanyRow{State: "test", Holder: "Lumen"} }), "notice"},
	} {
		ctx, server := soon(t), gallery(t, func(mux *http.ServeMux) {
			mux.HandleFunc("GET /desk/ws", hold)
			mux.Handle("POST /desk/setup/payments", x.handler)
		})
		run(t, ctx, see(1180, 820, false), chromedp.Navigate(server.URL+"/fixture/setup-payments-good"), until(`window.htmx`),
			do(`document.querySelector('[data-test=notice]').remove()`), do(`document.querySelector('[name=field_key]').value = 'rk_live_typed'`),
			do(`document.querySelector('[data-test=try-keys]').click()`), until(`document.querySelector('#company-form [data-test=`+x.shows+`]')`))
		kept, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[name=field_key]').value + ' ' + location.pathname`))
		if err != nil || kept != "rk_live_typed /fixture/setup-payments-good" {
			t.Errorf("%s: kept %q, %v", name, kept, err)
		}
	}
}
