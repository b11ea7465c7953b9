package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"countersign/daemon"
	"countersign/daemon/fault"
)

// A daemon that runs holds the lock on its file, so the other commands ask it
// over a socket in its data folder. Who may enter the folder (mode 0700) and
// open the socket (0600) may ask: there is no other sign-in.

// longestSocket is what the kernels take as a socket's path, with some to spare.
const longestSocket = 100

func controlPath(data string) string { return filepath.Join(data, "control.sock") }

func listenControl(data string) (net.Listener, error) {
	path := controlPath(data)
	if len(path) > longestSocket {
		return nil, fmt.Errorf("the path of the data folder is too long for a socket (%d of %d bytes)", len(path), longestSocket)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// whereabouts is what a running daemon says of itself.
type whereabouts struct {
	Public  string `json:"public"`
	Local   string `json:"local"`
	PID     int    `json:"pid"`
	Version string `json:"version"`
}

// controls serves the socket.
func (i *instance) controls() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(whereabouts{Public: i.public, Local: i.local, PID: os.Getpid(), Version: version})
	})
	mux.HandleFunc("POST /order", i.takeOrder)
	mux.HandleFunc("GET /backup", i.sendBackup)
	mux.HandleFunc("GET /checkup", i.sendCheckup)
	return mux
}

func (i *instance) takeOrder(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a, err := office{desk: i.daemon.Desk(), verify: i.daemon.Verify}.carryOut(o)
	if err != nil {
		http.Error(w, sentence(err), http.StatusUnprocessableEntity)
		return
	}
	_ = json.NewEncoder(w).Encode(a)
}

// sendCheckup tells how the daemon is: it alone may read the keys and the file.
func (i *instance) sendCheckup(w http.ResponseWriter, r *http.Request) {
	c, err := i.daemon.Checkup(r.Context())
	if err != nil {
		http.Error(w, sentence(err), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(c)
}

// sendBackup sends a copy instead of writing it where the asker wants it: a
// service may not write there.
func (i *instance) sendBackup(w http.ResponseWriter, r *http.Request) {
	dir, err := os.MkdirTemp(i.settings.Data, "backup-")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "copy.db")
	if err := i.daemon.Backup(path); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		// With a length, a copy that breaks off is noticed by who receives it.
		w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	_, _ = io.Copy(w, f)
}

// sentence is what may be told of an error: all of it, since who asks here
// owns the data.
func sentence(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := f.Text
	for _, field := range f.Fields {
		text += fmt.Sprintf(" %s %s.", filepath.Ext("." + field.Location)[1:], field.Message)
	}
	if f.Cause != nil {
		text += " (" + f.Cause.Error() + ")"
	}
	return text
}

// control asks the daemon that runs on a data folder.
type control struct{ http *http.Client }

func dialControl(data string) control {
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	return control{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", controlPath(data))
		},
		DisableKeepAlives: true,
	}}}
}

// askStatus finds out whether a daemon runs on the data, and where.
func askStatus(data string) (at whereabouts, ok bool) {
	c := dialControl(data)
	c.http.Timeout = 3 * time.Second
	res, err := c.http.Get("http://countersign/status")
	if err != nil {
		return at, false
	}
	defer res.Body.Close()
	return at, json.NewDecoder(res.Body).Decode(&at) == nil
}

func (c control) carryOut(o order) (a answer, err error) {
	body, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	res, err := c.http.Post("http://countersign/order", "application/json", bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("the running daemon doesn't answer: %w", err)
	}
	defer res.Body.Close()
	if err := refused(res); err != nil {
		return answer{}, err
	}
	return a, json.NewDecoder(res.Body).Decode(&a)
}

func (c control) checkup(ctx context.Context) (found daemon.Checkup, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://countersign/checkup", nil)
	if err != nil {
		return found, err
	}
	res, err := c.http.Do(r)
	if err != nil {
		return found, fmt.Errorf("the running daemon doesn't answer: %w", err)
	}
	defer res.Body.Close()
	if err := refused(res); err != nil {
		return found, err
	}
	return found, json.NewDecoder(res.Body).Decode(&found)
}

func (c control) backup(path string) error {
	res, err := c.http.Get("http://countersign/backup")
	if err != nil {
		return fmt.Errorf("the running daemon doesn't answer: %w", err)
	}
	defer res.Body.Close()
	if err := refused(res); err != nil {
		return err
	}
	return receive(res.Body, path)
}

func refused(res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	return errors.New(string(bytes.TrimSpace(text)))
}

// receive writes a copy beside its place, holds it against every check, and
// only then gives it its name.
func receive(from io.Reader, path string) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := checkCopy(part); err != nil {
		return err
	}
	// A link never replaces a file that came there meanwhile; a rename would,
	// but is all that a memory stick's file system has.
	if err := os.Link(part, path); err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Rename(part, path)
}
