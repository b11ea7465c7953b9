package stripe_test

import (
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
)

// R37: a link is made once, makes pages of itself, and is good for one payment,
// which is told like any other.
func TestLink(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		l, err := h.client.CreateLink(t.Context(), request("1"))
		if err != nil || l.ID == "" || l.URL == "" || !l.Active || l.Reference != "co_1" {
			t.Fatalf("%+v, %v", l, err)
		}
		if again, err := h.client.CreateLink(t.Context(), request("1")); err != nil || again != l {
			t.Errorf("again: %+v, %v", again, err)
		}
		if looked, err := h.client.LookLink(t.Context(), l.ID); err != nil || looked != l {
			t.Errorf("looked at: %+v, %v", looked, err)
		}
		var pages []string
		for range 2 {
			page, err := h.Open(l.ID)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, page)
			time.Sleep(time.Minute)
		}
		for _, page := range pages {
			if err := h.Pay(page); err != nil {
				t.Fatal(err)
			}
		}
		all, err := h.client.LinkSessions(t.Context(), l.ID)
		if err != nil || len(all) != 2 || all[1].Status != provider.Paid || all[0].Status != provider.Open || all[1].Amount != 2500 || all[1].Reference != "co_1" {
			t.Errorf("%+v, %v", all, err)
		}
		if events, _ := h.all(t, "", 10); len(events) != 1 || events[0].Type != provider.EventPaid || events[0].Session.Reference != "co_1" {
			t.Errorf("told %+v", events)
		}
		if page, err := h.Open(l.ID); err == nil {
			t.Errorf("it still opens %s", page)
		}
		if looked, err := h.client.LookLink(t.Context(), l.ID); err != nil || looked.Active {
			t.Errorf("paid: %+v, %v", looked, err)
		}
	})
}

// R37, R15: a link that is taken down takes its open pages with it, and says
// which of them was paid.
func TestCloseLink(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		l, err := h.client.CreateLink(t.Context(), request("1"))
		if err != nil {
			t.Fatal(err)
		}
		later, _ := h.Open(l.ID)
		idle, _ := h.Open(l.ID)
		if err := h.PayLater(later); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			all, err := h.client.CloseLink(t.Context(), l.ID)
			if err != nil || len(all) != 2 || all[0].Status != provider.Cancelled || all[1].Status != provider.Processing {
				t.Fatalf("%+v, %v", all, err)
			}
		}
		if _, err := h.Open(l.ID); err == nil {
			t.Error("it still opens")
		}
		if err := h.Pay(idle); err != nil || len(h.Paid()) != 0 {
			t.Errorf("%v, %v", h.Paid(), err)
		}
		time.Sleep(time.Minute)
		if all, err := h.client.LinkSessions(t.Context(), l.ID); err != nil || all[1].Status != provider.Paid {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// R37: a link that isn't known, isn't ours, or can't be told.
func TestLinksNotToBelieve(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		if _, err := h.client.LookLink(t.Context(), "plink_none"); provider.KindOf(err) != provider.NotFound {
			t.Error(err)
		}
		if _, err := h.client.CloseLink(t.Context(), "plink_none"); provider.KindOf(err) != provider.NotFound {
			t.Error(err)
		}
		if all, err := h.client.LinkSessions(t.Context(), "plink_none"); err != nil || len(all) > 0 {
			t.Errorf("%+v, %v", all, err)
		}
		h.weather.Set(providertest.LostAnswer)
		if _, err := h.client.CreateLink(t.Context(), request("1")); provider.KindOf(err) != provider.Unclear {
			t.Error(err)
		}
		for _, change := range []providertest.Storm{providertest.Rewrite(`"payment"`, `"shop"`), providertest.Rewrite("https://buy", "javascript:"),
			providertest.Rewrite(`"livemode":false`, `"livemode":true`), providertest.Answer(200, "", "{}")} {
			h.weather.Set(change)
			if l, err := h.client.CreateLink(t.Context(), request("1")); provider.KindOf(err) != provider.Unclear {
				t.Errorf("%+v, %v", l, err)
			}
		}
		h.weather.Set(nil)
		home := request("3")
		home.ReturnURL = "" // a place that phones can't reach
		if l, err := h.client.CreateLink(t.Context(), home); err != nil || !l.Active {
			t.Errorf("%+v, %v", l, err)
		}
		bad := request("2")
		bad.Amount = 0
		if _, err := h.client.CreateLink(t.Context(), bad); provider.KindOf(err) != provider.Refused {
			t.Error(err)
		}
	})
}
