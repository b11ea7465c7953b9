package confirm

import (
	"context"
	"net/http"
	"slices"
	"time"

	"countersign/daemon/provider"
)

// Hook takes in a webhook: a call that isn't the provider's own word changes
// nothing, and one that nobody signed only has the provider asked. A kind's
// address takes those of its test account as well, since it has to be entered
// at the provider before anybody knows which of the two the keys open.
func (in *Intake) Hook(ctx context.Context, name string, h http.Header, body []byte) error {
	name, events, err := in.parse(name, h, body)
	if err != nil {
		return err
	}
	told := slices.DeleteFunc(slices.Clone(events), func(e provider.Event) bool { return e.Type == provider.EventHint })
	if len(told) < len(events) {
		if err := in.followHints(ctx, name, events); err != nil {
			return err
		}
	} else {
		in.hooked(name)
	}
	return in.book(name, told, "")
}

// parse has the account called name read a webhook, and then its test account.
func (in *Intake) parse(name string, h http.Header, body []byte) (string, []provider.Event, error) {
	err := error(provider.Errorf(provider.NotFound, "no provider %q", name))
	for _, name := range []string{name, provider.NameOf(name, false)} {
		p, ok := in.desk.Provider(name)
		if !ok {
			continue
		}
		var events []provider.Event
		if events, err = p.Parse(h, body, time.Now()); provider.KindOf(err) != provider.Forged {
			return name, events, err
		}
	}
	return name, nil, err
}

// followHints asks after the sessions that hints name. Anybody can send one,
// so they reach the provider only for checkouts of ours that aren't final. One
// that it doesn't know is for the polls to ask after again.
func (in *Intake) followHints(ctx context.Context, name string, events []provider.Event) error {
	p, _ := in.desk.Provider(name)
	open, err := in.desk.Unsettled()
	if err != nil {
		return err
	}
	for _, c := range open {
		named := func(e provider.Event) bool { return e.Type == provider.EventHint && e.Session.ID == c.Session }
		if c.Provider != name || c.Session == "" || !slices.ContainsFunc(events, named) {
			continue
		}
		if err := in.ask(ctx, p, c); err != nil && provider.KindOf(err) != provider.NotFound {
			return err
		}
	}
	return nil
}
