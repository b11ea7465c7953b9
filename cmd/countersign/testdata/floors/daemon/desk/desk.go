// Package desk goes around the store, and up to the daemon's own floor.
package desk

import (
	_ "github.com/coder/websocket"
	_ "github.com/go-chi/chi/v5"
	_ "go.etcd.io/bbolt"

	_ "countersign/daemon"
	_ "countersign/daemon/visit"
)

// Total is imported from below.
const Total = 0
