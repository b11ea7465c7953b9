// Command countersign is the reception's payment daemon and its tools: one
// program that is run in the foreground, by the operating system as a service,
// or for one task and out.
//
// Layout of the package:
//
//	main.go      the command line and its exit codes
//	settings.go  the settings: flag, environment, file, default, in this order
//	address.go   which address the salon's phones and tablets reach
//	run.go       the daemon in the foreground, and its graceful stop
//	demo.go      a salon to try, and salon.go what is in it
//	control.go   how a command asks the daemon that is running
//	doctor.go    doctor; doctor_home.go, _reach, _money and _rest its checks
//	tasks.go     verify, backup, token, staff: on a running daemon or without
//	service.go   the operating system's service, and unit.go its files
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"countersign/daemon/access"
)

// version and commit are set by the linker.
var version, commit = "dev", ""

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes: done, failed, wrong use.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line as kong reads it.
type commands struct {
	Data   string `env:"COUNTERSIGN_DATA" placeholder:"DIR" help:"The data folder. ${data_default} if not given."`
	Config string `env:"COUNTERSIGN_CONFIG" placeholder:"FILE" help:"The settings. ${config_default} if not given and there."`

	Run      runCommand      `cmd:"" help:"Run the daemon in the foreground."`
	Demo     demoCommand     `cmd:"" help:"Try it: a salon with a day of visits and the sandbox provider."`
	Verify   verifyCommand   `cmd:"" help:"Hold every invariant against the data."`
	Doctor   doctorCommand   `cmd:"" help:"Check everything around it, and say what to do."`
	Backup   backupCommand   `cmd:"" help:"Write a consistent, checked copy of the data."`
	Token    tokenCommand    `cmd:"" help:"API tokens for other programs."`
	Staff    staffCommand    `cmd:"" help:"The first administrator; a forgotten PIN."`
	Service  serviceCommand  `cmd:"" help:"The operating system's service."`
	Settings settingsCommand `cmd:"" help:"Print a commented sample of the settings."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// program is what a command works with.
type program struct {
	ctx            context.Context
	stdout, stderr io.Writer
	cli            *commands
}

// usageError is a command that was used wrongly.
type usageError struct{ error }

// quit carries an exit code out of kong, which prints help from inside its parser.
type quit int

// run runs one command line and returns its exit code.
func run(args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			q, ok := r.(quit)
			if !ok {
				panic(r)
			}
			code = int(q)
		}
	}()
	var cli commands
	parser, err := newParser(&cli, stdout, stderr)
	if err != nil {
		return report(stderr, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return report(stderr, usageError{err})
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return report(stderr, parsed.Run(&program{ctx: ctx, stdout: stdout, stderr: stderr, cli: &cli}))
}

func newParser(cli *commands, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("countersign"),
		kong.Description("Payments at a salon's reception: a tap on the tablet, a code on the monitor, a payment on the phone."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(quit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"rights": strings.ReplaceAll(access.All().String(), ",", ", "), "roles": roles(), "data_default": tilde(defaultData()), "config_default": tilde(defaultConfig())})
}

// report says what went wrong, in one sentence, and what to exit with.
func report(stderr io.Writer, err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "countersign: %v\nSee countersign --help.\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "countersign: %v\n", err)
	return exitFailed
}

// example ends a command's help with what to type.
func example(about, line string) string {
	return strings.TrimSpace(about + "\n\nExample:\n\n    " + line)
}

type versionCommand struct {
	JSON bool `help:"Print JSON."`
}

// Help is the command's example.
func (versionCommand) Help() string { return example("", "countersign version --json") }

// Run prints the version.
func (c versionCommand) Run(p *program) error {
	schema := 1 + len(storeOptions().Migrations)
	if c.JSON {
		return p.json(map[string]any{"version": version, "commit": commit, "go": runtime.Version(), "schema": schema})
	}
	fmt.Fprintf(p.stdout, "countersign %s", version)
	if commit != "" {
		fmt.Fprintf(p.stdout, " (%s)", commit)
	}
	fmt.Fprintf(p.stdout, ", %s, %s/%s, schema %d\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, schema)
	return nil
}
