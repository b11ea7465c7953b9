package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

func path(s provider.Session) string { return strings.TrimPrefix(s.URL, base) }

// press sends a button's form as a browser on the page would.
func (h *house) press(t *testing.T, s provider.Session, button string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path(s)+"/"+button, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, _ := h.send(t, req)
	return res
}

func (h *house) page(t *testing.T, s provider.Session) (*http.Response, string) {
	t.Helper()
	res, body := h.call(t, http.MethodGet, path(s), "", "")
	if !strings.Contains(body, "SANDBOX") {
		t.Errorf("the page does not say SANDBOX (R36):\n%s", body)
	}
	return res, body
}

func TestPageShowsWhatIsPaid(t *testing.T) { // R9
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		res, body := h.page(t, s)
		for _, want := range []string{
			"SANDBOX · no real money", "Studio Lumen", "Your visit today, 10:30", `<p class="amount">€25.00</p>`,
			"Haircut", "€15.00", "Shampoo", "× 2", "Pay €25.00", "Pay later", "Decline", "Leave",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("no %q on\n%s", want, body)
			}
		}
		for _, never := range []string{"<script", "<input", "style=", "http://", "card number"} {
			if strings.Contains(body, never) {
				t.Errorf("%q on the page", never)
			}
		}
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self' https://salon.example") {
			t.Errorf("policy %q", csp)
		}
		if res.Header.Get("Cache-Control") != "no-store" {
			t.Error("a browser may keep the page")
		}
	})
}

func TestPageGermanAndHostileWords(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		q := request()
		q.Language, q.Title = "de-AT", `<img src=x onerror=alert(1)>`
		q.Lines = []provider.Line{{Name: `"><b>Haarschnitt`, Quantity: 1, Amount: 2500}}
		s, err := h.client.Create(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		_, body := h.page(t, s)
		for _, want := range []string{`lang="de"`, "kein echtes Geld", "25,00\u202f€ zahlen", "&lt;img", "&lt;b&gt;Haarschnitt"} {
			if !strings.Contains(body, want) {
				t.Errorf("no %q on\n%s", want, body)
			}
		}
	})
}

func TestPageGetChangesNothing(t *testing.T) { // R9
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		for _, p := range []string{"", "/pay", "/later", "/decline"} {
			h.call(t, http.MethodGet, path(s)+p, "", "")
			h.call(t, http.MethodHead, path(s)+p, "", "")
		}
		if got, err := h.client.Look(t.Context(), s.ID); err != nil || got != s {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestPageButtons(t *testing.T) { // R36
	for button, want := range map[string]struct {
		status provider.Status
		leads  string
		says   string
		code   int
	}{
		"pay":     {provider.Paid, "https://salon.example/p/x?back", "Paid, thank you", 200},
		"later":   {provider.Processing, "https://salon.example/p/x?back", "on its way", 200},
		"decline": {provider.Failed, "../", "declined", 410},
		"leave":   {provider.Open, "https://salon.example/p/x", "Pay €25.00", 200},
	} {
		t.Run(button, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				s := h.create(t)
				res := h.press(t, s, button)
				if got := res.Header.Get("Location"); res.StatusCode != 303 || strings.TrimSuffix(got, s.ID) != want.leads {
					t.Errorf("%d to %q", res.StatusCode, got)
				}
				if got, err := h.client.Look(t.Context(), s.ID); err != nil || got.Status != want.status {
					t.Errorf("%+v, %v", got, err)
				}
				if res, body := h.page(t, s); res.StatusCode != want.code || !strings.Contains(body, want.says) {
					t.Errorf("%d, and no %q on\n%s", res.StatusCode, want.says, body)
				}
			})
		})
	}
}

func TestPagePaidTwiceAtOnceIsOnePayment(t *testing.T) { // R18
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		done := make(chan string, 5)
		for range 5 {
			go func() { done <- h.press(t, s, "pay").Header.Get("Location") }()
		}
		for range 5 {
			if to := <-done; to != "https://salon.example/p/x?back" {
				t.Errorf("led to %q", to)
			}
		}
		if all := took(t, h); len(all) != 1 {
			t.Errorf("took %v", all)
		}
	})
}

func TestPageDead(t *testing.T) { // R10
	for name, try := range map[string]struct {
		kill func(t *testing.T, h *house, s provider.Session)
		says string
	}{
		"expired":   {func(*testing.T, *house, provider.Session) { time.Sleep(61 * time.Minute) }, "has expired"},
		"at expiry": {func(*testing.T, *house, provider.Session) { time.Sleep(time.Hour) }, "has expired"},
		"cancelled": {func(t *testing.T, h *house, s provider.Session) {
			if _, err := h.client.Cancel(t.Context(), s.ID); err != nil {
				t.Error(err)
			}
		}, "has been closed"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				s := h.create(t)
				try.kill(t, h, s)
				res, body := h.page(t, s)
				back := `href="https://salon.example/p/x?back"`
				if res.StatusCode != 410 || !strings.Contains(body, try.says) || !strings.Contains(body, back) || strings.Contains(body, "<form") {
					t.Errorf("%d\n%s", res.StatusCode, body)
				}
				if got := h.press(t, s, "pay").Header.Get("Location"); got != "../"+s.ID {
					t.Errorf("pay on it leads to %q", got)
				}
				if all := took(t, h); len(all) != 0 {
					t.Errorf("took %v", all)
				}
			})
		})
	}
}

// TestPageDeadWithoutRun: the page dies by the clock, whoever tells it.
func TestPageDeadWithoutRun(t *testing.T) { // R10
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.OpenServer(t.TempDir()+"/s.db", options())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		h := serve(t, s)
		x := h.create(t)
		time.Sleep(time.Hour)
		if got, err := s.Pay(x.ID); err != nil || got.Status != provider.Expired {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestPageRefusesOtherSites(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		for name, header := range map[string][2]string{
			"cross-site fetch": {"Sec-Fetch-Site", "cross-site"},
			"same site":        {"Sec-Fetch-Site", "same-site"},
			"other origin":     {"Origin", "https://evil.example"},
			"no origin":        {"Origin", "null"},
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path(s)+"/pay", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(header[0], header[1])
			res, body := h.send(t, req)
			if res.StatusCode != http.StatusForbidden || !strings.Contains(body, "SANDBOX") {
				t.Errorf("%s: %d", name, res.StatusCode)
			}
		}
		if got, err := h.client.Look(t.Context(), s.ID); err != nil || got.Status != provider.Open {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestPageBehindAProxy(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.SetPublicURL("http://pay.salon.example/lumen/")
		s := h.create(t)
		if !strings.HasPrefix(s.URL, "http://pay.salon.example/lumen/sandbox/pay/") {
			t.Errorf("page at %s", s.URL)
		}
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		// The proxy takes the prefix away and says another Host.
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+strings.TrimPrefix(u.Path, "/lumen")+"/pay", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "http://pay.salon.example")
		if res, _ := h.send(t, req); res.StatusCode != 303 {
			t.Errorf("our own page refused: %d", res.StatusCode)
		}
	})
}

func TestPageUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		for _, p := range []string{"/sandbox/pay/ss_nobody", "/sandbox/pay/%00"} {
			if res, body := h.call(t, "GET", p, "", ""); res.StatusCode != 404 || !strings.Contains(body, "SANDBOX") {
				t.Errorf("%s: %d", p, res.StatusCode)
			}
		}
		if res := h.press(t, s, "steal"); res.StatusCode != 404 {
			t.Errorf("an unknown button: %d", res.StatusCode)
		}
	})
}

func TestPageStylesheet(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		_, body := h.page(t, h.create(t))
		_, rest, _ := strings.Cut(body, `href="../static/`)
		name, _, _ := strings.Cut(rest, `"`)
		res, css := h.call(t, "GET", "/sandbox/static/"+name, "", "")
		if res.StatusCode != 200 || !strings.Contains(css, "tabular-nums") || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
		if res, _ := h.call(t, "GET", "/sandbox/static/old/pay.css", "", ""); res.StatusCode != 404 {
			t.Errorf("an old stylesheet: %d", res.StatusCode)
		}
	})
}
