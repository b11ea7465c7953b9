package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/display/sheet"
)

// scanned is what zbarimg reads off a PDF's first page.
func scanned(t *testing.T, pdf string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "sheet.pdf")
	if err := os.WriteFile(file, []byte(pdf), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-png", "-r", "90", "-singlefile", file, filepath.Join(dir, "sheet")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm is needed (Debian: apt install poppler-utils): %v %s", err, out)
	}
	read, err := exec.Command("zbarimg", "--raw", "-q", filepath.Join(dir, "sheet.png")).Output()
	if err != nil {
		t.Fatalf("zbarimg is needed (Debian: apt install zbar-tools): %v", err)
	}
	return strings.TrimSpace(strings.Split(string(read), "\n")[0])
}

// R33, R32: what is printed leads to the desk, in capitals as they are scanned.
func TestR33Print(t *testing.T) {
	s := open(t)
	tablet := s.tablet(access.Receptionist)
	got := s.do(tablet, http.MethodGet, "/print/qr/front.pdf?template=bw&paper=a6&language=de", "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.text, "%PDF-") {
		t.Fatalf("%d %v", got.status, got.header)
	}
	address := scanned(t, got.text)
	if want := strings.ToUpper(s.base + "/q/front"); address != want {
		t.Errorf("the sheet says %q, want %q", address, want)
	}
	s.must(s.d.Desk().Show(access.System(), s.book().ID, "front", false))
	there := s.do(client(nil), http.MethodGet, strings.TrimPrefix(address, strings.ToUpper(s.base)), "")
	if there.status != http.StatusSeeOther || !strings.HasPrefix(there.header.Get("Location"), "/s/") {
		t.Errorf("scanned: %d %v", there.status, there.header)
	}
	for _, at := range []string{"/print/qr/front.svg", "/print/qr/front.preview.svg?paper=tent"} {
		got := s.do(tablet, http.MethodGet, at, "")
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(got.text, "<svg ") {
			t.Errorf("%s: %d %v", at, got.status, got.header)
		}
	}
}

func TestR33PrintRefuses(t *testing.T) {
	s := open(t)
	tablet := s.tablet(access.Receptionist)
	for at, want := range map[string]string{
		"/print/qr/front.pdf?template=sepia":       "query.template",
		"/print/qr/front.pdf?paper=a3":             "query.paper",
		"/print/qr/front.preview.svg?language=tlh": "query.language",
		"/print/qr/roof.pdf":                       "desk_not_found",
	} {
		if got := s.do(tablet, http.MethodGet, at, "", "Accept", "application/json"); got.status < 400 || got.status > 499 || !strings.Contains(got.text, want) {
			t.Errorf("%s: %d %s", at, got.status, got.text)
		}
	}
	if got := s.do(client(nil), http.MethodGet, "/print/qr/front.pdf", ""); got.status != http.StatusUnauthorized {
		t.Errorf("a stranger prints: %d", got.status)
	}
}

// TestR33PrintForm chooses every sheet there is on the tablet.
func TestR33PrintForm(t *testing.T) {
	s := open(t)
	admin := s.tablet(access.Administrator)
	for _, template := range sheet.Templates() {
		for _, paper := range sheet.Papers() {
			got := s.do(admin, http.MethodGet, "/desk/setup?section=desks&print=front&language=de&template="+template+"&paper="+paper, "")
			preview := "/print/qr/front.preview.svg?language=de&amp;paper=" + paper + "&amp;template=" + template
			if got.status != http.StatusOK || !strings.Contains(got.text, preview) || !strings.Contains(got.text, `value="`+paper+`" checked`) {
				t.Errorf("%s %s: %d", template, paper, got.status)
			}
		}
	}
	if got := s.do(admin, http.MethodGet, "/desk/setup?section=desks&print=roof", ""); got.status != http.StatusNotFound {
		t.Errorf("no such desk: %d", got.status)
	}
}

// R32: a phone at a printed code moves on within a second of Show QR.
func TestR32APhoneThatWaits(t *testing.T) {
	s := open(t)
	v := s.book()
	asked, told := make(chan struct{}), make(chan time.Time, 1)
	go func() {
		defer close(told)
		trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(asked) }})
		request, err := http.NewRequestWithContext(trace, http.MethodGet, s.base+"/q/front/status?wait=1", nil)
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil || !strings.Contains(string(said), "/s/"+string(v.Token)) {
			t.Errorf("told %s (%v)", said, err)
		}
		told <- time.Now()
	}()
	<-asked
	shown := time.Now()
	s.must(s.d.Desk().Show(access.System(), v.ID, "front", false))
	if late := (<-told).Sub(shown); late > time.Second {
		t.Errorf("told after %v", late)
	}
}

// R39: who would hold every place open leaves others an answer at once.
func TestR39NoRoomToWait(t *testing.T) {
	s := open(t)
	ctx, leave := context.WithCancel(t.Context())
	ask := func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/q/front/status?wait=1", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			err = answer.Body.Close()
		}
		return err
	}
	var crowd sync.WaitGroup
	var answered atomic.Int32
	for range 80 {
		crowd.Go(func() {
			if ask(ctx) == nil {
				answered.Add(1)
			}
		})
	}
	s.await("an answer for those who have no place", func() bool { return answered.Load() >= 16 })
	leave()
	crowd.Wait()
}
