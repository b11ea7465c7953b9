// Package display knows a visit, which it must not.
package display

import (
	_ "github.com/coder/websocket"
	_ "github.com/go-chi/chi/v5"
	_ "github.com/yeqown/go-qrcode/v2"

	_ "countersign/daemon/visit"
	_ "countersign/display/qr"
	_ "countersign/store"
)
