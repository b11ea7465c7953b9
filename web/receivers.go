package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/web/page"
)

// messagesShown is how many messages of each state a receiver's list has.
const messagesShown = 12

// receiversPart is what Set up shows of other software that is told of events.
// open is the one whose messages are listed, or "new".
func (v *view) receiversPart(open string) (page.Receivers, error) {
	all, err := v.s.desk.Subscribers(v.a)
	if err != nil {
		return page.Receivers{}, err
	}
	var p page.Receivers
	if open == "new" {
		p.Form = v.receiverForm("", "", nil)
	}
	for _, s := range all {
		row, err := v.receiverRow(s)
		if err != nil {
			return page.Receivers{}, err
		}
		if row.Open = string(s.ID) == open; row.Open {
			p.Form = v.receiverForm(s.ID, s.URL, s.Types)
			if row.Messages, err = v.messagesOf(s.ID); err != nil {
				return page.Receivers{}, err
			}
		}
		p.List = append(p.List, row)
	}
	return p, nil
}

func (v *view) receiverRow(s desk.Subscriber) (page.ReceiverRow, error) {
	waiting, err := v.s.desk.Waiting(v.a, s.ID)
	f := s.Feed
	row := page.ReceiverRow{ID: string(s.ID), URL: s.URL, Host: hostOf(s.URL), State: "new", Why: string(f.Problem), Code: f.Status,
		Waiting: waiting, Many: waiting >= desk.MostWaiting, Failed: f.GivenUp, Picked: len(s.Types)}
	if !f.Delivered.IsZero() {
		row.State, row.Last = "good", v.at(f.Delivered)
	}
	switch {
	case !s.On && s.Gone:
		row.State = "gone"
	case !s.On:
		row.State = "off"
	case !f.Since.IsZero():
		row.State, row.Since = "failing", v.at(f.Since)
	}
	return row, err
}

// messagesOf lists the last messages of a receiver: those that are tried out of
// order, those that failed, and those that arrived.
func (v *view) messagesOf(which id.Subscriber) (rows []page.MessageRow, err error) {
	for _, state := range []desk.MessageState{desk.MessageWaiting, desk.MessageFailed, desk.MessageDelivered} {
		list, err := v.s.desk.Messages(v.a, which, state, messagesShown)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			rows = append(rows, v.messageRow(m))
		}
	}
	return rows, nil
}

func (v *view) messageRow(m desk.Message) page.MessageRow {
	row := page.MessageRow{Kind: eventKind(m.Type), At: v.at(m.At), State: string(m.State), Why: string(m.Outcome), Code: m.Status, Tries: m.Attempts}
	if m.Type != desk.TestMessage {
		row.ID = m.ID
	}
	return row
}

// eventKind is how the catalogue names a type of event.
func eventKind(name string) string { return strings.ReplaceAll(name, ".", "_") }

func (v *view) receiverForm(which id.Subscriber, address string, types []string) *page.ReceiverForm {
	f := &page.ReceiverForm{ID: string(which), URL: address, Private: v.s.desk.PrivateReceivers()}
	for _, name := range desk.EventTypes() {
		f.Events = append(f.Events, page.EventPick{Kind: eventKind(name), Name: name, Selected: slices.Contains(types, name)})
	}
	return f
}

// receiverTroubles adds the receivers that messages don't reach to what is told
// on every page.
func (v *view) receiverTroubles(troubles []page.SyncTrouble) ([]page.SyncTrouble, error) {
	found, err := v.s.desk.Troubled(v.a)
	for _, s := range found {
		troubles = append(troubles, page.SyncTrouble{Kind: "receiver_" + string(s.Trouble(v.now)), Provider: hostOf(s.URL), Section: "software",
			CanFix: v.a.Rights.Has(access.SettingsManage)})
	}
	return troubles, err
}

func (v *view) receiver() id.Subscriber { return id.Subscriber(chi.URLParam(v.r, "id")) }

// saveReceiver serves POST /desk/setup/software: a new one, whose secret is in
// the answer and nowhere after it, or one that is changed.
func (v *view) saveReceiver() error {
	which, address, types := v.form("id"), v.form("url"), v.r.PostForm["types"]
	var secret string
	var err error
	var s desk.Subscriber
	if which == "" {
		s, secret, err = v.s.d.AddReceiver(v.a, address, types)
	} else {
		err = v.s.desk.ChangeSubscriber(v.a, id.Subscriber(which), address, types)
	}
	if err != nil {
		return v.undone("software", err, func(p *page.Setup) {
			for i := range p.Software.List {
				if row := &p.Software.List[i]; row.ID == which {
					row.Open = true
					row.Messages, _ = v.messagesOf(id.Subscriber(which)) // they are beside what was refused
				}
			}
			p.Software.Form = v.receiverForm(id.Subscriber(which), address, types)
		})
	}
	if which != "" {
		return v.done("software")
	}
	return v.showSecret(page.ReceiverSecret{Host: hostOf(s.URL), Value: secret})
}

// renewReceiver serves POST /desk/setup/software/{id}/secret.
func (v *view) renewReceiver() error {
	secret, err := v.s.d.RenewReceiver(v.a, v.receiver())
	if err != nil {
		return v.failedReceiver(err)
	}
	all, err := v.s.desk.Subscribers(v.a)
	if err != nil {
		return err
	}
	shown := page.ReceiverSecret{Value: secret, Renewed: true}
	for _, s := range all {
		if s.ID == v.receiver() {
			shown.Host = hostOf(s.URL)
		}
	}
	return v.showSecret(shown)
}

// showSecret answers with the secret itself: a redirect would have to keep it
// somewhere until the page is asked for.
func (v *view) showSecret(s page.ReceiverSecret) error {
	p, err := v.setupPage("software")
	if err != nil {
		return err
	}
	p.Software.Secret = &s
	v.w.Header().Set("Cache-Control", "no-store")
	v.show(http.StatusOK, *p)
	return nil
}

func (v *view) failedReceiver(err error) error {
	return v.undone("software", err, func(*page.Setup) {})
}

// testReceiver serves POST /desk/setup/software/{id}/test, and says what came of it.
func (v *view) testReceiver() error {
	m, err := v.s.d.TestReceiver(v.r.Context(), v.a, v.receiver())
	if err != nil {
		return v.failedReceiver(err)
	}
	p, err := v.setupPage("software")
	if err != nil {
		return err
	}
	row := v.messageRow(m)
	for i := range p.Software.List {
		if p.Software.List[i].ID == string(v.receiver()) {
			p.Software.List[i].Tested = &row
		}
	}
	v.show(http.StatusOK, *p)
	return nil
}

// sendAgain serves POST /desk/setup/software/{id}/again: one message, or all
// that failed.
func (v *view) sendAgain() error {
	message := v.form("message")
	err := error(nil)
	if message == "" {
		err = v.s.desk.SendFailedAgain(v.a, v.receiver())
	} else {
		err = v.s.desk.SendAgain(v.a, v.receiver(), message)
	}
	return v.receiverChanged(err)
}

// forgetFailed serves POST /desk/setup/software/{id}/forget.
func (v *view) forgetFailed() error {
	return v.receiverChanged(v.s.desk.ForgetFailed(v.a, v.receiver()))
}

// switchReceiver serves POST /desk/setup/software/{id}/switch.
func (v *view) switchReceiver() error {
	return v.receiverChanged(v.s.desk.SwitchSubscriber(v.a, v.receiver(), v.form("on") == "1"))
}

// removeReceiver serves POST /desk/setup/software/{id}/remove.
func (v *view) removeReceiver() error {
	if err := v.s.d.RemoveReceiver(v.a, v.receiver()); err != nil {
		return v.failedReceiver(err)
	}
	return v.done("software")
}

func (v *view) receiverChanged(err error) error {
	if err != nil {
		return v.failedReceiver(err)
	}
	return v.seeOther("/desk/setup?section=software&open=" + url.QueryEscape(string(v.receiver())))
}
