package notifytest

import (
	"context"
	"slices"
	"sync"

	"countersign/daemon/notify"
)

// Mailbox is a sender that keeps what it is given. Its mood is a function that it asks before
// (taken false) and after it took a message; an error of it is the sender's answer.
type Mailbox struct {
	By   notify.Channel
	mu   sync.Mutex
	mood func(ctx context.Context, taken bool) error
	got  []notify.Message
}

// Channel is the way that it stands for.
func (b *Mailbox) Channel() notify.Channel { return b.By }

// Set gives it a mood; nil takes everything.
func (b *Mailbox) Set(mood func(ctx context.Context, taken bool) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mood = mood
}

// Got are the messages that it took, in order.
func (b *Mailbox) Got() []notify.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

// Send takes a message, if its mood lets it.
func (b *Mailbox) Send(ctx context.Context, m notify.Message) error {
	b.mu.Lock()
	mood := b.mood
	b.mu.Unlock()
	if mood == nil {
		mood = func(context.Context, bool) error { return nil }
	}
	if err := mood(ctx, false); err != nil {
		return err
	}
	b.mu.Lock()
	b.got = append(b.got, m)
	b.mu.Unlock()
	return mood(ctx, true)
}

// Down can't be reached.
func Down(context.Context, bool) error { return notify.Errorf(notify.Unavailable, "can't be reached") }

// Refusing never takes anything.
func Refusing(context.Context, bool) error { return notify.Errorf(notify.Refused, "no such address") }

// Losing takes the message, and its answer is lost.
func Losing(_ context.Context, taken bool) error {
	if !taken {
		return nil
	}
	return notify.Errorf(notify.Unclear, "the answer is lost")
}
