package main

import (
	"fmt"
	"strings"
	"time"

	"countersign/daemon"
	"countersign/daemon/confirm"
	"countersign/daemon/provider"
)

// payments looks at where new payments go, and has every provider that was set
// up say what its keys lack.
func payments(c daemon.Checkup) (found []diagnosis) {
	const where = "Set a provider up on the tablet: Set up, Payments."
	switch {
	case c.Preferred == "":
		found = append(found, fail("payments", "No payment provider is set up, and the sandbox is off: nobody can pay by link.", where))
	case c.Preferred == "sandbox":
		found = append(found, warn("payments", "New payments go to the sandbox: no real payments are taken.", where))
	case provider.IsTest(c.Preferred):
		found = append(found, warn("payments", fmt.Sprintf("New payments go to %s, a test account: no real payments are taken.", c.Preferred), "Enter the keys of the live account on the tablet: Set up, Payments."))
	default:
		found = append(found, ok("payments", "New payments go to %s.", c.Preferred))
	}
	for _, a := range c.Accounts {
		found = append(found, keysOf(a))
	}
	return found
}

func keysOf(a daemon.AccountCheck) diagnosis {
	check := "provider " + a.Name
	switch a.Cause {
	case "":
		mode := "test"
		if a.Live {
			mode = "live"
		}
		of := ""
		if a.Holder != "" {
			of = " of " + a.Holder
		}
		return ok(check, "%s takes the keys of the %s account%s: they have every permission that is needed.", a.Title, mode, of)
	case confirm.CauseUnreachable:
		return fail(check, strings.TrimSpace(a.Title+" can't be reached from this computer. "+a.Said), "Look at the internet connection, and at the status page of "+a.Title+".")
	}
	return fail(check, strings.TrimSpace(a.Title+" doesn't take the keys. "+a.Said), "Mend that at "+a.Title+", or enter other keys on the tablet: Set up, Payments.")
}

// lagging is how old the last word of a provider may be: it is read once a
// minute at the slowest.
const lagging = 5 * time.Minute

// confirmations looks at whether those of a running daemon come in.
func (d doctor) confirmations(c daemon.Checkup) (found []diagnosis) {
	for _, s := range c.Sync {
		check := "sync " + s.Provider
		switch {
		case s.Cause == confirm.CauseKeys:
			found = append(found, fail(check, s.Problem, "Look at the check of the provider above."))
		case s.Cause != "":
			found = append(found, fail(check, s.Problem, "Payments are booked as soon as it can be read again. Nothing is lost meanwhile."))
		case s.Lag < 0:
			found = append(found, warn(check, "It was not read yet since the start.", "Ask again in a minute."))
		case s.Lag > int64(lagging/time.Second):
			found = append(found, fail(check, fmt.Sprintf("It was last read %v ago.", time.Duration(s.Lag)*time.Second), "countersign service restart"))
		default:
			found = append(found, ok(check, "It was last read %v ago.", time.Duration(s.Lag)*time.Second))
		}
		found = append(found, hooks(c, s)...)
	}
	return found
}

// hooks looks at whether webhooks come, where they could: payments are noticed
// without them as well, and some seconds later.
func hooks(c daemon.Checkup, s confirm.State) []diagnosis {
	able := strings.HasPrefix(c.PublicURL, "https://")
	for _, a := range c.Accounts {
		if a.Name != s.Provider || !a.Webhooks || !able {
			continue
		}
		check := "webhooks " + a.Name
		switch {
		case !s.LastHook.IsZero():
			return []diagnosis{ok(check, "The last one came at %s.", s.LastHook.Local().Format(time.DateTime))}
		case c.Polled[a.Name] > 0:
			return []diagnosis{warn(check, "Payments were confirmed since the start, and no webhook came.", fmt.Sprintf("Have %s send them to %s/hooks/%s, and enter their secret on the tablet. Without them a payment is noticed some seconds later.", a.Title, c.PublicURL, a.Name))}
		}
		return []diagnosis{ok(check, "None came since the start, and none was due.")}
	}
	return nil
}

// channels says by which way clients get messages.
func channels(c daemon.Checkup) diagnosis {
	if len(c.Channels) == 0 {
		return ok("channels", "No email and no text messages are set up: clients find their receipt on their phone's page.")
	}
	var names []string
	for _, by := range c.Channels {
		names = append(names, string(by))
	}
	return ok("channels", "Clients get messages by %s.", strings.Join(names, " and "))
}
