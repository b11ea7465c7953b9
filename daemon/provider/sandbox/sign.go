package sandbox

import (
	"time"

	"countersign/daemon/provider/signed"
)

// SignatureHeader carries a webhook's signature: "t=unix,v1=hex".
const SignatureHeader = "Sandbox-Signature"

// Sign is the value of SignatureHeader for a body sent at a time.
func Sign(secret string, at time.Time, body []byte) string { return signed.Sign(secret, at, body) }
