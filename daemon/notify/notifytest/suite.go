// Package notifytest is the suite that every sender passes, and a mailbox that behaves as senders
// do, for tests of whoever uses one.
package notifytest

import (
	"context"
	"strings"
	"testing"
	"time"

	"countersign/daemon/notify"
)

// Secret is the password that a Rig's sender signs in with: no error may hold it.
const Secret = "hunter2-is-not-to-be-seen"

// Rig is a sender with its carrier behind it, and what the carrier can be made to do.
type Rig struct {
	Sender notify.Sender
	To     string          // an address that the carrier takes
	Got    func() []string // the texts of the messages that it took, as they arrived

	Refuse func() // the next address
	Busy   func() // asks to come back later
	Down   func() // can't be reached
	Lock   func() // doesn't let us in
	HangUp func() // takes the next message, and breaks off before it says so
	Silent func() // takes the next message, and says nothing
	Bad    string // an address that is none
}

// Run runs the suite; open is called once a test.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	for name, test := range map[string]func(*testing.T, Rig){
		"TakenOnce": takenOnce, "NotSent": notSent, "AnswerLost": answerLost, "Hurry": hurry, "Bad": badAddress,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func message(r Rig, text string) notify.Message {
	return notify.Message{Key: "n_1", To: r.To, Language: "de", Subject: "Ihr Beleg von Szőke & Söhne", Text: text}
}

// send sends with a time limit that silence doesn't stretch.
func send(t *testing.T, r Rig, m notify.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := r.Sender.Send(ctx, m)
	if err != nil && strings.Contains(err.Error()+notify.Reason(err), Secret) {
		t.Errorf("the password is in %q", err)
	}
	return err
}

// R26: a message arrives as it was written, once.
func takenOnce(t *testing.T, r Rig) {
	text := "Grüße aus Győr: 12,50 €\nhttps://pay.example.com/p/abc\n.\nEnde"
	if err := send(t, r, message(r, text)); err != nil {
		t.Fatal(err)
	}
	got := r.Got()
	if len(got) != 1 || !strings.Contains(got[0], text) {
		t.Errorf("arrived: %q", got)
	}
	if r.Sender.Channel() == "" {
		t.Error("the sender has no channel")
	}
}

// R26: what was certainly not sent is said to be so, and whether trying again
// makes sense.
func notSent(t *testing.T, r Rig) {
	for name, c := range map[string]struct {
		mood func()
		want notify.ErrorKind
	}{
		"refused": {r.Refuse, notify.Refused}, "busy": {r.Busy, notify.Unavailable},
		"locked": {r.Lock, notify.Unavailable},
	} {
		c.mood()
		if err := send(t, r, message(r, name)); notify.KindOf(err) != c.want || notify.Reason(err) == "" {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	r.Down()
	if err := send(t, r, message(r, "down")); notify.KindOf(err) != notify.Unavailable {
		t.Errorf("down: %v", err)
	}
	if got := r.Got(); len(got) > 0 {
		t.Errorf("sent all the same: %q", got)
	}
}

// R26: a message that may be on its way is never said not to be.
func answerLost(t *testing.T, r Rig) {
	for name, mood := range map[string]func(){"hung up": r.HangUp, "silent": r.Silent} {
		mood()
		if err := send(t, r, message(r, name)); notify.KindOf(err) != notify.Unclear {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := r.Got(); len(got) != 2 {
		t.Errorf("%d messages were taken; each is sent once: %q", len(got), got)
	}
}

// A message whose time is over before it begins is not sent.
func hurry(t *testing.T, r Rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Sender.Send(ctx, message(r, "late")); notify.KindOf(err) != notify.Unavailable {
		t.Error(err)
	}
	if got := r.Got(); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func badAddress(t *testing.T, r Rig) {
	m := message(r, "whom?")
	for _, m.To = range []string{r.Bad, ""} {
		if err := send(t, r, m); notify.KindOf(err) != notify.Refused {
			t.Errorf("%q: %v", m.To, err)
		}
	}
	if got := r.Got(); len(got) > 0 {
		t.Errorf("%q", got)
	}
}
