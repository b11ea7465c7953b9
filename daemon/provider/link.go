package provider

import "context"

// Link is an address of the provider's own that a client can open any day, and
// that makes a session of itself when they do (R37).
type Link struct {
	ID        string // the provider's id
	Reference string // ours, as given to CreateLink
	URL       string
	Active    bool // it opens a page
}

// Linker is a provider that hosts links itself, for a place whose own address
// can't be reached from the client's phone. At most one session of a link can
// be completed. The sessions are told by Events like any others, with the
// link's reference. Errors are as Provider's.
type Linker interface {
	// CreateLink makes a link, or returns the one made with the same Key.
	// Unclear means it may exist: repeat it. ExpiresAt and CancelURL say nothing
	// here; without a ReturnURL the client stays on the provider's page.
	CreateLink(ctx context.Context, r Request) (Link, error)
	// LookLink returns a link as it is now, or NotFound.
	LookLink(ctx context.Context, link string) (Link, error)
	// CloseLink takes a link down for good and closes the pages that were opened
	// through it. It returns all of them as they are after that: one may well
	// be Paid or Processing. It may be repeated.
	CloseLink(ctx context.Context, link string) ([]Session, error)
	// LinkSessions are the pages that were opened through a link, newest first.
	LinkSessions(ctx context.Context, link string) ([]Session, error)
}
