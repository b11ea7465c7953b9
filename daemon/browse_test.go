package daemon_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// people are who looks at pages in a simulated day: staff at the tablet, if
// anybody is signed in, a program, clients at their links.
type people struct {
	tablet *http.Client
	token  string
}

// admit gives a program its token, and signs somebody in at the tablet.
func (w *world) admit(staff bool) {
	token, err := w.d.Desk().CreateToken(access.System(), "books", access.All(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.people.token = token
	if !staff {
		return
	}
	const pin = "471147"
	one, err := w.d.Desk().SaveStaff(access.System(), desk.StaffDraft{Name: "Zita", Role: access.Administrator, PIN: pin, Active: true})
	if err != nil {
		w.t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	w.people.tablet = w.net.client()
	w.people.tablet.Jar = jar
	w.people.tablet.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	got, err := w.people.tablet.PostForm("http://countersign/desk/signin", url.Values{"staff": {string(one.ID)}, "pin": {pin}})
	if err != nil || got.StatusCode != http.StatusSeeOther {
		w.t.Fatalf("sign-in: %+v, %v", got, err)
	}
	_ = got.Body.Close()
}

// keys are what the day's people show at the door.
func (w *world) keys() (all []string) {
	all = append(all, w.people.token)
	at := &url.URL{Scheme: "http", Host: "countersign", Path: "/desk"}
	screen := &url.URL{Scheme: "http", Host: "countersign", Path: "/display"}
	for _, c := range w.glass.http.Jar.Cookies(screen) {
		all = append(all, c.Value)
	}
	if w.people.tablet != nil {
		for _, c := range w.people.tablet.Jar.Cookies(at) {
			all = append(all, c.Value)
		}
	}
	return all
}

// browse is somebody who looks at a page: whatever it is, it holds no secret.
func (w *world) browse() {
	visit, token := "v_none", "none"
	if v, ok := w.any(); ok {
		visit = string(v)
		if l, err := w.d.Desk().Link(access.System(), v); err == nil {
			token = string(l.Token)
		}
	}
	pages := []string{"/readyz", "/healthz", "/display", "/q/front", "/p/{token}", "/p/{token}/status", "/p/none", "/api/v1/visits", "/api/v1/payments", "/api/v1/events",
		"/api/v1/attention", "/api/v1/displays", "/api/v1/visits/{visit}", "/api/v1/visits/{visit}/link", "/api/v1/reports", "/api/v1/staff"}
	if w.people.tablet != nil {
		pages = append(pages, "/desk", "/desk/list", "/desk/setup", "/desk/attention", "/desk/reports", "/desk/clients", "/desk/visits/{visit}", "/desk/visits/{visit}/pay")
	}
	page := pages[w.rng.IntN(len(pages))]
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://countersign"+strings.NewReplacer("{visit}", visit, "{token}", token).Replace(page), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c := w.people.tablet
	if c == nil || !strings.HasPrefix(page, "/desk") {
		c = w.caller
	}
	if strings.HasPrefix(page, "/api/") {
		r.Header.Set("Authorization", "Bearer "+w.people.token)
	}
	got, err := c.Do(r)
	if err != nil {
		w.note("look at %s: %v", page, err)
		return
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	w.note("look at %s: %d %v", page, got.StatusCode, err)
	away := page == "/readyz" || w.at.follow != nil && strings.HasSuffix(page, "/link") && got.StatusCode == http.StatusServiceUnavailable // its company makes it
	if !strings.HasPrefix(page, "/display") && got.StatusCode >= http.StatusInternalServerError && !away && !w.mains.out.Load() {
		w.fault("%s: %d %.200s", page, got.StatusCode, text)
	}
	w.ears.served(page, string(text))
}
