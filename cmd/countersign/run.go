package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
	_ "time/tzdata" // Windows and slim systems have no time zones of their own

	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/store"
	"countersign/web"
)

// How long a stop may take: requests that are being answered get a moment,
// those that wait for news are told to come back, and then it ends.
const (
	stopWithin  = 8 * time.Second
	stopWaiting = 2 * time.Second
)

func storeOptions() store.Options { return daemon.StoreOptions() }

type runCommand struct {
	Listen string `env:"COUNTERSIGN_LISTEN" placeholder:"ADDR" help:"Where to listen, as in :8791 or 127.0.0.1:8791."`
}

// Help is the command's example.
func (runCommand) Help() string {
	return example("It stops on Ctrl-C.", "countersign run --data ./salon --listen :8791")
}

// Run runs the daemon until it is told to stop.
func (c runCommand) Run(p *program) error {
	s, err := p.cli.load(c.Listen)
	if err != nil {
		return err
	}
	return underManager(p.ctx, func(ctx context.Context) error {
		inst, err := start(s, p.logger(s.Log))
		if err != nil {
			return err
		}
		if err := firstStart(inst.daemon.Desk()); err != nil {
			return errors.Join(err, inst.daemon.Close())
		}
		return inst.serve(ctx, func() error {
			p.welcome(inst)
			return nil
		})
	})
}

// welcome prints where to go.
func (p *program) welcome(inst *instance) {
	fmt.Fprintf(p.stdout, "Countersign %s is ready.\n\n  tablet    %s/desk\n  display   %s/display\n  data      %s\n\n",
		version, inst.public, inst.public, inst.settings.Data)
	if h, err := inst.daemon.Desk().Hosting(); err == nil && h.Wanted && !h.Able {
		fmt.Fprintf(p.stdout, "links is \"provider\" in %s, but %s hosts no links: codes carry %s.\n\n", inst.settings.File, h.Title, inst.public)
	}
	staff, err := inst.daemon.Desk().StaffList()
	if err == nil && len(staff) == 0 {
		fmt.Fprint(p.stdout, "Nobody can sign in yet. Add the first administrator:\n\n  countersign staff add --name NAME\n\n")
	}
}

// logger writes lines for people on a terminal, and JSON for whoever collects
// them otherwise.
func (p *program) logger(level zerolog.Level) zerolog.Logger {
	out := p.stderr
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			out = zerolog.ConsoleWriter{Out: f, TimeFormat: time.TimeOnly}
		}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// instance is one daemon with everything that it is reached by.
type instance struct {
	settings settings
	public   string
	local    string
	log      zerolog.Logger
	listener net.Listener
	control  net.Listener
	daemon   *daemon.Daemon
}

// start opens the folder, the port and the files, in this order: each has its
// own sentence about what is wrong, and nothing is printed before all are open.
func start(s settings, log zerolog.Logger) (*instance, error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder can't be made: %w", err)
	}
	if at, ok := askStatus(s.Data); ok {
		return nil, fmt.Errorf("a Countersign already runs on %s, at %s. Stop it first, or give this one another --data", s.Data, at.Public)
	}
	listener, err := listen(s)
	if err != nil {
		return nil, err
	}
	inst := &instance{settings: s, log: log, listener: listener,
		public: publicURL(s, listener.Addr()), local: localURL(listener.Addr())}
	if err := inst.open(); err != nil {
		listener.Close()
		return nil, err
	}
	return inst, nil
}

func (i *instance) open() error {
	senders, err := i.settings.senders()
	if err != nil {
		return err
	}
	d, err := daemon.Open(daemon.Config{Senders: senders, Data: i.settings.Data, PublicURL: i.public, Local: i.local, ProviderLinks: i.settings.ProviderLinks,
		Sandbox: i.settings.Sandbox, Fiscal: i.settings.Fiscal, Log: i.log, Version: version, PrivateReceivers: i.settings.WebhooksPrivate,
		Credentials: os.Getenv("CREDENTIALS_DIRECTORY")})
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("another Countersign has %s open. Stop it first, or give this one another --data", i.settings.Data)
	}
	if err != nil {
		return err
	}
	i.daemon = d
	// The lock on the store is ours, so a socket that is still there is left
	// over from a daemon that was killed.
	if i.control, err = listenControl(i.settings.Data); err != nil {
		i.log.Warn().Err(err).Msg("commands can't ask the running daemon")
	}
	return nil
}

// listen opens the port, or says which one is taken and what to change.
func listen(s settings) (net.Listener, error) {
	l, err := net.Listen("tcp", s.Listen)
	if err == nil {
		return l, nil
	}
	_, port, _ := net.SplitHostPort(s.Listen)
	change := fmt.Sprintf("choose another with --listen, or with listen in %s", s.File)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %s is taken by another program (%s). Stop that program, or %s", port, s.Listen, change)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %s is not for this user: ports below 1024 need more rights. Please %s", port, change)
	}
	return nil, fmt.Errorf("can't listen on %s: %w. Please %s", s.Listen, err, change)
}

// serve answers requests and works until ctx ends; ready is called once both
// are so.
func (i *instance) serve(ctx context.Context, ready func() error) error {
	waiting, stopAnswers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAnswers()
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	front := &http.Server{
		Handler:           web.New(i.daemon, web.Options{Log: i.log, Version: version, Hosts: hostNames(i.settings, i.public)}),
		BaseContext:       func(net.Listener) context.Context { return waiting },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          quietLog(i.log),
	}
	back := &http.Server{Handler: i.controls(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 3)
	go func() { ended <- front.Serve(i.listener) }()
	if i.control != nil {
		go func() { ended <- back.Serve(i.control) }()
	}
	worked := make(chan error, 1)
	go func() { worked <- i.daemon.Run(working) }()

	err := ready()
	if err == nil {
		tellManager("READY=1\nSTATUS=" + i.public)
		go i.petWatchdog(working)
		select {
		case <-ctx.Done():
		case err = <-ended:
		case err = <-worked:
			worked <- nil
		}
	}
	tellManager("STOPPING=1")
	stop(front, back, stopAnswers)
	stopWork()
	return errors.Join(err, <-worked, i.daemon.Close())
}

// stop lets the answers under way finish, and sends home what only waits for
// news. Hijacked sockets are the daemon's, which closes them when its work ends.
func stop(front, back *http.Server, stopAnswers func()) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	time.AfterFunc(stopWaiting, stopAnswers)
	for _, server := range []*http.Server{front, back} {
		if err := server.Shutdown(ctx); err != nil {
			server.Close()
		}
	}
}

// makeTemporary makes a folder for data that nobody will miss.
func makeTemporary() (string, error) {
	dir, err := os.MkdirTemp("", "countersign-demo-")
	if err != nil {
		return "", err
	}
	return filepath.Abs(dir)
}
