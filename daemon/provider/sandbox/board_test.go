package sandbox_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

const board = base + "/sandbox/dashboard"

// browser is a person at the dashboard, inside already.
func (h *house) browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: h.http.Transport, Jar: jar}
	if res, body := h.ask(t, c, "GET", base+h.Dashboard(), nil); res.StatusCode != 200 || res.Request.URL.String() != board || !strings.Contains(body, "Payments") {
		t.Fatalf("the ticket leads to %s: %d", res.Request.URL, res.StatusCode)
	}
	return c
}

// ask sends a form, or asks for a page.
func (h *house) ask(t *testing.T, c *http.Client, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return h.sendAs(t, c, req)
}

// R39: the dashboard moves money: it is for who holds the key.
func TestBoardNeedsThePass(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		ticket := h.Dashboard()
		for name, value := range map[string]string{
			"none": "", "made up": "t=9999999999,v1=00", "a ticket": strings.TrimPrefix(ticket, "/sandbox/dashboard/enter?ticket="),
			"another's": sandbox.Sign(secret+"/pass", time.Now().Add(time.Hour), nil),
		} {
			jar, _ := cookiejar.New(nil)
			at, _ := url.Parse(board)
			unescaped, _ := url.QueryUnescape(value)
			jar.SetCookies(at, []*http.Cookie{{Name: "sandbox_pass", Value: unescaped, Path: "/"}})
			c := &http.Client{Transport: h.http.Transport, Jar: jar}
			for path, method := range map[string]string{
				"": "GET", "/mood": "POST", "/payments/" + s.Payment + "/refund": "POST", "/payments/" + s.Payment + "/dispute": "POST",
				"/refunds/x/succeed": "POST", "/enter?ticket=t%3D1%2Cv1%3D00": "GET",
			} {
				res, body := h.ask(t, c, method, board+path, url.Values{"amount": {"1"}, "mood": {"refused"}})
				if res.StatusCode != 401 || strings.Contains(body, s.Reference) {
					t.Errorf("%s at %s: %d", name, path, res.StatusCode)
				}
			}
		}
		if p := h.books(t); p.Refunded != 0 || h.Faults() != (sandbox.Faults{}) {
			t.Errorf("%+v, %+v", p, h.Faults())
		}
		time.Sleep(3 * time.Minute)
		if res, _ := h.ask(t, h.http, "GET", base+ticket, nil); res.StatusCode != 401 {
			t.Errorf("an old ticket: %d", res.StatusCode)
		}
	})
}

// R39: the key lets a browser in for a day's work, and no longer.
func TestBoardByKey(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		jar, _ := cookiejar.New(nil)
		c := &http.Client{Transport: h.http.Transport, Jar: jar}
		if res, body := h.ask(t, c, "POST", board+"/enter", url.Values{"key": {"guessed"}}); res.StatusCode != 403 || !strings.Contains(body, "That is not the key.") {
			t.Errorf("guessed: %d", res.StatusCode)
		}
		if res, body := h.ask(t, c, "POST", board+"/enter", url.Values{"key": {key + " " + secret + "\n"}}); res.StatusCode != 200 || !strings.Contains(body, "Nobody has paid yet") {
			t.Errorf("the file's line: %d %s", res.StatusCode, body)
		}
		time.Sleep(13 * time.Hour)
		if res, _ := h.ask(t, c, "GET", board, nil); res.StatusCode != 401 {
			t.Errorf("the next day: %d", res.StatusCode)
		}
	})
}

// R23, R36: all that may become of a payment is a button.
func TestBoardButtons(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		c := h.browser(t)
		press := func(path, amount string, want int, says string) {
			t.Helper()
			if res, body := h.ask(t, c, "POST", board+path, url.Values{"amount": {amount}}); res.StatusCode != want || !strings.Contains(body, says) {
				t.Errorf("%s %q: %d, without %q", path, amount, res.StatusCode, says)
			}
		}
		press("/payments/"+s.Payment+"/refund", "7,50", 200, "Refund, made here")
		press("/payments/"+s.Payment+"/refund", "17.51", 422, "That amount can&#39;t be taken")
		press("/payments/"+s.Payment+"/refund", "all", 422, "That amount can&#39;t be taken")
		press("/payments/"+s.Payment+"/refund", "-1", 422, "That amount can&#39;t be taken")
		press("/payments/nobody/refund", "1", 404, "no longer here")
		press("/payments/"+s.Payment+"/dispute", "20", 200, "Dispute, undecided")
		press("/payments/"+s.Payment+"/refund", "1", 409, "This payment is disputed")
		press("/disputes/"+h.openDispute(t)+"/draw", "", 404, "no longer here")
		press("/disputes/"+h.openDispute(t)+"/lose", "", 200, "Dispute, lost by the salon")
		if p := h.books(t); p.Refunded != 750 || p.Disputed != 2000 {
			t.Errorf("%+v", p)
		}
		if _, got := h.ask(t, c, "GET", board, nil); strings.Contains(got, "/refund\"") || !strings.Contains(got, "€20.00 taken by the bank") {
			t.Error("the page offers what can't be")
		}
	})
}

// openDispute is the id of the last dispute that events told.
func (h *house) openDispute(t *testing.T) (last string) {
	t.Helper()
	p, err := h.client.Events(t.Context(), "", 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		if e.Dispute != nil {
			last = e.Dispute.ID
		}
	}
	return last
}

// R23, R36: refunds stay pending, come back or are refused as a person says.
func TestBoardMood(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		c := h.browser(t)
		h.SetFaults(sandbox.Faults{Drop: 1})
		mood := func(m string, want int) {
			t.Helper()
			if res, _ := h.ask(t, c, "POST", board+"/mood", url.Values{"mood": {m}}); res.StatusCode != want {
				t.Errorf("mood %s: %d", m, res.StatusCode)
			}
		}
		refund := func(key string, kind provider.ErrorKind, status string) provider.Refund {
			t.Helper()
			r, err := h.client.Refund(t.Context(), provider.RefundRequest{Key: key, Session: s.ID, Payment: s.Payment, Amount: 500, Currency: "EUR"})
			if provider.KindOf(err) != kind || r.Status != status {
				t.Errorf("refund %s: %+v, %v", key, r, err)
			}
			return r
		}
		mood("angry", 404)
		mood("refused", 200)
		refund("a", provider.Refused, "")
		mood("pending", 200)
		r := refund("b", 0, provider.RefundPending)
		if _, body := h.ask(t, c, "POST", board+"/refunds/"+r.ID+"/fail", nil); !strings.Contains(body, "Refund, came back") {
			t.Error("it didn't come back")
		}
		r = refund("c", 0, provider.RefundPending)
		h.ask(t, c, "POST", board+"/refunds/"+r.ID+"/succeed", nil)
		refund("c", 0, provider.RefundSucceeded)
		mood("made", 200)
		refund("d", 0, provider.RefundSucceeded)
		if p := h.books(t); p.Refunded != 1000 || p.Pending != 0 || h.Faults() != (sandbox.Faults{Drop: 1}) {
			t.Errorf("%+v, %+v", p, h.Faults())
		}
	})
}

// R39: another site's form presses nothing here, whoever looks at it.
func TestBoardRefusesOtherSites(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		c := h.browser(t)
		for path := range map[string]bool{"/payments/" + s.Payment + "/refund": true, "/mood": true, "/enter": true} {
			req, err := http.NewRequestWithContext(t.Context(), "POST", board+path, strings.NewReader("amount=1&mood=refused"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			res, err := c.Do(req)
			if err != nil || res.StatusCode != 403 {
				t.Fatalf("%s: %v, %v", path, res, err)
			}
			_ = res.Body.Close()
		}
		if p := h.books(t); p.Refunded != 0 || h.Faults() != (sandbox.Faults{}) {
			t.Errorf("%+v, %+v", p, h.Faults())
		}
	})
}

// A dashboard with hostile words on it stays one; in German it is German.
func TestBoardGermanAndHostileWords(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		if _, err := h.Dispute(s.Payment, 0, `<script>alert(1)</script>`); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", board, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Language", "de-AT")
		res, body := h.sendAs(t, h.browser(t), req)
		if strings.Contains(body, "<script>") || !strings.Contains(body, "Anfechtung, unentschieden") || !strings.Contains(body, "<small>gezahlt") {
			t.Errorf("%s", body)
		}
		if p := res.Header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("policy %q", p)
		}
		for _, sheet := range []string{"pay.css", "board.css"} {
			at := body[strings.Index(body, `href="static/`)+6:]
			at = at[:strings.Index(at, "pay.css")]
			if res, css := h.call(t, "GET", "/sandbox/"+at+sheet, "", ""); res.StatusCode != 200 || css == "" {
				t.Errorf("%s: %d", sheet, res.StatusCode)
			}
		}
	})
}

func (h *house) sendAs(t *testing.T, c *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	old := h.http
	h.http = c
	defer func() { h.http = old }()
	return h.send(t, req)
}

// R41: what the dashboard knows is there after a restart, and a pass holds.
func TestBoardAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "sandbox.db")
		server, err := sandbox.OpenServer(file, options())
		if err != nil {
			t.Fatal(err)
		}
		h := serve(t, server)
		s := h.paid(t)
		d, err := h.Dispute(s.Payment, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		jar := h.browser(t).Jar
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		h = openAt(t, file, options())
		c := &http.Client{Transport: h.http.Transport, Jar: jar}
		if res, _ := h.ask(t, c, "POST", board+"/disputes/"+d.ID+"/lose", nil); res.StatusCode != 200 || h.books(t).Disputed != 2500 {
			t.Errorf("%d, %+v", res.StatusCode, h.books(t))
		}
	})
}
