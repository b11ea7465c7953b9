package main

import (
	"bytes"
	"context"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/kardianos/service"
	"github.com/rs/zerolog"
)

// tellManager tells systemd how it goes, where systemd asked to be told.
func tellManager(state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if name[0] == '@' {
		name = "\x00" + name[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return // a daemon that systemd can't hear still serves the reception
	}
	defer c.Close()
	_, _ = c.Write([]byte(state))
}

// petWatchdog tells systemd that the daemon answers, as long as it does: it
// asks the way a tablet would. A provider that is down is no reason to restart.
func (i *instance) petWatchdog(ctx context.Context) {
	every, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || every <= 0 {
		return
	}
	pace := time.NewTicker(time.Duration(every) * time.Microsecond / 3)
	defer pace.Stop()
	client := &http.Client{Timeout: 5 * time.Second}
	for {
		if answers(ctx, client, i.local+"/healthz") {
			tellManager("WATCHDOG=1")
		}
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// underManager runs a daemon in the foreground, or under the service manager
// where that one wants to be spoken to (Windows). Elsewhere signals say it all.
func underManager(ctx context.Context, run func(context.Context) error) error {
	if service.Platform() != "windows-service" || service.Interactive() {
		return run(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := &managed{run: func() error { return run(ctx) }, stop: stop, done: make(chan error, 1)}
	s, err := service.New(w, &service.Config{Name: serviceName})
	if err != nil {
		return err
	}
	return s.Run()
}

// managed is a daemon as the service manager starts and stops it.
type managed struct {
	run  func() error
	stop func()
	done chan error
}

// Start returns at once. A daemon that ends by itself ends the process with a
// failure, so that the manager starts it again.
func (m *managed) Start(service.Service) error {
	go func() {
		err := m.run()
		m.done <- err
		if err != nil {
			os.Exit(exitFailed)
		}
	}()
	return nil
}

// Stop stops the daemon and waits for it.
func (m *managed) Stop(service.Service) error {
	m.stop()
	return <-m.done
}

// quietLog takes the lines of net/http, which are about clients that went
// away or spoke nonsense: worth a look only when looking for something.
func quietLog(l zerolog.Logger) *log.Logger {
	return log.New(lineWriter(func(line []byte) { l.Debug().Msg(string(bytes.TrimSpace(line))) }), "", 0)
}

type lineWriter func(line []byte)

// Write takes one line.
func (w lineWriter) Write(line []byte) (int, error) {
	w(line)
	return len(line), nil
}
