package web

import (
	"testing"

	_ "github.com/coder/websocket"
	_ "github.com/go-chi/chi/v5"
)

func TestLater(t *testing.T) { t.Skip("not today") }
