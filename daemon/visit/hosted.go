package visit

import (
	"time"

	"countersign/daemon/id"
	"countersign/daemon/money"
)

// HostedState is where a link that a provider hosts stands.
type HostedState string

// The states of a hosted link.
const (
	Making   HostedState = "making"   // the intent is stored; the provider is being asked
	Unwanted HostedState = "unwanted" // nobody wants it any more, and the provider hasn't answered yet
	Standing HostedState = "standing" // it can be opened
	Closing  HostedState = "closing"  // we asked for its end, and the provider hasn't answered
	Refusal  HostedState = "refused"  // the provider would not make it
	Closed   HostedState = "closed"   // it opens no page any more
)

// HostedFact is one thing learned about a hosted link.
type HostedFact string

// The facts. NotWanted is ours; the others are the provider's word.
const (
	HostedMade    HostedFact = "made"
	HostedRefused HostedFact = "refused"
	NotWanted     HostedFact = "not_wanted" // it has to go: another amount is due, or none
	HostedGone    HostedFact = "gone"       // it is closed, or was never made
)

// Hosted is a visit's payment link at a provider that hosts links itself (R37). Its amount is
// what was due when it was made, and never changes: another amount is another link. Whoever opens
// it makes a Checkout.
type Hosted struct {
	ID       id.Hosted      `json:"id"`
	Visit    id.Visit       `json:"visit"`
	Provider string         `json:"provider"`
	Link     string         `json:"link"` // the provider's id, once known
	URL      string         `json:"url"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	State    HostedState    `json:"state"`
	Created  time.Time      `json:"created"`
	Given    time.Time      `json:"given"` // when it was last given out
	ClosedAt time.Time      `json:"closed_at"`
	Trouble  string         `json:"trouble,omitempty"` // why the last attempt to make it failed, in the provider's words
	JobID    id.Job         `json:"job_id"`
}

// Apply takes a fact in and reports whether the state changed. It is the only writer of State.
func (h *Hosted) Apply(f HostedFact, now time.Time) (changed bool) {
	to := nextHosted(h.State, f)
	if to == h.State {
		return false
	}
	if h.State = to; to == Closed {
		h.ClosedAt = now
	}
	return true
}

// nextHosted is the transition table (testdata/hosted.golden shows it written out). A link that
// nobody wants is closed all the same once it is known to be there, and only the provider's word
// closes it: until then somebody may pay through it.
func nextHosted(s HostedState, f HostedFact) HostedState {
	switch f {
	case HostedMade:
		switch s {
		case Making:
			return Standing
		case Unwanted:
			return Closing
		}
	case HostedRefused:
		switch s {
		case Making:
			return Refusal
		case Unwanted:
			return Closed
		}
	case NotWanted:
		switch s {
		case Making:
			return Unwanted
		case Standing:
			return Closing
		case Refusal:
			return Closed
		}
	case HostedGone:
		return Closed
	}
	return s
}

// Current reports whether the link is the one that its visit goes by, and not one on its way out.
func (h Hosted) Current() bool { return h.State == Making || h.State == Standing || h.State == Refusal }

// Open reports whether somebody may still pay through the link, as far as anybody knows.
func (h Hosted) Open() bool { return h.State == Standing || h.State == Closing }

// Asks reports whether the link asks for what is due for its visit now, which can be paid by link.
func (h Hosted) Asks(v Visit) bool {
	return h.Amount == v.Due() && h.Currency == v.Currency && v.CanLink() == nil
}
