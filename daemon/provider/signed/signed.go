// Package signed is the signature over a webhook's time and raw body that
// Stripe made known, and the sandbox uses too: "t=unix,v1=hex", HMAC-SHA256.
package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// Tolerance is how far a signature's time may be from now, either way.
const Tolerance = 5 * time.Minute

// Sign is a signature's text for a body that is sent at a time.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, t, body))
}

// Check is nil if the header called name holds a signature over body by one of
// the secrets, which have spaces between, and Forged otherwise. A signature may
// have several v1, as while a secret is being changed.
func Check(h http.Header, name, secrets string, body []byte, now time.Time) error {
	values := h.Values(name)
	if len(values) != 1 || len(values[0]) > 4096 {
		return provider.Errorf(provider.Forged, "it isn't signed")
	}
	stamp, sums, ok := split(values[0])
	if !ok {
		return provider.Errorf(provider.Forged, "the signature's time is none")
	}
	if age := now.Sub(stamp); age > Tolerance || age < -Tolerance {
		return provider.Errorf(provider.Forged, "the signature is too old, or from the future: is this computer's clock right?")
	}
	for _, secret := range strings.Fields(secrets) {
		want := mac(secret, strconv.FormatInt(stamp.Unix(), 10), body)
		for _, sum := range sums {
			if hmac.Equal(sum, want) {
				return nil
			}
		}
	}
	return provider.Errorf(provider.Forged, "the signature does not fit")
}

// split takes a signature apart. It is false without exactly one time.
func split(text string) (stamp time.Time, sums [][]byte, ok bool) {
	for field := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "t":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || !stamp.IsZero() {
				return stamp, nil, false
			}
			stamp = time.Unix(n, 0)
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil {
				sums = append(sums, sum)
			}
		}
	}
	return stamp, sums, !stamp.IsZero()
}

func mac(secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
