package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kardianos/service"
)

type serviceCommand struct {
	Install   serviceInstall   `cmd:"" help:"Have the operating system start it at boot, and again when it ends."`
	Uninstall serviceUninstall `cmd:"" help:"Stop it and remove the service. The data stays."`
	Start     serviceStart     `cmd:"" help:"Start the service."`
	Stop      serviceStop      `cmd:"" help:"Stop the service."`
	Restart   serviceRestart   `cmd:"" help:"Stop the service and start it."`
	Status    serviceStatus    `cmd:"" help:"Tell whether it is installed and runs."`
}

type (
	serviceInstall   struct{}
	serviceUninstall struct{}
	serviceStart     struct{}
	serviceStop      struct{}
	serviceRestart   struct{}
	serviceStatus    struct {
		JSON bool `help:"Print JSON."`
	}
)

// Help is the command's example.
func (serviceInstall) Help() string {
	return example("", "sudo countersign service install && sudo countersign service start")
}

// Help is the command's example.
func (serviceUninstall) Help() string { return example("", "sudo countersign service uninstall") }

// Help is the command's example.
func (serviceStart) Help() string { return example("", "sudo countersign service start") }

// Help is the command's example.
func (serviceStop) Help() string { return example("", "sudo countersign service stop") }

// Help is the command's example.
func (serviceRestart) Help() string { return example("", "sudo countersign service restart") }

// Help is the command's example.
func (serviceStatus) Help() string { return example("", "countersign service status --json") }

// stopsWithin bounds what the library would wait for ever for, on Windows.
const stopsWithin = 30 * time.Second

// Run installs the service. It is started by a command of its own, once the
// settings are what they should be.
func (serviceInstall) Run(p *program) error {
	s, err := p.service()
	if err != nil {
		return err
	}
	if err := p.mayInstall(s.Platform()); err != nil {
		return err
	}
	if err := s.Install(); err != nil {
		return needsRights(err)
	}
	fmt.Fprintln(p.stdout, "Installed. It starts at the next boot, or now with: countersign service start")
	return nil
}

// Run removes the service. The library would leave it running.
func (serviceUninstall) Run(p *program) error {
	s, err := p.service()
	if err != nil {
		return err
	}
	if state, err := s.Status(); err == nil && state == service.StatusRunning {
		if err := act(s, "stop"); err != nil {
			return needsRights(err)
		}
	}
	if err := s.Uninstall(); err != nil {
		return needsRights(err)
	}
	fmt.Fprintln(p.stdout, "Uninstalled. The data stays where it is.")
	return nil
}

// Run starts the service.
func (serviceStart) Run(p *program) error { return p.act("start", "Started.") }

// Run stops the service.
func (serviceStop) Run(p *program) error { return p.act("stop", "Stopped.") }

// Run restarts the service.
func (serviceRestart) Run(p *program) error { return p.act("restart", "Restarted.") }

// Run tells the service's state.
func (c serviceStatus) Run(p *program) error {
	s, err := p.service()
	if err != nil {
		return err
	}
	state, err := s.Status()
	word := map[service.Status]string{service.StatusRunning: "running", service.StatusStopped: "stopped"}[state]
	if errors.Is(err, service.ErrNotInstalled) {
		word = "not installed"
	} else if err != nil {
		word = "failed: " + err.Error()
	}
	if c.JSON {
		return p.json(map[string]string{"state": word, "manager": s.Platform()})
	}
	fmt.Fprintln(p.stdout, word)
	return nil
}

func (p *program) act(verb, done string) error {
	s, err := p.service()
	if err != nil {
		return err
	}
	if err := act(s, verb); err != nil {
		return needsRights(err)
	}
	fmt.Fprintln(p.stdout, done)
	return nil
}

// act has the manager do something, for as long as a person would wait.
func act(s service.Service, verb string) error {
	done := make(chan error, 1)
	go func() {
		if line := launchctl(s.Platform(), verb); line != nil {
			out, err := exec.Command(line[0], line[1:]...).CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%s: %w: %s", strings.Join(line, " "), err, strings.TrimSpace(string(out)))
			}
			done <- err
			return
		}
		done <- service.Control(s, verb)
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(stopsWithin):
		return fmt.Errorf("the service manager didn't %s it within %v", verb, stopsWithin)
	}
}

// launchctl is what to run on macOS, where the library still says load and
// unload, which newer systems refuse.
func launchctl(platform, verb string) []string {
	if platform != "darwin-launchd" {
		return nil
	}
	label := "system/" + macOSName
	switch verb {
	case "start":
		return []string{"launchctl", "bootstrap", "system", "/Library/LaunchDaemons/" + macOSName + ".plist"}
	case "stop":
		return []string{"launchctl", "bootout", label}
	}
	return []string{"launchctl", "kickstart", "-k", label}
}

// service describes the daemon to this computer's service manager.
func (p *program) service() (service.Service, error) {
	if err := supported(service.Platform()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return nil, err
	}
	arguments, err := p.serviceArguments()
	if err != nil {
		return nil, err
	}
	config, err := serviceConfig(runtime.GOOS, self, arguments)
	if err != nil {
		return nil, err
	}
	return service.New(&managed{}, config)
}

// supported refuses managers for which the library has a script that was never
// tried: a daemon that doesn't come back at three in the morning is worse than none.
func supported(platform string) error {
	if slices.Contains([]string{"linux-systemd", "darwin-launchd", "windows-service"}, platform) {
		return nil
	}
	return fmt.Errorf("there is no service manager here that Countersign knows (systemd, launchd or Windows; this is %q). Have yours run: countersign run", platform)
}

func (p *program) serviceArguments() ([]string, error) {
	arguments := []string{"run"}
	for _, flag := range [][2]string{{"--config", p.cli.Config}, {"--data", p.cli.Data}} {
		if flag[1] == "" {
			continue
		}
		path, err := filepath.Abs(flag[1])
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, flag[0], path)
	}
	return arguments, nil
}

func serviceConfig(system, self string, arguments []string) (*service.Config, error) {
	c := &service.Config{
		Name:        serviceName,
		DisplayName: "Countersign",
		Description: serviceAbout,
		Executable:  self,
		Arguments:   arguments,
		Option: service.KeyValue{
			// Windows: the library's own defaults are to leave it dead.
			"OnFailure":              "restart",
			"OnFailureDelayDuration": "1s",
			"OnFailureResetPeriod":   86400,
		},
	}
	u := unit{Name: serviceName, About: serviceAbout, Program: self, Arguments: arguments}
	switch system {
	case "linux":
		text, err := u.systemd()
		c.Option["SystemdScript"] = text
		return c, err
	case "darwin":
		c.Name, u.Name, u.Log = macOSName, macOSName, "/Library/Logs/Countersign.log"
		text, err := u.launchd()
		c.Option["LaunchdConfig"] = text
		return c, err
	}
	c.UserName = `NT AUTHORITY\LocalService`
	return c, nil
}

// mayInstall refuses what would be installed and not work.
func (p *program) mayInstall(platform string) error {
	if platform != "linux-systemd" {
		return nil
	}
	for _, path := range []string{packageUnit, "/lib/systemd/system/countersign.service"} {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("the package that is installed brings its own service (%s): use systemctl, or remove the package first", path)
		}
	}
	if p.cli.Data != "" {
		return errors.New("the service keeps its data in /var/lib/countersign, the only folder that it may write to: leave out --data")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return inSight(self)
}

// inSight refuses a program in a folder that the service does not see.
func inSight(self string) error {
	for _, hidden := range []string{"/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"} {
		if strings.HasPrefix(self, hidden) {
			return fmt.Errorf("the service can't see %s: move the program first, as with: sudo mv %s /usr/local/bin/", hidden, self)
		}
	}
	return nil
}

// needsRights adds what is nearly always the reason.
func needsRights(err error) error {
	if os.Geteuid() > 0 {
		return fmt.Errorf("%w (the service is for administrators: try it with sudo)", err)
	}
	return err
}
