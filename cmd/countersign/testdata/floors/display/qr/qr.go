// Package qr is the one place of go-qrcode.
package qr

import _ "github.com/yeqown/go-qrcode/v2"
