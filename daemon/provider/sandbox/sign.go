package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries a webhook's signature: "t=unix,v1=hex".
const SignatureHeader = "Sandbox-Signature"

// Tolerance is how far a signature's time may be from now, either way.
const Tolerance = 5 * time.Minute

// Sign is the value of SignatureHeader for a body sent at a time.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, t, body))
}

// genuine checks a signature over the raw body. Several v1 may be given, as
// while a secret is being changed; one that fits is enough.
func genuine(secret, header string, body []byte, now time.Time) bool {
	if secret == "" {
		return false
	}
	stamp, sums := splitSignature(header)
	unix, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	age := now.Sub(time.Unix(unix, 0))
	if age > Tolerance || age < -Tolerance {
		return false
	}
	want := mac(secret, stamp, body)
	for _, sum := range sums {
		got, err := hex.DecodeString(sum)
		if err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}

func splitSignature(header string) (stamp string, sums []string) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			sums = append(sums, value)
		}
	}
	return stamp, sums
}

func mac(secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
