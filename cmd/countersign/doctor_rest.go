package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/kardianos/service"

	"countersign/daemon"
)

// away is how long a display may be gone before somebody should look at it.
const away = time.Hour

// displays looks at the monitors at the reception.
func (d doctor) displays(c daemon.Checkup, now time.Time) []diagnosis {
	if len(c.Displays) == 0 {
		return []diagnosis{warn("displays", "No display is paired: there is no monitor that could show a code.", "Open the address of /display on the monitor, and type its code on the tablet: Set up, Displays.")}
	}
	if !d.running {
		return []diagnosis{ok("displays", "%d paired. They connect by themselves once Countersign runs.", len(c.Displays))}
	}
	online := 0
	var gone []string
	for _, x := range c.Displays {
		switch {
		case x.Online:
			online++
		case now.Sub(x.LastSeen) > away:
			gone = append(gone, fmt.Sprintf("%s (since %s)", x.Name, x.LastSeen.Local().Format(time.DateTime)))
		}
	}
	if len(gone) > 0 {
		return []diagnosis{warn("displays", fmt.Sprintf("%d of %d are connected. Gone for more than an hour: %s.", online, len(c.Displays), few(gone)), "Look whether the monitor is on, its computer has the network, and its browser shows this address. What is no longer there is removed on the tablet: Set up, Displays.")}
	}
	return []diagnosis{ok("displays", "%d of %d are connected.", online, len(c.Displays))}
}

// service looks at whether the operating system starts Countersign.
func (d doctor) service() diagnosis {
	const install = "sudo countersign service install && sudo countersign service start"
	state, err := d.manager()
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return warn("service", "The operating system doesn't start Countersign: after a power cut nobody does.", install)
	case err != nil:
		return warn("service", "Whether the operating system starts Countersign is not known: "+err.Error()+".", "See that something starts it after a power cut.")
	case state == service.StatusRunning && !d.running:
		return warn("service", "The service runs, and not on the data in "+d.settings.Data+".", "Name its folder with --data, and ask with sudo.")
	case state == service.StatusRunning:
		return ok("service", "It is installed and runs.")
	case d.running:
		return warn("service", "It is installed and stopped: the Countersign that runs was started by hand.", "End that one, then: sudo countersign service start")
	}
	return fail("service", "It is installed and doesn't run.", "sudo countersign service start, and look at why it ended: journalctl -u countersign on Linux")
}
