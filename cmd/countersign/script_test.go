package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"countersign/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"countersign": main})
}

// TestScript runs the program as people type it: testdata/script has one file
// for each thing that it promises.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COUNTERSIGN_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("COUNTERSIGN_LISTEN", "127.0.0.1:0")
			// The help names the default places, which differ from machine to machine.
			env.Setenv("STATE_DIRECTORY", "/var/lib/countersign")
			env.Setenv("CONFIGURATION_DIRECTORY", "/etc/countersign")
			env.Setenv("COUNTERSIGN_CONFIG", filepath.Join(env.WorkDir, "countersign.toml"))
			env.Setenv("TMPDIR", filepath.Join(env.WorkDir, "tmp"))
			return errors.Join(os.Mkdir(filepath.Join(env.WorkDir, "tmp"), 0o700),
				os.WriteFile(filepath.Join(env.WorkDir, "countersign.toml"), nil, 0o600))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "ready": ready, "occupy": occupy, "terminate": terminate,
			"foreign": foreign, "zero": zero,
		},
	})
}

// exits CODE PROGRAM [ARG...] runs a program and wants it to exit with the code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v exited %d, want %d", args[1:], got, want)
	}
}

// ready FOLDER waits until a daemon answers on the data in a folder, which may
// be a pattern.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	give := time.After(time.Minute)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		folders, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		for _, folder := range folders {
			if at, ok := askStatus(folder); ok {
				ts.Setenv("BASE", at.Public)
				return
			}
		}
		select {
		case <-look.C:
		case <-give:
			ts.Fatalf("no daemon answers on %s", args[0])
		}
	}
}

// occupy takes a port, and sets PORT to it.
func occupy(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv("PORT", port)
}

// terminate asks every program in the background to end, as systemd does.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}

// foreign FILE makes the database of another program.
func foreign(ts *testscript.TestScript, _ bool, args []string) {
	db, err := store.Open(ts.MkAbs(args[0]), store.Options{Program: "lunchbox"})
	ts.Check(err)
	ts.Check(db.Close())
}

// zero FILE FROM TO writes zeroes into a file, as a dying disk does.
func zero(ts *testscript.TestScript, _ bool, args []string) {
	from, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	to, err := strconv.ParseInt(args[2], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteAt(make([]byte, to-from), from)
	ts.Check(errors.Join(err, f.Close()))
}
