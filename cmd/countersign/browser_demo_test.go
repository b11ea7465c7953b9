package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	_ "image/png" // the screenshots
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"
)

// stand is the demo, started as a person starts it.
type stand struct {
	*site
	ticket ticket
}

// openDemo runs `countersign demo` for as long as the test, which also fails if the
// demo doesn't end well or leaves its data behind.
func openDemo(t *testing.T) *stand {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c, said := exec.Command(program, "demo", "--listen", ":0", "--json"), &bytes.Buffer{}
	c.Env, c.Stderr = append(os.Environ(), "STATE_DIRECTORY=", "CONFIGURATION_DIRECTORY=", "NOTIFY_SOCKET="), said
	out, err := c.StdoutPipe()
	if err = errors.Join(err, c.Start()); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() }) // else the first line may never come
	line, err := bufio.NewReader(out).ReadBytes('\n')
	d := &stand{site: &site{t: t, program: program, http: &http.Client{}}}
	if err = errors.Join(err, json.Unmarshal(line, &d.ticket)); err != nil || !late.Stop() {
		_ = c.Process.Kill()
		_ = c.Wait()
		t.Fatalf("countersign demo: %v: %s\n%s", err, line, said)
	}
	d.data, d.base, d.token = d.ticket.Data, d.ticket.Base, d.ticket.Token
	t.Cleanup(func() { d.end(c, said) })
	d.await("the demo is ready", 10*time.Second, func(ctx context.Context) bool {
		return d.ask(ctx, http.MethodGet, "/readyz", nil, nil) == http.StatusOK
	})
	return d
}

func (d *stand) end(c *exec.Cmd, said *bytes.Buffer) {
	d.http.CloseIdleConnections()
	late := time.AfterFunc(15*time.Second, func() { _ = c.Process.Kill() })
	defer late.Stop()
	if err := errors.Join(c.Process.Signal(os.Interrupt), c.Wait()); err != nil {
		d.t.Errorf("the demo ended badly: %v", err)
	}
	if _, err := os.Stat(d.data); !errors.Is(err, fs.ErrNotExist) {
		d.t.Errorf("the demo left %s behind: %v", d.data, err)
	}
	if d.t.Failed() {
		d.t.Logf("the demo said:\n%s", said)
	}
}

// get reads something that must be there.
func (d *stand) get(path string, into any) {
	d.t.Helper()
	if status := d.ask(context.Background(), http.MethodGet, path, nil, into); status != http.StatusOK {
		d.t.Fatalf("GET %s answered %d", path, status)
	}
}

func (d *stand) visit(id string) (v saidVisit) {
	d.t.Helper()
	d.get("/api/v1/visits/"+id, &v)
	return v
}

// scanned is the address that a visit's code must lead to.
func (d *stand) scanned(visit string) string {
	d.t.Helper()
	var l saidLink
	d.get("/api/v1/visits/"+visit+"/link", &l)
	return d.base + "/s/" + l.Token
}

// booked are the ledger's entries for a visit in a register.
func (d *stand) booked(visit, register string) (found []saidPayment) {
	d.t.Helper()
	all, ok := d.ledger(context.Background())
	if !ok {
		d.t.Fatal("the ledger can't be read")
	}
	for _, e := range all {
		if e.Visit == visit && e.Register == register {
			found = append(found, e)
		}
	}
	return found
}

// fromOutside fails on an address that only this computer reaches, unless it has no other.
func fromOutside(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && ip != nil && !ip.IsLoopback() {
		return
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			t.Errorf("the code leads to %s, which no phone reaches; %s it would", address, n.IP)
		}
	}
}

// decode reads a code off a screenshot as a phone would, by a reader of our
// language and by one that has nothing in common with it.
func decode(t *testing.T, path string) string {
	t.Helper()
	tool, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Fatal("no second reader of codes: apt-get install zbar-tools")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	first, err := readCode(picture)
	if err != nil {
		t.Fatalf("gozxing reads no code in %s: %v", path, err)
	}
	second, err := exec.Command(tool, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
	if err != nil {
		t.Fatalf("zbarimg reads no code in %s: %v", path, err)
	}
	if got := strings.TrimSpace(string(second)); got != first {
		t.Fatalf("gozxing reads %q in %s, zbarimg %q", first, path, got)
	}
	return first
}

// readCode reads the code of a screen as a phone does, whose camera comes nearer until it has
// it: gozxing takes other things on a screen for a code's corner now and then.
func readCode(picture image.Image) (text string, err error) {
	for _, part := range []int{4, 3, 2} {
		size := picture.Bounds().Size()
		seen := image.NewGray(image.Rect(0, 0, size.X*part/4, size.Y*part/4))
		draw.BiLinear.Scale(seen, seen.Rect, picture, picture.Bounds(), draw.Src, nil)
		bits, err := gozxing.NewBinaryBitmapFromImage(seen)
		if err != nil {
			return "", err
		}
		found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err == nil {
			return found.GetText(), nil
		}
	}
	return "", errors.New("at none of three distances")
}
